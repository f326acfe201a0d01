"""Exceptions first: what looks wrong in the books, each with its figures and a way to its record."""
