"""Two quarters of spending, and a month of Go Bags."""

from __future__ import annotations

from tests.grants.reports.told import month, quarters

__all__ = ["month", "quarters"]
