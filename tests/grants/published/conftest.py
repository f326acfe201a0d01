"""Stories told once for all tests of this folder."""

from tests.grants.reports.told import month

__all__ = ["month"]
