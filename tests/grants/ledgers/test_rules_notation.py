"""Amounts become integer pence and dates become dates only when they are written in a notation that is known."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Pence
from grants.ledgers.rules.notation import DateNotation, DecimalMark, NotInNotation, amount_pence, read_date


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("81", 8_100),
        ("5582.7", 558_270),
        ("0.05", 5),
        (".5", 50),
        ("4,007,633.00", 400_763_300),
        ("(2,600)", -260_000),
        ("( 2,600.10 )", -260_010),
        ("12.00-", -1_200),
        ("1,234.50-", -123_450),
        ("-200", -20_000),
        ("−200", -20_000),
        ("£1,234.50", 123_450),
        ("-£5", -500),
        ("£-5", -500),
        ("GBP 12.30", 1_230),
        ("45.10CR", -4_510),
        ("45.10 DR", 4_510),
        ("+7", 700),
        (" -   ", 0),
        ("000123.40", 12_340),
        ("1\u00a0", 100),
        ("£(2,600.10)", -260_010),
        ("12.5000", 1_250),
        ("-1,234.500000", -123_450),
    ],
)
def test_an_amount_reads_as_finance_systems_write_it(text: str, pence: int) -> None:
    assert amount_pence(text) == pence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n/a",
        "1,2,3",
        "12,34.00",
        "1e9",
        "Infinity",
        "NaN",
        "sNaN",
        "1_000",
        "１２",
        "٣",
        "5.",
        "(5",
        "5)",
        "1 234",
        "$5",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotInNotation, match=r"is not an amount in pounds and pence, like 12\.50"):
        amount_pence(text)


def test_a_third_decimal_is_refused_with_the_figure_and_not_rounded() -> None:
    with pytest.raises(NotInNotation, match=r"'12\.345' has more than two decimals"):
        amount_pence("12.345")
    with pytest.raises(NotInNotation, match="more than two decimals"):
        amount_pence("12.300")
    with pytest.raises(NotInNotation, match="more than two decimals"):
        amount_pence("12.3456")


def test_two_negative_signs_are_refused() -> None:
    with pytest.raises(NotInNotation, match="marked negative twice"):
        amount_pence("(-5.00)")


def test_an_absurdly_long_amount_is_refused_quickly() -> None:
    with pytest.raises(NotInNotation, match="larger than any amount"):
        amount_pence("9" * 5_000)


def test_a_decimal_comma_is_read_only_where_the_layout_declares_it() -> None:
    assert amount_pence("1.234,56", DecimalMark.COMMA) == 123_456
    with pytest.raises(NotInNotation):
        amount_pence("1.234,56")


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_every_way_of_writing_an_amount_gives_the_same_pence(pence: int) -> None:
    pounds, rest = divmod(abs(pence), 100)
    plain, grouped = f"{pounds}.{rest:02}", f"{pounds:,}.{rest:02}"
    ways = (
        [f"{grouped}", f"£{grouped}", plain]
        if pence >= 0
        else [f"({grouped})", f"{plain}-", f"-{grouped}", f"{plain}CR"]
    )
    assert {amount_pence(way) for way in ways} == {Pence(pence)}


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    with contextlib.suppress(NotInNotation):
        assert isinstance(amount_pence(text), int)


@pytest.mark.parametrize(
    ("text", "notation", "expected"),
    [
        ("2018-05-01", DateNotation.ISO, date(2018, 5, 1)),
        ("2018-05-01 00:00:00", DateNotation.ISO, date(2018, 5, 1)),
        ("2018-05-01T09:30:00Z", DateNotation.ISO, date(2018, 5, 1)),
        ("05/04/2016", DateNotation.DAY_FIRST, date(2016, 4, 5)),
        ("5.4.2016", DateNotation.DAY_FIRST, date(2016, 4, 5)),
        ("05/04/2016 00:00", DateNotation.DAY_FIRST, date(2016, 4, 5)),
        ("05/04/2016", DateNotation.MONTH_FIRST, date(2016, 5, 4)),
        ("06 Feb 2013", DateNotation.MONTH_NAME, date(2013, 2, 6)),
        ("6th February 2013", DateNotation.MONTH_NAME, date(2013, 2, 6)),
        ("05-JAN-26", DateNotation.MONTH_NAME, date(2026, 1, 5)),
        ("2018-05-01T00:00:00+01:00", DateNotation.ISO, date(2018, 5, 1)),
        ("Apr 1, 2026", DateNotation.MONTH_NAME, date(2026, 4, 1)),
        ("April 2nd 2026", DateNotation.MONTH_NAME, date(2026, 4, 2)),
        ("Wed 1 April 2026", DateNotation.MONTH_NAME, date(2026, 4, 1)),
        ("Thursday, 2 April 2026", DateNotation.MONTH_NAME, date(2026, 4, 2)),
        ("46113", DateNotation.DAY_NUMBER, date(2026, 4, 1)),
        ("46113.5479", DateNotation.DAY_NUMBER, date(2026, 4, 1)),
        ("20180501", DateNotation.COMPACT, date(2018, 5, 1)),
        ("201802", DateNotation.FISCAL_PERIOD, date(2018, 5, 31)),
        ("201810", DateNotation.FISCAL_PERIOD, date(2019, 1, 31)),
        ("2018-13", DateNotation.FISCAL_PERIOD, date(2019, 3, 31)),
        ("201802", DateNotation.CALENDAR_PERIOD, date(2018, 2, 28)),
    ],
)
def test_a_date_reads_in_the_notation_declared(text: str, notation: DateNotation, expected: date) -> None:
    assert read_date(text, notation) == expected


def test_a_year_of_two_digits_is_refused_with_the_remedy() -> None:
    with pytest.raises(NotInNotation, match=r"'01/02/27' has a year of two digits. Use DD/MM/YYYY"):
        read_date("01/02/27", DateNotation.DAY_FIRST)


@pytest.mark.parametrize("text", ["31/02/2026", "29/02/2027", "00/01/2026", "05/13/2016"])
def test_a_day_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(NotInNotation, match=r"is not a real date. Use DD/MM/YYYY"):
        read_date(text, DateNotation.DAY_FIRST)


@pytest.mark.parametrize("text", ["01/01/0001", "01/01/1889", "01/01/2999"])
def test_a_year_far_away_is_refused(text: str) -> None:
    with pytest.raises(NotInNotation, match="is not in a year from 1990 to 2099"):
        read_date(text, DateNotation.DAY_FIRST)


def test_another_notation_than_the_declared_one_is_refused() -> None:
    with pytest.raises(NotInNotation, match="is not a date written like 2026-01-05"):
        read_date("05/04/2016", DateNotation.ISO)
