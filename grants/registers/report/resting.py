"""What every register says of itself: whose it is, and what it rests on."""

from __future__ import annotations

from datetime import datetime

from core.figures import Checkpoint
from core.trail.queries import head
from organisation.places.queries import bodies
from organisation.places.rules import BodyKind


def owner() -> str:
    """Name the body whose registers these are: the one that holds the grants."""
    return next((each.name for each in bodies() if each.kind is BodyKind.OPCC), "")


def checkpoint_at(at: datetime) -> Checkpoint:
    """Give the checkpoint of a register made now, with its data cut-off."""
    log = head()
    return Checkpoint(log.sequence, log.chain_hash, at)
