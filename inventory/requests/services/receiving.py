"""Counting a dispatch in, line by line.

What did not arrive stays *in transit* until somebody says how it ended: nothing disappears by being miscounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import RuleBroken, StaleEdit
from inventory.phones.models import SerialUnit, UnitMove, UnitPosition
from inventory.requests import queries
from inventory.requests.models import (
    Dispatch,
    DispatchLine,
    ReceiptLine,
    RestockRequest,
)
from inventory.requests.rules import RequestAct, ShortReason, course
from inventory.requests.services.picking import units_at
from inventory.requests.services.recording import counted_things, lock, tell
from inventory.stock.models import Move, Posting
from inventory.stock.queries import transit_to
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post


@dataclass(frozen=True)
class Counted:
    """What the place counted of one dispatch line.

    Attributes:
        number: which line of the dispatch, from 1.
        serial_numbers: the very units that arrived, for things that carry numbers.
        short_reason: why less arrived than was sent; only then.
    """

    number: int
    received_count: int
    serial_numbers: tuple[str, ...] = ()
    short_reason: ShortReason | None = None
    note: str | None = None


def receive(
    reference: str,
    counted: Sequence[Counted],
    *,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Dispatch:
    """Count a dispatch in at the place it was sent to.

    Args:
        reference: of the dispatch.
        counted: every line of it, once.

    Raises:
        NotFound: there is no such dispatch to a place in scope.
        StaleEdit: it has been counted already, or the request changed since the form was opened.
        RuleBroken: a line is not counted, more is counted than was sent, or a shortage has no reason, or one that
            is none of the known ones and not said.
    """
    body = [reference, [str(each) for each in counted]]
    if done := trail.earlier(submission_id, by=by, act="request.receive", body=body):
        return queries.dispatch_by_reference(done, scope=scope)
    sending = queries.dispatch_by_reference(reference, scope=scope)
    request = sending.request
    scope.demand(request.place_id)
    lock(request, version)
    _demand_uncounted(sending)
    lines = _matched(sending, counted, request)
    after = course.receive(queries.course_of(request), _by_position(lines))
    movements, bag_movements = _arrivals(request, lines)
    posting = (
        post(
            PostingKind.RECEIPT,
            movements,
            bag_movements=bag_movements,
            by=by,
            at=at,
            happened_at=at,
            document=reference,
            submission_id=submission_id,
        )
        if movements or bag_movements
        else None
    )
    _record_lines(lines, posting, by=by, at=at)
    tell(request, after, RequestAct.RECEIVED, _counted_in(sending, lines), by=by, at=at, note=None)
    trail.record(
        act="request.receive",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        request=request.reference,
        counted=[[each.number, each.received_count, each.short_reason] for _, each in lines],
    )
    return sending


def _demand_uncounted(sending: Dispatch) -> None:
    """Refuse to count a dispatch twice."""
    counted = select(ReceiptLine.id).join(DispatchLine, DispatchLine.id == ReceiptLine.dispatch_line_id)
    if db.session.scalar(counted.where(DispatchLine.dispatch_id == sending.id).limit(1)) is not None:
        raise StaleEdit(f"Dispatch {sending.reference} has been counted already")


Line = tuple[DispatchLine, Counted]


def _matched(sending: Dispatch, counted: Sequence[Counted], request: RestockRequest) -> list[Line]:
    """Put each count beside its dispatch line.

    Raises:
        RuleBroken: a line is missing, counted twice, over what was sent, or short without a reason.
    """
    lines = dict(enumerate(sending.lines, 1))
    if sorted(each.number for each in counted) != sorted(lines):
        raise RuleBroken("Count every line of the dispatch, 0 if none of it arrived")
    matched = [(lines[each.number], each) for each in counted]
    for line, each in matched:
        _check_count(line, each, request)
    return matched


def _check_count(line: DispatchLine, each: Counted, request: RestockRequest) -> None:
    field, name, short = f"received-{each.number}", line.request_line.name, line.unit_count - each.received_count
    if line.bag is not None and (short == 1) != (each.short_reason is not None):
        raise RuleBroken(
            f"Say what is wrong with Go Bag {line.bag.tag}: it is missing, damaged or another one came"
            if short
            else f"You say that Go Bag {line.bag.tag} arrived and what is wrong with it. Choose one of the two",
            f"reason-{each.number}",
        )
    if each.received_count < 0:
        raise RuleBroken("Quantity must be 0 or more", field)
    if short < 0:
        raise RuleBroken(
            f"You counted {each.received_count:,} of {name} and {line.unit_count:,} were sent. Enter "
            f"{line.unit_count:,}, keep the other {-short:,} apart and tell {request.supplied_by.name}, who can "
            "send them as a dispatch of their own",
            field,
        )
    if short and each.short_reason is None:
        raise RuleBroken(
            f"{name}: {short:,} of the {line.unit_count:,} sent did not arrive. Say why", f"reason-{each.number}"
        )
    if each.short_reason is ShortReason.OTHER and not (each.note or "").strip():
        raise RuleBroken(
            f"{name}: you chose that something else is wrong. Say what, for the store and the approver to know",
            f"note-{each.number}",
        )
    if not short and each.short_reason is not None:
        raise RuleBroken(
            f"All {line.unit_count:,} of {name} arrived, so there is no shortage to explain. "
            "Check the count or clear the reason",
            f"reason-{each.number}",
        )
    serial = line.lot is not None and line.lot.item.serial
    if serial and len(set(each.serial_numbers)) != each.received_count:
        raise RuleBroken(f"Tick the number of each {name} that arrived", field)


def _by_position(lines: Sequence[Line]) -> dict[int, tuple[int, int]]:
    """Add counts up by request line: position → (arrived, short)."""
    sums: dict[int, tuple[int, int]] = {}
    for line, each in lines:
        arrived, short = sums.get(line.request_line.position, (0, 0))
        sums[line.request_line.position] = (
            arrived + each.received_count,
            short + line.unit_count - each.received_count,
        )
    return sums


def _arrivals(request: RestockRequest, lines: Sequence[Line]) -> tuple[list[Movement], list[BagMovement]]:
    """Turn counts into moves from *in transit* to the place."""
    transit, place = transit_to(request.place_id), request.place_id
    movements, bag_movements = [], []
    for line, each in lines:
        if each.received_count and line.lot is not None:
            units: tuple[int, ...] = ()
            if line.lot.item.serial:
                sent = {number for number, _ in units_sent(line)}
                if not set(each.serial_numbers) <= sent:
                    raise RuleBroken("Tick only numbers that were sent in this dispatch", f"received-{each.number}")
                units = tuple(units_at(transit, line.lot, each.serial_numbers))
            movements.append(Movement(line.lot.id, transit, place, each.received_count, units))
        elif each.received_count and line.bag_id is not None:
            bag_movements.append(BagMovement(line.bag_id, transit, place))
    return movements, bag_movements


def _record_lines(lines: Sequence[Line], posting: Posting | None, *, by: Actor, at: datetime) -> None:
    counted: list[dict[str, Any]] = []
    for line, each in lines:
        words = trail.note(each.note, field=f"note-{each.number}")
        counted.append(
            {
                "dispatch_line_id": line.id,
                "received_count": each.received_count,
                "short_count": line.unit_count - each.received_count,
                "short_reason": each.short_reason,
                "note_id": words.id if words else None,
                "posting_id": posting.id if posting and each.received_count else None,
                "account_id": by.account_id,
                "received_at": at,
            }
        )
    db.session.execute(insert(ReceiptLine), counted)
    for line, _ in lines:
        db.session.expire(line, ["receipt"])


def _counted_in(sending: Dispatch, lines: Sequence[Line]) -> str:
    """Write what arrived, and each shortage with its reason."""
    arrived = counted_things((each.received_count, line.request_line.name) for line, each in lines)
    short = [
        f"{line.unit_count - each.received_count:,} of {line.request_line.name} short ({each.short_reason.value})"
        for line, each in lines
        if each.short_reason is not None
    ]
    said = f"counted {arrived} in from {sending.reference}"
    return f"{said}; {', '.join(short)}" if short else f"{said}: nothing short"


def units_sent(line: DispatchLine, *, still_at: int | None = None) -> list[tuple[str, int]]:
    """List the numbered units a dispatch line carries: (number, unit id); those still at a place, if named."""
    asked = (
        select(SerialUnit.number, SerialUnit.id)
        .join(UnitMove, UnitMove.unit_id == SerialUnit.id)
        .join(Move, Move.id == UnitMove.move_id)
        .where(Move.posting_id == line.dispatch.posting_id, Move.lot_id == line.lot_id)
        .order_by(SerialUnit.id)
    )
    if still_at is not None:
        asked = asked.join(UnitPosition, UnitPosition.unit_id == SerialUnit.id).where(UnitPosition.place_id == still_at)
    return [(number, unit_id) for number, unit_id in db.session.execute(asked)]
