"""The one writer of stock.

``post`` checks the whole act, locks what the decision rests on, and inserts append-only rows; the database then
keeps the balances, and the numbering of each lot is carried on. On PostgreSQL the balance rows of every place and
lot touched are locked in one order, then the lots' numberings, so two acts on the same stock queue and neither
deadlocks; on SQLite writers queue anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Row, Select, bindparam, func, insert, select, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, make_transient_to_detached

from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.trail import Note
from inventory.bags.models import Bag, BagMove
from inventory.catalogue.models import Item
from inventory.numbering import services as numbering
from inventory.phones.models import UnitMove
from inventory.recalls.queries import holds_on, not_held
from inventory.recalls.rules import refusal
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, Posting
from inventory.stock.queries import KEPT, Kept
from inventory.stock.rules import BagMovement, Movement, PostingKind, net_effect
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_Moved = aliased(Lot)
_USES = (PostingKind.PACK, PostingKind.OPEN_BAG, PostingKind.DISPATCH)
_INSERT_POSTING = insert(Posting).returning(Posting.id)
_INSERT_MOVE = insert(Move)
_MOVES_OF_POSTING = select(Move.id).where(Move.posting_id == bindparam("posting_id")).order_by(Move.id)
_INSERT_UNIT_MOVE = insert(UnitMove)
_INSERT_BAG_MOVE = insert(BagMove)
_PLACES = (
    select(Place.id, Place.name, Place.closed_on, Place.kind, Place.holds_stock)
    .where(Place.id.in_(bindparam("place_ids", expanding=True)))
    .order_by(Place.id)
    .with_for_update(read=True, key_share=True)
)
_THERE = select(Balance.place_id, Balance.lot_id, Balance.unit_count).where(
    Balance.place_id.in_(bindparam("place_ids", expanding=True)),
    Balance.lot_id.in_(bindparam("lot_ids", expanding=True)),
)
_KEPT = (
    select(KEPT.c.place_id, KEPT.c.item_id, func.sum(KEPT.c.promised_count), func.sum(KEPT.c.reserved_count))
    .where(KEPT.c.place_id.in_(bindparam("place_ids", expanding=True)), KEPT.c.item_id.is_not(None))
    .group_by(KEPT.c.place_id, KEPT.c.item_id)
)
_HELD = (
    select(Balance.place_id, Lot.item_id, func.sum(Balance.unit_count))
    .join(Lot, Lot.id == Balance.lot_id)
    .where(
        Balance.place_id.in_(bindparam("place_ids", expanding=True)),
        Lot.item_id.in_(bindparam("item_ids", expanding=True)),
    )
    .group_by(Balance.place_id, Lot.item_id)
)
_USABLE = _HELD.where(Lot.expires_on.is_(None) | (Lot.expires_on >= bindparam("day", type_=Date)), not_held())
_ITEMS = select(Lot.id, Lot.item_id).where(Lot.id.in_(bindparam("lot_ids", expanding=True)))
_STORES_OF_SAME = (
    select(Balance.place_id, Balance.lot_id)
    .join(Lot, Lot.id == Balance.lot_id)
    .join(Place, Place.id == Balance.place_id)
    .where(
        Balance.place_id.in_(bindparam("place_ids", expanding=True)),
        Place.kind == PlaceKind.STORE,
        Lot.item_id.in_(select(_Moved.item_id).where(_Moved.id.in_(bindparam("lot_ids", expanding=True)))),
    )
)
_INSIDE = (
    select(Balance.lot_id)
    .join(Bag, Bag.place_id == Balance.place_id)
    .where(Bag.id.in_(bindparam("bag_ids", expanding=True)), IN_STOCK)
)
"""Built once: preparing a statement costs more than running it."""


@dataclass(frozen=True)
class _Touched:
    """One place that an act on stock touches."""

    name: str
    closed_on: date | None
    kind: PlaceKind
    holds_stock: bool


def post(
    kind: PostingKind,
    movements: Sequence[Movement],
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime,
    document: str,
    bag_movements: Sequence[BagMovement] = (),
    submission_id: str | None = None,
    note: Note | None = None,
    corrects: Posting | None = None,
    corrected_moves: Sequence[int | None] = (),
) -> Posting:
    """Record one act on stock.

    Keeps: INV-01 (balances), INV-02 (nothing below zero), INV-16 (promises), INV-23 (units start where they are).

    Args:
        movements: lots from place to place; several of one lot are judged together.
        bag_movements: Go Bags that change place with all they hold.
        happened_at: when it was so; never after ``at``, when it is recorded.
        document: reference of what the act belongs to.
        corrected_moves: ids of the moves that the movements take back, one for one; None where one takes back none.

    Raises:
        NotEnoughStock: less is there, or free of promises, than the act takes.
        RuleBroken: the act moves nothing, moves it nowhere or to a closed place, lies in the future, or hands out
            what an open recall covers.
    """
    _check_shape(movements, bag_movements, at=at, happened_at=happened_at)
    db.session.flush()
    touched = _places_touched(movements, bag_movements)
    _check_open(touched, movements, bag_movements, happened_at=happened_at)
    _lock_balances(touched, movements)
    used = _lots_used(kind, touched, movements, bag_movements)
    numbering.hold({*used, *(move.lot_id for move in movements)})
    _refuse_held(used, handed_over_at=happened_at if kind is PostingKind.ISSUE else None)
    _check_enough(touched, movements)
    posting = _insert_posting(
        kind=kind,
        document=document,
        account_id=by.account_id,
        note_id=note.id if note else None,
        corrects_id=corrects.id if corrects else None,
        submission_id=submission_id,
        happened_at=happened_at,
        recorded_at=at,
    )
    try:
        _insert_moves(posting.id, movements, corrected_moves)
        _insert_bag_moves(posting.id, bag_movements)
    except IntegrityError as broken:
        raise _moved_meanwhile(broken) from broken
    numbering.keep({move.lot_id for move in movements})
    kept = _kept_at({move.from_place_id for move in movements})
    _refuse_breaking(kept)
    if kind in _USES:
        _refuse_leaving_spoilt(kind, movements, kept, on=local_day(at))
    return posting


def _ask(statement: Select[*tuple[Any, ...]], **asked: object) -> Sequence[Row[*tuple[Any, ...]]]:
    """Ask beside the session, whose own work costs more than these statements; ``post`` has flushed it."""
    return db.session.connection().execute(statement, asked).all()


def _check_shape(
    movements: Sequence[Movement],
    bag_movements: Sequence[BagMovement],
    *,
    at: datetime,
    happened_at: datetime,
) -> None:
    if not movements and not bag_movements:
        raise RuleBroken("Nothing to record: enter at least one quantity")
    if happened_at > at:
        raise RuleBroken("Enter a real date in the past")
    for move in movements:
        if move.unit_count < 1:
            raise RuleBroken("Quantity must be 1 or more")
        if move.from_place_id == move.to_place_id:
            raise RuleBroken("Choose a place other than the one it is at")
        if move.unit_ids and len(set(move.unit_ids)) != move.unit_count:
            raise RuleBroken(f"Choose {move.unit_count} different numbers")


def _places_touched(movements: Sequence[Movement], bag_movements: Sequence[BagMovement]) -> dict[int, _Touched]:
    """Give the places that the act touches, by id. None that is open can close until the commit."""
    ids = {place for move in movements for place in (move.from_place_id, move.to_place_id)}
    ids |= {place for move in bag_movements for place in (move.from_place_id, move.to_place_id)}
    return {place_id: _Touched(*facts) for place_id, *facts in _ask(_PLACES, place_ids=list(ids))}


def _check_open(
    touched: Mapping[int, _Touched],
    movements: Sequence[Movement],
    bag_movements: Sequence[BagMovement],
    *,
    happened_at: datetime,
) -> None:
    """Refuse to bring anything to a place that was closed by then."""
    reached = {move.to_place_id for move in movements} | {move.to_place_id for move in bag_movements}
    closed = [(touched[place].name, day) for place in sorted(reached) if (day := touched[place].closed_on)]
    for name, closed_on in closed:
        if closed_on < local_day(happened_at):
            raise RuleBroken(f"{name} closed on {day_text(closed_on)}. Choose a place that is open")
    if closed:
        refuse_more_at_closed(net_effect(movements), bag_movements)


def _lots_used(
    kind: PostingKind,
    touched: Mapping[int, _Touched],
    movements: Sequence[Movement],
    bag_movements: Sequence[BagMovement],
) -> Collection[int]:
    """Give the lots that the act hands out, packs or sends, which no recall may cover.

    What comes in, is counted, written off or taken out of a bag is not used by that.
    """
    if kind is PostingKind.OPEN_BAG:
        into_bags = [move for move in movements if touched[move.to_place_id].kind is PlaceKind.BAG]
        return {move.lot_id for move in into_bags if touched[move.from_place_id].holds_stock}
    if kind not in (PostingKind.PACK, PostingKind.DISPATCH, PostingKind.ISSUE):
        return set()
    used = {move.lot_id for move in movements}
    if kind is PostingKind.DISPATCH and bag_movements:
        used |= {lot_id for (lot_id,) in _ask(_INSIDE, bag_ids=[move.bag_id for move in bag_movements])}
    return used


def _refuse_held(used: Collection[int], *, handed_over_at: datetime | None) -> None:
    """Refuse what an open recall covers. Whoever recalls holds the same numberings, so one of the two comes first.

    Args:
        handed_over_at: the moment of an issue: a slip recorded late tells of what went before the recall, and is true.

    Keeps: INV-29
    """
    for item_name, lot_code, hold in holds_on(used):
        if handed_over_at is None or hold.since <= handed_over_at:
            raise RuleBroken(refusal(item_name, lot_code, hold))


def _closed(place_ids: Collection[int]) -> list[tuple[str, date]]:
    """List those of the places that are closed: (name, last day). None of the others can close until the commit."""
    rows = _ask(_PLACES, place_ids=list(place_ids))
    return [(row.name, row.closed_on) for row in rows if row.closed_on is not None]


def refuse_more_at_closed(change: Mapping[tuple[int, int], int], bag_movements: Sequence[BagMovement] = ()) -> None:
    """Refuse acts that would leave more at a place that is closed by now, whenever they happened.

    What was done there while it was open may be recorded late, as long as nothing is left of it: a closed place
    holds nothing, and nobody works there to look after it. Taking things away is always allowed.

    Args:
        change: (place id, lot id) → change in units.

    Raises:
        RuleBroken: something would stay there.
    """
    bags = Counter(move.to_place_id for move in bag_movements)
    bags.subtract(move.from_place_id for move in bag_movements)
    gaining = {place_id for (place_id, _), units in change.items() if units > 0} | {*(+bags)}
    for name, closed_on in _closed(gaining):
        raise RuleBroken(
            f"{name} closed on {day_text(closed_on)}, so nothing can be left there any more. "
            "Choose a place that is open"
        )


def _lock_balances(touched: Mapping[int, _Touched], movements: Sequence[Movement]) -> None:
    """Lock, in one order, the balances the act touches; make empty ones where there are none to lock.

    A store keeps some of an item back whatever the lot, so of what leaves it every lot is locked, as ``lock_items``
    does: two acts on two lots of one item would each find enough left without the other.
    """
    if db.session.connection().dialect.name != "postgresql":
        return
    keys = sorted(key for key in net_effect(movements) if touched[key[0]].holds_stock)
    if not keys:
        return
    empty = [{"place_id": p, "lot_id": lot, "unit_count": 0, "explained_by_move_id": 0} for p, lot in keys]
    db.session.execute(postgresql.insert(Balance).on_conflict_do_nothing(), empty)
    leaving = {key for key, change in net_effect(movements).items() if change < 0 and touched[key[0]].holds_stock}
    asked = {"place_ids": [place_id for place_id, _ in leaving], "lot_ids": [lot_id for _, lot_id in leaving]}
    keys += [(place_id, lot_id) for place_id, lot_id in db.session.execute(_STORES_OF_SAME, asked)]
    db.session.execute(
        select(Balance.lot_id)
        .where(tuple_(Balance.place_id, Balance.lot_id).in_(keys))
        .order_by(Balance.place_id, Balance.lot_id)
        .with_for_update()
    ).all()


def lock_items(place_id: int, item_ids: Collection[int]) -> None:
    """Lock every balance of some items at a place, so that what is free there stays so until the commit.

    Whoever promises stock decides on all lots of an item together; ``post`` locks the same rows in the same
    order, so the two queue. SQLite's writers queue anyway.
    """
    if db.session.connection().dialect.name != "postgresql":
        return
    db.session.execute(
        select(Balance.lot_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .where(Balance.place_id == place_id, Lot.item_id.in_(item_ids))
        .order_by(Balance.place_id, Balance.lot_id)
        .with_for_update(of=Balance)
    ).all()


def _check_enough(touched: Mapping[int, _Touched], movements: Sequence[Movement]) -> None:
    """Refuse an act that takes more of a lot from a place than is there, all its lines together."""
    effect = net_effect(movements)
    taken = {key: -change for key, change in effect.items() if change < 0 and touched[key[0]].holds_stock}
    if not taken:
        return
    places, lots = ({key[side] for key in taken} for side in (0, 1))
    rows = _ask(_THERE, place_ids=list(places), lot_ids=list(lots))
    there = {(place_id, lot_id): count for place_id, lot_id, count in rows}
    for (place_id, lot_id), wanted in sorted(taken.items()):
        if there.get((place_id, lot_id), 0) < wanted:
            raise NotEnoughStock(_shortage(place_id, lot_id, there.get((place_id, lot_id), 0), wanted))


def _shortage(place_id: int, lot_id: int, there: int, wanted: int) -> str:
    lot = db.session.get_one(Lot, lot_id)
    place = db.session.get_one(Place, place_id)
    return (
        f"Only {there} left. Nothing has been recorded: {wanted} of {lot.item.name} (lot {lot.code}) "
        f"asked for at {place.name}"
    )


def refuse_broken_promises(leaving: Collection[int]) -> None:
    """Refuse acts that leave a place with less loose stock of an item than it has promised and keeps in its reserve.

    Keeps: INV-16 (promised never exceeds on hand).

    Args:
        leaving: ids of the places that stock was taken from.

    Raises:
        NotEnoughStock: with what would be left and what is promised.
    """
    _refuse_breaking(_kept_at(leaving))


def _refuse_breaking(kept: Mapping[tuple[int, int], Kept]) -> None:
    if not kept:
        return
    rows = _ask(_HELD, place_ids=list({place for place, _ in kept}), item_ids=list({item for _, item in kept}))
    held = {(place_id, item_id): int(count) for place_id, item_id, count in rows}
    for key, back in kept.items():
        _refuse_less(held.get(key, 0), back, key[1])


def _kept_at(place_ids: Collection[int]) -> dict[tuple[int, int], Kept]:
    """Give what of loose items is not free at places: (place id, item id) → promised and in the reserve."""
    rows = _ask(_KEPT, place_ids=list(place_ids))
    return {(place_id, item_id): Kept(int(had), int(back)) for place_id, item_id, had, back in rows}


def _refuse_less(left_count: int, kept: Kept, item_id: int, how: str = "") -> None:
    if left_count < kept.count:
        item = db.session.get_one(Item, item_id)
        raise NotEnoughStock(
            f"Only {max(0, left_count)} of {item.name} {how}would be left and {kept.words}. Nothing has been recorded. "
            f"{kept.way_out}"
        )


def _refuse_leaving_spoilt(
    kind: PostingKind, movements: Sequence[Movement], kept: Mapping[tuple[int, int], Kept], *, on: date
) -> None:
    """Refuse to use what is fit of an item while what is kept of it would have to be met by what is not.

    A dispatch meets a promise itself, so it has only the surge reserve to leave; of several promises that not enough
    is fit for any more, whichever is sent first is met.

    Raises:
        NotEnoughStock: with what would be left in date and on no hold, and what is kept.
    """
    if not kept:
        return
    items = {lot.id: lot.item_id for lot in _ask(_ITEMS, lot_ids=[move.lot_id for move in movements])}
    used = {(move.from_place_id, items[move.lot_id]) for move in movements} & kept.keys()
    rows = _ask(_USABLE, place_ids=[place for place, _ in used], item_ids=[item for _, item in used], day=on)
    usable = {(place_id, item_id): int(count) for place_id, item_id, count in rows}
    for key in sorted(used):
        back = replace(kept[key], promised_count=0) if kind is PostingKind.DISPATCH else kept[key]
        _refuse_less(usable.get(key, 0), back, key[1], "in date and on no hold ")


def _insert_posting(**facts: Any) -> Posting:
    """Insert a posting and take it into the session as one that is stored: a flush costs more than all else here."""
    posting = Posting(**facts)
    posting.id = db.session.connection().execute(_INSERT_POSTING, facts).scalar_one()
    make_transient_to_detached(posting)
    db.session.add(posting)
    return posting


def _insert_moves(posting_id: int, movements: Sequence[Movement], corrected: Sequence[int | None]) -> None:
    """Insert the moves in the order given, and where they carry serial units, the moves of those."""
    nothing: list[int | None] = [None] * len(movements)
    rows = [
        {
            "posting_id": posting_id,
            "lot_id": move.lot_id,
            "from_place_id": move.from_place_id,
            "to_place_id": move.to_place_id,
            "unit_count": move.unit_count,
            "corrects_id": corrects_id,
        }
        for move, corrects_id in zip(movements, list(corrected) or nothing, strict=True)
    ]
    connection = db.session.connection()
    if rows:
        connection.execute(_INSERT_MOVE, rows)
    if not any(move.unit_ids for move in movements):
        return
    ids = connection.execute(_MOVES_OF_POSTING, {"posting_id": posting_id}).scalars()
    units = [
        {"move_id": move_id, "unit_id": unit}
        for move_id, move in zip(ids, movements, strict=True)
        for unit in move.unit_ids
    ]
    connection.execute(_INSERT_UNIT_MOVE, units)


def _insert_bag_moves(posting_id: int, bag_movements: Sequence[BagMovement]) -> None:
    rows = [
        {
            "posting_id": posting_id,
            "bag_id": move.bag_id,
            "from_place_id": move.from_place_id,
            "to_place_id": move.to_place_id,
        }
        for move in bag_movements
    ]
    if rows:
        db.session.connection().execute(_INSERT_BAG_MOVE, rows)


def _moved_meanwhile(broken: IntegrityError) -> Exception:
    """Say in words what the database refused; anything it does not know is a bug and stays one."""
    words = str(broken.orig)
    if "does not start where it is" in words:
        return NotEnoughStock("Only 0 left. Nothing has been recorded: it is no longer there")
    if "not_below_zero" in words:
        return NotEnoughStock("Only 0 left. Nothing has been recorded")
    return broken
