"""The stock ledger: lots, postings, moves, balances and promises.

Stock is never a number somebody edits. It is the sum of append-only moves of a lot from place to place, and
``services.post`` is their only writer. The database itself keeps the balances from the moves, and refuses any
balance that the moves do not explain.
"""
