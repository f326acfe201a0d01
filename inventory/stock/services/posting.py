"""Recording one act on stock: every check, then append-only rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from core.access import Actor
from core.dates import local_day, moment_text
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.trail import Note
from inventory.bags.models import BagMove
from inventory.numbering import services as numbering
from inventory.phones.models import UnitMove
from inventory.stock.models import Move, Posting
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services.enough import check_enough, kept_at, refuse_breaking, refuse_leaving_spoilt
from inventory.stock.services.locking import lock_balances
from inventory.stock.services.touched import check_open, places_touched
from inventory.stock.services.using import lots_used, refuse_held

_USES = (PostingKind.PACK, PostingKind.OPEN_BAG, PostingKind.DISPATCH)
_INSERT_MOVE = insert(Move)
_MOVES_OF_POSTING = select(Move.id).where(Move.posting_id == bindparam("posting_id")).order_by(Move.id)
_INSERT_UNIT_MOVE = insert(UnitMove)
_INSERT_BAG_MOVE = insert(BagMove)
"""Built once: preparing a statement costs more than running it."""


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
    touched = places_touched(movements, bag_movements)
    check_open(touched, movements, bag_movements, happened_at=happened_at)
    lock_balances(touched, movements)
    used = lots_used(kind, touched, movements, bag_movements)
    numbering.hold({*used, *(move.lot_id for move in movements)})
    refuse_held(used, handed_over_at=happened_at if kind is PostingKind.ISSUE else None)
    check_enough(touched, movements)
    posting = Posting(
        kind=kind,
        document=document,
        account_id=by.account_id,
        note_id=note.id if note else None,
        corrects_id=corrects.id if corrects else None,
        submission_id=submission_id,
        happened_at=happened_at,
        recorded_at=at,
    )
    db.session.add(posting)
    db.session.flush()
    try:
        _insert_moves(posting.id, movements, corrected_moves)
        _insert_bag_moves(posting.id, bag_movements)
    except IntegrityError as broken:
        raise _moved_meanwhile(broken) from broken
    numbering.keep({move.lot_id for move in movements})
    kept = kept_at({move.from_place_id for move in movements})
    refuse_breaking(kept)
    if kind in _USES:
        refuse_leaving_spoilt(kind, movements, kept, on=local_day(at))
    return posting


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
        raise RuleBroken(f"{moment_text(happened_at)} is later than now. Enter when it happened")
    for move in movements:
        if move.unit_count < 1:
            raise RuleBroken("Quantity must be 1 or more")
        if move.from_place_id == move.to_place_id:
            raise RuleBroken("Choose a place other than the one it is at")
        if move.unit_ids and len(set(move.unit_ids)) != move.unit_count:
            raise RuleBroken(f"Choose {move.unit_count} different numbers")


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
