"""Reading requests: finding them, how far each has come, what is short at a place, what the store can send."""

from inventory.requests.queries.finding import (
    Found,
    dispatch_by_reference,
    holders,
    own_request,
    request_by_reference,
    request_in_full,
    requests,
    serials_of,
    supplied_request,
)
from inventory.requests.queries.free import StockFree, free_at
from inventory.requests.queries.levels import catalogue_choices, levels, usual_counts
from inventory.requests.queries.picking import PickLine, proposed_picks
from inventory.requests.queries.progress import course_of, progress_of, promised_by_line

__all__ = [
    "Found",
    "PickLine",
    "StockFree",
    "catalogue_choices",
    "course_of",
    "dispatch_by_reference",
    "free_at",
    "holders",
    "levels",
    "own_request",
    "progress_of",
    "promised_by_line",
    "proposed_picks",
    "request_by_reference",
    "request_in_full",
    "requests",
    "serials_of",
    "supplied_request",
    "usual_counts",
]
