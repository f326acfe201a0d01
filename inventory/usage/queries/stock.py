"""Changes of stock summed by the database, and what there is at the end, as known at a moment.

A correction counts when what it corrects happened: ``_happened`` is the first clock of the corrected posting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, case, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from inventory.bags.models import Bag, BagMove
from inventory.catalogue.models import Item
from inventory.stock.models import Lot, Move, Posting
from inventory.usage.queries.issued import within
from inventory.usage.rules import Change
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind


@dataclass(frozen=True)
class ItemAtEnd:
    """How much of an item there is at the end of a period."""

    name: str
    loose_count: int
    in_bags_count: int
    in_transit_count: int

    @property
    def total_count(self) -> int:
        """All of it that nobody has received yet."""
        return self.loose_count + self.in_bags_count + self.in_transit_count


_Corrected = aliased(Posting)
_happened: ColumnElement[datetime] = func.coalesce(_Corrected.happened_at, Posting.happened_at)


def changes(
    *, scope: Scope, since: datetime, before: datetime, at: datetime, item_id: int | None = None
) -> tuple[list[Change], list[Change]]:
    """Add up how Go Bags, and how loose units, came to and left each place: two lists.

    Each change says what kind of place was at the other end. One statement reads both sides of both.

    Args:
        item_id: count loose units of this item alone.
    """
    sides = [
        _side(moved, units, scope, since, before, at, came=came)
        for moved, units in ((BagMove, literal(1)), (Move, Move.unit_count))
        for came in (True, False)
    ]
    if item_id is not None:
        of_item = select(Lot.id).where(Lot.item_id == item_id)
        sides = [side if number < 2 else side.where(Move.lot_id.in_(of_item)) for number, side in enumerate(sides)]
    found: dict[bool, list[Change]] = {True: [], False: []}
    for in_bags, came, place, kind, corrects, early, count in db.session.execute(
        union_all(*sides).order_by("in_bags", literal_column("came").desc(), "place", "kind", "corrects")
    ):
        sign, in_period = (1, (int(count), 0)) if came else (-1, (0, int(count)))
        found[bool(in_bags)].append(Change(place, PlaceKind(kind), sign * int(early), *in_period, bool(corrects)))
    return found[True], found[False]


def _side(
    moved: Any, units: Any, scope: Scope, since: datetime, before: datetime, at: datetime, *, came: bool
) -> Select[Any]:
    """Add one side of the moves up: place name, kind of the other place, units before and in the period."""
    place, other = aliased(Place), aliased(Place)
    here, there = (moved.to_place_id, moved.from_place_id) if came else (moved.from_place_id, moved.to_place_id)
    asked = (
        select(
            literal(int(moved is BagMove)).label("in_bags"),
            literal(int(came)).label("came"),
            place.name.label("place"),
            other.kind.label("kind"),
            case((Posting.corrects_id.is_not(None), 1), else_=0).label("corrects"),
            func.sum(case((_happened < since, units), else_=0)),
            func.sum(case((_happened >= since, units), else_=0)),
        )
        .select_from(moved)
        .join(Posting, Posting.id == moved.posting_id)
        .outerjoin(_Corrected, _Corrected.id == Posting.corrects_id)
        .join(place, place.id == here)
        .join(other, other.id == there)
        .where(place.kind.in_(REAL_KINDS), _happened < before, Posting.recorded_at <= at)
        .group_by(place.name, other.kind, literal_column("corrects"))
    )
    return cast("Select[Any]", within(asked, place.id, scope))


def items_at_end(*, scope: Scope, before: datetime, at: datetime) -> list[ItemAtEnd]:
    """Count each item at a moment: loose, in Go Bags that stand somewhere, and in transit."""
    held: dict[str, list[int]] = {}
    bags = _bag_standings(before, at)
    for name, place_id, kind, destination_id, count in _units_at(before, at):
        where = bags.get(place_id) if kind is PlaceKind.BAG else (kind, place_id, destination_id)
        if where is None or not count or not _counts(scope, where):
            continue
        cells = held.setdefault(name, [0, 0, 0])
        cells[2 if where[0] is PlaceKind.IN_TRANSIT else 1 if kind is PlaceKind.BAG else 0] += int(count)
    return [ItemAtEnd(name, *cells) for name, cells in sorted(held.items())]


_Where = tuple[PlaceKind, int, int | None]


def _counts(scope: Scope, where: _Where) -> bool:
    """Say whether stock there is still ours, and in scope: transit counts for the place it leads to."""
    kind, place_id, destination_id = where
    if kind is PlaceKind.IN_TRANSIT:
        return destination_id is not None and scope.covers(destination_id)
    return kind in REAL_KINDS and scope.covers(place_id)


def _units_at(before: datetime, at: datetime) -> list[Any]:
    """Add units up by item and place that holds stock."""
    sides = [
        select(Move.lot_id, place_id.label("place_id"), func.sum(sign * Move.unit_count).label("units"))
        .join(Posting, Posting.id == Move.posting_id)
        .outerjoin(_Corrected, _Corrected.id == Posting.corrects_id)
        .where(_happened < before, Posting.recorded_at <= at)
        .group_by(Move.lot_id, place_id)
        for place_id, sign in ((Move.to_place_id, 1), (Move.from_place_id, -1))
    ]
    both = sides[0].union_all(sides[1]).subquery()
    return list(
        db.session.execute(
            select(Item.name, Place.id, Place.kind, Place.destination_id, func.sum(both.c.units))
            .join(Lot, Lot.id == both.c.lot_id)
            .join(Item, Item.id == Lot.item_id)
            .join(Place, Place.id == both.c.place_id)
            .where(Place.holds_stock)
            .group_by(Item.name, Place.id, Place.kind, Place.destination_id)
        )
    )


def _bag_standings(before: datetime, at: datetime) -> dict[int, _Where]:
    """Say where each Go Bag stood at a moment: the bag's own place id → kind and ids of where it stood."""
    sides = [
        select(BagMove.bag_id, place_id.label("place_id"), func.sum(sign).label("times"))
        .join(Posting, Posting.id == BagMove.posting_id)
        .outerjoin(_Corrected, _Corrected.id == Posting.corrects_id)
        .where(_happened < before, Posting.recorded_at <= at)
        .group_by(BagMove.bag_id, place_id)
        for place_id, sign in ((BagMove.to_place_id, 1), (BagMove.from_place_id, -1))
    ]
    both = sides[0].union_all(sides[1]).subquery()
    rows = db.session.execute(
        select(Bag.place_id, Place.kind, Place.id, Place.destination_id)
        .select_from(both)
        .join(Bag, Bag.id == both.c.bag_id)
        .join(Place, Place.id == both.c.place_id)
        .where(Place.kind != PlaceKind.UNMADE)
        .group_by(Bag.place_id, Place.kind, Place.id, Place.destination_id)
        .having(func.sum(both.c.times) > 0)
    )
    return {bag_place: (kind, place_id, destination) for bag_place, kind, place_id, destination in rows}
