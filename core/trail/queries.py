"""Reading how far a log goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select

from core.dates import day_text, local_day
from core.db import ask, db
from core.trail.models import AuditLeaf, Checkpoint, Log, LogEntry
from core.trail.rules import START_OF_LOG

_LOG = bindparam("log", type_=AuditLeaf.log.type)
# Leaves recorded last need not be sealed last; from the newest down, the first that is sealed is soon found.
_NEWEST_AT = (
    select(AuditLeaf.recorded_at)
    .where(AuditLeaf.log == _LOG, select(LogEntry.leaf_id).where(LogEntry.leaf_id == AuditLeaf.id).exists())
    .order_by(AuditLeaf.recorded_at.desc())
    .limit(1)
    .scalar_subquery()
)
_HEAD = (
    select(LogEntry.sequence, LogEntry.chain_hash, _NEWEST_AT)
    .where(LogEntry.log == _LOG)
    .order_by(LogEntry.sequence.desc())
    .limit(1)
)
"""Built once: preparing a statement costs more than running it."""


@dataclass(frozen=True)
class Head:
    """The last entry of a log: it fixes every entry before it.

    Attributes:
        sequence: its number, 0 when the log is empty.
        chain_hash: hash of the chain up to it, as 64 hexadecimal digits.
        newest_at: when the newest change in the log was recorded, or None when it is empty.
    """

    sequence: int
    chain_hash: str
    newest_at: datetime | None


def unsealed_leaves() -> ColumnElement[int]:
    """Count, in SQL, leaves committed and not yet in the order of their log."""
    leaves, entries = (select(func.count()).select_from(each).scalar_subquery() for each in (AuditLeaf, LogEntry))
    return leaves - entries


def head(log: Log = Log.CHANGES) -> Head:
    """Give the last entry of a log, in one statement."""
    found = ask(_HEAD, log=log)
    if not found:
        return Head(0, START_OF_LOG.hex(), None)
    sequence, chain_hash, newest_at = found[0]
    return Head(sequence, chain_hash.hex(), newest_at)


def signed_line(sequence: int) -> str:
    """Say in a line which signed checkpoint covers an entry of the log of changes, as a report prints it.

    It is the first that reaches so far, so a report made again of the same data says the same; where none does yet,
    the newest there is, which says so by its size.
    """
    reaching = select(Checkpoint).where(Checkpoint.size >= sequence).order_by(Checkpoint.id).limit(1)
    newest = select(Checkpoint).order_by(Checkpoint.id.desc()).limit(1)
    found = db.session.scalar(reaching) or db.session.scalar(newest)
    if found is None:
        return "None: the log is not signed"
    origin, size, root = found.note.split("\n", 3)[:3]
    return f"{found.id:,} of {origin}: {int(size):,} entries, root {root}, {day_text(local_day(found.made_at))}"
