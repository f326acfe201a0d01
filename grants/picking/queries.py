"""What money knows of the lots at a store when a place asks for them, as plain values that picking can heed.

A lot is heeded whole: where any of it was paid from a grant line that is for other places, none of it goes. No pounds
are told: the storekeeper sees which grant ends when, and the clause that keeps a lot at home.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, select

from core.db import db
from grants.awards.models import Award, GrantLine
from grants.awards.queries import conditions_of
from grants.awards.rules import Condition, places_allowed
from grants.spending import queries as spending
from grants.spending.models import Apportionment, BilledDelivery
from inventory.bags.models import Bag, BagPosition
from inventory.requests.models import RestockRequest
from inventory.requests.rules import PickPolicy, UseBy
from inventory.stock.models import Balance, Lot


@dataclass
class _Paid:
    """What an award pays of a lot."""

    award_code: str
    ends_on: date
    line_codes: set[str] = field(default_factory=set)


def policy_for(request: RestockRequest, *, on: date) -> PickPolicy:
    """Tell which lots at the store of a request end with their grant, and which may not go to the place that asks."""
    paid = _paid(request.supplied_by_id)
    conditions = conditions_of({award_id for of_lot in paid.values() for award_id in of_lot})
    ends, kept_from = {}, {}
    for lot_id, awards in paid.items():
        running = [
            UseBy(each.ends_on, f"grant {each.award_code} ends") for each in awards.values() if each.ends_on >= on
        ]
        if running:
            ends[lot_id] = min(running)
        for award_id, each in awards.items():
            clause = places_allowed(conditions[award_id], each.line_codes, request.place.code)
            if clause is not None:
                kept_from[lot_id] = _words(each, clause)
    return PickPolicy(ends, kept_from)


def _words(paid: _Paid, clause: Condition) -> str:
    """Say whose money keeps a lot from a place, with the clause."""
    lines = ", ".join(sorted(f"{paid.award_code}/{code}" for code in paid.line_codes))
    return f"{lines} paid for it, which is for {', '.join(clause.admits)} only. {clause.quoted}"


def _paid(store_id: int) -> dict[int, dict[int, _Paid]]:
    """Read which awards pay for the lots at a store, loose or in Go Bags: lot id → award id → what it pays."""
    asked = (
        select(Lot.id, Award.id, Award.code, Award.ends_on, GrantLine.code)
        .join(BilledDelivery, BilledDelivery.delivery_line_id == Lot.delivery_line_id)
        .join(Apportionment, Apportionment.row_id == BilledDelivery.row_id)
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(spending.links_stand(), Lot.id.in_(_standing(store_id)))
        .group_by(Lot.id, BilledDelivery.row_id, Award.id, Award.code, Award.ends_on, GrantLine.code)
        .having(func.sum(Apportionment.pence) > 0)
    )
    found: dict[int, dict[int, _Paid]] = defaultdict(dict)
    for lot_id, award_id, award_code, ends_on, line_code in db.session.execute(asked):
        found[lot_id].setdefault(award_id, _Paid(award_code, ends_on)).line_codes.add(line_code)
    return found


def _standing(store_id: int) -> Select[int]:
    """Select the lots of which anything stands at a place, loose or in a Go Bag."""
    bags = select(Bag.place_id).join(BagPosition, BagPosition.bag_id == Bag.id).where(BagPosition.place_id == store_id)
    return select(Balance.lot_id).where(
        (Balance.place_id == store_id) | Balance.place_id.in_(bags), Balance.unit_count > 0
    )
