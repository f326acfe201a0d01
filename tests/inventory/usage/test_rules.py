"""Comparing periods, saying no more than the figures support, and what a report is narrowed to; no database."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from core.periods import named
from inventory.usage.rules import (
    Asked,
    Choices,
    Compared,
    Named,
    Tally,
    narrowed,
    trend,
    trend_words,
    windows,
)

QUARTER = named(date(2026, 7, 1), date(2026, 9, 30))
CHOICES = Choices(
    (Named(1, "SALISBURY", "Salisbury"),),
    (Named(2, "ADULT-M", "Adult M"),),
    (Named(3, "BK-RO", "Know your rights (Romanian)", "ro"),),
    (("ro", "Romanian"),),
)


def spread(count: int) -> Tally:
    """So many units, each on a day of its own."""
    return Tally(count, count)


def test_a_quarter_is_compared_with_the_one_before_and_the_same_one_a_year_before() -> None:
    three = windows(QUARTER, known_from=date(2025, 7, 1), until=date(2026, 12, 1))
    assert [(each.period.first, each.period.last, each.day_count) for each in three.known] == [
        (date(2026, 7, 1), date(2026, 9, 30), 92),
        (date(2026, 4, 1), date(2026, 6, 30), 91),
        (date(2025, 7, 1), date(2025, 9, 30), 92),
    ]


def test_what_is_not_wholly_on_record_is_not_compared_and_days_to_come_are_not_counted() -> None:
    three = windows(QUARTER, known_from=date(2026, 4, 2), until=date(2026, 7, 10))
    assert [each.day_count for each in three.known] == [10]
    assert windows(QUARTER, known_from=None, until=date(2026, 7, 10)).known == (three.now,)


def test_the_year_before_a_year_is_said_once() -> None:
    year = named(date(2026, 4, 1), date(2027, 3, 31))
    three = windows(year, known_from=date(2020, 1, 1), until=date(2027, 4, 1))
    assert three.year_ago is None
    assert three.before.period == named(date(2025, 4, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("now", "then", "found"),
    [
        (spread(8), spread(0), Compared.MORE),  # 2 x 2^-8 is 1 in 128
        (spread(7), spread(0), Compared.UNCLEAR),  # 1 in 64
        (spread(0), spread(8), Compared.FEWER),
        (spread(12), spread(5), Compared.UNCLEAR),
        (spread(28), spread(12), Compared.UNCLEAR),  # 1.7 in 100
        (spread(30), spread(12), Compared.MORE),  # 0.8 in 100
        (Tally(31, 6), Tally(5, 5), Compared.BUSY_DAYS),  # one surge day is no trend
        (spread(400), spread(300), Compared.MORE),  # by the normal curve
        (spread(340), spread(300), Compared.UNCLEAR),
    ],
)
def test_more_and_fewer_are_said_only_beyond_chance(now: Tally, then: Tally, found: Compared) -> None:
    assert trend(now, then, 91, 91) is found


def test_a_period_that_is_not_over_is_compared_by_the_day() -> None:
    assert trend(spread(20), spread(20), 30, 91) is Compared.MORE
    assert trend(spread(20), spread(20), 91, 91) is Compared.UNCLEAR
    assert trend(spread(20), None, 91, 0) is Compared.UNKNOWN


def test_a_trend_is_written_in_words_and_no_clear_change_is_said_too() -> None:
    assert trend_words(Compared.MORE, Compared.FEWER) == "More than the period before, fewer than a year before"
    assert trend_words(Compared.UNCLEAR, Compared.UNKNOWN) == "No clear change"
    assert trend_words(Compared.BUSY_DAYS, None) == "No clear change: a few busy days"
    assert trend_words(Compared.UNKNOWN, None) == "Nothing to compare with"


def test_a_report_is_narrowed_to_what_the_address_names_and_has_a_reference_of_its_own() -> None:
    to = narrowed(Asked("SALISBURY", "ADULT-M", "RO", "BK-RO"), CHOICES)
    assert to.words == (
        ("Place", "Salisbury"),
        ("Variant", "Adult M"),
        ("Language", "Romanian"),
        ("Item", "Know your rights (Romanian)"),
    )
    marks = {narrowed(asked, CHOICES).mark for asked in (Asked(), Asked("SALISBURY"), Asked(language="ro"))}
    assert len(marks) == 3
    assert narrowed(Asked(), CHOICES).mark == ""


@pytest.mark.parametrize("name", ["place", "variant", "language", "item"])
def test_what_is_not_on_the_list_is_refused(name: str) -> None:
    with pytest.raises(RuleBroken, match=f"{name} from the list"):
        narrowed(Asked(**{name: "NOTHING"}), CHOICES)
