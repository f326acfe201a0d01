"""Writing the trail: leaves, submissions, notes, and sealing leaves into their log."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.access import Actor
from core.db import db, writing_connection
from core.errors import RuleBroken
from core.privacy import refuse_personal_details
from core.trail.models import AuditLeaf, Log, LogEntry, Note, Submission
from core.trail.queries import unsealed_leaves
from core.trail.rules import START_OF_LOG, canonical, chained, commitment, fingerprint, leaf_hash

_SEALING = 7_230_419
"""The PostgreSQL advisory lock held while leaves are put in order."""

_LEAF = insert(AuditLeaf)
_MADE = (
    update(Submission)
    .where(Submission.account_id == bindparam("account"), Submission.id == bindparam("submission"))
    .values(result=bindparam("subject"))
)
# Drivers disagree on the row count of an insert that may do nothing; what it returns is certain.
_TAKE = {
    "sqlite": sqlite.insert(Submission).on_conflict_do_nothing().returning(Submission.id),
    "postgresql": postgresql.insert(Submission).on_conflict_do_nothing().returning(Submission.id),
}
"""Every act runs these. They are built once: preparing a statement costs more than running it."""

_LOOK_BACK = 1_000
"""How far behind the newest sealed leaf an unsealed one is looked for: on PostgreSQL ids can commit out of order."""


def record(
    *,
    act: str,
    subject: str,
    by: Actor | None,
    at: datetime,
    submission_id: str | None = None,
    reason: Note | None = None,
    **facts: Any,
) -> None:
    """Write the audit leaf of a change, in the transaction that makes the change.

    Args:
        act: what was done, as ``noun.verb`` ("bag.issue").
        subject: reference of the record it was done to.
        by: who did it; None only for the system's own start.
        at: when it was recorded.
        submission_id: the form it came from; its result becomes ``subject``.
        reason: the person's own words; the leaf holds only a commitment to them.
        facts: what changed, as plain values (counts, pence, references).
    """
    leaf = {
        "act": act,
        "at": at,
        "by": by.account_id if by else None,
        "facts": facts,
        "reason": reason.commitment if reason else None,
        "role": by.role if by else "system",
        "subject": subject,
        "submission": submission_id,
    }
    _write_leaf(db.session.connection(), Log.CHANGES, leaf)
    _answer_submission(db.session.connection(), submission_id, by, subject)


def record_access(*, act: str, subject: str, by: Actor | None, at: datetime, **facts: Any) -> None:
    """Write a leaf of the access log in a short transaction of its own, after the answer is decided."""
    with writing_connection(db.engine) as connection:
        write_access(connection, act=act, subject=subject, by=by, at=at, **facts)


def write_access(
    connection: Connection,
    *,
    act: str,
    subject: str,
    by: Actor | None,
    at: datetime,
    submission_id: str | None = None,
    **facts: Any,
) -> None:
    """Write a leaf of the access log in a transaction that is open, the last thing in it.

    Args:
        submission_id: the form it came from, where that made something; its result becomes ``subject``.
    """
    leaf = {
        "act": act,
        "at": at,
        "by": by.account_id if by else None,
        "facts": facts,
        "role": by.role if by and by.appointments else None,
        "subject": subject,
    }
    _write_leaf(connection, Log.ACCESS, leaf)
    _answer_submission(connection, submission_id, by, subject)
    seal(connection, Log.ACCESS)


def _answer_submission(connection: Connection, submission_id: str | None, by: Actor | None, subject: str) -> None:
    """Keep what a form made, so that the same form sent again is answered with it."""
    if submission_id is not None and by is not None:
        connection.execute(_MADE, {"account": by.account_id, "submission": submission_id, "subject": subject})


def _write_leaf(connection: Connection, log: Log, leaf: dict[str, Any]) -> None:
    row = {"log": log, "recorded_at": leaf["at"], "account_id": leaf["by"], "act": leaf["act"]}
    connection.execute(_LEAF, row | {"subject": leaf["subject"][:80], "text": canonical(leaf)})


def earlier(submission_id: str, *, by: Actor, act: str, body: object) -> str | None:
    """Take a submission, or tell what it already made.

    Every writing service asks this first. Two equal forms sent at once queue on the same row.

    Args:
        submission_id: the UUID rendered in the form.
        body: what was asked for, as plain values; the same key with another body is refused.

    Returns:
        The reference of what the first sending made, or None when this is the first.

    Raises:
        RuleBroken: the key is no UUID, or was used for something else.
    """
    key = _submission_key(submission_id)
    row = {"account_id": by.account_id, "id": key, "act": act, "body_hash": fingerprint(body), "result": None}
    connection = db.session.connection()
    if connection.execute(_TAKE[connection.dialect.name], row).first() is not None:
        return None
    first = db.session.execute(
        select(Submission.act, Submission.body_hash, Submission.result).where(
            Submission.account_id == by.account_id, Submission.id == key
        )
    ).one()
    if (first.act, first.body_hash) != (act, row["body_hash"]) or first.result is None:
        raise RuleBroken("This reference was used for something else")
    return str(first.result)


def _submission_key(submission_id: str) -> str:
    try:
        return str(uuid.UUID(submission_id))
    except ValueError:
        raise RuleBroken("Your form has expired. Try again") from None


def note(words: str | None, *, field: str | None = None) -> Note | None:
    """Keep a person's own words, or nothing when there are none.

    Raises:
        RuleBroken: the words hold details that could identify a person.
    """
    if words is None or not words.strip():
        return None
    refuse_personal_details(words, field=field)
    salt = secrets.token_bytes(16)
    kept = Note(text=words.strip(), salt=salt, commitment=commitment(words.strip(), salt))
    db.session.add(kept)
    db.session.flush()
    return kept


def erase_note(note_id: int, *, by: Actor, at: datetime) -> None:
    """Erase the text of a note; what was committed to stays, so the log still verifies."""
    kept = db.session.get_one(Note, note_id)
    kept.text, kept.salt, kept.erased_at = None, None, at
    record(act="note.erase", subject=f"note {note_id}", by=by, at=at, commitment=kept.commitment)


def seal(connection: Connection, log: Log, *, sweep: bool = False) -> int:
    """Put every committed and unsealed leaf of a log into its order; give how many.

    Args:
        sweep: look at every leaf there is, as at a start, and not only at those near the head.

    The caller holds the writers' turn (SQLite) or gets the advisory lock here (PostgreSQL).
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING})
    head = connection.execute(_HEAD, {"log": log}).first()
    sequence, chain = (head.sequence, head.chain_hash) if head else (0, START_OF_LOG)
    entries = []
    look_back = 0 if connection.dialect.name == "sqlite" else _LOOK_BACK
    if sweep and head:
        look_back = head.leaf_id
    for leaf_id, words in connection.execute(_UNSEALED, {"log": log, "look_back": look_back}):
        sequence += 1
        hashed = leaf_hash(words)
        chain = chained(chain, sequence, hashed)
        entries.append({"log": log, "sequence": sequence, "leaf_id": leaf_id, "leaf_hash": hashed, "chain_hash": chain})
    if entries:
        connection.execute(_INSERT_ENTRY, entries)
    return len(entries)


_OF_LOG = bindparam("log", type_=LogEntry.log.type)
_HEAD = (
    select(LogEntry.sequence, LogEntry.chain_hash, LogEntry.leaf_id)
    .where(LogEntry.log == _OF_LOG)
    .order_by(LogEntry.sequence.desc())
    .limit(1)
)
_RECENT = select(func.coalesce(func.max(LogEntry.leaf_id), 0) - bindparam("look_back", type_=BigInteger)).where(
    LogEntry.log == _OF_LOG
)
_UNSEALED = (
    select(AuditLeaf.id, AuditLeaf.text)
    .where(
        AuditLeaf.log == _OF_LOG,
        AuditLeaf.id > _RECENT.scalar_subquery(),
        ~select(LogEntry.leaf_id).where(LogEntry.leaf_id == AuditLeaf.id).exists(),
    )
    .order_by(AuditLeaf.id)
)
"""The leaves without a place in the log, looking a little behind the newest that has one."""

_INSERT_ENTRY = insert(LogEntry)
"""Built once: preparing a statement costs more than running it."""


def seal_before_commit(session: Session) -> None:
    """On SQLite, seal within the change itself: its writers queue anyway."""
    if session.connection().dialect.name == "sqlite":
        seal(session.connection(), Log.CHANGES)


def seal_after_commit() -> None:
    """On PostgreSQL, seal right after the commit in a short transaction of its own."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        with writing_connection(engine) as connection:
            seal(connection, Log.CHANGES)


def unsealed_count() -> int:
    """Count leaves committed and not yet in the order of their log."""
    return db.session.scalar(select(unsealed_leaves())) or 0
