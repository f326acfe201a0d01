"""What beside its own expiry decides which lot is picked first, and which may not be sent to a place at all.

Inventory knows nothing of money or of what a grant was given for: whoever does hands it on as plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.dates import day_text


@dataclass(frozen=True, order=True)
class UseBy:
    """The last day on which using something serves what it is for.

    Attributes:
        why: what ends on that day, such as "grant MS2022 ends".
    """

    day: date
    why: str = "it expires"

    @property
    def words(self) -> str:
        """The day and why, to follow a comma."""
        return f"use by {day_text(self.day)}, when {self.why}"

    @property
    def sentence(self) -> str:
        """The day and why, as a sentence of its own."""
        return f"U{self.words[1:]}"


@dataclass(frozen=True)
class PickPolicy:
    """What others know of the lots at a store when a place asks for them.

    Attributes:
        ends: lot id → the last day on which its money serves anybody.
        kept_from: lot id → why it may not go to the place, to follow a colon.
    """

    ends: Mapping[int, UseBy] = field(default_factory=dict)
    kept_from: Mapping[int, str] = field(default_factory=dict)

    def use_by(self, lot_ids: Iterable[int], *others: UseBy | None) -> UseBy | None:
        """Give the earliest day by which lots picked together should be used, or None when nothing presses."""
        known = [self.ends[lot_id] for lot_id in lot_ids if lot_id in self.ends]
        return min([*known, *(other for other in others if other is not None)], default=None)

    def refusal(self, lot_ids: Iterable[int]) -> str | None:
        """Say why lots picked together may not go to the place, or None."""
        return next((self.kept_from[lot_id] for lot_id in lot_ids if lot_id in self.kept_from), None)


ANY_LOT = PickPolicy()
"""Nobody knows more of the lots than inventory does."""
