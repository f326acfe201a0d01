"""The strict parser: what is read, and the exact words in which anything else is refused."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleBroken
from core.money import Pence, plain_pounds, pounds
from core.parse import (
    bounded_text,
    carried,
    clean,
    day_month_year,
    iso_date,
    one_line,
    past_date,
    percentage,
    pounds_and_pence,
    real_date,
    reference,
    search_text,
    whole_number,
)

WHOLE = "Enter a whole number, like 12"
MONEY = "Enter an amount in pounds and pence, like 12.50"
PAST = "Enter a real date in the past"
TODAY = date(2026, 8, 5)


def refusal_of(read: Callable[[], object]) -> str:
    """Give the words in which something is refused."""
    with pytest.raises(RuleBroken) as refusal:
        read()
    return refusal.value.message


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" 7 ", 7), ("007", 7), ("1,000", 1000), ("100000", 100_000)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "1_000",
        "１２",
        "٣",
        "+5",
        "5.0",
        "1e3",
        "0x10",
        "1,2,3",
        "10,00",
        "1 000",
        "twelve",
        "--1",
        "1\x00",
        "½",
        "²",
    ],
)
def test_what_is_not_a_plain_whole_number_is_refused(text: str) -> None:
    assert refusal_of(lambda: whole_number(text)) == WHOLE


@pytest.mark.parametrize("text", ["0", "-1", "-0", "", " ", None, "000", "-99999999999999999999"])
def test_nothing_and_less_than_nothing_are_refused(text: str | None) -> None:
    assert refusal_of(lambda: whole_number(text)) == "Quantity must be 1 or more"


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), (None, None), ("", None), ("-1", None), ("٣", None), ("1 ", None), ("9" * 5000, None)],
)
def test_a_number_a_page_put_into_its_form_is_read_and_nothing_else(text: str | None, number: int | None) -> None:
    assert carried(text) == number


@pytest.mark.parametrize("text", [str(2**63), "9" * 20, "9" * 5000, "100001", "100,001"])
def test_too_large_a_quantity_is_refused(text: str) -> None:
    assert refusal_of(lambda: whole_number(text)) == "Quantity must be 100,000 or fewer"


def test_a_whole_number_keeps_the_limits_and_the_noun_it_is_given() -> None:
    assert whole_number("0", least=0) == 0
    assert whole_number("-3", least=-5) == -3
    assert refusal_of(lambda: whole_number("-0", least=0)) == "Quantity must be 0 or more"
    assert refusal_of(lambda: whole_number("1001", noun="Par level", most=1000)) == "Par level must be 1,000 or fewer"
    with pytest.raises(RuleBroken) as refusal:
        whole_number("x", field="held_count")
    assert refusal.value.field == "held_count"


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("12", 1200),
        ("12.50", 1250),
        ("£1,234.50", 123_450),
        ("0", 0),
        ("0.05", 5),
        (" £3 ", 300),
        ("10,000,000.00", 10**9),
    ],
)
def test_an_amount_is_read_as_pence(text: str, pence: int) -> None:
    assert pounds_and_pence(text) == pence


@pytest.mark.parametrize(
    "text",
    [
        "0.005", "1e9", "Infinity", "NaN", "sNaN", "-Infinity", "1,2,3", "12.5", "12.", ".50", "1_000",
        "１２", "٣.٠٠", "", None, "£", "12.50p", "1.234,50", "1,23.00", "$5", "12 50", "+5", "£ 5", "0x1F",
        "--1", "1.00.00",
    ],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(text: str | None) -> None:
    assert refusal_of(lambda: pounds_and_pence(text)) == MONEY
    assert refusal_of(lambda: pounds_and_pence(text, least=Pence(-(10**9)))) == MONEY


def test_an_amount_keeps_its_limits() -> None:
    assert refusal_of(lambda: pounds_and_pence("-5")) == "Amount must be £0 or more"
    assert refusal_of(lambda: pounds_and_pence("-0")) == "Amount must be £0 or more"
    assert refusal_of(lambda: pounds_and_pence("0", least=Pence(1))) == "Amount must be £0.01 or more"
    assert refusal_of(lambda: pounds_and_pence("10000000.01")) == "Amount must be £10,000,000 or less"
    assert refusal_of(lambda: pounds_and_pence("9" * 5000)) == "Amount must be £10,000,000 or less"
    assert refusal_of(lambda: pounds_and_pence("-9", noun="Unit price")) == "Unit price must be £0 or more"


@given(st.integers(-(10**9), 10**9))
def test_every_amount_the_product_prints_is_read_back(pence: int) -> None:
    least = Pence(-(10**9))
    assert pounds_and_pence(pounds(pence), least=least) == pence
    assert pounds_and_pence(plain_pounds(pence), least=least) == pence


@pytest.mark.parametrize(
    ("text", "points"),
    [("20", 2000), ("17.5", 1750), ("0.25 %", 25), ("100%", 10_000), ("0", 0), ("5.05", 505)],
)
def test_a_percentage_is_read_as_basis_points(text: str, points: int) -> None:
    assert percentage(text) == points


@pytest.mark.parametrize("text", ["", None, "-1", "1.234", "1e2", "%", "٢٠", "NaN", "1,000"])
def test_what_is_not_a_percentage_is_refused(text: str | None) -> None:
    assert refusal_of(lambda: percentage(text)) == "Enter a percentage, like 20 or 17.5"


def test_more_than_the_whole_is_refused() -> None:
    assert refusal_of(lambda: percentage("100.01")) == "Percentage must be 100 or less"
    assert refusal_of(lambda: percentage("13", most=1250)) == "Percentage must be 12.5 or less"


def test_a_date_in_the_past_is_read_from_its_parts() -> None:
    assert past_date("5", "8", "2026", today=TODAY) == TODAY
    assert past_date("29", "02", "2024", today=TODAY) == date(2024, 2, 29)
    assert past_date(" 1 ", "Aug", "2026", today=TODAY, not_before=date(2026, 8, 1)) == date(2026, 8, 1)
    assert past_date("1", "august", "2026", today=TODAY) == date(2026, 8, 1)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("29", "2", "2025"),
        ("29", "2", "2027"),
        ("1", "1", "0001"),
        ("6", "8", "2026"),
        ("31", "7", "2026"),
        ("", "", ""),
        ("5", "8", "26"),
        ("٥", "8", "2026"),
        ("5", "13", "2026"),
        ("0", "8", "2026"),
        ("-5", "8", "2026"),
        ("5 8", "8", "2026"),
        ("5", "Smarch", "2026"),
        ("5" * 5000, "8", "2026"),
    ],
)
def test_an_unreal_future_or_too_early_date_is_refused(day: str, month: str, year: str) -> None:
    """Today is 5 August 2026; the stock was received on 1 August."""
    assert refusal_of(lambda: past_date(day, month, year, today=TODAY, not_before=date(2026, 8, 1))) == PAST


def test_a_missing_part_of_a_date_is_refused() -> None:
    assert refusal_of(lambda: past_date(None, "8", "2026", today=TODAY)) == PAST
    assert refusal_of(lambda: real_date(None, None, None)) == "Enter a real date, like 5 8 2022"


def test_an_expiry_may_lie_in_the_future() -> None:
    assert real_date("31", "12", "2031") == date(2031, 12, 31)
    assert refusal_of(lambda: real_date("31", "11", "2031")) == "Enter a real date, like 5 8 2022"
    assert refusal_of(lambda: real_date("1", "1", "9999")) == "Enter a real date, like 5 8 2022"


def test_written_dates_are_read_in_their_one_form() -> None:
    assert iso_date("2022-08-05") == date(2022, 8, 5)
    assert day_month_year(" 05/08/2022 ") == date(2022, 8, 5)
    assert day_month_year("5/8/2022") == date(2022, 8, 5)


@pytest.mark.parametrize(
    "text", ["", None, "05-08-2022", "8/25/2022", "31/02/2022", "5/8/22", "2022/08/05", "０５/08/2022"]
)
def test_another_form_of_date_is_refused(text: str | None) -> None:
    assert refusal_of(lambda: day_month_year(text)) == "Use DD/MM/YYYY"


@pytest.mark.parametrize("text", ["", None, "20220805", "2022-8-5", "2022-02-30", "2022-08-05T00:00", "0001-01-01"])
def test_another_form_of_iso_date_is_refused(text: str | None) -> None:
    assert refusal_of(lambda: iso_date(text)) == "Use YYYY-MM-DD, like 2022-08-05"


def test_a_note_of_500_characters_is_read_and_of_501_refused() -> None:
    assert bounded_text("x" * 500) == "x" * 500
    assert refusal_of(lambda: bounded_text("x" * 501)) == "Must be 500 characters or fewer"
    assert refusal_of(lambda: bounded_text("x" * 2001, most=2000)) == "Must be 2,000 characters or fewer"


def test_a_browsers_line_ends_count_once() -> None:
    assert bounded_text("a\r\nb", most=3) == "a\nb"
    assert bounded_text(" one  \r\n\r\n two\r") == "one\n\n two"


def test_what_cannot_be_seen_is_dropped_and_the_rest_normalised() -> None:
    assert clean("in\u202evoice\u2066.pdf\u200b\x00\x1b\ufeff\ufffe\ud800") == "invoice.pdf"
    assert clean("cafe\u0301") == "caf\u00e9"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "' OR 1=1--", "%_", "=1+1", "M&S <b>5 < 6"])
def test_signs_that_mean_something_to_a_machine_are_kept_as_typed(text: str) -> None:
    assert bounded_text(text) == one_line(text) == search_text(text) == text


def test_an_empty_text_is_refused_only_where_one_is_required() -> None:
    assert bounded_text(None) == one_line(" \u200b ") == ""
    assert refusal_of(lambda: bounded_text("\u202e", required="Enter a reason")) == "Enter a reason"
    assert refusal_of(lambda: one_line(None, required="Enter a name")) == "Enter a name"


def test_a_name_is_one_line_with_single_spaces() -> None:
    assert one_line("  Melksham \r\n police\tstation ") == "Melksham police station"
    assert refusal_of(lambda: one_line("x" * 101)) == "Must be 100 characters or fewer"


def test_a_search_is_at_most_100_characters() -> None:
    assert search_text("  blue   blanket ") == "blue blanket"
    assert search_text(None) == ""
    assert search_text("x" * 100) == "x" * 100
    assert refusal_of(lambda: search_text("x" * 101)) == "Search must be 100 characters or fewer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("po-2026-0042", "PO-2026-0042"),
        (" GB 0042 ", "GB 0042"),
        ("inv/42.1_b", "INV/42.1_B"),
        ("PO\u20132026", "PO-2026"),
    ],
)
def test_a_reference_is_read_in_capitals(text: str, expected: str) -> None:
    assert reference(text) == expected


@pytest.mark.parametrize("text", ["<b>", "GB-٤٢", "ＧＢ", "-1", "=1", "a;b", "GB-", "é"])
def test_a_reference_holds_plain_letters_and_numbers(text: str) -> None:
    message = "Bag tag must be letters, numbers and hyphens, like PO-2026-0042"
    assert refusal_of(lambda: reference(text, noun="Bag tag")) == message


def test_a_reference_is_neither_empty_nor_long() -> None:
    assert refusal_of(lambda: reference("", noun="Bag tag")) == "Enter the bag tag"
    assert refusal_of(lambda: reference("9" * 41)) == "Reference must be 40 characters or fewer"


READERS: tuple[Callable[[str], object], ...] = (
    whole_number,
    pounds_and_pence,
    percentage,
    iso_date,
    day_month_year,
    bounded_text,
    one_line,
    search_text,
    reference,
    lambda typed: real_date(typed, typed, typed),
)


@given(st.text())
def test_no_text_at_all_breaks_the_parser(text: str) -> None:
    for read in READERS:
        with suppress(RuleBroken):
            read(text)
