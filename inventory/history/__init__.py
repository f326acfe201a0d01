"""Stock history brought in from an earlier system, in bulk.

Its moves go through the same tables and triggers as any other: balances follow them, nothing below zero is
taken, and nothing is edited afterwards. What differs is the size of an act: a chunk of moves has one audit leaf
with their count and their digest, instead of a leaf for each.
"""
