"""Unmet need: what somebody asked for and could not be given. A tap, and never a word about a person.

It tells what issues alone cannot: a place that has run out issues nothing, and looks as if nobody asked.
"""
