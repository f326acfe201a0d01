"""Reading money and stock together: costs of lots and bags, what became of a line's pence, and its position."""

from grants.position.queries.costs import BagCost, ThingCost, ThingPart, bag_cost
from grants.position.queries.finding import Found, found_by
from grants.position.queries.followed import BagAt, LotView, bag_at, followed_lot
from grants.position.queries.money import lot_costs
from grants.position.queries.outcomes import (
    LineOutcome,
    LineTrail,
    line_outcomes,
    line_trail,
    outcome_of,
    row_splits,
)
from grants.position.queries.standing import (
    AwardFacts,
    LinePosition,
    award_facts,
    award_standing,
    ledger_by_line,
    line_positions,
)

__all__ = [
    "AwardFacts",
    "BagAt",
    "BagCost",
    "Found",
    "LineOutcome",
    "LinePosition",
    "LineTrail",
    "LotView",
    "ThingCost",
    "ThingPart",
    "award_facts",
    "award_standing",
    "bag_at",
    "bag_cost",
    "followed_lot",
    "found_by",
    "ledger_by_line",
    "line_outcomes",
    "line_positions",
    "line_trail",
    "lot_costs",
    "outcome_of",
    "row_splits",
]
