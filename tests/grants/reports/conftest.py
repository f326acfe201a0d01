"""Stories told once for all tests of this folder."""

from tests.grants.reports.told import month, quarters

__all__ = ["month", "quarters"]
