from datetime import date

import pytest

from inventory.catalogue.rules import ItemKind
from inventory.desk.rules import expected, grouped, to_be_chased, weekday_text
from inventory.pars.rules import Level

MONDAY = date(2026, 5, 4)


def test_levels_are_grouped_in_the_order_of_the_home_page_and_booklets_named_by_language() -> None:
    groups = grouped(
        [
            Level("SOAP", "Soap", ItemKind.CONTENT),
            Level("BK-RO", "Know your rights (Romanian)", ItemKind.BOOKLET, "ro"),
            Level("BK-SQ", "Know your rights (Albanian)", ItemKind.BOOKLET, "sq"),
            Level("CARD-RO", "Help card", ItemKind.SECURITY_CARD, "ro"),
            Level("PHONE", "Basic phone", ItemKind.PHONE),
            Level("ADULT-M", "Go Bag, Adult M"),
        ]
    )

    assert [(group.title, [row.label for row in group.rows]) for group in groups] == [
        ("Go Bags", ["Adult M"]),
        ("Phones and SIMs", ["Basic phone"]),
        ("Security cards", ["Romanian"]),
        ("Booklets by language", ["Albanian", "Romanian"]),
        ("Contents and clothing", ["Soap"]),
    ]


def test_two_booklets_of_one_language_are_told_apart_by_their_names() -> None:
    (group,) = grouped(
        [
            Level("A", "Know your rights", ItemKind.BOOKLET, "ro"),
            Level("B", "Staying safe", ItemKind.BOOKLET, "ro"),
        ]
    )

    assert [row.label for row in group.rows] == ["Romanian: Know your rights", "Romanian: Staying safe"]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (None, "no day given"),
        (date(2026, 5, 4), "expected today"),
        (date(2026, 5, 5), "expected tomorrow"),
        (date(2026, 5, 6), "expected Wednesday"),
        (date(2026, 5, 10), "expected Sunday"),
        (date(2026, 5, 11), "expected on 11 May 2026"),
        (date(2026, 5, 1), "was expected on 1 May 2026"),
    ],
)
def test_a_delivery_says_when_it_should_come(day: date | None, words: str) -> None:
    assert expected(day, today=MONDAY) == words


@pytest.mark.parametrize(
    ("expected_on", "sent_on", "late"),
    [
        (date(2026, 5, 4), date(2026, 5, 1), False),
        (date(2026, 5, 3), date(2026, 5, 1), True),
        (None, date(2026, 4, 27), False),
        (None, date(2026, 4, 26), True),
    ],
)
def test_a_delivery_is_chased_after_its_day_or_after_a_week(
    expected_on: date | None, sent_on: date, late: bool
) -> None:
    assert to_be_chased(expected_on, sent_on, today=MONDAY) is late


def test_a_day_is_written_with_its_weekday() -> None:
    assert weekday_text(MONDAY) == "Monday 4 May 2026"
