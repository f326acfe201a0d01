"""The tests, in the shape of the source they test.

The package must exist: a wheel we use brings a top-level ``tests`` folder of its own, and ours wins only
as a package that stands before it.
"""
