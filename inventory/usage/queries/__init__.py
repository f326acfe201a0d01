"""Reading usage: issues and what was inside, changes of stock, and what a report can be narrowed to."""

from inventory.usage.queries.issued import (
    Issues,
    PlaceDays,
    choices,
    force_name,
    issues,
    place_days,
    place_names,
    units_given,
)
from inventory.usage.queries.stock import ItemAtEnd, changes, items_at_end

__all__ = [
    "Issues",
    "ItemAtEnd",
    "PlaceDays",
    "changes",
    "choices",
    "force_name",
    "issues",
    "items_at_end",
    "place_days",
    "place_names",
    "units_given",
]
