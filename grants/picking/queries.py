"""What money knows of the lots at a store when a place asks for them, as plain values that picking can heed.

A lot is heeded whole: where any of it was paid from a grant line that is for other places, none of it goes. No pounds
are told: the storekeeper sees which grant ends when, and the clause that keeps a lot at home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from core.db import ask, db
from core.errors import RuleBroken
from grants.awards.models import Award, GrantLine
from grants.awards.queries import conditions_of
from grants.awards.rules import Condition, ConditionKind, places_allowed
from grants.spending import queries as spending
from grants.spending.models import Apportionment, BilledDelivery
from inventory.bags.models import Bag, BagPosition
from inventory.requests.models import RestockRequest
from inventory.requests.rules import OPEN
from inventory.stock.models import IN_STOCK, Balance, Lot
from inventory.stock.rules import PickPolicy, Policies, UseBy
from organisation.places.models import Place

_STORE: BindParameter[Any] = bindparam("store_id")
_IN_BAGS = select(Bag.place_id).join(BagPosition, BagPosition.bag_id == Bag.id).where(BagPosition.place_id == _STORE)
_STANDING = select(Balance.lot_id).where((Balance.place_id == _STORE) | Balance.place_id.in_(_IN_BAGS), IN_STOCK)
_PAID = (
    select(Lot.id, Award.id, Award.code, Award.ends_on, GrantLine.code)
    .join(BilledDelivery, BilledDelivery.delivery_line_id == Lot.delivery_line_id)
    .join(Apportionment, Apportionment.row_id == BilledDelivery.row_id)
    .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
    .join(Award, Award.id == GrantLine.award_id)
    .where(spending.links_stand(), Lot.id.in_(_STANDING))
    .group_by(Lot.id, BilledDelivery.row_id, Award.id, Award.code, Award.ends_on, GrantLine.code)
    .having(func.sum(Apportionment.pence) > 0)
)
"""Which awards pay for the lots of which anything stands at a store, loose or in a Go Bag; built once."""


@dataclass
class _Paid:
    """What an award pays of a lot."""

    award_code: str
    ends_on: date
    line_codes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Known:
    """What money knows of the lots at a store.

    Attributes:
        paid: lot id → award id → what it pays.
        conditions: award id → its conditions.
        ends: lot id → the last day of the first of its running awards to end.
    """

    paid: Mapping[int, Mapping[int, _Paid]]
    conditions: Mapping[int, list[Condition]]
    ends: Mapping[int, UseBy]

    @property
    def any_place_goes(self) -> bool:
        """Say whether no lot is for some places only."""
        return not any(each.kind is ConditionKind.PLACES for some in self.conditions.values() for each in some)

    def policy(self, place_code: str) -> PickPolicy:
        """Tell what concerns one place."""
        kept_from = {}
        for lot_id, awards in self.paid.items():
            for award_id, each in awards.items():
                clause = places_allowed(self.conditions[award_id], each.line_codes, place_code)
                if clause is not None:
                    kept_from[lot_id] = _words(each, clause)
        return PickPolicy(self.ends, kept_from)


def _known(store_id: int, on: date) -> _Known:
    paid = _paid(store_id)
    ends = {}
    for lot_id, awards in paid.items():
        running = [
            UseBy(each.ends_on, f"grant {each.award_code} ends") for each in awards.values() if each.ends_on >= on
        ]
        if running:
            ends[lot_id] = min(running)
    return _Known(paid, conditions_of({award_id for of_lot in paid.values() for award_id in of_lot}), ends)


def policy_for(request: RestockRequest, *, on: date) -> PickPolicy:
    """Tell which lots at the store of a request end with their grant, and which may not go to the place that asks."""
    return _known(request.supplied_by_id, on).policy(request.place.code)


def policies_for(request: RestockRequest, *, on: date) -> Policies:
    """Tell the same for every place that asks the store of a request, for what they were promised counts too."""
    known = _known(request.supplied_by_id, on)
    if known.any_place_goes:
        return {}
    asking = select(RestockRequest.place_id).where(
        RestockRequest.supplied_by_id == request.supplied_by_id, RestockRequest.state.in_(OPEN)
    )
    places = db.session.scalars(select(Place).where(Place.id.in_(asking)))
    return {place.id: known.policy(place.code) for place in places}


def packing_policy(place: Place, for_code: str, *, on: date) -> PickPolicy:
    """Tell which lots at a place end with their grant, and which may not go into Go Bags packed there.

    Args:
        for_code: the place the bags are for. Where it is empty they may go to any that is supplied from here, so what
            may not be used for one of those stays out.

    Raises:
        RuleBroken: it is no open place that is supplied from here.
    """
    supplied = [each.code for each in places_supplied([place.id], on=on)] or [place.code]
    if for_code and for_code not in supplied:
        raise RuleBroken(f"Select a place that {place.name} supplies", "for")
    known = _known(place.id, on)
    goals = [known.policy(code) for code in supplied if for_code in ("", code)]
    return PickPolicy(known.ends, {lot_id: why for goal in goals for lot_id, why in goal.kept_from.items()})


def places_supplied(store_ids: Collection[int], *, on: date) -> list[Place]:
    """List the open places that stores supply, by name."""
    asked = select(Place).where(
        Place.supplied_by_id.in_(store_ids), Place.closed_on.is_(None) | (Place.closed_on >= on)
    )
    return list(db.session.scalars(asked.order_by(Place.name)))


def _words(paid: _Paid, clause: Condition) -> str:
    """Say whose money keeps a lot from a place, with the clause."""
    lines = ", ".join(sorted(f"{paid.award_code}/{code}" for code in paid.line_codes))
    return f"{lines} paid for it, which is for {', '.join(clause.admits)} only. {clause.quoted}"


def _paid(store_id: int) -> dict[int, dict[int, _Paid]]:
    """Read which awards pay for the lots at a store, loose or in Go Bags: lot id → award id → what it pays."""
    found: dict[int, dict[int, _Paid]] = defaultdict(dict)
    for lot_id, award_id, award_code, ends_on, line_code in ask(_PAID, store_id=store_id):
        found[lot_id].setdefault(award_id, _Paid(award_code, ends_on)).line_codes.add(line_code)
    return found
