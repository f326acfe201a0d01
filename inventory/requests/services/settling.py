"""Settling what was short: until somebody says how it ended, it is still *in transit*."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import NotFound, StaleEdit
from core.trail import Note
from inventory.bags import queries as bags
from inventory.bags.models import Bag
from inventory.phones import queries as phones
from inventory.requests import queries
from inventory.requests.models import Dispatch, DispatchLine, ReceiptLine, RestockRequest, ShortageSettled
from inventory.requests.rules import RequestAct, ShortageOutcome, course
from inventory.requests.services.receiving import units_sent
from inventory.requests.services.recording import demanded_note, lock, tell
from inventory.stock.models import Posting
from inventory.stock.queries import outside, transit_to
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind


def settle_shortage(
    reference: str,
    number: int,
    *,
    outcome: ShortageOutcome,
    note: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Dispatch:
    """Say how the short units of a dispatch line ended, and move them there.

    Args:
        reference: of the dispatch.
        number: which line of it, from 1.
        note: why; needed to write stock off.

    Raises:
        NotFound: the dispatch is not from a store in scope, or has no such line.
        StaleEdit: nothing is short there, it has been settled, or the request changed since.
        RuleBroken: written off without a reason.
    """
    body = [reference, number, outcome, note]
    if done := trail.earlier(submission_id, by=by, act="request.settle", body=body):
        return queries.dispatch_by_reference(done, scope=scope)
    sending = queries.dispatch_by_reference(reference, scope=scope)
    request = sending.request
    scope.demand(request.supplied_by_id)
    lock(request, version)
    line, receipt = _short_line(sending, number)
    after = course.settle(queries.course_of(request), line.request_line.position, receipt.short_count)
    words = (
        demanded_note(note, field="note") if outcome is ShortageOutcome.WRITTEN_OFF else trail.note(note, field="note")
    )
    posting = _post_settlement(
        request, line, receipt, outcome, words, by=by, at=at, document=reference, submission_id=submission_id
    )
    db.session.add(
        ShortageSettled(
            receipt_line_id=receipt.id,
            outcome=outcome,
            posting_id=posting.id,
            account_id=by.account_id,
            settled_at=at,
            note_id=words.id if words else None,
        )
    )
    db.session.flush()
    db.session.expire(receipt, ["settlement"])
    summary = f"settled a shortage: {receipt.short_count:,} of {line.request_line.name} {outcome.value}"
    tell(request, after, RequestAct.SHORTAGE_SETTLED, summary, by=by, at=at, note=words)
    trail.record(
        act="request.settle",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        request=request.reference,
        line=number,
        outcome=outcome,
        units=receipt.short_count,
    )
    return sending


def _short_line(sending: Dispatch, number: int) -> tuple[DispatchLine, ReceiptLine]:
    """Find a dispatch line with an open shortage.

    Raises:
        NotFound: the dispatch has no such line.
        StaleEdit: it has not been counted, was not short, or has been settled.
    """
    line = dict(enumerate(sending.lines, 1)).get(number)
    if line is None:
        raise NotFound
    receipt = db.session.scalar(select(ReceiptLine).where(ReceiptLine.dispatch_line_id == line.id))
    if receipt is None:
        raise StaleEdit("This dispatch has not been counted yet, so nothing of it is short")
    if receipt.short_count == 0:
        raise StaleEdit("Nothing was short on this line")
    settled = select(ShortageSettled.id).where(ShortageSettled.receipt_line_id == receipt.id)
    if db.session.scalar(settled) is not None:
        raise StaleEdit("This shortage has been settled already")
    return line, receipt


def _post_settlement(
    request: RestockRequest,
    line: DispatchLine,
    receipt: ReceiptLine,
    outcome: ShortageOutcome,
    note: Note | None,
    *,
    by: Actor,
    at: datetime,
    document: str,
    submission_id: str,
) -> Posting:
    """Move the short units from *in transit* to where they ended."""
    transit, goal = transit_to(request.place_id), _goal(request, outcome)
    movements, bag_movements = [], []
    if line.lot is not None:
        units: tuple[int, ...] = ()
        if line.lot.item.serial:
            units = tuple(unit_id for _, unit_id in units_sent(line, still_at=transit))
        movements.append(Movement(line.lot.id, transit, goal, receipt.short_count, units))
    elif line.bag is not None:
        bag_movements.append(BagMovement(line.bag.id, transit, goal))
        if outcome is ShortageOutcome.WRITTEN_OFF:
            movements += _everything_out(line.bag, goal, at=at)
    return post(
        PostingKind.SHORTAGE,
        movements,
        bag_movements=bag_movements,
        by=by,
        at=at,
        happened_at=at,
        document=document,
        submission_id=submission_id,
        note=note,
    )


def _everything_out(bag: Bag, goal: int, *, at: datetime) -> list[Movement]:
    """Move all that is in a lost Go Bag to where it ended: nothing may stay on hand in a bag that is gone."""
    contents = bags.contents_of([bag.id], on=local_day(at)).get(bag.id, [])
    units = phones.units_standing(bag.place_id, [content.lot_id for content in contents])
    return [
        Movement(
            content.lot_id,
            bag.place_id,
            goal,
            content.unit_count,
            tuple(unit.id for unit in units.get(content.lot_id, [])),
        )
        for content in contents
    ]


def _goal(request: RestockRequest, outcome: ShortageOutcome) -> int:
    """Give the place where short units ended."""
    if outcome is ShortageOutcome.ARRIVED_LATER:
        return request.place_id
    if outcome is ShortageOutcome.BACK_AT_STORE:
        return request.supplied_by_id
    return outside(PlaceKind.WRITTEN_OFF)
