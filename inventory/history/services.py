"""Importing past moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from core import trail
from core.access import Actor
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.references import next_reference
from inventory.history.rules import PastMove, digest
from inventory.numbering import services as numbering
from inventory.stock.models import Move, Posting
from inventory.stock.rules import Movement, PostingKind, net_effect
from inventory.stock.services import refuse_broken_promises, refuse_more_at_closed

_POSTINGS, _MOVES = insert(Posting), insert(Move)


def import_moves(moves: Sequence[PastMove], *, by: Actor, at: datetime, submission_id: str) -> str:
    """Import past moves in the order given, all or nothing; give the reference of the import.

    Keeps: INV-01, INV-02 (the database keeps the balances and refuses one below zero), INV-16 (promises).

    Raises:
        RuleBroken: there are none, one lies in the future, or they leave something at a closed place.
        NotEnoughStock: one takes more than its place held at that point of the order, or all of them together
            leave a place less than it has promised.
    """
    said = digest(moves)
    if done := trail.earlier(submission_id, by=by, act="history.import", body=[len(moves), said]):
        return done
    if not moves:
        raise RuleBroken("There is nothing to import")
    if max(move.happened_at for move in moves) > at:
        raise RuleBroken("A past move cannot lie in the future. Nothing has been imported")
    reference = next_reference("HIST")
    lots = {move.lot_id for move in moves}
    numbering.hold(lots)
    first = _reserve_ids(len(moves))
    connection = db.session.connection()
    try:
        connection.execute(_POSTINGS, [_posting(first + n, move, by, at) for n, move in enumerate(moves)])
        connection.execute(_MOVES, [_move(first + n, move) for n, move in enumerate(moves)])
    except IntegrityError as broken:
        if "not_below_zero" not in str(broken.orig):
            raise
        raise NotEnoughStock("A past move takes more than its place held. Nothing has been imported") from broken
    numbering.keep(lots)
    refuse_more_at_closed(
        net_effect(Movement(each.lot_id, each.from_place_id, each.to_place_id, each.unit_count) for each in moves)
    )
    refuse_broken_promises({move.from_place_id for move in moves})
    trail.record(
        act="history.import", subject=reference, by=by, at=at, submission_id=submission_id,
        count=len(moves), digest=said, first_posting=first,
    )  # fmt: skip
    return reference


def _reserve_ids(count: int) -> int:
    """Reserve a run of posting ids; give the first. Other writers wait, and carry on after the run."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE posting IN SHARE ROW EXCLUSIVE MODE"))
    first = int(db.session.scalar(select(func.coalesce(func.max(Posting.id), 0))) or 0) + 1
    if connection.dialect.name == "postgresql":
        last = {"last": first + count - 1}
        connection.execute(text("SELECT setval(pg_get_serial_sequence('posting', 'id'), :last)"), last)
    return first


def _posting(posting_id: int, move: PastMove, by: Actor, at: datetime) -> dict[str, object]:
    return {
        "id": posting_id,
        "kind": PostingKind.HISTORY,
        "document": move.document,
        "account_id": by.account_id,
        "happened_at": move.happened_at,
        "recorded_at": at,
    }


def _move(posting_id: int, move: PastMove) -> dict[str, object]:
    return {
        "posting_id": posting_id,
        "lot_id": move.lot_id,
        "from_place_id": move.from_place_id,
        "to_place_id": move.to_place_id,
        "unit_count": move.unit_count,
    }
