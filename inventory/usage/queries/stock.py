"""Changes of stock summed by the database, and what there is at the end, as known at a moment.

A correction counts when what it corrects happened. What there was at a moment is looked up in what is kept of every
moment (ADR 28): so a report reads the acts of its own period, and neither what was before nor what came after.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Item
from inventory.stock.models import Balance, Lot, Move, PastBalance, Posting
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


# ---- Acts ----------------------------------------------------------------------------------------


def _acts(*when: ColumnElement[bool]) -> Subquery:
    """Select the postings of a time, and every correction: id, what it corrects, when it counts, when it was known."""
    corrected = aliased(Posting)
    plain = select(Posting.id).where(*when)
    corrections = select(Posting.id).where(Posting.corrects_id.is_not(None))
    return (
        select(
            Posting.id,
            Posting.corrects_id,
            Posting.recorded_at,
            func.coalesce(corrected.happened_at, Posting.happened_at).label("counts_at"),
        )
        .outerjoin(corrected, corrected.id == Posting.corrects_id)
        .where(Posting.id.in_(union(plain, corrections)))
        .subquery()
    )


def _loose_before(moment: datetime, at: datetime, places: Select[int]) -> Subquery:
    """Select what was loose at places, and in Go Bags as places of their own, in parts to be added up.

    What each place held of a lot is kept for every moment (``PastBalance``), by when acts happened. Corrections count
    earlier than they happened, and what was recorded after the other moment not at all: only those acts are read.

    Args:
        places: selects the places to look at.

    Returns:
        Place id, thing (the lot's id) and units.
    """
    kept = (
        select(PastBalance.unit_count)
        .where(
            PastBalance.place_id == Balance.place_id,
            PastBalance.lot_id == Balance.lot_id,
            PastBalance.happened_at < moment,
        )
        .order_by(PastBalance.happened_at.desc())
        .limit(1)
        .correlate(Balance)
        .scalar_subquery()
    )
    units = func.coalesce(kept, 0).label("units")
    then = select(Balance.place_id.label("place_id"), Balance.lot_id.label("thing"), units)
    acts = _out_of_order(moment, at)
    sides = [
        select(place, Move.lot_id, sign * acts.c.weight * Move.unit_count)
        .join(acts, acts.c.id == Move.posting_id)
        .where(acts.c.weight != 0)
        for place, sign in ((Move.to_place_id, 1), (Move.from_place_id, -1))
    ]
    return union_all(then.where(Balance.place_id.in_(places)), *sides).subquery()


def _out_of_order(moment: datetime, at: datetime) -> Subquery:
    """Select the acts that count at another time than they happened or were not known yet, and what that changes.

    Returns:
        Posting id and weight: 1 for what counts before the moment and happened later, -1 for the reverse.
    """
    corrected = aliased(Posting)
    counts_at = func.coalesce(corrected.happened_at, Posting.happened_at)
    counted = case((and_(counts_at < moment, Posting.recorded_at <= at), 1), else_=0)
    happened = case((Posting.happened_at < moment, 1), else_=0)
    corrections = select(Posting.id).where(Posting.corrects_id.is_not(None))
    unknown = select(Posting.id).where(Posting.recorded_at > at)
    return (
        select(Posting.id, (counted - happened).label("weight"))
        .outerjoin(corrected, corrected.id == Posting.corrects_id)
        .where(Posting.id.in_(union(corrections, unknown)))
        .subquery()
    )


def _bags_before(moment: datetime, at: datetime) -> Subquery:
    """Select where Go Bags stood, in parts to be added up: place id, thing (the bag's id) and one.

    Where each stands now, less its moves that count from the moment on or were not known yet.
    """
    corrected = aliased(Posting)
    counts_at = func.coalesce(corrected.happened_at, Posting.happened_at)
    sides = [
        select(place, BagMove.bag_id, literal(sign))
        .select_from(BagMove)
        .join(Posting, Posting.id == BagMove.posting_id)
        .outerjoin(corrected, corrected.id == Posting.corrects_id)
        .where(or_(counts_at >= moment, Posting.recorded_at > at))
        for place, sign in ((BagMove.to_place_id, -1), (BagMove.from_place_id, 1))
    ]
    now = select(BagPosition.place_id.label("place_id"), BagPosition.bag_id.label("thing"), literal(1).label("units"))
    return union_all(now, *sides).subquery()


# ---- Changes in a period -------------------------------------------------------------------------


def changes(
    *, scope: Scope, since: datetime, before: datetime, at: datetime, item_id: int | None = None
) -> tuple[list[Change], list[Change]]:
    """Add up how Go Bags, and how loose units, came to and left each place: two lists.

    Each change says what kind of place was at the other end; what was there before the period is one of its own, of
    no such kind. One statement reads both sides of both.

    Args:
        item_id: count loose units of this item alone.
    """
    of_item = None if item_id is None else select(Lot.id).where(Lot.item_id == item_id)
    parts = [
        *(_side(m, scope, since, before, at, of_item, came=came) for m in (BagMove, Move) for came in (True, False)),
        _opening(_bags_before(since, at), scope, None, in_bags=True),
        _opening(_loose_before(since, at, _real_places(scope)), scope, of_item, in_bags=False),
    ]
    found: dict[bool, list[Change]] = {True: [], False: []}
    opening: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for in_bags, came, place, kind, corrects, early, count in db.session.execute(
        union_all(*parts).order_by("in_bags", literal_column("came").desc(), "place", "kind", "corrects")
    ):
        opening[bool(in_bags)][place] += int(early)
        if count:
            in_period = (int(count), 0) if came else (0, int(count))
            found[bool(in_bags)].append(Change(place, PlaceKind(kind), 0, *in_period, bool(corrects)))
    for in_bags, places in opening.items():
        found[in_bags] += [Change(place, PlaceKind.UNMADE, count, 0, 0) for place, count in places.items() if count]
    return found[True], found[False]


def _side(
    moved: Any,
    scope: Scope,
    since: datetime,
    before: datetime,
    at: datetime,
    of_item: Select[int] | None,
    *,
    came: bool,
) -> Select[Any]:
    """Add one side of the moves of a period up: place name, kind of the other place, and units."""
    place, other = aliased(Place), aliased(Place)
    here, there = (moved.to_place_id, moved.from_place_id) if came else (moved.from_place_id, moved.to_place_id)
    acts = _acts(Posting.happened_at >= since, Posting.happened_at < before)
    asked = (
        select(
            literal(int(moved is BagMove)).label("in_bags"),
            literal(int(came)).label("came"),
            place.name.label("place"),
            other.kind.label("kind"),
            case((acts.c.corrects_id.is_not(None), 1), else_=0).label("corrects"),
            literal(0),
            func.sum(literal(1) if moved is BagMove else moved.unit_count),
        )
        .select_from(acts)
        .join(moved, moved.posting_id == acts.c.id)
        .join(place, place.id == here)
        .join(other, other.id == there)
        .where(acts.c.counts_at >= since, acts.c.counts_at < before, acts.c.recorded_at <= at)
        .where(place.kind.in_(REAL_KINDS))
        .group_by(place.name, other.kind, literal_column("corrects"))
    )
    if of_item is not None and moved is Move:
        asked = asked.where(Move.lot_id.in_(of_item))
    return cast("Select[Any]", within(asked, place.id, scope))


def _real_places(scope: Scope) -> Select[int]:
    """Select the places of a report, those closed since too."""
    return cast("Select[int]", within(select(Place.id).where(Place.kind.in_(REAL_KINDS)), Place.id, scope))


def _opening(held: Subquery, scope: Scope, of_item: Select[int] | None, *, in_bags: bool) -> Select[Any]:
    """Add up what each place held before a period, in the columns of ``_side``."""
    asked = (
        select(
            literal(int(in_bags)), literal(1), Place.name, literal(PlaceKind.UNMADE.value), literal(0),
            func.sum(held.c.units), literal(0),
        )
        .join(Place, Place.id == held.c.place_id)
        .where(Place.kind.in_(REAL_KINDS))
        .group_by(Place.name)
    )  # fmt: skip
    if of_item is not None:
        asked = asked.where(held.c.thing.in_(of_item))
    return cast("Select[Any]", within(asked, Place.id, scope))


# ---- What there is at the end --------------------------------------------------------------------


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
    held = _loose_before(before, at, select(Place.id).where(Place.holds_stock))
    return list(
        db.session.execute(
            select(Item.name, Place.id, Place.kind, Place.destination_id, func.sum(held.c.units))
            .join(Lot, Lot.id == held.c.thing)
            .join(Item, Item.id == Lot.item_id)
            .join(Place, Place.id == held.c.place_id)
            .where(Place.holds_stock)
            .group_by(Item.name, Place.id, Place.kind, Place.destination_id)
        )
    )


def _bag_standings(before: datetime, at: datetime) -> dict[int, _Where]:
    """Say where each Go Bag stood at a moment: the bag's own place id → kind and ids of where it stood."""
    stood = _bags_before(before, at)
    rows = db.session.execute(
        select(Bag.place_id, Place.kind, Place.id, Place.destination_id)
        .select_from(stood)
        .join(Bag, Bag.id == stood.c.thing)
        .join(Place, Place.id == stood.c.place_id)
        .where(Place.kind != PlaceKind.UNMADE)
        .group_by(Bag.place_id, Place.kind, Place.id, Place.destination_id)
        .having(func.sum(stood.c.units) > 0)
    )
    return {bag_place: (kind, place_id, destination) for bag_place, kind, place_id, destination in rows}
