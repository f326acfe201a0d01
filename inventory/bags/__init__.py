"""Go Bags: packed from a recipe, sealed, moved with all they hold, issued once.

A bag is a place: packing moves lots into it. Its own position is the sum of its append-only bag moves, so a
transfer writes one row and its lots keep their balance on the bag.
"""
