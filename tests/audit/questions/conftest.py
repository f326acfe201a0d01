"""A month of Go Bags and two quarters of spending to ask about."""

from __future__ import annotations

from tests.grants.reports.told import month, quarters

__all__ = ["month", "quarters"]
