"""Arithmetic of the statement of grant usage on plain values (docs/adr/0005).

The cost of a spending row is laid out as a length of pence. Receipts cut the length into **portions**, each with
the day it was received (or none yet); ledger lines fill the same length from its start; apportionment says to
whom each penny of it belongs. Everything the statement prints is a count of pence in that picture, which is why
its columns add up by construction and not by luck: opening accruals, prepayments, what the ledger holds that
never was eligible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from core.money import Pence, funding_of_pence
from core.periods import Period


@dataclass(frozen=True)
class Share:
    """So many pence of a row for a grant line of this award, for another award, or (neither) for no grant."""

    pence: int
    line_id: int | None = None
    other_award: str = ""


@dataclass(frozen=True)
class Booking:
    """So many pence of a row found in the ledger: which ledger line, and the day it is dated."""

    ledger_line_id: int
    dated_on: date
    pence: int


@dataclass(frozen=True)
class Receipt:
    """So many units of a row received on a day."""

    received_on: date
    unit_count: int


@dataclass(frozen=True)
class RowFacts:
    """What the statement must know of one spending row.

    Attributes:
        cost_pence: what it costs a grant; negative for a credit note.
        shares: who pays, adding up to the cost.
        unit_count: units of goods, or None when it is no goods and counts on ``incurred_on``.
    """

    row_id: int
    cost_pence: int
    shares: tuple[Share, ...]
    incurred_on: date
    unit_count: int | None = None
    receipts: tuple[Receipt, ...] = ()
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True)
class Portion:
    """A stretch of a row's cost that became eligible on one day (None: not yet), from penny to penny."""

    day: date | None
    start: int
    end: int


@dataclass(frozen=True)
class LineFigures:
    """Pence of one row, or of all, for one grant line and one period.

    Attributes:
        earlier: became eligible before the period.
        ledger: found in the ledger in the period, whether or not received yet.
        opening_accrual: eligible before the period, not in the ledger before it.
        opening_prepaid: in the ledger before the period, not eligible before it.
        closing_accrual: eligible by the end of the period, not in the ledger by then.
        closing_prepaid: in the ledger by the end of the period, not eligible by then.
        eligible: became eligible in the period.
        later: became eligible after the period.
        awaited: not received yet.
        outside: received outside the funding period; never eligible.
    """

    earlier: int = 0
    ledger: int = 0
    opening_accrual: int = 0
    opening_prepaid: int = 0
    closing_accrual: int = 0
    closing_prepaid: int = 0
    eligible: int = 0
    later: int = 0
    awaited: int = 0
    outside: int = 0

    def __add__(self, other: LineFigures) -> LineFigures:
        return LineFigures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def opening(self) -> int:
        """Opening accruals, less what was in the ledger before it was received."""
        return self.opening_accrual - self.opening_prepaid

    @property
    def closing(self) -> int:
        """Closing accruals, less what is in the ledger and not yet received."""
        return self.closing_accrual - self.closing_prepaid

    @property
    def cumulative(self) -> int:
        """Eligible from the start of the grant to the end of the period."""
        return self.earlier + self.eligible

    @property
    def apportioned(self) -> int:
        """All that is apportioned to the line, eligible or not, whenever."""
        return self.earlier + self.eligible + self.later + self.awaited + self.outside


class Destination(StrEnum):
    """Where a ledger line's pence belong."""

    LINE = "a grant line of this award"
    OUTSIDE = "received outside the funding period"
    OTHER_AWARD = "another award"
    UNCHARGED = "charged to no grant"
    BEYOND = "beyond what the spending cost"


@dataclass(frozen=True)
class Part:
    """So many pence of one ledger line, by way of one spending row."""

    ledger_line_id: int
    row_id: int
    dated_on: date
    destination: Destination
    pence: int
    line_id: int | None = None
    other_award: str = ""


class _Length:
    """A row's cost as a length of pence, without sign, cut into portions and shared among payers."""

    def __init__(self, row: RowFacts, *, defrayed: bool) -> None:
        self.row = row
        self.sign = -1 if row.cost_pence < 0 else 1
        self.size = abs(row.cost_pence)
        self.shares = [Pence(abs(share.pence)) for share in row.shares]
        self.bookings = sorted(row.bookings, key=lambda each: (each.dated_on, each.ledger_line_id))
        self.portions = self._paid() if defrayed else self._received()
        self._known: dict[int, tuple[Pence, ...]] = {}

    def paid_by(self, start: int, end: int) -> list[int]:
        """Give the pence of each share between two pennies of the length, with the row's sign."""
        return [self.sign * (b - a) for a, b in zip(self._upto(start), self._upto(end), strict=True)]

    def _upto(self, penny: int) -> tuple[Pence, ...]:
        if penny not in self._known:
            self._known[penny] = funding_of_pence(self.shares, penny)
        return self._known[penny]

    def clipped(self, pence: int) -> int:
        """Give how far a sum of bookings fills the length."""
        return min(max(self.sign * pence, 0), self.size)

    def filled_by(self, day: date, *, included: bool) -> int:
        """Give how far the ledger fills the length before, or by the end of, a day."""
        counted = [b.pence for b in self.bookings if b.dated_on < day or (included and b.dated_on == day)]
        return self.clipped(sum(counted))

    def _received(self) -> list[Portion]:
        """Cut the length at receipts, in the order they came."""
        row = self.row
        if row.unit_count is None:
            return [Portion(row.incurred_on, 0, self.size)] if self.size else []
        cuts: list[Portion] = []
        units, start = 0, 0
        for receipt in sorted(row.receipts, key=lambda each: each.received_on):
            units = min(units + receipt.unit_count, row.unit_count)
            end = self.size * units // row.unit_count
            cuts.append(Portion(receipt.received_on, start, end))
            start = end
        return [*(cut for cut in cuts if cut.end > cut.start), *self._rest(start)]

    def _paid(self) -> list[Portion]:
        """Cut the length at ledger lines; one that takes pence back undoes the latest first."""
        cuts: list[Portion] = []
        total, start = 0, 0
        for booking in self.bookings:
            total += booking.pence
            end = self.clipped(total)
            if end > start:
                cuts.append(Portion(booking.dated_on, start, end))
            cuts = [Portion(c.day, c.start, min(c.end, end)) for c in cuts if c.start < end]
            start = end
        return [*cuts, *self._rest(start)]

    def _rest(self, start: int) -> list[Portion]:
        return [Portion(None, start, self.size)] if start < self.size else []


def figures_of(row: RowFacts, period: Period, funded: Period, *, defrayed: bool = False) -> dict[int, LineFigures]:
    """Say what a spending row means for a period: grant line id → its figures.

    Args:
        period: of the statement.
        funded: the award's funding period; what is received outside it is never eligible.
        defrayed: cost counts when the ledger pays it, not when goods are received.
    """
    length = _Length(row, defrayed=defrayed)
    before = length.filled_by(period.first, included=False)
    after = length.filled_by(period.last, included=True)
    found: dict[int, LineFigures] = defaultdict(LineFigures)
    for portion in length.portions:
        full = length.paid_by(portion.start, portion.end)
        opening = length.paid_by(portion.start, _within(portion, before))
        closing = length.paid_by(portion.start, _within(portion, after))
        for share, *pence in zip(row.shares, full, opening, closing, strict=True):
            if share.line_id is not None:
                found[share.line_id] += _figures(portion.day, *pence, period=period, funded=funded)
    return dict(found)


def _within(portion: Portion, penny: int) -> int:
    return min(max(penny, portion.start), portion.end)


def _figures(day: date | None, full: int, before: int, after: int, *, period: Period, funded: Period) -> LineFigures:
    """Count one portion of one line: its pence, and those the ledger held before and after the period."""
    booked = after - before
    if day is None:
        return LineFigures(ledger=booked, opening_prepaid=before, closing_prepaid=after, awaited=full)
    if not funded.holds(day):
        return LineFigures(outside=full)
    if day < period.first:
        return LineFigures(earlier=full, ledger=booked, opening_accrual=full - before, closing_accrual=full - after)
    if day > period.last:
        return LineFigures(ledger=booked, opening_prepaid=before, closing_prepaid=after, later=full)
    return LineFigures(ledger=booked, opening_prepaid=before, closing_accrual=full - after, eligible=full)


def parts_of(row: RowFacts, period: Period, funded: Period, *, defrayed: bool = False) -> Iterator[Part]:
    """Say to whom each penny belongs that the ledger booked for a row in a period.

    The parts of a booking add up to it.
    """
    length = _Length(row, defrayed=defrayed)
    total = 0
    for booking in length.bookings:
        start, end = length.clipped(total), length.clipped(total + booking.pence)
        total += booking.pence
        if period.holds(booking.dated_on):
            yield from _parts(length, booking, start, end, funded)


def _parts(length: _Length, booking: Booking, start: int, end: int, funded: Period) -> Iterator[Part]:
    low, high, way = min(start, end), max(start, end), 1 if end >= start else -1
    for portion in length.portions:
        a, b = max(portion.start, low), min(portion.end, high)
        if a >= b:
            continue
        eligible = portion.day is None or funded.holds(portion.day)
        for share, pence in zip(length.row.shares, length.paid_by(a, b), strict=True):
            if pence:
                yield _part(length.row, booking, share, way * pence, eligible)
    beyond = booking.pence - length.sign * (end - start)
    if beyond:
        yield Part(booking.ledger_line_id, length.row.row_id, booking.dated_on, Destination.BEYOND, beyond)


def _part(row: RowFacts, booking: Booking, share: Share, pence: int, eligible: bool) -> Part:
    if share.line_id is not None:
        where = Destination.LINE if eligible else Destination.OUTSIDE
    else:
        where = Destination.OTHER_AWARD if share.other_award else Destination.UNCHARGED
    return Part(
        booking.ledger_line_id,
        row.row_id,
        booking.dated_on,
        where,
        pence,
        share.line_id,
        share.other_award,
    )


def shares_of(cost_pence: int, by_line: Mapping[int, int], by_award: Mapping[str, int]) -> tuple[Share, ...]:
    """Lay out who pays a row: this award's lines, other awards, and what is charged to no grant."""
    shares = [Share(pence, line_id=line_id) for line_id, pence in sorted(by_line.items()) if pence]
    shares += [Share(pence, other_award=code) for code, pence in sorted(by_award.items()) if pence]
    rest = cost_pence - sum(share.pence for share in shares)
    return (*shares, Share(rest)) if rest else tuple(shares)


def percent_points(part: int, whole: int) -> int | None:
    """Give a part of a whole in basis points, half a point rounding up; None of nothing."""
    return (20_000 * part + whole) // (2 * whole) if whole > 0 else None


def largest_first(pence: Sequence[int]) -> list[int]:
    """Give the positions of amounts, largest first whatever their sign, equal ones as they came."""
    return sorted(range(len(pence)), key=lambda at: (-abs(pence[at]), at))
