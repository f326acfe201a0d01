"""The proof of one entry: that it is in the log a checkpoint signs, as a text to keep that needs nothing of the rest.

Whoever holds it and trusts the key can show later that this act was recorded, and as what, though they have neither the
log nor the service. ``docs/PACK.md`` describes the text, ``audit/verify.py`` checks it.
"""

from __future__ import annotations

import base64

from sqlalchemy import select

from core.db import db
from core.trail import kept, merkle
from core.trail.checkpoints import newest_checkpoint
from core.trail.models import AuditLeaf, Checkpoint, Log, LogEntry

FORMAT = "go-bags-proof 1"


def covering(log: Log, sequence: int) -> Checkpoint | None:
    """Give the newest checkpoint, where it reaches an entry of a log."""
    newest = newest_checkpoint()
    return newest if newest and _size(newest, log) >= sequence else None


def _size(checkpoint: Checkpoint, log: Log) -> int:
    return checkpoint.size if log is Log.CHANGES else checkpoint.access_size


def proof_of(log: Log, sequence: int) -> str | None:
    """Write the proof of an entry; None where there is no such entry, or no checkpoint reaches it yet."""
    checkpoint = covering(log, sequence)
    asked = select(AuditLeaf.text).join(LogEntry, LogEntry.leaf_id == AuditLeaf.id)
    leaf = db.session.scalar(asked.where(LogEntry.log == log, LogEntry.sequence == sequence))
    if checkpoint is None or leaf is None:
        return None
    nodes = kept.nodes_of_log(db.session.connection(), log)
    way = merkle.inclusion_proof(nodes, sequence - 1, _size(checkpoint, log))
    lines = [FORMAT, f"{log} {sequence}", leaf, *(base64.b64encode(each).decode() for each in way)]
    return "\n".join(lines) + "\n\n" + checkpoint.note
