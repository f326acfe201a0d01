"""Answering with a report: the period asked for, and a file whose leaving is logged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from flask import Response, request

from core import trail
from core.access import Actor
from core.dates import local_day, quarter
from core.db import db, now
from core.figures.tables import FileKind
from core.periods import Period, newest_ended, period_choices, period_of
from core.trail.queries import Head, head
from core.web import download

_CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def data_cut_off() -> datetime:
    """Give the moment a report made now is as known at: when the newest change in the log was recorded.

    It comes from the data and not from the clock, so that the same data gives the same bytes.
    """
    return cut_off_of(head())


def cut_off_of(log: Head) -> datetime:
    """Give the data cut-off when the log has been read already."""
    return log.newest_at or now()


def asked_period(*, at: datetime) -> Period:
    """Read the period from the address: ``?from=2022-07-01&to=2022-09-30``; the newest quarter that is over without.

    Args:
        at: the moment the report is as known at.

    Raises:
        RuleBroken: there is no such period.
    """
    first, last = request.args.get("from"), request.args.get("to")
    if first is None and last is None:
        day = local_day(at)
        return newest_ended(period_choices(quarter(day).previous.first, day), day).period
    return period_of(first, last)


def send(data: bytes, kind: FileKind, *, name: str, by: Actor, facts: Mapping[str, str | int]) -> Response:
    """Answer with a file, and write to the access log that it left, with its digest."""
    db.session.rollback()  # a reader of its own would keep the log's short transaction waiting
    trail.record_access(
        act="report.download",
        subject=name,
        by=by,
        at=now(),
        kind=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        **facts,
    )
    return download(data, filename=f"{name}.{kind}", content_type=_CONTENT_TYPES[kind])
