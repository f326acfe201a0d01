"""What a past move says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastMove:
    """So many units of a lot from place to place at a moment before now; ``document`` as the old system had it."""

    happened_at: datetime
    document: str
    lot_id: int
    from_place_id: int
    to_place_id: int
    unit_count: int


def digest(moves: Iterable[PastMove]) -> str:
    """Give the SHA-256 of the moves in their order, as 64 hexadecimal digits."""
    hashed = hashlib.sha256()
    for move in moves:
        hashed.update("|".join(str(each) for each in astuple(move)).encode() + b"\n")
    return hashed.hexdigest()
