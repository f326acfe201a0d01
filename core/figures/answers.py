"""Answering with a report: the period asked for, and a file that leaves with its entry in the register.

A slice that makes a report calls ``issue`` once for each download, and ``issued`` in a command; it says what sort of
report it is, what it was asked for and how its object is painted. The rest is here: the reference, a signed checkpoint
to rest on, the same bytes for the same figures, the register, the access log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, current_app, has_request_context, request

from core import register
from core.access import Actor
from core.certificates import CannotCertify
from core.dates import local_day, quarter
from core.db import db, now
from core.errors import RuleBroken
from core.figures.storing import digest_of, text_of
from core.figures.tables import Certified, FileKind, Imprint, Reported
from core.periods import Period, newest_ended, period_choices, period_of
from core.trail import checkpoints
from core.trail.queries import Head, head
from core.web import asks_for_head, download

CONTENT_TYPES = {
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


Report = TypeVar("Report", bound=Reported)


def issue(
    report: Report,
    kind: FileKind,
    paint: Callable[[Report, FileKind], bytes],
    *,
    sort: str,
    filters: Sequence[tuple[str, str]],
    by: Actor,
    marking: str = "OFFICIAL",
    **facts: Any,
) -> Response:
    """Answer with a report as a file, registered.

    Args:
        paint: paints the report in one of its forms; what it prints of ``report.checkpoint`` names the entry.
        sort: one word for this kind of report; ``audit.issued`` knows how each sort is made again.
        filters: what it was asked for, as label and words.
        facts: further facts for the access log, such as a total.
    """
    data = issued(report, kind, paint, sort=sort, filters=filters, by=by, marking=marking, **facts)
    return download(data, filename=f"{report.reference}.{kind}", content_type=CONTENT_TYPES[kind])


def issued(
    report: Report,
    kind: FileKind,
    paint: Callable[[Report, FileKind], bytes],
    *,
    sort: str,
    filters: Sequence[tuple[str, str]],
    by: Actor | None,
    marking: str = "OFFICIAL",
    **facts: Any,
) -> bytes:
    """Paint a report as a file that leaves the service, and register it; ``issue`` says what the arguments are.

    Args:
        by: None where a command on the server makes it.
    """
    entry = entry_of(report, sort=sort, filters=filters, marking=marking)
    return leave(report, kind, paint, entry=entry, by=by, **facts)


def entry_of(
    report: Reported, *, sort: str, filters: Sequence[tuple[str, str]], marking: str = "OFFICIAL"
) -> register.Entry:
    """Give what the register keeps of a report; whatever imprint it bears, its entry is the same."""
    frozen = text_of(imprinted(report, None))
    resting = report.checkpoint
    return register.Entry(
        sort, report.reference, report.title, filters, marking,
        resting.sequence, resting.chain_hash, resting.cut_off, frozen, digest_of(frozen),
    )  # fmt: skip


def leave(
    report: Report,
    kind: FileKind,
    paint: Callable[[Report, FileKind], bytes],
    *,
    entry: register.Entry,
    by: Actor | None,
    **facts: Any,
) -> bytes:
    """Paint a report with the imprint of its entry, and register that it leaves."""
    imprint = imprint_for(entry)
    while True:
        data = _signed(report, kind, paint(imprinted(report, imprint), kind))
        if asks_for_head():
            return data
        painted = register.Painted.of(kind, data)
        db.session.rollback()  # a reader of its own would keep the register's short transaction waiting
        other = register.keep(entry, imprint, painted, by=by, at=now(), version=entry.sequence, **facts)
        if other is None:
            return data
        imprint = other


def _signed(report: Reported, kind: FileKind, data: bytes) -> bytes:
    """Give a file as it leaves: the PDF of a certified report with the organisation's signature, where it has one.

    Raises:
        RuleBroken: it is to be signed and cannot be. It never leaves without, for nobody would see that it lacks it.
    """
    if kind is not FileKind.PDF or not isinstance(report, Certified) or not report.certificate_field:
        return data
    try:
        return register.sign_once(data, report.certificate_field, current_app.config, at=now())
    except CannotCertify as problem:
        raise RuleBroken(
            f"The PDF cannot be signed with the organisation’s certificate: {problem}. Nothing has left the service. "
            "Tell whoever runs it; CSV and Excel bear no signature and can be taken"
        ) from problem


def imprint_for(entry: register.Entry) -> Imprint:
    """Give what every form of a report bears: what it bore before, or where it never left, decided now."""
    return register.imprint_of(entry.reference) or _new_imprint(entry.reference, entry.sequence)


def imprinted(report: Report, imprint: Imprint | None) -> Report:
    """Give a report with what the register prints on every form of it, or without."""
    return replace(report, checkpoint=replace(report.checkpoint, imprint=imprint))


def _new_imprint(reference: str, sequence: int) -> Imprint:
    """Decide once what a report bears: where it is verified, and the signed checkpoint that covers it.

    Where the newest checkpoint does not reach the report yet, one is signed for it.
    """
    newest = checkpoints.newest_checkpoint()
    if newest is None or newest.size < sequence:
        checkpoints.checkpoint_now(at=now(), occasion="report.issue")
    return Imprint(reference, verify_address(reference), checkpoints.resting_on(sequence))


def verify_address(reference: str) -> str:
    """Give the address at which anybody can verify a document.

    It is the service's public address where one is set; else the one it was asked by, and where nobody asked, the
    first name it goes by.
    """
    base = current_app.config.get("PUBLIC_ADDRESS")
    if not base and has_request_context():
        base = request.url_root
    if not base:
        base = f"https://{(current_app.config.get('TRUSTED_HOSTS') or ['localhost'])[0]}"
    return f"{base.rstrip('/')}/verify/{reference}"


def send(
    data: bytes,
    kind: FileKind,
    *,
    name: str,
    sort: str,
    title: str,
    filters: Sequence[tuple[str, str]],
    by: Actor,
    marking: str = "OFFICIAL",
    **facts: Any,
) -> Response:
    """Answer with a file that is not painted from a frozen report: its bytes are registered, and cannot be made again.

    Args:
        name: of the file, and of the document in the register.
    """
    log = head()
    painted = register.Painted.of(kind, data)
    entry = register.Entry(
        sort, name, title, filters, marking, log.sequence, log.chain_hash, cut_off_of(log), None, painted.sha256
    )
    imprint = imprint_for(entry)
    db.session.rollback()  # the head was read by this request too: the register waits for no reader
    while not asks_for_head() and (other := register.keep(entry, imprint, painted, by=by, at=now(), **facts)):
        imprint = other
    return download(data, filename=f"{name}.{kind}", content_type=CONTENT_TYPES[kind])
