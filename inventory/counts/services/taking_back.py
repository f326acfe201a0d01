"""Taking the loss or gain of one line back: a slip that was recorded later explains it.

The opposite moves name the very moves they take back, so each unit has its number again. They happened when the count
did, so that no day in between has the difference.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import AlreadyDone, NotFound, NotPermitted, RuleBroken
from inventory.bags import queries as bags
from inventory.bags.models import Bag, BagMove
from inventory.bags.services.locking import queue_for_bags
from inventory.counts import queries
from inventory.counts.models import CountLine, CountTakenBack, StockCount
from inventory.counts.services.moving import demand_bags_for_promises
from inventory.stock.models import Lot, Move
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post


def take_back(
    reference: str,
    position: int,
    *,
    reason: str | None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Take back what one line of an approved count changed.

    Keeps: INV-08 (a reversal negates its original line by line), INV-01 (balances), INV-16 (promises).

    Raises:
        NotFound: there is no such line of an approved count for this person.
        NotPermitted: the person, or whoever they stand in for, counted some of it.
        AlreadyDone: it has been taken back, or changed nothing.
        RuleBroken: there is no reason.
        NotEnoughStock: what was found has gone since, or is promised to an approved request.
    """
    body = [reference, position, reason]
    if done := trail.earlier(submission_id, by=by, act="count.take_back", body=body):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    line = next((each for each in count.lines if each.position == position), None)
    if line is None or line.result is None:
        raise NotFound
    if queries.counted_by(count, by):
        raise NotPermitted("You, or whoever you stand in for, counted some of this. Somebody else takes it back")
    _demand_standing(line)
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    queue_for_bags(count.place_id)
    moves, bag_moves = _moves(count, line)
    if count.posting is None or not (moves or bag_moves):
        raise AlreadyDone(f"{line.name} changed no stock, so there is nothing to take back")
    posting = post(
        PostingKind.CORRECTION,
        [Movement(m.lot_id, m.to_place_id, m.from_place_id, m.unit_count, units) for m, units in moves],
        bag_movements=[BagMovement(m.bag_id, m.to_place_id, m.from_place_id) for m in bag_moves],
        by=by,
        at=at,
        happened_at=count.posting.happened_at,
        document=reference,
        submission_id=submission_id,
        note=note,
        corrected_moves=[move.id for move, _ in moves],
    )
    demand_bags_for_promises({move.to_place_id for move in bag_moves})
    db.session.add(
        CountTakenBack(
            result_id=line.result.id,
            posting_id=posting.id,
            account_id=by.account_id,
            taken_back_at=at,
            note_id=note.id,
        )
    )
    db.session.flush()
    trail.record(
        act="count.take_back",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=count.place.code,
        line=position,
        thing=line.item.code if line.item else "Go Bags",
    )
    return count


def _demand_standing(line: CountLine) -> None:
    """Refuse a line that agreed, or was taken back before."""
    assert line.result is not None
    if line.result.reason is None:
        raise AlreadyDone(f"{line.name} agreed, so there is nothing to take back")
    taken = select(CountTakenBack.id).where(CountTakenBack.result_id == line.result.id)
    if db.session.scalar(taken) is not None:
        raise AlreadyDone(f"The difference of {line.name} has been taken back already")


def _moves(count: StockCount, line: CountLine) -> tuple[list[tuple[Move, tuple[int, ...]]], list[BagMove]]:
    """Find the moves that a line caused: its item's own, or those of Go Bags with what is in them."""
    if count.posting_id is None:
        return [], []
    moves = bags.moves_of_posting(count.posting_id)
    if line.is_bags:
        moved = list(
            db.session.scalars(select(BagMove).where(BagMove.posting_id == count.posting_id).order_by(BagMove.id))
        )
        inside = set(db.session.scalars(select(Bag.place_id).where(Bag.id.in_([each.bag_id for each in moved]))))
        return [(m, units) for m, units in moves if {m.from_place_id, m.to_place_id} & inside], moved
    lots = set(db.session.scalars(select(Lot.id).where(Lot.item_id == line.item_id)))
    here = count.place_id
    return [(m, units) for m, units in moves if m.lot_id in lots and here in (m.from_place_id, m.to_place_id)], []
