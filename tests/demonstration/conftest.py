"""The one loaded year of the run, for the tests of the demonstration itself, and two quarters to print."""

from tests.demonstration.year import demonstration_file, demonstration_year
from tests.grants.reports.told import quarters

__all__ = ["demonstration_file", "demonstration_year", "quarters"]
