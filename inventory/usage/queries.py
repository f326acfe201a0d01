"""What usage is counted from: issues, and changes of stock summed by the database, as known at a moment.

A correction counts when what it corrects happened: ``_happened`` is the first clock of the corrected posting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from core.periods import Period
from inventory.bags.models import Bag, BagMove, Issue
from inventory.catalogue.models import Item, KitRecipe, RecipeVersion
from inventory.stock.models import Lot, Move, Posting
from inventory.usage.rules import Change, IssueFact
from organisation.places.models import Body, Place
from organisation.places.rules import REAL_KINDS, BodyKind, PlaceKind


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


def force_name() -> str:
    """Give the name of the force, whose stations these are."""
    asked = select(Body.name).where(Body.kind == BodyKind.FORCE).order_by(Body.id).limit(1)
    return db.session.scalar(asked) or ""


def place_names(*, scope: Scope, period: Period) -> list[str]:
    """List the real places in scope that were open at any time in a period, by name."""
    asked = select(Place.name).where(Place.kind.in_(REAL_KINDS), Place.opened_on <= period.last)
    asked = asked.where(Place.closed_on.is_(None) | (Place.closed_on >= period.first))
    return list(db.session.scalars(_within(asked, Place.id, scope).order_by(Place.name)))


def _within(asked: Any, place_id: Any, scope: Scope) -> Any:
    return asked if scope.place_ids is None else asked.where(place_id.in_(scope.place_ids))


def issues(*, scope: Scope, since: datetime, before: datetime, at: datetime) -> tuple[list[IssueFact], list[IssueFact]]:
    """List the issues made from one moment until another, undone ones too, and earlier ones undone between them.

    The second kind changes an earlier report. Both are in the order they were made.
    """
    taken_back = aliased(Posting)
    late = select(taken_back.corrects_id).where(taken_back.recorded_at >= since, taken_back.recorded_at < before)
    counts = (Issue.issued_at >= since) | Issue.posting_id.in_(late)
    found = _issues(scope, at, Issue.issued_at < before, counts)
    return [each for each in found if each.issued_at >= since], [each for each in found if each.issued_at < since]


def _issues(scope: Scope, at: datetime, *conditions: ColumnElement[bool]) -> list[IssueFact]:
    made, undone = aliased(Posting), aliased(Posting)
    asked = (
        select(
            Issue.slip,
            Place.name,
            KitRecipe.name,
            Issue.booklet_language,
            Issue.route,
            Issue.issued_at,
            undone.recorded_at,
        )
        .join(Place, Place.id == Issue.place_id)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(KitRecipe, KitRecipe.id == RecipeVersion.recipe_id)
        .join(made, made.id == Issue.posting_id)
        .outerjoin(undone, and_(undone.corrects_id == Issue.posting_id, undone.recorded_at <= at))
        .where(made.recorded_at <= at, *conditions)
        .order_by(Issue.issued_at, Issue.id)
    )
    return [IssueFact(*facts) for facts in db.session.execute(_within(asked, Issue.place_id, scope))]


def changes(*, scope: Scope, since: datetime, before: datetime, at: datetime) -> tuple[list[Change], list[Change]]:
    """Add up how Go Bags, and how loose units, came to and left each place: two lists.

    Each change says what kind of place was at the other end. One statement reads both sides of both.
    """
    sides = [
        _side(moved, units, scope, since, before, at, came=came)
        for moved, units in ((BagMove, literal(1)), (Move, Move.unit_count))
        for came in (True, False)
    ]
    found: dict[bool, list[Change]] = {True: [], False: []}
    for in_bags, came, place, kind, early, count in db.session.execute(
        union_all(*sides).order_by("in_bags", literal_column("came").desc(), "place", "kind")
    ):
        sign, in_period = (1, (int(count), 0)) if came else (-1, (0, int(count)))
        found[bool(in_bags)].append(Change(place, PlaceKind(kind), sign * int(early), *in_period))
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
            func.sum(case((_happened < since, units), else_=0)),
            func.sum(case((_happened >= since, units), else_=0)),
        )
        .select_from(moved)
        .join(Posting, Posting.id == moved.posting_id)
        .outerjoin(_Corrected, _Corrected.id == Posting.corrects_id)
        .join(place, place.id == here)
        .join(other, other.id == there)
        .where(place.kind.in_(REAL_KINDS), _happened < before, Posting.recorded_at <= at)
        .group_by(place.name, other.kind)
    )
    return cast("Select[Any]", _within(asked, place.id, scope))


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
