"""Two quarters of spending, a month of Go Bags and the signed claims of an award to draw from."""

from __future__ import annotations

from tests.grants.claims.conftest import claims_template, story
from tests.grants.reports.told import month, quarters

__all__ = ["claims_template", "month", "quarters", "story"]
