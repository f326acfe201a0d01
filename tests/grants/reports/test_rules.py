"""Arithmetic of the statement: portions, accruals, and where each penny of the ledger belongs."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import named
from grants.reports.rules import (
    Booking,
    Destination,
    LineFigures,
    Part,
    Receipt,
    RowFacts,
    Share,
    figures_of,
    largest_first,
    parts_of,
    percent_points,
    shares_of,
)

FUNDED = named(date(2026, 4, 1), date(2027, 3, 31))
QUARTER = named(date(2026, 7, 1), date(2026, 9, 30))
A, B = 1, 2


def goods(cost: int, units: int, *receipts: tuple[date, int], booked: tuple[tuple[date, int], ...] = ()) -> RowFacts:
    """Give a row of goods, all of it for line A."""
    return RowFacts(
        7,
        cost,
        (Share(cost, A),),
        date(2026, 7, 1),
        units,
        tuple(Receipt(day, count) for day, count in receipts),
        tuple(Booking(number, day, pence) for number, (day, pence) in enumerate(booked, start=100)),
    )


def figures(row: RowFacts, *, defrayed: bool = False) -> LineFigures:
    """Give the figures of line A for the quarter."""
    return figures_of(row, QUARTER, FUNDED, defrayed=defrayed).get(A, LineFigures())


def test_goods_received_and_booked_in_the_period_need_no_accrual() -> None:
    found = figures(goods(60_00, 10, (date(2026, 7, 9), 10), booked=((date(2026, 8, 1), 60_00),)))
    assert found == LineFigures(ledger=60_00, eligible=60_00)


def test_goods_received_before_and_booked_in_the_period_are_an_opening_accrual() -> None:
    found = figures(goods(410_40, 100, (date(2026, 6, 20), 100), booked=((date(2026, 7, 10), 410_40),)))
    assert found == LineFigures(earlier=410_40, ledger=410_40, opening_accrual=410_40)


def test_goods_received_and_not_booked_are_a_closing_accrual() -> None:
    found = figures(goods(312_00, 50, (date(2026, 9, 25), 50)))
    assert found == LineFigures(eligible=312_00, closing_accrual=312_00)


def test_goods_booked_before_they_came_are_taken_off_and_given_back() -> None:
    """Booked on 1 June, received on 1 July: nothing in the first quarter, all of it in the second."""
    row = goods(50_00, 5, (date(2026, 7, 1), 5), booked=((date(2026, 6, 1), 50_00),))
    first = figures_of(row, named(date(2026, 4, 1), date(2026, 6, 30)), FUNDED)[A]
    assert first == LineFigures(ledger=50_00, closing_prepaid=50_00, later=50_00)
    assert figures(row) == LineFigures(opening_prepaid=50_00, eligible=50_00)


def test_three_for_ten_pounds_received_in_two_quarters_lose_no_penny() -> None:
    """2 of 3 are 6.66 of 10.00; the third is 3.34."""
    row = goods(10_00, 3, (date(2026, 7, 15), 2), (date(2026, 10, 2), 1))
    found = figures(row)
    assert (found.eligible, found.later, found.apportioned) == (6_66, 3_34, 10_00)


def test_goods_received_before_the_funding_period_are_never_eligible() -> None:
    row = goods(150_40, 10, (date(2026, 3, 28), 10), booked=((date(2026, 7, 2), 150_40),))
    assert figures(row) == LineFigures(outside=150_40)
    assert list(parts_of(row, QUARTER, FUNDED)) == [
        Part(100, 7, date(2026, 7, 2), Destination.OUTSIDE, 150_40, line_id=A)
    ]


def test_what_counts_when_paid_has_no_accruals() -> None:
    row = goods(60_00, 10, (date(2026, 6, 9), 10), booked=((date(2026, 7, 1), 45_00), (date(2026, 10, 1), 15_00)))
    assert figures(row, defrayed=True) == LineFigures(ledger=45_00, eligible=45_00, later=15_00)


def test_a_payment_taken_back_leaves_only_what_stays_paid() -> None:
    row = goods(60_00, 10, booked=((date(2026, 7, 1), 60_00), (date(2026, 7, 2), -20_00)))
    assert figures(row, defrayed=True) == LineFigures(ledger=40_00, eligible=40_00, awaited=20_00)


def test_a_credit_note_is_the_negative_of_spending() -> None:
    row = RowFacts(8, -60_00, (Share(-60_00, A),), date(2026, 8, 3), bookings=(Booking(101, date(2026, 8, 9), -60_00),))
    assert figures(row) == LineFigures(ledger=-60_00, eligible=-60_00)
    assert [part.pence for part in parts_of(row, QUARTER, FUNDED)] == [-60_00]


def test_spending_that_brings_no_goods_counts_on_the_day_it_was_incurred() -> None:
    row = RowFacts(9, 25_00, (Share(25_00, A),), date(2026, 9, 30))
    assert figures(row).eligible == 25_00
    assert figures_of(row, named(date(2026, 10, 1), date(2026, 12, 31)), FUNDED)[A].earlier == 25_00


def test_a_ledger_line_is_divided_among_grants_and_none() -> None:
    row = RowFacts(
        5,
        100_00,
        shares_of(100_00, {A: 60_00}, {"OTHER": 30_00}),
        date(2026, 7, 5),
        bookings=(Booking(100, date(2026, 7, 9), 120_00),),
    )
    assert [(part.destination, part.pence) for part in parts_of(row, QUARTER, FUNDED)] == [
        (Destination.LINE, 60_00),
        (Destination.OTHER_AWARD, 30_00),
        (Destination.UNCHARGED, 10_00),
        (Destination.BEYOND, 20_00),
    ]


def test_percentages_round_half_up_and_there_is_none_of_nothing() -> None:
    assert percent_points(1, 3) == 33_33
    assert percent_points(1, 0) is None


def test_the_largest_come_first_whatever_their_sign() -> None:
    assert largest_first([5, -80, 80, 0]) == [1, 2, 0, 3]


DAYS = st.integers(-120, 500).map(lambda days: date(2026, 4, 1) + timedelta(days=days))


@st.composite
def rows(draw: st.DrawFn) -> RowFacts:
    """Draw a spending row: its cost divided, received and booked in any order, in and out of the funding period."""
    sign = draw(st.sampled_from((1, 1, 1, -1)))
    cuts = sorted(draw(st.lists(st.integers(0, 5_000), min_size=3, max_size=3)))
    parts = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1]]
    cost = sign * draw(st.integers(cuts[2], cuts[2] + 300))
    units = draw(st.integers(1, 9)) if sign > 0 and draw(st.booleans()) else None
    receipts = draw(st.lists(st.builds(Receipt, DAYS, st.integers(1, 3)), max_size=3)) if units else []
    total = sum(receipt.unit_count for receipt in receipts)
    bookings = draw(st.lists(st.builds(Booking, st.integers(1, 50), DAYS, st.integers(-200, 6_000)), max_size=4))
    return RowFacts(
        1,
        cost,
        shares_of(cost, {A: sign * parts[0], B: sign * parts[1]}, {"OTHER": sign * parts[2]}),
        draw(DAYS),
        max(units, total) if units else None,
        tuple(receipts),
        tuple(Booking(b.ledger_line_id, b.dated_on, sign * b.pence) for b in bookings),
    )


@settings(max_examples=150, deadline=None)
@given(row=rows(), defrayed=st.booleans())
def test_the_columns_of_any_row_add_up(row: RowFacts, defrayed: bool) -> None:
    for line_id, found in figures_of(row, QUARTER, FUNDED, defrayed=defrayed).items():
        assert found.eligible == found.ledger - found.opening + found.closing
        assert found.apportioned == next(share.pence for share in row.shares if share.line_id == line_id)


@settings(max_examples=150, deadline=None)
@given(row=rows(), defrayed=st.booleans())
def test_every_penny_the_ledger_booked_goes_somewhere(row: RowFacts, defrayed: bool) -> None:
    parts = list(parts_of(row, QUARTER, FUNDED, defrayed=defrayed))
    booked = sum(booking.pence for booking in row.bookings if QUARTER.holds(booking.dated_on))
    assert sum(part.pence for part in parts) == booked
    to_lines = sum(part.pence for part in parts if part.destination is Destination.LINE)
    assert to_lines == sum(found.ledger for found in figures_of(row, QUARTER, FUNDED, defrayed=defrayed).values())


@settings(max_examples=100, deadline=None)
@given(row=rows())
def test_periods_that_follow_each_other_count_every_penny_once(row: RowFacts) -> None:
    halves = (named(date(2026, 4, 1), date(2026, 9, 30)), named(date(2026, 10, 1), date(2027, 3, 31)))
    first, second = (figures_of(row, half, FUNDED) for half in halves)
    for line_id, found in second.items():
        assert found.earlier == first[line_id].cumulative
        assert found.opening == first[line_id].closing
