"""Cupboard sheets: what a place issues while it has no signal or no machine, written on paper and keyed in once.

A sheet has a number and a line for each Go Bag that stood there when it was printed. Keying a line is an ordinary issue
at the written time. A sheet that is neither keyed in nor written off is chased on its place's home page.
"""
