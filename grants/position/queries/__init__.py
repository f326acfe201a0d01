"""Reading money and stock together: costs of lots and bags, what became of a line's pence, and its position."""

from grants.position.queries.costs import BagCost, ThingCost, ThingPart, bag_cost, lot_costs
from grants.position.queries.finding import Found, found_by
from grants.position.queries.outcomes import LineOutcome, LineTrail, line_outcomes, line_trail, row_splits
from grants.position.queries.standing import (
    AwardFacts,
    LinePosition,
    award_facts,
    ledger_by_line,
    line_positions,
)

__all__ = [
    "AwardFacts",
    "BagCost",
    "Found",
    "LineOutcome",
    "LinePosition",
    "LineTrail",
    "ThingCost",
    "ThingPart",
    "award_facts",
    "bag_cost",
    "found_by",
    "ledger_by_line",
    "line_outcomes",
    "line_positions",
    "line_trail",
    "lot_costs",
    "row_splits",
]
