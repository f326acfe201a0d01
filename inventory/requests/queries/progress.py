"""How far requests have come, added up from promises, dispatches, receipts and settlements."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, func, select

from core.db import db
from inventory.requests.models import DispatchLine, ReceiptLine, RequestLine, RestockRequest, ShortageSettled
from inventory.requests.rules import Course, LineCourse
from inventory.stock.models import Promise

_REQUESTS: BindParameter[Any] = bindparam("request_ids", expanding=True)
_PROMISES = (
    select(Promise)
    .join(RequestLine, RequestLine.id == Promise.request_line_id)
    .where(RequestLine.request_id == bindparam("request_id"))
    .order_by(Promise.id)
    .with_for_update(of=Promise)
    .execution_options(populate_existing=True)
)


def course_of(request: RestockRequest) -> Course:
    """Give a request as the state machine sees it, read afresh."""
    return progress_of([request])[request.id]


def progress_of(requests: Collection[RestockRequest]) -> dict[int, Course]:
    """Give several requests as the state machine sees them, in one statement: request id → course."""
    request_ids = [request.id for request in requests]
    rows = db.session.execute(_progress(), {"request_ids": request_ids})
    lines: dict[int, dict[int, LineCourse]] = {request_id: {} for request_id in request_ids}
    for request_id, position, asked, approved, *counted in rows:
        promised, sent, arrived, short, settled = (int(count) for count in counted)
        lines[request_id][position] = LineCourse(
            asked_count=asked,
            approved_count=approved,
            promised_count=promised,
            sent_count=sent,
            arrived_count=arrived,
            short_count=short,
            settled_count=settled,
        )
    return {request.id: Course(request.state, request.requested_by_id, lines[request.id]) for request in requests}


@cache
def _progress() -> Select[*tuple[Any, ...]]:
    """Select each line of requests with what became of it; built once, as preparing it costs more than running it."""
    moved = _moved().subquery()
    counts = (Promise.unit_count, moved.c.sent, moved.c.arrived, moved.c.short, moved.c.settled)
    return (
        select(
            RequestLine.request_id,
            RequestLine.position,
            RequestLine.asked_count,
            RequestLine.approved_count,
            *(func.coalesce(count, 0) for count in counts),
        )
        .outerjoin(Promise, Promise.request_line_id == RequestLine.id)
        .outerjoin(moved, moved.c.request_line_id == RequestLine.id)
        .where(RequestLine.request_id.in_(_REQUESTS))
        .order_by(RequestLine.position)
    )


def _moved() -> Select[*tuple[Any, ...]]:
    """Select what became of each request line's dispatch lines, added up.

    A dispatch line has one receipt at most, and a receipt one settlement, so the joins repeat no row.
    """
    short = func.coalesce(ReceiptLine.short_count, 0)
    return (
        select(
            DispatchLine.request_line_id,
            func.sum(DispatchLine.unit_count).label("sent"),
            func.sum(func.coalesce(ReceiptLine.received_count, 0)).label("arrived"),
            func.sum(short).label("short"),
            func.sum(case((ShortageSettled.id.is_not(None), short), else_=0)).label("settled"),
        )
        .join(RequestLine, RequestLine.id == DispatchLine.request_line_id)
        .outerjoin(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
        .outerjoin(ShortageSettled, ShortageSettled.receipt_line_id == ReceiptLine.id)
        .where(RequestLine.request_id.in_(_REQUESTS))
        .group_by(DispatchLine.request_line_id)
    )


def promised_by_line(request: RestockRequest) -> dict[int, Promise]:
    """Lock and give what is promised for a request: request line id → promise."""
    rows = db.session.scalars(_PROMISES, {"request_id": request.id})
    return {promise.request_line_id: promise for promise in rows}
