"""The demonstration year as the tests use it (year.py), and tests of the demonstration itself."""
