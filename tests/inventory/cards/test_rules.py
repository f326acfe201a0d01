"""How numbers on cards are read, and what is said of where one is; no database."""

from __future__ import annotations

import pytest

from core.errors import RuleBroken
from inventory.cards.rules import (
    CardNumber,
    CardNumbers,
    Spot,
    check_numbers,
    in_order,
    number_in,
    numbers_in,
    numbers_of_units,
    unit_of,
    whereabouts,
)

FIRST, SECOND = CardNumbers("SC-", 4001, 4010, 6), CardNumbers("SC-", 4101, 4105, 6)


@pytest.mark.parametrize(
    ("typed", "read", "written"),
    [
        ("SC-004001 to SC-004250", CardNumbers("SC-", 4001, 4250, 6), "SC-004001 to SC-004250"),
        (" sc-004001 – sc-004250 ", CardNumbers("SC-", 4001, 4250, 6), "SC-004001 to SC-004250"),
        ("SC-004001 - 004250", CardNumbers("SC-", 4001, 4250, 6), "SC-004001 to SC-004250"),
        ("sc-004 001", CardNumbers("SC-", 4001, 4001, 6), "SC-004001"),
        ("998 to 1002", CardNumbers("", 998, 1002, 3), "998 to 1002"),
        ("W7/24-09 to W7/24-11", CardNumbers("W7/24-", 9, 11, 2), "W7/24-09 to W7/24-11"),
    ],
)
def test_a_range_is_read_as_it_is_printed(typed: str, read: CardNumbers, written: str) -> None:
    assert numbers_in(typed) == read
    assert str(read) == written


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("SC-004250 to SC-004001", "SC-004001 comes before SC-004250. Enter the lower number first"),
        ("SC-004001 to SD-004250", "SC-004001 and SD-004250 do not begin alike. Enter a range for each beginning"),
        ("SC-0041 to SC-004250", "SC-0041 has 4 digits and SC-004250 has 6. Enter both as they are printed"),
        (
            "the red ones",
            "the red ones is not a range of card numbers. Enter it as printed, like SC-004001 to SC-004250",
        ),
        ("1 to 2 to 3", "1 to 2 to 3 is not a range of card numbers. Enter it as printed, like SC-004001 to SC-004250"),
        ("٤٠٠١", "٤٠٠١ is not a range of card numbers. Enter it as printed, like SC-004001 to SC-004250"),
    ],
)
def test_what_is_no_range_is_refused_in_words(typed: str, message: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        numbers_in(typed, field="ranges")
    assert (broken.value.message, broken.value.field) == (message, "ranges")


def test_a_lot_has_no_more_numbers_than_cards_and_none_twice() -> None:
    check_numbers([FIRST, SECOND], known=[], unit_count=15)
    check_numbers([SECOND], known=[FIRST], unit_count=20)
    with pytest.raises(RuleBroken, match=r"The lot has 14 cards, and you entered 15 numbers\. Enter 14 or fewer"):
        check_numbers([FIRST, SECOND], known=[], unit_count=14)
    with pytest.raises(RuleBroken, match=r"12 cards, of which 10 have a number, and you entered 5 numbers\. Enter 2"):
        check_numbers([SECOND], known=[FIRST], unit_count=12)
    with pytest.raises(RuleBroken, match="Take back the wrong ones first"):
        check_numbers([SECOND], known=[FIRST], unit_count=10)
    with pytest.raises(RuleBroken, match="SC-004005 to SC-004010 are entered twice"):
        check_numbers([FIRST, CardNumbers("SC-", 4005, 4020, 6)], known=[], unit_count=100)


def test_units_take_numbers_from_the_lowest_up_and_those_beyond_have_none() -> None:
    ranges = in_order([SECOND, FIRST])
    assert [str(each) for each in numbers_of_units(((1, 3), (9, 12)), ranges)] == [
        "SC-004001 to SC-004003",
        "SC-004009 to SC-004010",
        "SC-004101 to SC-004102",
    ]
    assert numbers_of_units(((16, 20),), ranges) == []
    assert [unit_of(CardNumber("SC-", number, 4), ranges) for number in (4001, 4010, 4011, 4101, 4105)] == [
        1, 10, None, 11, 15,
    ]  # fmt: skip


def test_a_numbers_place_is_certain_only_where_the_whole_lot_is() -> None:
    asked = number_in("sc-4003")
    assert asked is not None
    unit = unit_of(asked, [FIRST])
    assert unit == 3
    shelf, bags = Spot("Salisbury", ((1, 5),)), Spot("2 Go Bags at Salisbury", ((6, 7),))
    assert whereabouts(unit, [shelf]) == "All cards of the lot are in one place: Salisbury."
    unread = "Numbers are not read when cards are packed, sent or handed over, so nobody recorded where this one is."
    assert whereabouts(unit, [shelf, bags]) == (
        f"{unread} If cards were taken from the lowest number up, it is among these: Salisbury."
    )
    hidden = Spot("Trowbridge", ((1, 5),), shown=False)
    assert whereabouts(unit, [hidden]) == whereabouts(unit, [hidden, bags]) == unread
