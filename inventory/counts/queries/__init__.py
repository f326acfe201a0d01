"""Reading counts: what the ledger says of a moment, what a count came to, and which places are due."""

from inventory.counts.queries.finding import (
    Setting,
    Standing,
    count_by_reference,
    counted_again,
    counted_by,
    counts,
    handover_by_reference,
    handover_of,
    handovers,
    handovers_to_sign,
    open_count,
    settings_of,
    standings,
    standings_in,
    taken_back,
    who_may,
)
from inventory.counts.queries.ledger import LotAt, bags_at, items_there, lots_at, units_at
from inventory.counts.queries.reviewing import Extra, Review, review

__all__ = [
    "Extra",
    "LotAt",
    "Review",
    "Setting",
    "Standing",
    "bags_at",
    "count_by_reference",
    "counted_again",
    "counted_by",
    "counts",
    "handover_by_reference",
    "handover_of",
    "handovers",
    "handovers_to_sign",
    "items_there",
    "lots_at",
    "open_count",
    "review",
    "settings_of",
    "standings",
    "standings_in",
    "taken_back",
    "units_at",
    "who_may",
]
