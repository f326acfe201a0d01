"""Stories told once, and the demonstration year, for the tests of this folder."""

from tests.demonstration.year import demonstration_file, demonstration_year
from tests.grants.reports.told import month, quarters

__all__ = [
    "demonstration_file",
    "demonstration_year",
    "month",
    "quarters",
]
