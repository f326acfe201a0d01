"""Stories told once, so that each test begins with one and none tells it again."""

from __future__ import annotations

from tests.conftest import kept
from tests.grants.reports.story import tell as tell_quarters
from tests.inventory.usage.story import tell as tell_month

quarters = kept(tell_quarters)
"""Two quarters of the award (tests/grants/reports/story.py)."""

month = kept(tell_month)
"""A month of Go Bags (tests/inventory/usage/story.py)."""
