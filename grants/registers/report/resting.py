"""What every register says of itself: what it rests on."""

from __future__ import annotations

from datetime import datetime

from core.figures import Checkpoint
from core.trail.queries import head


def checkpoint_at(at: datetime) -> Checkpoint:
    """Give the checkpoint of a register made now, with its data cut-off."""
    log = head()
    return Checkpoint(log.sequence, log.chain_hash, at)
