"""Counting usage on plain values: who issued what when, and accounts of stock that add up.

A Go Bag that was handed back was issued, and is not one given out: it counts as *issued* and as *handed back* on the
day it was issued, whenever it came back, and *net* is the one less the other. The account of stock has it on the day
it came back, for that is when it stood there again.

A correction counts on the day of what it corrects: an issue that was undone did not happen, whenever it was
undone, so it leaves the month it was recorded in and is listed apart. An account therefore adds up by itself:
on hand at the start, and what came and went by kind, is on hand at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.dates import MONTHS, local_day, months_between, quarter
from core.periods import Period
from organisation.places.rules import REAL_KINDS, PlaceKind

MOST_MONTHS = 12
"""A longer period is counted by quarter."""


@dataclass(frozen=True)
class IssueFact:
    """One issue of a Go Bag; nothing here is about a person.

    Attributes:
        posting_id: names the act; contents are found by it.
        undone_at: when the issue was taken back as a mistake, or None.
        back_posting_id: the act by which the Go Bag was handed back, or None.
        back_at: when it was handed back, or None.
    """

    slip: str
    place: str
    recipe: str
    language: str | None
    route: str
    issued_at: datetime
    posting_id: int
    undone_at: datetime | None
    back_posting_id: int | None
    back_at: datetime | None


@dataclass(frozen=True)
class Change:
    """Units (or bags) that came to a place from, or left it for, places of one kind.

    Attributes:
        before_count: net of what left, before the period.
        came_count, left_count: in the period.
        corrects: whether it takes an earlier act back.
    """

    place: str
    other: PlaceKind
    before_count: int
    came_count: int
    left_count: int
    corrects: bool = False


class Flow(StrEnum):
    """Why stock at a place changed."""

    DELIVERED = "Delivered"
    PACKED = "Packed"
    RECEIVED = "Received"
    BACK = "Handed back"
    UNPACKED = "Into Go Bags"
    ISSUED = "Issued"
    SENT = "Sent on"
    OPENED = "Opened"
    LOST = "Written off or lost"


_CAME = {
    PlaceKind.SUPPLIERS: Flow.DELIVERED,
    PlaceKind.DONORS: Flow.DELIVERED,
    PlaceKind.UNMADE: Flow.PACKED,
    PlaceKind.IN_TRANSIT: Flow.RECEIVED,
    **dict.fromkeys(REAL_KINDS, Flow.RECEIVED),
}
_LEFT = {
    PlaceKind.IN_TRANSIT: Flow.SENT,
    **dict.fromkeys(REAL_KINDS, Flow.SENT),
    PlaceKind.UNMADE: Flow.OPENED,
}
_NET = {
    PlaceKind.BAG: Flow.UNPACKED,
    PlaceKind.ISSUED: Flow.ISSUED,
    PlaceKind.WRITTEN_OFF: Flow.LOST,
    PlaceKind.LOST_AND_FOUND: Flow.LOST,
}
"""Kinds of place whose goings and comings are shown as one figure: what went, less what came back."""

_OUT = {Flow.UNPACKED, Flow.ISSUED, Flow.SENT, Flow.OPENED, Flow.LOST}


@dataclass(frozen=True)
class Account:
    """What a place held at the start, what came and went, and what it held at the end."""

    place: str
    opening_count: int
    flows: dict[Flow, int]

    @property
    def closing_count(self) -> int:
        """On hand at the end: the start, and everything that came, less everything that went."""
        return self.opening_count + sum(-count if flow in _OUT else count for flow, count in self.flows.items())


def account_of(place: str, changes: Iterable[Change]) -> Account:
    """Add the changes of one place up by why they happened."""
    opening, flows = 0, Counter[Flow]()
    for change in changes:
        opening += change.before_count
        if change.other is PlaceKind.ISSUED and not change.corrects:
            flows[Flow.ISSUED] += change.left_count
            flows[Flow.BACK] += change.came_count
        elif change.other in _NET:
            flows[_NET[change.other]] += change.left_count - change.came_count
        else:
            flows[_CAME[change.other]] += change.came_count
            flows[_LEFT.get(change.other, Flow.LOST)] += change.left_count
    return Account(place, opening, dict(flows))


@dataclass(frozen=True)
class Bucket:
    """A month or quarter of the period, as a column."""

    label: str
    first: date
    last: date


def buckets(period: Period) -> tuple[Bucket, ...]:
    """Cut a period into months, or into quarters when it has more than twelve."""
    months = months_between(period.first, period.last)
    if len(months) <= MOST_MONTHS:
        return tuple(Bucket(f"{MONTHS[each.number - 1][:3]} {each.year}", each.first, each.last) for each in months)
    quarters = dict.fromkeys(quarter(each.first) for each in months)
    return tuple(Bucket(f"Q{q.number} {q.starts} to {q.starts + 1}", q.first, q.last) for q in quarters)


def standing(issues: Iterable[IssueFact]) -> list[IssueFact]:
    """Leave out the issues that were undone."""
    return [issue for issue in issues if issue.undone_at is None]


def net(issues: Iterable[IssueFact]) -> list[IssueFact]:
    """Leave out the issues that were undone, and those whose Go Bag was handed back."""
    return [issue for issue in standing(issues) if issue.back_at is None]


def crossed(
    issues: Iterable[IssueFact],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    column_of: Callable[[IssueFact], str],
) -> list[tuple[str | int, ...]]:
    """Count issues by place and one other thing: one row for each place, its sum at the end."""
    counted = Counter((issue.place, column_of(issue)) for issue in issues)
    found: list[tuple[str | int, ...]] = []
    for row in rows:
        cells = [counted[row, column] for column in columns]
        found.append((row, *cells, sum(cells)))
    return found


def bucket_of(issue: IssueFact, cut: Sequence[Bucket]) -> str:
    """Name the month or quarter an issue belongs to, by London's days."""
    day = local_day(issue.issued_at)
    return next(bucket.label for bucket in cut if bucket.first <= day <= bucket.last)
