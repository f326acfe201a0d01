"""Reading how far a log goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.db import db
from core.trail.models import AuditLeaf, Log, LogEntry
from core.trail.rules import START_OF_LOG


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


def head(log: Log = Log.CHANGES) -> Head:
    """Give the last entry of a log."""
    last = db.session.execute(
        select(LogEntry.sequence, LogEntry.chain_hash)
        .where(LogEntry.log == log)
        .order_by(LogEntry.sequence.desc())
        .limit(1)
    ).first()
    if last is None:
        return Head(0, START_OF_LOG.hex(), None)
    newest_at = db.session.scalar(
        select(func.max(AuditLeaf.recorded_at))
        .join(LogEntry, LogEntry.leaf_id == AuditLeaf.id)
        .where(LogEntry.log == log)
    )
    return Head(last.sequence, last.chain_hash.hex(), newest_at)
