"""What a past move says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class PastMove:
    """So many units of a lot from place to place at a moment before now; ``document`` as the old system had it."""

    happened_at: datetime
    document: str
    lot_id: int
    from_place_id: int
    to_place_id: int
    unit_count: int


_said = attrgetter(*(each.name for each in fields(PastMove)))


def digest(moves: Iterable[PastMove]) -> str:
    """Give the SHA-256 of the moves in their order, as 64 hexadecimal digits."""
    hashed = hashlib.sha256()
    for move in moves:
        hashed.update(("|".join(map(str, _said(move))) + "\n").encode())
    return hashed.hexdigest()
