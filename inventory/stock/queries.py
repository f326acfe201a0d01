"""What is where, now, as the ledger has it. Row questions take the asking person's scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    bindparam,
    except_,
    func,
    literal,
    select,
    union,
    union_all,
)

from core.access import Scope
from core.db import ask, db
from core.errors import NotFound
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Edition, Item, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.recalls.queries import not_held
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, PastBalance, PlaceAct, Posting, Promise, ReserveLevel
from inventory.stock.rules import LotMove, Numbering, number_units
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_PLACE = bindparam("place_id", type_=BigInteger)
_OUTSIDE = select(Place.id).where(Place.kind == bindparam("place_kind", type_=Place.kind.type))
_TRANSIT = select(Place.id).where(Place.destination_id == _PLACE)
_ON_HAND = (
    select(Lot.item_id, func.sum(Balance.unit_count))
    .join(Lot, Lot.id == Balance.lot_id)
    .where(Balance.place_id == _PLACE, IN_STOCK)
    .group_by(Lot.item_id)
)
RESERVED = select(ReserveLevel.place_id, ReserveLevel.item_id, ReserveLevel.recipe_id, ReserveLevel.level_count).where(
    ReserveLevel.id.in_(
        select(func.max(ReserveLevel.id)).group_by(ReserveLevel.place_id, ReserveLevel.item_id, ReserveLevel.recipe_id)
    ),
    ReserveLevel.level_count > 0,
)
"""What the surge reserves hold: place id, item id, recipe id, count."""

KEPT = union_all(
    select(
        Promise.place_id, Promise.item_id, Promise.recipe_id,
        Promise.unit_count.label("promised_count"), literal(0).label("reserved_count"),
    ).where(Promise.unit_count > 0),
    RESERVED.with_only_columns(
        ReserveLevel.place_id, ReserveLevel.item_id, ReserveLevel.recipe_id, literal(0), ReserveLevel.level_count
    ),
).subquery()  # fmt: skip
"""What is on hand and not free: promised to approved requests, or in the surge reserve."""

_KEPT_HERE = (
    select(KEPT.c.item_id, KEPT.c.recipe_id, func.sum(KEPT.c.promised_count), func.sum(KEPT.c.reserved_count))
    .where(KEPT.c.place_id == _PLACE)
    .group_by(KEPT.c.item_id, KEPT.c.recipe_id)
)
_BAGS_STANDING = (
    select(RecipeVersion.recipe_id, func.count())
    .select_from(BagPosition)
    .join(Bag, Bag.id == BagPosition.bag_id)
    .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
    .where(BagPosition.place_id == _PLACE)
    .group_by(RecipeVersion.recipe_id)
)
_LOTS_HELD = (
    select(
        Lot.id, Lot.code, Item.id, Item.name, Item.kind, Balance.unit_count, Lot.expires_on, Edition.number,
        Item.language, Item.serial, not_held(),
    )
    .select_from(Balance)
    .join(Lot, Lot.id == Balance.lot_id)
    .join(Item, Item.id == Lot.item_id)
    .outerjoin(Edition, Edition.id == Lot.edition_id)
    .where(Balance.place_id == _PLACE, IN_STOCK)
    .order_by(Item.name, Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
)  # fmt: skip
"""Built once: every act on stock asks these, and preparing a statement costs more than running it."""


@dataclass(frozen=True)
class ItemHeld:
    """How much of an item a place has loose: on hand, promised to others, in its surge reserve, on its way to it."""

    item_id: int
    on_hand_count: int
    promised_count: int
    in_transit_count: int
    reserved_count: int = 0

    @property
    def free_count(self) -> int:
        """On hand, not promised and not in the reserve."""
        return self.on_hand_count - self.promised_count - self.reserved_count


@dataclass(frozen=True)
class Kept:
    """What of a thing is on hand at a place and not free."""

    promised_count: int = 0
    reserved_count: int = 0

    @property
    def count(self) -> int:
        """Both together."""
        return self.promised_count + self.reserved_count

    @property
    def words(self) -> str:
        """Why it is not free, such as "5 are promised to approved requests and 3 are in the surge reserve"."""
        parts = [
            (self.promised_count, "promised to approved requests"),
            (self.reserved_count, "in the surge reserve"),
        ]
        return " and ".join(f"{count:,} {'is' if count == 1 else 'are'} {why}" for count, why in parts if count)

    @property
    def way_out(self) -> str:
        """What to do first, where more is needed than is free."""
        ways = [
            (self.promised_count, "drop what cannot be sent from those requests"),
            (self.reserved_count, "have an approver release some of the reserve"),
        ]
        return " or ".join(way for count, way in ways if count).capitalize() + " first"


NOTHING_KEPT = Kept()


@dataclass(frozen=True)
class LotHeld:
    """Units of one lot at a place, with what decides which is picked first.

    Attributes:
        usable: no open hold or recall covers it.
    """

    lot_id: int
    code: str
    item_id: int
    item_name: str
    kind: ItemKind
    unit_count: int
    expires_on: date | None
    edition_number: int | None
    language: str | None
    serial: bool
    usable: bool


def outside(kind: PlaceKind) -> int:
    """Give the id of the one outside place of a kind."""
    [(place_id,)] = ask(_OUTSIDE, place_kind=kind)
    return int(place_id)


def transit_to(place_id: int) -> int:
    """Give the id of *in transit* to a place."""
    [(transit_id,)] = ask(_TRANSIT, place_id=place_id)
    return int(transit_id)


def on_hand(place_id: int) -> dict[int, int]:
    """Add up loose stock at one place: item id → units. Bags standing there are not opened."""
    rows = ask(_ON_HAND, place_id=place_id)
    return {item_id: int(count) for item_id, count in rows}


def on_hand_everywhere(*, scope: Scope) -> dict[tuple[int, int], int]:
    """Add up loose stock: (place id, item id) → units, for every place in scope."""
    asked = (
        select(Balance.place_id, Lot.item_id, func.sum(Balance.unit_count))
        .join(Lot, Lot.id == Balance.lot_id)
        .where(IN_STOCK)
        .group_by(Balance.place_id, Lot.item_id)
    )
    if scope.place_ids is not None:
        asked = asked.where(Balance.place_id.in_(scope.place_ids))
    return {(place, item): int(count) for place, item, count in db.session.execute(asked)}


def kept(place_id: int) -> tuple[dict[int, Kept], dict[int, Kept]]:
    """Give what is on hand at a place and not free, in one statement: by item id, and by recipe id for Go Bags."""
    rows = ask(_KEPT_HERE, place_id=place_id)
    items = {item_id: Kept(int(had), int(back)) for item_id, _, had, back in rows if item_id is not None}
    return items, {recipe_id: Kept(int(had), int(back)) for _, recipe_id, had, back in rows if recipe_id is not None}


def kept_items(place_id: int) -> dict[int, Kept]:
    """Give what of loose items is not free at a place: item id → promised and in the reserve."""
    return kept(place_id)[0]


def kept_bags(place_id: int) -> dict[int, Kept]:
    """Give how many Go Bags are not free at a place: recipe id → promised and in the reserve."""
    return kept(place_id)[1]


def bags_standing(place_id: int) -> dict[int, int]:
    """Count Go Bags standing at a place: recipe id → bags."""
    rows = ask(_BAGS_STANDING, place_id=place_id)
    return {recipe_id: int(count) for recipe_id, count in rows}


def items_held(place_id: int, *, scope: Scope) -> dict[int, ItemHeld]:
    """Give loose stock of one place: item id → on hand, promised and in transit, each apart.

    Raises:
        NotFound: the place is outside the scope.
    """
    scope.demand(place_id)
    here, back, coming = on_hand(place_id), kept_items(place_id), on_hand(transit_to(place_id))
    return {
        item_id: ItemHeld(item_id, here.get(item_id, 0), of.promised_count, coming.get(item_id, 0), of.reserved_count)
        for item_id in {*here, *back, *coming}
        for of in [back.get(item_id, NOTHING_KEPT)]
    }


def lots_held(place_id: int, *, item_ids: Collection[int] | None = None, kind: ItemKind | None = None) -> list[LotHeld]:
    """List the lots at a place, earliest expiry first, then oldest; those without expiry last."""
    items = None if item_ids is None else list(item_ids)
    return [
        LotHeld(*row)
        for row in ask(_lots_held(items is None, kind is None), place_id=place_id, item_ids=items, kind=kind)
    ]


@cache
def _lots_held(any_item: bool, any_kind: bool) -> Select[*tuple[Any, ...]]:
    asked = _LOTS_HELD if any_item else _LOTS_HELD.where(Lot.item_id.in_(bindparam("item_ids", expanding=True)))
    return asked if any_kind else asked.where(Item.kind == bindparam("kind", type_=Item.kind.type))


def lot_by_code(code: str, *, scope: Scope) -> Lot:
    """Find a lot any of which is, or was, at a place in scope.

    Raises:
        NotFound: there is no such lot for this person.
    """
    lot = db.session.scalar(select(Lot).where(Lot.code == code))
    if lot is None:
        raise NotFound
    if scope.place_ids is not None:
        seen = select(Move.id).where(
            Move.lot_id == lot.id,
            Move.to_place_id.in_(scope.place_ids) | Move.from_place_id.in_(scope.place_ids),
        )
        if db.session.scalar(seen.limit(1)) is None:
            raise NotFound
    return lot


def moves_of(lot_ids: Iterable[int]) -> dict[int, list[LotMove]]:
    """Read the moves of lots in the order they were recorded: lot id → moves."""
    moves: dict[int, list[LotMove]] = {lot_id: [] for lot_id in lot_ids}
    rows = db.session.execute(
        select(Move.lot_id, Move.id, Move.from_place_id, Move.to_place_id, Move.unit_count, Move.corrects_id)
        .where(Move.lot_id.in_(moves))
        .order_by(Move.id)
    )
    for lot_id, *facts in rows:
        moves[lot_id].append(LotMove(*facts))  # type: ignore[arg-type]  # the columns, in the order of its fields
    return moves


def numbering_of(lot_ids: Iterable[int]) -> dict[int, Numbering]:
    """Number the units of lots: lot id → which units each move carried and where each is."""
    moves = moves_of(lot_ids)
    counts = db.session.execute(select(Lot.id, Lot.unit_count).where(Lot.id.in_(moves)))
    return {
        lot_id: number_units(
            moves[lot_id],
            unit_count=unit_count,
            source_place_id=moves[lot_id][0].from_place_id if moves[lot_id] else 0,
        )
        for lot_id, unit_count in counts
    }


def unexplained_balances() -> list[tuple[int, int, int, int]]:
    """Compare every balance with the sum of its moves: (place id, lot id, kept, explained) where they differ.

    Keeps: INV-01, as the check that runs afterwards.
    """
    into = select(Move.to_place_id.label("place_id"), Move.lot_id, Move.unit_count)
    out = select(Move.from_place_id.label("place_id"), Move.lot_id, -Move.unit_count)
    both = into.union_all(out).subquery()
    folded = (
        select(both.c.place_id, both.c.lot_id, func.sum(both.c.unit_count).label("units"))
        .join(Place, Place.id == both.c.place_id)
        .where(Place.holds_stock)
        .group_by(both.c.place_id, both.c.lot_id)
        .subquery()
    )
    compared = (
        select(
            func.coalesce(folded.c.place_id, Balance.place_id),
            func.coalesce(folded.c.lot_id, Balance.lot_id),
            func.coalesce(Balance.unit_count, 0),
            func.coalesce(folded.c.units, 0),
        )
        .select_from(folded)
        .join(
            Balance,
            (Balance.place_id == folded.c.place_id) & (Balance.lot_id == folded.c.lot_id),
            full=True,
        )
        .where(func.coalesce(Balance.unit_count, 0) != func.coalesce(folded.c.units, 0))
    )
    return [(int(p), int(lot), int(kept), int(sum_)) for p, lot, kept, sum_ in db.session.execute(compared)]


def unexplained_past(most: int) -> list[tuple[int, int, datetime, int | None, int | None]]:
    """Compare every past balance with the moves, added up by when they happened.

    Keeps: INV-39, as the check that runs afterwards.

    Returns:
        (place id, lot id, moment, kept, explained) where they differ; None where there is no such row.
    """
    came, left = _ends(Move)
    ends = union_all(
        came.add_columns(Move.lot_id, Move.unit_count.label("units")), left.add_columns(Move.lot_id, -Move.unit_count)
    ).subquery()
    folded = (
        select(
            ends.c.place_id,
            ends.c.lot_id,
            ends.c.happened_at,
            func.sum(func.sum(ends.c.units))
            .over(partition_by=(ends.c.place_id, ends.c.lot_id), order_by=ends.c.happened_at)
            .label("units"),
        )
        .group_by(ends.c.place_id, ends.c.lot_id, ends.c.happened_at)
        .subquery()
    )
    key = (PastBalance.place_id, PastBalance.lot_id, PastBalance.happened_at)
    both = (folded.c.place_id, folded.c.lot_id, folded.c.happened_at)
    place_id, lot_id, at = (func.coalesce(*each) for each in zip(both, key, strict=True))
    compared = (
        select(place_id, lot_id, at, PastBalance.unit_count, folded.c.units)
        .select_from(folded)
        .join(PastBalance, and_(*(one == other for one, other in zip(both, key, strict=True))), full=True)
        .where(PastBalance.unit_count.is_distinct_from(folded.c.units))
        .order_by(place_id, lot_id, at)
        .limit(most)
    )
    return [
        (place, lot, moment, None if had is None else int(had), None if units is None else int(units))
        for place, lot, moment, had, units in db.session.execute(compared)
    ]


def unexplained_acts(most: int) -> list[tuple[int, int]]:
    """Compare the acts kept of each place with the ends of all moves and bag moves: (place id, posting id).

    Gives those that are kept and moved nothing there as kept, and those that did and are not kept.

    Keeps: INV-39, as the check that runs afterwards.
    """
    explained = union(*_ends(Move), *_ends(BagMove))
    kept = select(PlaceAct.place_id, PlaceAct.posting_id, PlaceAct.happened_at, PlaceAct.recorded_at)
    moved, listed = explained.subquery(), kept.subquery()
    wrong = [
        *db.session.execute(except_(select(listed), select(moved)).limit(most)),
        *db.session.execute(except_(select(moved), select(listed)).limit(most)),
    ]
    return sorted({(int(row.place_id), int(row.posting_id)) for row in wrong})[:most]


def _ends(moves: type[Move] | type[BagMove]) -> list[Select[*tuple[Any, ...]]]:
    """Select what came to places that hold stock, and what left them: place id, posting id and both moments."""
    return [
        select(place.label("place_id"), Posting.id.label("posting_id"), Posting.happened_at, Posting.recorded_at)
        .join(Posting, Posting.id == moves.posting_id)
        .where(place.in_(select(Place.id).where(Place.holds_stock)))
        for place in (moves.to_place_id, moves.from_place_id)
    ]


def posting_of(document: str) -> list[Posting]:
    """List the postings of a document, oldest first."""
    return list(db.session.scalars(select(Posting).where(Posting.document == document).order_by(Posting.id)))
