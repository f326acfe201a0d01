"""Keeping an uploaded file until its owner has checked its columns and confirmed it.

Nothing of it enters a ledger here. It is kept in the database and not with the session, so that no cookie grows
with it and any process can answer next; compressed, for its owner alone, for a day, and a few at a time.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import NotFound, RuleBroken
from core.references import opaque_reference
from grants.ledgers import queries
from grants.ledgers.models import WaitingExtract
from grants.ledgers.rules import Layout
from grants.ledgers.rules.extracts import file_hash_of, open_table

KEPT = timedelta(days=1)
MOST_WAITING = 5
"""Files a person may have waiting; an older one makes room."""


def keep_waiting(
    ledger_code: str, data: bytes, filename: str, *, by: Actor, at: datetime, submission_id: str
) -> WaitingExtract:
    """Keep an uploaded file with the layout remembered for its columns, or else guessed.

    Raises:
        NotFound: there is no such ledger.
        RuleBroken: the file cannot be read as a table.
    """
    table = open_table(data, filename)
    file_hash = file_hash_of(data)
    body = {"ledger": ledger_code, "file": file_hash, "name": table.filename}
    made = trail.earlier(submission_id, by=by, act="extract.upload", body=body)
    if made is not None:
        return queries.waiting_by_slip(made, account_id=by.account_id, at=at)
    ledger, layout = queries.ledger_by_code(ledger_code), queries.layout_for(ledger_code, table)
    _make_room(by, at)
    waiting = WaitingExtract(
        slip=opaque_reference(), ledger_id=ledger.id, account_id=by.account_id, filename=table.filename,
        file_hash=file_hash, byte_count=len(data), packed=zlib.compress(data, 3), layout_json=written(layout),
        uploaded_at=at, expires_at=at + KEPT,
    )  # fmt: skip
    db.session.add(waiting)
    db.session.flush()
    trail.record(
        act="extract.upload", subject=waiting.slip, by=by, at=at, submission_id=submission_id,
        ledger=ledger_code, file=file_hash, bytes=len(data),
    )  # fmt: skip
    return waiting


def _make_room(by: Actor, at: datetime) -> None:
    """Drop files whose day is over, whoever's, and a person's oldest when there are too many."""
    db.session.execute(delete(WaitingExtract).where(WaitingExtract.expires_at <= at))
    mine = (
        select(WaitingExtract.id).where(WaitingExtract.account_id == by.account_id).order_by(WaitingExtract.id.desc())
    )
    too_many = db.session.scalars(mine.offset(MOST_WAITING - 1)).all()
    db.session.execute(delete(WaitingExtract).where(WaitingExtract.id.in_(too_many)))


def map_columns(slip: str, layout: Layout, *, by: Actor, at: datetime, submission_id: str) -> WaitingExtract:
    """Say what the columns of a waiting file mean.

    Raises:
        NotFound: there is no such file of this person.
        RuleBroken: a column that every line needs is not pointed at.
    """
    body = {"slip": slip, "layout": layout.to_plain()}
    made = trail.earlier(submission_id, by=by, act="extract.map", body=body)
    waiting = queries.waiting_by_slip(slip, account_id=by.account_id, at=at)
    if made is not None:
        return waiting
    if layout.missing:
        raise RuleBroken(f"Say which column holds {' and '.join(layout.missing)}")
    waiting.layout_json = written(layout)
    trail.record(act="extract.map", subject=slip, by=by, at=at, submission_id=submission_id, signature=layout.signature)
    return waiting


def discard_waiting(slip: str, *, by: Actor, at: datetime, submission_id: str) -> None:
    """Throw a waiting file away.

    Raises:
        NotFound: there is no such file of this person.
    """
    made = trail.earlier(submission_id, by=by, act="extract.discard", body={"slip": slip})
    if made is not None:
        return
    drop_waiting(slip, by=by, at=at)
    trail.record(act="extract.discard", subject=slip, by=by, at=at, submission_id=submission_id)


def drop_waiting(slip: str, *, by: Actor, at: datetime) -> None:
    """Remove a waiting file, as part of what is done with it.

    Raises:
        NotFound: there is no such file of this person.
    """
    gone = db.session.execute(
        delete(WaitingExtract)
        .where(WaitingExtract.slip == slip, WaitingExtract.account_id == by.account_id, WaitingExtract.expires_at > at)
        .returning(WaitingExtract.id)
    ).all()
    if not gone:
        raise NotFound


def written(layout: Layout) -> str:
    """Write a layout as the text it is kept as."""
    return json.dumps(layout.to_plain(), ensure_ascii=False, sort_keys=True)
