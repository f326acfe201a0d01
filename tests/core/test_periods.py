"""Periods by name and by days."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from core.periods import before, named, newest_ended, period_choices, period_of, year_before


def test_days_that_are_a_quarter_or_a_year_have_its_name() -> None:
    assert named(date(2026, 7, 1), date(2026, 9, 30)).name == "Quarter 2 (July to September 2026)"
    assert named(date(2026, 4, 1), date(2027, 3, 31)).words == (
        "Financial year 2026 to 2027: 1 April 2026 to 31 March 2027"
    )
    assert named(date(2026, 8, 5), date(2026, 8, 9)).words == "5 to 9 August 2026"


def test_both_ends_belong_to_a_period() -> None:
    period = named(date(2026, 8, 5), date(2026, 8, 9))
    assert [period.holds(date(2026, 8, day)) for day in (4, 5, 9, 10)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2026-08-09", "2026-08-05", "The last day must be the same as or after the first day"),
        ("1990-01-01", "2026-08-05", "Choose a period of at most 10 years"),
        ("2026-02-30", "2026-08-05", "Use YYYY-MM-DD, like 2022-08-05"),
        (None, "2026-08-05", "Use YYYY-MM-DD, like 2022-08-05"),
    ],
)
def test_what_is_no_period_is_refused(first: str | None, last: str, message: str) -> None:
    with pytest.raises(RuleBroken, match=message):
        period_of(first, last)


def test_choices_are_newest_first_and_reach_back_to_the_first_day() -> None:
    award = ("GB", date(2025, 10, 1), date(2026, 9, 30))
    choices = period_choices(date(2025, 10, 1), date(2026, 5, 4), [award])
    assert [choice.code for choice in choices] == ["2026-q1", "2025-q4", "2025-q3", "2026", "2025", "award-GB"]


def test_the_newest_quarter_that_is_over_is_the_usual_one() -> None:
    choices = period_choices(date(2025, 10, 1), date(2026, 6, 30))
    assert newest_ended(choices, date(2026, 6, 29)).code == "2025-q4"
    assert newest_ended(choices, date(2026, 6, 30)).code == "2026-q1"
    only = period_choices(date(2026, 4, 1), date(2026, 4, 2))
    assert newest_ended(only, date(2026, 4, 2)) == only[0]


@pytest.mark.parametrize(
    ("days", "earlier", "last_year"),
    [
        (("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30"), ("2025-07-01", "2025-09-30")),
        (("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31"), ("2023-02-01", "2023-02-28")),
        (("2024-02-10", "2024-02-29"), ("2024-01-21", "2024-02-09"), ("2023-02-10", "2023-02-28")),
        (("2026-04-01", "2027-03-31"), ("2025-04-01", "2026-03-31"), ("2025-04-01", "2026-03-31")),
    ],
)
def test_a_period_has_one_before_it_and_the_same_days_a_year_earlier(
    days: tuple[str, str], earlier: tuple[str, str], last_year: tuple[str, str]
) -> None:
    period = period_of(*days)
    found = (before(period), year_before(period))
    assert [(each.first.isoformat(), each.last.isoformat()) for each in found] == [earlier, last_year]
