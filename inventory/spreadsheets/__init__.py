"""Bringing many things in at once: items, places, opening stock and par levels from a spreadsheet, all or nothing.

Each row goes through the service a person would use for it, so nothing is accepted here that a form refuses. What a
file would do is shown first by doing it and keeping nothing.
"""
