"""Numbers printed on security cards: which ranges belong to which lot, and what they say of where a card is.

A lot of cards is counted and moved as plain units. Its numbers are a fact of the lot alone: nobody reads one when a
card is packed or handed over, and none is recorded with a Go Bag or a slip (ADR 25).
"""
