"""Each way of looking wrong, at the very limit where it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from audit.exceptions.rules import (
    Decision,
    ExceptionKind,
    Leads,
    Pair,
    Row,
    Share,
    late_issue,
    odd_hours,
    of_row,
    same_pairs,
    under_threshold,
)

AT = datetime(2026, 8, 5, 9, 0, tzinfo=UTC)
SHARE = Share(1, "GB/A", date(2027, 3, 31), 60_00, False, AT)
ROW = Row(
    "INV-1-1", "Towels (INV-1-1)", date(2026, 8, 5), 60_00, 10, "PO-1", date(2026, 8, 5), 1, "A", 60_00, 10, (SHARE,),
    (date(2026, 8, 9),),
)  # fmt: skip


def kinds(row: Row) -> list[ExceptionKind]:
    return [each.kind for each in of_row(row)]


def test_a_row_as_ordered_is_no_exception() -> None:
    assert kinds(ROW) == []
    assert kinds(replace(ROW, order="", ordered_on=None, order_line_id=None, ordered_pence=0, ordered_count=1)) == []


def test_an_invoice_a_day_before_its_order_is_one() -> None:
    (found,) = of_row(replace(ROW, ordered_on=date(2026, 8, 6)))
    assert found.words == "Towels (INV-1-1) was invoiced on 5 August 2026, 1 day before order PO-1 was placed"


@pytest.mark.parametrize(
    ("net", "units", "words"),
    [
        (60_01, 10, "order PO-1 makes it £60.00, £0.01 less"),
        (59_99, 10, "order PO-1 makes it £60.00, £0.01 more"),
        (60_00, 9, "order PO-1 makes it £54.00, £6.00 less"),
        (54_00, 9, ""),
    ],
)
def test_another_price_than_ordered_is_one_to_the_penny(net: int, units: int, words: str) -> None:
    found = list(of_row(replace(ROW, net_pence=net, unit_count=units)))
    assert [each.words.endswith(words) for each in found] == ([True] if words else [])


def test_a_price_that_does_not_divide_is_none() -> None:
    assert kinds(replace(ROW, ordered_pence=100, ordered_count=3, unit_count=2, net_pence=67)) == []
    assert kinds(replace(ROW, ordered_pence=100, ordered_count=3, unit_count=2, net_pence=68)) == [ExceptionKind.PRICE]


def test_another_line_counts_while_something_stands_on_it() -> None:
    elsewhere = replace(SHARE, line_id=2, line="GB/B")
    (found,) = of_row(replace(ROW, shares=(elsewhere,)))
    assert (found.kind, found.pence) == (ExceptionKind.OTHER_LINE, 60_00)
    taken_back = replace(elsewhere, pence=-60_00, reversed_=True)
    assert kinds(replace(ROW, shares=(elsewhere, taken_back, SHARE))) == [ExceptionKind.REVERSED]


def test_goods_a_day_after_the_end_of_the_award_are_one() -> None:
    ending = replace(SHARE, ends_on=date(2026, 8, 9))
    assert kinds(replace(ROW, shares=(ending,))) == []
    ended = replace(SHARE, ends_on=date(2026, 8, 8))
    (found,) = of_row(replace(ROW, shares=(ended,)))
    assert (found.kind, found.on, found.pence) == (ExceptionKind.AFTER_END, date(2026, 8, 9), 60_00)


@pytest.mark.parametrize(
    ("gross", "under"),
    [
        (475_00, 25_00),
        (495_00, 5_00),
        (474_95, None),
        (500_00, None),
        (496_01, None),
        (995_00, 5_00),
        (9_990_00, 10_00),
    ],
)
def test_a_round_sum_just_under_a_threshold_is_one(gross: int, under: int | None) -> None:
    found = list(under_threshold("INV-1", "Invoice 7", date(2026, 8, 5), gross))
    assert len(found) == (under is not None)
    if under is not None:
        assert f"£{under // 100}.00 under £" in found[0].words


@pytest.mark.parametrize(
    ("at", "odd"),
    [
        (datetime(2026, 8, 5, 20, 59, tzinfo=UTC), False),
        (datetime(2026, 8, 5, 21, 0, tzinfo=UTC), True),
        (datetime(2026, 8, 5, 4, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 5, 5, 0, tzinfo=UTC), False),
        (datetime(2026, 8, 7, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 8, 11, 0, tzinfo=UTC), True),
    ],
)
def test_nights_and_weekends_are_those_of_london(at: datetime, odd: bool) -> None:
    made = [Decision(Leads.REQUEST, "R-1", "approved R-1", "Insp 2204", at)]
    assert len(list(odd_hours(made))) == odd


def test_the_same_two_people_always_are_one_from_the_fifth_time() -> None:
    pair = Pair("Salisbury", "SALISBURY", "Sgt 1", "Insp 2", 5, AT)
    assert [each.record for each in same_pairs([pair])] == ["SALISBURY"]
    assert list(same_pairs([replace(pair, count=4)])) == []
    assert list(same_pairs([pair, replace(pair, approved_by="Insp 3", count=1)])) == []


def test_an_issue_is_late_after_a_day() -> None:
    assert list(late_issue("S", "GB-1", "Salisbury", AT, AT + timedelta(hours=24))) == []
    (found,) = late_issue("S", "GB-1", "Salisbury", AT, AT + timedelta(days=3, hours=1))
    assert found.words == "Go Bag GB-1 was handed over at Salisbury on 5 August 2026 at 10am and recorded 3 days later"
