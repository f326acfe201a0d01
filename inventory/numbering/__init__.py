"""The numbering of lots' units, kept beside the ledger: where each unit is, as runs of numbers.

The rule is a fold of a lot's moves (``inventory/stock/rules.py``, ADR 4). Folding every move for every page grows with
history, so the last step of the fold is kept for each lot and carried on by whoever writes moves. It is a cache:
what is kept says up to which move it goes, and readers fold what came after.
"""
