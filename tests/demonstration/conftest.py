"""The one loaded year of the run, for the tests of the demonstration itself."""

from tests.demonstration.year import demonstration_file, demonstration_year

__all__ = ["demonstration_file", "demonstration_year"]
