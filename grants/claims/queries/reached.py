"""Where the goods of spending rows have come: the places they stand at, loose or in Go Bags, or were issued from.

The store is left out where they only wait there: it hands on what others use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Select, and_, func, select, union_all
from sqlalchemy.orm import aliased

from core.db import db
from grants.awards.rules import Reached
from grants.spending.models import BilledDelivery
from grants.spending.queries import links_stand
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.stock.models import IN_STOCK, Balance, Lot, Move
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_USERS = tuple(kind for kind in REAL_KINDS if kind is not PlaceKind.STORE)


def reached(row_ids: Collection[int]) -> dict[int, tuple[Reached, ...]]:
    """Say where the goods of rows have come: row id → places, by code."""
    lots = (
        select(BilledDelivery.row_id, Lot.id.label("lot_id"))
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .where(links_stand(), BilledDelivery.row_id.in_(row_ids))
        .subquery()
    )
    come = union_all(_loose(), _in_bags(), _issued()).subquery()
    asked = (
        select(lots.c.row_id, come.c.code, come.c.name, func.sum(come.c.units))
        .join(come, come.c.lot_id == lots.c.lot_id)
        .group_by(lots.c.row_id, come.c.code, come.c.name)
        .order_by(lots.c.row_id, come.c.code)
    )
    found: dict[int, list[Reached]] = defaultdict(list)
    for row_id, code, name, units in db.session.execute(asked):
        found[row_id].append(Reached(code, name, int(units)))
    return {row_id: tuple(places) for row_id, places in found.items()}


def _loose() -> Select[int, str, str, int]:
    return (
        select(Balance.lot_id, Place.code, Place.name, Balance.unit_count.label("units"))
        .join(Place, and_(Place.id == Balance.place_id, Place.kind.in_(_USERS)))
        .where(IN_STOCK)
    )


def _in_bags() -> Select[int, str, str, int]:
    return (
        select(Balance.lot_id, Place.code, Place.name, Balance.unit_count.label("units"))
        .join(Bag, Bag.place_id == Balance.place_id)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .join(Place, and_(Place.id == BagPosition.place_id, Place.kind.in_(_USERS)))
        .where(IN_STOCK)
    )


def _issued() -> Select[int, str, str, int]:
    """Of Go Bags that are out, what went with them, by the place that issued them last."""
    out, later = aliased(Place), aliased(Issue)
    newest = select(func.max(later.id)).where(later.bag_id == Issue.bag_id).correlate(Issue).scalar_subquery()
    return (
        select(Move.lot_id, Place.code, Place.name, Move.unit_count.label("units"))
        .join(Issue, Issue.posting_id == Move.posting_id)
        .join(BagPosition, BagPosition.bag_id == Issue.bag_id)
        .join(out, and_(out.id == BagPosition.place_id, out.kind == PlaceKind.ISSUED))
        .join(Place, Place.id == Issue.place_id)
        .where(Issue.id == newest)
    )
