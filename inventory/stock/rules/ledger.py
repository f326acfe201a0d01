"""Arithmetic of the stock ledger on plain values: movements, their net effect, and the numbering of units.

A lot's units are numbered 1 to n when it is received. A place gives up its lowest numbers first; a correction
takes back exactly the numbers of the move it corrects. So each unit keeps its number, and with it its pence,
through every transfer, bag and hand-back (docs/adr: units are numbered by a fold of the ledger).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Units = tuple[tuple[int, int], ...]
"""Numbers of units as inclusive runs, e.g. ((1, 3), (7, 7)); ascending, never touching."""


class PostingKind(StrEnum):
    """The act a posting records."""

    OPENING = "opening stock"
    DELIVERY = "delivery"
    DONATION = "donation"
    PACK = "pack a Go Bag"
    OPEN_BAG = "open a Go Bag"
    ISSUE = "issue"
    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    SHORTAGE = "settle a shortage"
    COUNT = "count"
    WRITE_OFF = "write-off"
    CORRECTION = "correction"
    HISTORY = "history"


class LotSource(StrEnum):
    """Where a lot came from."""

    DELIVERY = "delivery"
    DONATION = "donation"
    OPENING = "opening stock"
    FOUND = "found on a count"


@dataclass(frozen=True)
class Movement:
    """So many units of one lot from one place to another; ``unit_ids`` name the serial ones."""

    lot_id: int
    from_place_id: int
    to_place_id: int
    unit_count: int
    unit_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class BagMovement:
    """A Go Bag from one place to another, with all that is in it."""

    bag_id: int
    from_place_id: int
    to_place_id: int


@dataclass(frozen=True)
class LotMove:
    """A recorded move of one lot, as the numbering of units reads it."""

    move_id: int
    from_place_id: int
    to_place_id: int
    unit_count: int
    corrects_move_id: int | None = None


@dataclass(frozen=True)
class Numbering:
    """Which units each move carried and where each unit is.

    Attributes:
        carried: move id → its units.
        standing: place id → the units there now, outside places included.
    """

    carried: Mapping[int, Units]
    standing: Mapping[int, Units]


class NothingThere(Exception):
    """A ledger moves units that are not there: its rows were changed behind the program's back."""


def net_effect(movements: Iterable[Movement]) -> dict[tuple[int, int], int]:
    """Add movements up: (place id, lot id) → change in units, negative where more leaves than comes."""
    change: dict[tuple[int, int], int] = defaultdict(int)
    for move in movements:
        change[move.from_place_id, move.lot_id] -= move.unit_count
        change[move.to_place_id, move.lot_id] += move.unit_count
    return dict(change)


def number_units(moves: Iterable[LotMove], *, unit_count: int, source_place_id: int) -> Numbering:
    """Fold one lot's moves, in the order they were recorded, into the numbers of the units each carried."""
    return number_on({source_place_id: ((1, unit_count),)}, moves)


def number_on(standing_before: Mapping[int, Units], moves: Iterable[LotMove]) -> Numbering:
    """Fold further moves of one lot from where its units stood; a correction needs the move it corrects among them."""
    standing: dict[int, Runs] = {place_id: list(units) for place_id, units in standing_before.items()}
    carried: dict[int, Units] = {}
    for move in moves:
        here = standing.setdefault(move.from_place_id, [])
        wanted = carried.get(move.corrects_move_id) if move.corrects_move_id is not None else None
        if wanted is None or count_of(wanted) != move.unit_count or not _take_back(here, wanted):
            wanted = _take_lowest(here, move.unit_count)
        _put(standing.setdefault(move.to_place_id, []), wanted)
        carried[move.move_id] = wanted
    return Numbering(carried, {place_id: tuple(runs) for place_id, runs in standing.items()})


Runs = list[tuple[int, int]]
"""The runs of a place while its lot is folded: kept ascending and never touching, so each step is small."""


def _take_lowest(here: Runs, wanted: int) -> Units:
    """Take the lowest-numbered units out of a place."""
    taken: Runs = []
    while wanted > 0:
        if not here:
            raise NothingThere("the ledger moves units that are not there")
        first, last = here[0]
        end = min(last, first + wanted - 1)
        taken.append((first, end))
        wanted -= end - first + 1
        if end == last:
            del here[0]
        else:
            here[0] = (end + 1, last)
    return tuple(taken)


def _take_back(here: Runs, wanted: Units) -> bool:
    """Take these very units out of a place; say whether they were all there, and take none when not."""
    left = without(tuple(here), wanted)
    if left is None:
        return False
    here[:] = left
    return True


def _put(there: Runs, units: Units) -> None:
    """Put units into a place, joining runs that touch."""
    for first, last in units:
        at = bisect_left(there, (first, last))
        if at < len(there) and there[at][0] == last + 1:
            last = there.pop(at)[1]
        if at > 0 and there[at - 1][1] == first - 1:
            at -= 1
            first = there.pop(at)[0]
        there.insert(at, (first, last))


def count_of(units: Units) -> int:
    """Count the units in the runs."""
    return sum(last - first + 1 for first, last in units)


def without(units: Units, taken: Units) -> Units | None:
    """Remove units from runs; None when some of them are not there."""
    numbers = list(units)
    for first, last in taken:
        for position, (start, end) in enumerate(numbers):
            if start <= first and last <= end:
                pieces = [(start, first - 1), (last + 1, end)]
                numbers[position : position + 1] = [(a, b) for a, b in pieces if a <= b]
                break
        else:
            return None
    return tuple(numbers)


def joined(units: Units, more: Units) -> Units:
    """Put runs together, ascending, joining those that touch."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted((*units, *more)):
        if runs and first == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return tuple(runs)
