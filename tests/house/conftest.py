"""The demonstration year, for the tests that walk the whole house."""

from tests.demonstration.year import demonstration_file, demonstration_year

__all__ = ["demonstration_file", "demonstration_year"]
