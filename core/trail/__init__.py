"""The trail: what was done, by whom, when and why, in an order nobody can quietly change.

Every change writes one audit **leaf** in its own transaction (``record``). A leaf is canonical JSON. Leaves are
put into a gapless order and chained by hash in the **log** (``seal``): within the same transaction on SQLite,
where writers already queue, and right after the commit on PostgreSQL, where a chain head locked until commit
would make every writer wait for every other. A leaf that was committed and not yet sealed is counted, shown,
and sealed by the next change or the next start.

Two logs are kept apart: *changes*, and *access* (views of evidence, exports, refusals).

The leaves of each log are also the leaves of a Merkle tree (RFC 6962). A **checkpoint** signs how far both logs and
every append-only table went, and their roots; whoever keeps one can prove later that nothing before it was changed
(``checkpoints``, ``kept``, ``merkle``, ``signing``; the key's file is in ``keys``).

A **submission** makes a form count once: the same form sent again answers with what the first one made.

Free text never enters a leaf: a note is kept beside it and the leaf holds a salted commitment to it, so that
a note can be erased and the log still verifies.
"""

from core.trail.checkpoints import checkpoint_now
from core.trail.models import AuditLeaf, Checkpoint, Log, LogEntry, Note, Submission
from core.trail.services import (
    earlier,
    erase_note,
    note,
    record,
    record_access,
    seal,
    seal_after_commit,
    seal_before_commit,
    unsealed_count,
    write_access,
)

__all__ = [
    "AuditLeaf",
    "Checkpoint",
    "Log",
    "LogEntry",
    "Note",
    "Submission",
    "checkpoint_now",
    "earlier",
    "erase_note",
    "note",
    "record",
    "record_access",
    "seal",
    "seal_after_commit",
    "seal_before_commit",
    "unsealed_count",
    "write_access",
]
