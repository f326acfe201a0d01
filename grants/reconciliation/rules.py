"""Where bought, apportioned, received and in the ledger differ, and why, in pence that add up. Plain values only.

The statement lays the cost of each spending row out as a length of pence (docs/adr/0005). A reconciliation asks of the
same lengths how much of a grant line was *bought* in the period (the invoices dated in it, on the line their order was
placed for), *apportioned* of those, *received* in the period, and *in the ledger* in it. Each step between two of these
is a sum of rows, so the chain adds up by construction: nothing in it is a balancing figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.access import Actor
from core.errors import NotPermitted
from core.periods import Period
from grants.reports.rules import LineFigures


class Figure(StrEnum):
    """One of the four figures that must agree or be explained."""

    BOUGHT = "Bought"
    APPORTIONED = "Apportioned"
    RECEIVED = "Received"
    BOOKED = "In the ledger"


class Gap(StrEnum):
    """A reason for which two neighbouring figures differ, as the walk says it."""

    FROM_OTHER_LINE = "Plus ordered for another line and apportioned to this one"
    TO_OTHER_LINE = "Less ordered for this line and apportioned elsewhere"
    NOT_APPORTIONED = "Less ordered for this line and not apportioned yet"
    RECEIVED_EARLIER = "Less received before the period"
    RECEIVED_LATER = "Less received after the period"
    NOT_RECEIVED = "Less not received yet"
    OUTSIDE = "Less received outside the funding period"
    INVOICED_EARLIER = "Plus received in the period, invoiced before it"
    INVOICED_LATER = "Plus received in the period, invoiced after it"
    OPENING_ACCRUAL = "Plus received before the period, not in the ledger then"
    OPENING_PREPAID = "Less in the ledger before the period"
    CLOSING_ACCRUAL = "Less received, not in the ledger by the end of the period"
    CLOSING_PREPAID = "Plus in the ledger, not received by the end of the period"


CHAIN: tuple[Figure | Gap, ...] = (
    Figure.BOUGHT,
    Gap.FROM_OTHER_LINE,
    Gap.TO_OTHER_LINE,
    Gap.NOT_APPORTIONED,
    Figure.APPORTIONED,
    Gap.RECEIVED_EARLIER,
    Gap.RECEIVED_LATER,
    Gap.NOT_RECEIVED,
    Gap.OUTSIDE,
    Gap.INVOICED_EARLIER,
    Gap.INVOICED_LATER,
    Figure.RECEIVED,
    Gap.OPENING_ACCRUAL,
    Gap.OPENING_PREPAID,
    Gap.CLOSING_ACCRUAL,
    Gap.CLOSING_PREPAID,
    Figure.BOOKED,
)
"""The walk of a line: from each figure, by the gaps after it, to the next."""


@dataclass(frozen=True)
class Ordered:
    """A spending row whose order was placed for a grant line.

    Attributes:
        line_id: the line the order named.
        cost_pence: what the row costs.
        apportioned_pence: what of it is apportioned to any line of any award.
    """

    row_id: int
    line_id: int
    cost_pence: int
    apportioned_pence: int


@dataclass(frozen=True)
class Entry:
    """Pence of one spending row in one step of one line's walk."""

    line_id: int
    step: Figure | Gap
    row_id: int
    pence: int


def entries_of(
    row_id: int, incurred_on: date, by_line: dict[int, LineFigures], ordered: Ordered | None, period: Period
) -> Iterator[Entry]:
    """Say what a spending row means for each line's walk.

    Args:
        by_line: grant line id → its figures of the period, cost counted when goods are received.
        ordered: for which line its order was placed, None where no order of this award stands behind it.
    """
    in_period = period.holds(incurred_on)
    if in_period:
        yield from _bought(row_id, {line_id: each.apportioned for line_id, each in by_line.items()}, ordered)
    for line_id, figures in by_line.items():
        for step, pence in _received(figures, incurred_on, period):
            if pence:
                yield Entry(line_id, step, row_id, pence)


def _bought(row_id: int, apportioned: dict[int, int], ordered: Ordered | None) -> Iterator[Entry]:
    """Say what of a row dated in the period was bought for each line, and what was apportioned to it."""
    for line_id, pence in apportioned.items():
        if not pence:
            continue
        yield Entry(line_id, Figure.APPORTIONED, row_id, pence)
        if ordered is None:
            yield Entry(line_id, Figure.BOUGHT, row_id, pence)
        elif line_id != ordered.line_id:
            yield Entry(line_id, Gap.FROM_OTHER_LINE, row_id, pence)
    if ordered is None:
        return
    open_pence = ordered.cost_pence - ordered.apportioned_pence
    elsewhere = ordered.apportioned_pence - apportioned.get(ordered.line_id, 0)
    for step, pence in (
        (Figure.BOUGHT, ordered.cost_pence),
        (Gap.TO_OTHER_LINE, -elsewhere),
        (Gap.NOT_APPORTIONED, -open_pence),
    ):
        if pence:
            yield Entry(ordered.line_id, step, row_id, pence)


def _received(figures: LineFigures, incurred_on: date, period: Period) -> Iterator[tuple[Figure | Gap, int]]:
    """Step from what is apportioned of a row to what was received in the period, and on to the ledger."""
    if period.holds(incurred_on):
        yield Gap.RECEIVED_EARLIER, -figures.earlier
        yield Gap.RECEIVED_LATER, -figures.later
        yield Gap.NOT_RECEIVED, -figures.awaited
        yield Gap.OUTSIDE, -figures.outside
    elif incurred_on < period.first:
        yield Gap.INVOICED_EARLIER, figures.eligible
    else:
        yield Gap.INVOICED_LATER, figures.eligible
    yield Figure.RECEIVED, figures.eligible
    yield Gap.OPENING_ACCRUAL, figures.opening_accrual
    yield Gap.OPENING_PREPAID, -figures.opening_prepaid
    yield Gap.CLOSING_ACCRUAL, -figures.closing_accrual
    yield Gap.CLOSING_PREPAID, figures.closing_prepaid
    yield Figure.BOOKED, figures.ledger


AGES: Sequence[tuple[str, int]] = (
    ("Up to 30 days", 30),
    ("31 to 60 days", 60),
    ("61 to 90 days", 90),
    ("More than 90 days", 10**6),
)
"""How old what is unexplained may be: the words of each age and its most days."""


def age_words(days: int) -> str:
    """Name the age of an unexplained ledger line."""
    return next(words for words, most in AGES if days <= most)


@dataclass(frozen=True)
class Hand:
    """Who prepared a reconciliation: account id and the name a deputy would stand in for."""

    account_id: int
    name: str


def demand_other_hand(prepared_by: Hand, by: Actor) -> None:
    """Keep preparing and signing in two people's hands.

    Raises:
        NotPermitted: the signer prepared it, or acts only as the deputy of whoever did.
    """
    names = [appointment.deputising_for for appointment in by.appointments]
    stands_in_for = {name for name in names if name is not None} if all(names) else set()
    if prepared_by.account_id == by.account_id:
        raise NotPermitted("You prepared this reconciliation, so somebody else must sign it")
    if prepared_by.name in stands_in_for:
        raise NotPermitted(f"{prepared_by.name} prepared this reconciliation, so their deputy cannot sign it")
