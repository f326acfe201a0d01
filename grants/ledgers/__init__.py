"""Finance system extracts: read, laid out, imported once and matched to spending rows.

A ledger line is a fact from another system. It is never edited, never apportioned to a grant line
directly: it is matched to a spending row, and what is unexplained is shown first.
"""
