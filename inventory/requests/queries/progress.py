"""How far requests have come, added up from promises, dispatches, receipts and settlements."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select

from core.db import db
from inventory.requests.models import DispatchLine, ReceiptLine, RequestLine, RestockRequest, ShortageSettled
from inventory.requests.rules import Course, LineCourse
from inventory.stock.models import Promise


def course_of(request: RestockRequest) -> Course:
    """Give a request as the state machine sees it, read afresh."""
    return progress_of([request])[request.id]


def progress_of(requests: Collection[RestockRequest]) -> dict[int, Course]:
    """Give several requests as the state machine sees them: request id → course. Four statements in all."""
    request_ids = [request.id for request in requests]
    rows = db.session.execute(
        select(RequestLine, Promise.unit_count)
        .outerjoin(Promise, Promise.request_line_id == RequestLine.id)
        .where(RequestLine.request_id.in_(request_ids))
        .order_by(RequestLine.position)
        .execution_options(populate_existing=True)
    ).all()
    sent, counted, settled = _sent(request_ids), _counted(request_ids), _settled(request_ids)
    lines: dict[int, dict[int, LineCourse]] = {request_id: {} for request_id in request_ids}
    for line, promised in rows:
        arrived, short = counted.get(line.id, (0, 0))
        lines[line.request_id][line.position] = LineCourse(
            asked_count=line.asked_count,
            approved_count=line.approved_count,
            promised_count=promised or 0,
            sent_count=sent.get(line.id, 0),
            arrived_count=arrived,
            short_count=short,
            settled_count=settled.get(line.id, 0),
        )
    return {request.id: Course(request.state, request.requested_by_id, lines[request.id]) for request in requests}


def _of_requests(asked: Select[Any], request_ids: Collection[int]) -> Select[Any]:
    """Keep the dispatch lines of some requests, by request line."""
    return (
        asked.join(RequestLine, RequestLine.id == DispatchLine.request_line_id)
        .where(RequestLine.request_id.in_(request_ids))
        .group_by(DispatchLine.request_line_id)
    )


def _sent(request_ids: Collection[int]) -> dict[int, int]:
    asked = select(DispatchLine.request_line_id, func.sum(DispatchLine.unit_count))
    return {line: int(count) for line, count in db.session.execute(_of_requests(asked, request_ids))}


def _counted(request_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    asked = select(
        DispatchLine.request_line_id, func.sum(ReceiptLine.received_count), func.sum(ReceiptLine.short_count)
    ).join(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
    rows = db.session.execute(_of_requests(asked, request_ids))
    return {line: (int(arrived), int(short)) for line, arrived, short in rows}


def _settled(request_ids: Collection[int]) -> dict[int, int]:
    asked = (
        select(DispatchLine.request_line_id, func.sum(ReceiptLine.short_count))
        .join(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
        .join(ShortageSettled, ShortageSettled.receipt_line_id == ReceiptLine.id)
    )
    return {line: int(count) for line, count in db.session.execute(_of_requests(asked, request_ids))}


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
