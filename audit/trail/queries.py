"""Reading the trail: the newest first, of one record, and every entry from the first for the check.

The auditor reads everything, so no scope belongs here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, union_all

from audit.trail.rules import ChainCheck, Sealed, fact_rows, said
from core.dates import day_bounds
from core.db import db
from core.trail import AuditLeaf, Log, LogEntry, Note
from inventory.requests.models import Dispatch, RestockRequest
from organisation.accounts.models import Account
from organisation.places.models import Body, Place
from organisation.places.rules import REAL_KINDS, BodyKind

A_PAGE = 50
_CHUNK = 1_000

NOBODY = "The service itself"
"""Who acted where no account did."""

_Leaves = Select[Log, datetime, str, str, str, int | None, int, bytes, bytes, str]
"""Leaves with their place in the log and who acted."""

Counting = Sequence[Row[int, datetime, str, str, int | None, str]]
"""Entries as they are counted: sequence, recorded_at, act, subject, account_id, text."""


@dataclass(frozen=True)
class Sentence:
    """A leaf as a person reads it.

    Attributes:
        sequence: its place in the log, or None while it is not sealed.
        reason: the person's own words, "(erased)" when they were, or nothing.
    """

    log: Log
    sequence: int | None
    at: datetime
    account_id: int | None
    who: str
    role: str | None
    said: str
    act: str
    subject: str
    reason: str
    text: str
    leaf_hash: str
    chain_hash: str

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the leaf has beside them: label and value."""
        return tuple(fact_rows(json.loads(self.text)["facts"]))


@dataclass(frozen=True)
class Asked:
    """What part of the trail somebody wants to see; empty means everything."""

    log: Log = Log.CHANGES
    account_id: int | None = None
    act: str = ""
    subject: str = ""
    place_code: str = ""
    first: date | None = None
    last: date | None = None


def sentences(asked: Asked, *, page: int) -> tuple[list[Sentence], bool]:
    """Give a page of the trail, newest first, and whether there is another."""
    wanted = _filtered(asked).order_by(AuditLeaf.id.desc()).limit(A_PAGE + 1).offset((page - 1) * A_PAGE)
    found = _sentences(wanted)
    return found[:A_PAGE], len(found) > A_PAGE


def _filtered(asked: Asked) -> _Leaves:
    """Select the leaves that were asked for."""
    leaves = _leaves().where(AuditLeaf.log == asked.log)
    if asked.account_id is not None:
        leaves = leaves.where(AuditLeaf.account_id == asked.account_id)
    if asked.act:
        leaves = leaves.where(AuditLeaf.act == asked.act)
    if asked.subject:
        leaves = leaves.where(AuditLeaf.subject.startswith(asked.subject, autoescape=True))
    if asked.place_code:
        leaves = leaves.where(_at_place(asked.place_code))
    if asked.first is not None:
        leaves = leaves.where(AuditLeaf.recorded_at >= day_bounds(asked.first, asked.first)[0])
    if asked.last is not None:
        leaves = leaves.where(AuditLeaf.recorded_at < day_bounds(asked.last, asked.last)[1])
    return leaves


def _at_place(code: str) -> ColumnElement[bool]:
    """Say which leaves are of a place: those that name it, and those of its requests and what was sent for them."""
    requests = (
        select(RestockRequest.id, RestockRequest.reference)
        .join(Place, Place.id == RestockRequest.place_id)
        .where(Place.code == code)
        .subquery()
    )
    sent = select(Dispatch.reference).where(Dispatch.request_id.in_(select(requests.c.id)))
    return or_(
        AuditLeaf.subject == code,
        AuditLeaf.text.contains(json.dumps(code, ensure_ascii=False), autoescape=True),
        AuditLeaf.subject.in_(select(requests.c.reference)),
        AuditLeaf.subject.in_(sent),
    )


def places() -> list[tuple[str, str]]:
    """List the places where people work, those that closed too: code and name, by name."""
    asked = select(Place.code, Place.name).where(Place.kind.in_(REAL_KINDS)).order_by(Place.name)
    return [(row[0], row[1]) for row in db.session.execute(asked)]


def history(reference: str, *, most: int = 500) -> list[Sentence]:
    """List what was done to a record, or named it, oldest first."""
    named = AuditLeaf.text.contains(json.dumps(reference, ensure_ascii=False), autoescape=True)
    wanted = _leaves().where(AuditLeaf.log == Log.CHANGES, (AuditLeaf.subject == reference) | named)
    return _sentences(wanted.order_by(AuditLeaf.id).limit(most))


def entry(log: Log, sequence: int) -> Sentence | None:
    """Give one entry of a log."""
    found = _sentences(_leaves().where(LogEntry.log == log, LogEntry.sequence == sequence))
    return found[0] if found else None


def extracted(asked: Asked, *, upto: int) -> Iterator[list[Sentence]]:
    """Give the entries asked for, oldest first, up to one of their log: a chunk at a time, each a read of its own.

    Memory does not grow with the log, and no read keeps a writer waiting for longer than a chunk.
    """
    last = 0
    while found := _sentences(_after(_filtered(asked), last, asked.log, upto)):
        db.session.rollback()
        yield found
        last = found[-1].sequence or upto
    db.session.rollback()


def _after(wanted: Any, last: int, log: Log, upto: int) -> Any:
    """Narrow entries to the next chunk after one of their log."""
    within = (LogEntry.log == log, LogEntry.sequence > last, LogEntry.sequence <= upto)
    return wanted.where(*within).order_by(LogEntry.sequence).limit(_CHUNK)


def counting(asked: Asked, *, upto: int) -> Iterator[Counting]:
    """Give the same entries as ``extracted``, with no more of each than it is counted by."""
    counted_by = (
        LogEntry.sequence, AuditLeaf.recorded_at, AuditLeaf.act, AuditLeaf.subject, AuditLeaf.account_id,
        AuditLeaf.text,
    )  # fmt: skip
    wanted, last = _filtered(asked).with_only_columns(*counted_by, maintain_column_froms=True), 0
    while found := db.session.execute(_after(wanted, last, asked.log, upto)).all():
        db.session.rollback()
        yield found
        last = found[-1][0]
    db.session.rollback()


def places_of_subjects(references: Collection[str]) -> dict[str, str]:
    """Find the places that requests, and what was sent for them, are of: reference → code of the place."""
    requests = select(RestockRequest.reference, Place.code).join(Place, Place.id == RestockRequest.place_id)
    sent = (
        select(Dispatch.reference, Place.code)
        .join(RestockRequest, RestockRequest.id == Dispatch.request_id)
        .join(Place, Place.id == RestockRequest.place_id)
    )
    of_requests = requests.where(RestockRequest.reference.in_(references))
    both = union_all(of_requests, sent.where(Dispatch.reference.in_(references)))
    return {row[0]: row[1] for row in db.session.execute(both)}


def force_name() -> str:
    """Give the name of the force, whose log it is."""
    asked = select(Body.name).where(Body.kind == BodyKind.FORCE).order_by(Body.id).limit(1)
    return db.session.scalar(asked) or ""


def _leaves() -> _Leaves:
    # Columns, not records: an extract reads hundreds of thousands.
    return (
        select(
            AuditLeaf.log, AuditLeaf.recorded_at, AuditLeaf.act, AuditLeaf.subject, AuditLeaf.text,
            AuditLeaf.account_id, LogEntry.sequence, LogEntry.leaf_hash, LogEntry.chain_hash, Account.name,
        )
        .select_from(AuditLeaf)
        .outerjoin(LogEntry, LogEntry.leaf_id == AuditLeaf.id)
        .outerjoin(Account, Account.id == AuditLeaf.account_id)
    )  # fmt: skip


def _sentences(wanted: _Leaves) -> list[Sentence]:
    rows = db.session.execute(wanted).all()
    leaves = [json.loads(row.text) for row in rows]
    reasons = _reasons([leaf["reason"] for leaf in leaves if leaf.get("reason")])
    return [
        Sentence(
            log,
            sequence,
            at,
            account_id,
            name or NOBODY,
            leaf.get("role"),
            said(act, subject, leaf["facts"]),
            act,
            subject,
            reasons.get(leaf.get("reason"), ""),
            text,
            hashed.hex() if hashed else "",
            chain.hex() if chain else "",
        )
        for (log, at, act, subject, text, account_id, sequence, hashed, chain, name), leaf in zip(
            rows, leaves, strict=True
        )
    ]


def _reasons(commitments: Sequence[str]) -> dict[str | None, str]:
    """Find the words that leaves are committed to: commitment → words."""
    if not commitments:
        return {}
    return {
        note.commitment: str(note) for note in db.session.scalars(select(Note).where(Note.commitment.in_(commitments)))
    }


def people() -> list[tuple[int, str]]:
    """List everybody who could have done something, by name."""
    return [(row[0], row[1]) for row in db.session.execute(select(Account.id, Account.name).order_by(Account.name))]


def visits(account_id: int, *, act: str, before: datetime) -> datetime | None:
    """Tell when somebody last did an act of the access log before a moment."""
    return db.session.scalar(
        select(func.max(AuditLeaf.recorded_at)).where(
            AuditLeaf.log == Log.ACCESS,
            AuditLeaf.account_id == account_id,
            AuditLeaf.act == act,
            AuditLeaf.recorded_at < before,
        )
    )


def changes_since(moment: datetime) -> int:
    """Count the changes recorded since a moment."""
    asked = select(func.count()).where(AuditLeaf.log == Log.CHANGES, AuditLeaf.recorded_at > moment)
    return db.session.scalar(asked) or 0


def newest(act: str) -> tuple[datetime, str, dict[str, Any]] | None:
    """Give the newest leaf of the access log of an act: when, who, and its facts."""
    row = db.session.execute(
        select(AuditLeaf.recorded_at, Account.name, AuditLeaf.text)
        .outerjoin(Account, Account.id == AuditLeaf.account_id)
        .where(AuditLeaf.log == Log.ACCESS, AuditLeaf.act == act)
        .order_by(AuditLeaf.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1] or NOBODY, json.loads(row[2])["facts"]) if row else None


def check_log(log: Log) -> ChainCheck:
    """Repeat the sealing of a log from its first entry to its last, a chunk at a time."""
    check = ChainCheck()
    for sealed in _sealed(log):
        check.take(sealed)
    return check


def _sealed(log: Log) -> Iterator[Sealed]:
    """Read the entries of a log in order."""
    last = 0
    while True:
        rows = db.session.execute(
            select(
                LogEntry.sequence,
                LogEntry.leaf_hash,
                LogEntry.chain_hash,
                AuditLeaf.text,
                AuditLeaf.act,
                AuditLeaf.subject,
                AuditLeaf.account_id,
                AuditLeaf.recorded_at,
            )
            .join(AuditLeaf, AuditLeaf.id == LogEntry.leaf_id)
            .where(LogEntry.log == log, LogEntry.sequence > last)
            .order_by(LogEntry.sequence)
            .limit(_CHUNK)
        ).all()
        for row in rows:
            yield Sealed(*row)
        if len(rows) < _CHUNK:
            return
        last = rows[-1][0]


def chain_hash_at(log: Log, sequence: int) -> bytes | None:
    """Give the chain hash of an entry, or None when the log does not reach so far."""
    return db.session.scalar(select(LogEntry.chain_hash).where(LogEntry.log == log, LogEntry.sequence == sequence))


def unsealed() -> dict[Log, int]:
    """Count the leaves that are committed and not yet in the order of their log: log → leaves."""
    sealed = select(LogEntry.leaf_id).where(LogEntry.leaf_id == AuditLeaf.id).exists()
    rows = db.session.execute(select(AuditLeaf.log, func.count()).where(~sealed).group_by(AuditLeaf.log))
    counted = {log: int(count) for log, count in rows}
    return {log: counted.get(log, 0) for log in Log}
