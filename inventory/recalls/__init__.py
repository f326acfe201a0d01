"""Holds and recalls: a lot, an edition or a whole item that may not be used, wherever its units are, and who answered.

Nothing is marked on the stock itself: a lot is held while an open recall covers it, so units that arrive late, or
turn up on a count, are held too.
"""
