"""What units cost and who paid for them, on plain values.

Each unit of a lot that is invoiced is one unit of one invoice row: links between rows and deliveries hand out the
row's units and the lot's units side by side, in the order the links were made. Unit k of n of a row costs
⌊total·k/n⌋ − ⌊total·(k−1)/n⌋, and each of its pence belongs to one grant line (core/money.py). A credit note is
numbered like the row it credits and adds its own, negative, pence. So whatever set of units is asked for, parts
add up to the whole: per lot, per row, per grant line, through every transfer, bag and correction.

Why it is so: docs/adr/0004-pence-of-a-lot.md.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from core.money import Pence, units_cost, units_funding
from inventory.stock.rules import Units, count_of, joined
from organisation.places.rules import REAL_KINDS, PlaceKind

Key = TypeVar("Key", bound=Hashable)

Funding = dict[int | None, Pence]
"""Pence by grant line id; None holds what is not yet apportioned."""


class Whereabouts(StrEnum):
    """What has become of stock. Every unit received is in exactly one of these."""

    ON_HAND = "on hand"
    IN_BAGS = "in Go Bags"
    IN_TRANSIT = "in transit"
    ISSUED = "issued"
    WRITTEN_OFF = "written off"
    MISSING = "missing"
    SENT_BACK = "sent back"

    @property
    def words(self) -> str:
        """The state as it begins a line, its proper names kept."""
        return self.value[0].upper() + self.value[1:]


UNUSED = (Whereabouts.ON_HAND, Whereabouts.IN_BAGS, Whereabouts.IN_TRANSIT)
"""Where stock has been paid for and has not yet reached anybody."""

OUTSIDE = (Whereabouts.ISSUED, Whereabouts.WRITTEN_OFF, Whereabouts.MISSING, Whereabouts.SENT_BACK)
"""Where no place of ours holds the stock any more."""

_STATES = {
    PlaceKind.ISSUED: Whereabouts.ISSUED,
    PlaceKind.WRITTEN_OFF: Whereabouts.WRITTEN_OFF,
    PlaceKind.LOST_AND_FOUND: Whereabouts.MISSING,
    PlaceKind.IN_TRANSIT: Whereabouts.IN_TRANSIT,
}


def whereabouts_of(kind: PlaceKind, *, bag_stands_in: PlaceKind | None = None) -> Whereabouts:
    """Say what has become of units at a place.

    Args:
        kind: of the place the units are at.
        bag_stands_in: kind of the place a Go Bag stands in, when the place is a Go Bag.
    """
    if kind is PlaceKind.BAG:
        if bag_stands_in is None or bag_stands_in in REAL_KINDS or bag_stands_in is PlaceKind.UNMADE:
            return Whereabouts.IN_BAGS
        return whereabouts_of(bag_stands_in)
    if kind in REAL_KINDS:
        return Whereabouts.ON_HAND
    return _STATES.get(kind, Whereabouts.SENT_BACK)


@dataclass(frozen=True)
class Source:
    """A spending row behind units of a lot: an invoice row, or a credit of one.

    Attributes:
        total_pence: what the whole row costs, negative for a credit.
        unit_count: units the total is spread over; a credit has those of the row it credits.
        shares: (grant line id or None, pence) adding up to the total; None is not yet apportioned.
    """

    row_id: int
    reference: str
    total_pence: Pence
    unit_count: int
    shares: tuple[tuple[int | None, Pence], ...]

    def pence(self, first: int, last: int) -> Pence:
        """Give what units first to last of the row cost."""
        return units_cost(self.total_pence, self.unit_count, first, last)

    def funding(self, first: int, last: int) -> tuple[tuple[int | None, Pence], ...]:
        """Give who pays for units first to last of the row."""
        if len(self.shares) == 1:  # the usual row, and the same answer for a fifth of the work
            return ((self.shares[0][0], self.pence(first, last)),)
        parts = units_funding([pence for _, pence in self.shares], self.unit_count, first, last)
        return tuple((line_id, part) for (line_id, _), part in zip(self.shares, parts, strict=True))


def source_of(row_id: int, reference: str, total: Pence, unit_count: int, given: Mapping[int, Pence]) -> Source:
    """Make a source from what is apportioned of it: grant line id → pence; the rest is not yet apportioned."""
    shares: list[tuple[int | None, Pence]] = list(given.items())
    left = total - sum(given.values())
    if left or not shares:
        shares.append((None, Pence(left)))
    return Source(row_id, reference, total, unit_count, tuple(shares))


@dataclass(frozen=True)
class Link:
    """That a row billed so many units of a lot; links are taken in the order they were made."""

    row_id: int
    lot_id: int
    unit_count: int


@dataclass(frozen=True)
class Segment:
    """A run of a lot's units and the run of a row's units they are.

    Attributes:
        first, last: numbers of the lot's units.
        row_first: number of the row's unit that the first is.
        sources: the row, then its credits.
    """

    first: int
    last: int
    row_first: int
    sources: tuple[Source, ...]

    def overlap(self, first: int, last: int) -> tuple[int, int] | None:
        """Give the row's units among units first to last of the lot, or None."""
        start, end = max(first, self.first), min(last, self.last)
        if start > end:
            return None
        return start - self.first + self.row_first, end - self.first + self.row_first


@dataclass(frozen=True)
class PaidPart:
    """Pence of one row that one grant line (or none yet) pays for some units."""

    row_id: int
    line_id: int | None
    pence: Pence


@dataclass(frozen=True)
class LotCost:
    """What a lot's units cost and who paid; units beyond the billed ones cost nothing that is known yet."""

    lot_id: int
    unit_count: int
    segments: tuple[Segment, ...]

    @property
    def billed_count(self) -> int:
        """Units that an invoice row stands behind."""
        return sum(segment.last - segment.first + 1 for segment in self.segments)

    @property
    def all_units(self) -> Units:
        """Every unit of the lot."""
        return ((1, self.unit_count),)

    @property
    def total_pence(self) -> Pence:
        """What the whole lot cost."""
        return self.pence_of(self.all_units)

    def parts_of(self, units: Units) -> list[PaidPart]:
        """List who pays what for units of the lot, row by row; parts of nothing are left out."""
        parts: dict[tuple[int, int | None], int] = defaultdict(int)
        for source, first, last in self._rows_of(units):
            for line_id, pence in source.funding(first, last):
                parts[source.row_id, line_id] += pence
        return [PaidPart(row, line, Pence(pence)) for (row, line), pence in parts.items() if pence]

    def pence_of(self, units: Units) -> Pence:
        """Give what units of the lot cost."""
        return Pence(sum(source.pence(first, last) for source, first, last in self._rows_of(units)))

    def funding_of(self, units: Units) -> Funding:
        """Give who pays for units of the lot: grant line id → pence."""
        return by_line(self.parts_of(units))

    def billed_among(self, units: Units) -> int:
        """Count those of the units that an invoice row stands behind."""
        return sum(
            overlap[1] - overlap[0] + 1
            for first, last in units
            for segment in self.segments
            if (overlap := segment.overlap(first, last)) is not None
        )

    def _rows_of(self, units: Units) -> Iterable[tuple[Source, int, int]]:
        """Give each source of the units with the run of its own units."""
        for first, last in units:
            for segment in self.segments:
                overlap = segment.overlap(first, last)
                if overlap is not None:
                    for source in segment.sources:
                        yield source, *overlap


def by_line(parts: Iterable[PaidPart]) -> Funding:
    """Add parts up: grant line id → pence."""
    total: dict[int | None, int] = defaultdict(int)
    for part in parts:
        total[part.line_id] += part.pence
    return {line_id: Pence(pence) for line_id, pence in total.items()}


def link_up(
    lots: Mapping[int, int], links: Sequence[Link], sources: Mapping[int, tuple[Source, ...]]
) -> dict[int, LotCost]:
    """Hand out units of rows and lots side by side, link by link.

    Args:
        lots: lot id → units.
        links: every link of every row concerned, in the order they were made.
        sources: spending row id → the row and its credits.

    Returns:
        Lot id → its cost, for the lots asked for.
    """
    rows_taken: dict[int, int] = defaultdict(int)
    lots_taken: dict[int, int] = defaultdict(int)
    segments: dict[int, list[Segment]] = {lot_id: [] for lot_id in lots}
    for link in links:
        lot_first, row_first = lots_taken[link.lot_id] + 1, rows_taken[link.row_id] + 1
        lots_taken[link.lot_id] += link.unit_count
        rows_taken[link.row_id] += link.unit_count
        if link.lot_id in segments:
            last = lots_taken[link.lot_id]
            segments[link.lot_id].append(Segment(lot_first, last, row_first, sources[link.row_id]))
    return {lot_id: LotCost(lot_id, count, tuple(segments[lot_id])) for lot_id, count in lots.items()}


@dataclass(frozen=True)
class End:
    """Where units of a lot are; for issued ones also by which issue they left, so each bag keeps its own.

    Attributes:
        posting_id: of the issue, or None where units are not issued.
    """

    place_id: int
    posting_id: int | None = None


def ends_of(
    standing: Mapping[int, Units], *, issued_place_id: int, issued: Sequence[tuple[int, Units]] = ()
) -> dict[End, Units]:
    """Part a lot's units by where they are, the issued ones by the issue that carried them last.

    Args:
        standing: place id → units.
        issued: (posting id, units) of each move of an issue, in the order they were recorded.
    """
    ends = {End(place): units for place, units in standing.items() if units and place != issued_place_id}
    left = Free(standing.get(issued_place_id, ()))
    carried: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for posting_id, units in reversed(issued):
        carried[posting_id] += left.take(units)
    ends |= {End(issued_place_id, posting_id): joined(tuple(runs), ()) for posting_id, runs in carried.items() if runs}
    if left.units:
        ends[End(issued_place_id)] = left.units
    return ends


def together(standing: Mapping[int, Units], kinds: Mapping[int, Key]) -> dict[Key, Units]:
    """Put the units of places that are alike together, runs that touch joined.

    Args:
        standing: place id → units.
        kinds: place id → what makes places alike.
    """
    runs: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for place_id, units in standing.items():
        if units:
            runs[kinds[place_id]] += units
    return {kind: joined(tuple(each), ()) for kind, each in runs.items()}


class Free:
    """Units that nobody has claimed yet, claimed run by run; each claim is small however many runs there are."""

    def __init__(self, units: Units) -> None:
        self._firsts = [first for first, _ in units]
        self._lasts = [last for _, last in units]

    @property
    def units(self) -> Units:
        """The units that are still free."""
        return tuple(zip(self._firsts, self._lasts, strict=True))

    def take(self, units: Units) -> list[tuple[int, int]]:
        """Claim those of the units that are free, and give them."""
        return [part for first, last in units for part in self._take(first, last)]

    def _take(self, first: int, last: int) -> list[tuple[int, int]]:
        """Claim what is free of one run; what is left of the runs it touches stays free."""
        start, end = bisect_left(self._lasts, first), bisect_right(self._firsts, last)
        if start >= end:
            return []
        runs = list(zip(self._firsts[start:end], self._lasts[start:end], strict=True))
        rest = [run for run in ((runs[0][0], first - 1), (last + 1, runs[-1][1])) if run[0] <= run[1]]
        self._firsts[start:end] = [each for each, _ in rest]
        self._lasts[start:end] = [each for _, each in rest]
        return [(max(a, first), min(b, last)) for a, b in runs]


def common(units: Units, others: Units) -> Units:
    """Give the units that are in both."""
    both = ((max(a, c), min(b, d)) for a, b in units for c, d in others)
    return tuple(sorted((first, last) for first, last in both if first <= last))


@dataclass(frozen=True)
class Strand:
    """Pence of one row that one grant line paid and that lie in units of one lot at one end."""

    line_id: int | None
    row_id: int
    lot_id: int
    end: End
    unit_count: int
    pence: Pence


def strands(cost: LotCost, ends: Mapping[End, Units]) -> list[Strand]:
    """Follow a lot's pence to where its units are; strands add up to what the lot cost."""
    return [
        Strand(part.line_id, part.row_id, cost.lot_id, end, count_of(units), part.pence)
        for end, units in ends.items()
        for part in cost.parts_of(units)
    ]
