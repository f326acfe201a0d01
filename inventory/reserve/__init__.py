"""The surge reserve of a store: what ordinary requests cannot touch until an approver releases it with a reason.

It stands on the shelf with the rest: it is a number of an item, or of a kind of Go Bag, that is not free.
"""
