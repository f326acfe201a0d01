"""How far requests have come, added up from promises, dispatches, receipts and settlements."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import case, func, select

from core.db import db
from inventory.requests.models import DispatchLine, ReceiptLine, RequestLine, RestockRequest, ShortageSettled
from inventory.requests.rules import Course, LineCourse
from inventory.stock.models import Promise


def course_of(request: RestockRequest) -> Course:
    """Give a request as the state machine sees it, read afresh."""
    return progress_of([request])[request.id]


def progress_of(requests: Collection[RestockRequest]) -> dict[int, Course]:
    """Give several requests as the state machine sees them: request id → course. Two statements in all."""
    request_ids = [request.id for request in requests]
    rows = db.session.execute(
        select(
            RequestLine.id,
            RequestLine.request_id,
            RequestLine.position,
            RequestLine.asked_count,
            RequestLine.approved_count,
            Promise.unit_count,
        )
        .outerjoin(Promise, Promise.request_line_id == RequestLine.id)
        .where(RequestLine.request_id.in_(request_ids))
        .order_by(RequestLine.position)
    ).all()
    moved = _moved(request_ids)
    lines: dict[int, dict[int, LineCourse]] = {request_id: {} for request_id in request_ids}
    for line_id, request_id, position, asked, approved, promised in rows:
        sent, arrived, short, settled = moved.get(line_id, (0, 0, 0, 0))
        lines[request_id][position] = LineCourse(
            asked_count=asked,
            approved_count=approved,
            promised_count=promised or 0,
            sent_count=sent,
            arrived_count=arrived,
            short_count=short,
            settled_count=settled,
        )
    return {request.id: Course(request.state, request.requested_by_id, lines[request.id]) for request in requests}


def _moved(request_ids: Collection[int]) -> dict[int, tuple[int, int, int, int]]:
    """Add up dispatch lines: request line id → (sent, arrived, short, settled).

    A dispatch line has one receipt at most, and a receipt one settlement, so the joins repeat no row.
    """
    short = func.coalesce(ReceiptLine.short_count, 0)
    rows = db.session.execute(
        select(
            DispatchLine.request_line_id,
            func.sum(DispatchLine.unit_count),
            func.sum(func.coalesce(ReceiptLine.received_count, 0)),
            func.sum(short),
            func.sum(case((ShortageSettled.id.is_not(None), short), else_=0)),
        )
        .join(RequestLine, RequestLine.id == DispatchLine.request_line_id)
        .outerjoin(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
        .outerjoin(ShortageSettled, ShortageSettled.receipt_line_id == ReceiptLine.id)
        .where(RequestLine.request_id.in_(request_ids))
        .group_by(DispatchLine.request_line_id)
    )
    return {line: (int(sent), int(came), int(lacks), int(done)) for line, sent, came, lacks, done in rows}


def promised_by_line(request: RestockRequest) -> dict[int, Promise]:
    """Lock and give what is promised for a request: request line id → promise."""
    rows = db.session.scalars(
        select(Promise)
        .join(RequestLine, RequestLine.id == Promise.request_line_id)
        .where(RequestLine.request_id == request.id)
        .order_by(Promise.id)
        .with_for_update(of=Promise)
        .execution_options(populate_existing=True)
    )
    return {promise.request_line_id: promise for promise in rows}
