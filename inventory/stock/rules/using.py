"""What beside its own expiry decides which lot is used first, and which may not be used for a place at all.

Inventory knows nothing of money or of what a grant was given for: whoever does hands it on as plain values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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
    """What others know of the lots at a store that are wanted for a place.

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

Policies = Mapping[int, PickPolicy]
"""What others know of the lots at a store for each place: place id → policy; any lot may go to a place not named."""


Barred = Callable[[int, int], bool]
"""Whether a lot may not go to a place: place id, lot id."""


def most_for(place_id: int, lots: Mapping[int, int], promised: Mapping[int, int], barred: Barred) -> int:
    """Tell how many units a place can be promised so that what all places were promised before can still be met.

    Which lots meet a promise is not settled when it is made, so what may go to a few places only is thought of as
    theirs first, and a place is moved from one lot to another where that makes room.

    Args:
        lots: lot id → units.
        promised: place id → units promised to it and not yet sent.
    """
    left, given = Counter(lots), Counter[tuple[int, int]]()
    for other, wanted in sorted(promised.items()):
        _meet(other, wanted, left, given, barred)
    return _meet(place_id, sum(lots.values()), left, given, barred)


def _meet(place_id: int, wanted: int, left: Counter[int], given: Counter[tuple[int, int]], barred: Barred) -> int:
    """Find units for a place, as many as there can be up to a number; give how many."""
    found = 0
    while found < wanted and (more := _find(place_id, wanted - found, left, given, barred, set())):
        found += more
    return found


def _find(
    place_id: int,
    wanted: int,
    left: Counter[int],
    given: Counter[tuple[int, int]],
    barred: Barred,
    tried: set[int],
) -> int:
    """Find units of one lot for a place, if need be by finding another lot for who has them; give how many."""
    for lot_id in sorted(left, key=lambda each: (not left[each], each)):
        if lot_id in tried or barred(place_id, lot_id):
            continue
        tried.add(lot_id)
        found = min(wanted, left[lot_id])
        left[lot_id] -= found
        for other in [holder for (holder, held), count in given.items() if held == lot_id and count]:
            if not found:
                found = _find(other, min(wanted, given[other, lot_id]), left, given, barred, tried)
                given[other, lot_id] -= found
        given[place_id, lot_id] += found
        if found:
            return found
    return 0
