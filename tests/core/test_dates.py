"""London days over clock changes and year ends, and how dates are written."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from core.dates import (
    FinancialYear,
    Month,
    Quarter,
    day_bounds,
    day_text,
    financial_year,
    local_day,
    moment_on,
    moment_text,
    month,
    months_between,
    period_text,
    quarter,
)
from core.errors import RuleBroken


def utc(year: int, number: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Give a moment in UTC."""
    return datetime(year, number, day, hour, minute, second, tzinfo=UTC)


def test_late_on_31_march_in_utc_is_already_the_next_financial_year_in_london() -> None:
    moment = utc(2026, 3, 31, 23, 30)
    assert local_day(moment) == date(2026, 4, 1)
    assert financial_year(local_day(moment)) == FinancialYear(2026)
    assert local_day(utc(2026, 3, 31, 22, 59)) == date(2026, 3, 31)
    assert local_day(utc(2026, 12, 31, 23, 59)) == date(2026, 12, 31)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 3, 31, 23, 30)  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(ValueError, match="no time zone"):
        local_day(naive)
    with pytest.raises(ValueError, match="no time zone"):
        moment_text(naive)


def test_the_day_the_clocks_go_back_has_25_hours_and_forward_23() -> None:
    back, forward = date(2026, 10, 25), date(2027, 3, 28)
    assert day_bounds(back, back) == (utc(2026, 10, 24, 23), utc(2026, 10, 26))
    assert day_bounds(forward, forward) == (utc(2027, 3, 28), utc(2027, 3, 28, 23))


def test_the_days_of_a_year_follow_each_other_without_gap_or_overlap() -> None:
    year = FinancialYear(2026)
    days = [year.first + timedelta(days=count) for count in range((year.last - year.first).days + 1)]
    bounds = [day_bounds(day, day) for day in days]
    assert len(days) == 365
    assert all(ended == started for (_, ended), (started, _) in pairwise(bounds))
    assert (bounds[0][0], bounds[-1][1]) == day_bounds(year.first, year.last)
    assert [local_day(started) for started, _ in bounds] == days


def test_days_sum_to_months_months_to_quarters_and_quarters_to_the_year() -> None:
    year = FinancialYear(2027)
    assert [day_bounds(m.first, m.last)[1] for m in year.months[:-1]] == [
        day_bounds(m.first, m.last)[0] for m in year.months[1:]
    ]
    assert tuple(m for part in year.quarters for m in part.months) == year.months
    assert (year.quarters[0].first, year.quarters[3].last) == (year.first, year.last)
    assert sum((m.last - m.first).days + 1 for m in year.months) == 366


def test_bounds_refuse_a_last_day_before_the_first() -> None:
    with pytest.raises(ValueError, match="is before"):
        day_bounds(date(2026, 4, 2), date(2026, 4, 1))


def test_half_past_one_comes_twice_when_the_clocks_go_back_and_is_told_apart() -> None:
    assert moment_text(utc(2026, 10, 25, 0, 30)) == "25 October 2026 at 1:30am BST"
    assert moment_text(utc(2026, 10, 25, 1, 30)) == "25 October 2026 at 1:30am GMT"
    assert moment_on(date(2026, 10, 25), time(1, 30)) == utc(2026, 10, 25, 0, 30)
    assert moment_on(date(2026, 10, 25), time(1, 30, fold=1)) == utc(2026, 10, 25, 1, 30)


def test_half_past_one_does_not_come_when_the_clocks_go_forward() -> None:
    with pytest.raises(RuleBroken) as refusal:
        moment_on(date(2027, 3, 28), time(1, 30))
    assert refusal.value.message == (
        "The clocks went forward on 28 March 2027, so 1:30am did not happen. Enter a time before 1am, or 2am or later"
    )
    assert moment_on(date(2027, 3, 28), time(2, 0)) == utc(2027, 3, 28, 1)
    assert moment_on(date(2027, 3, 28), time(0, 59)) == utc(2027, 3, 28, 0, 59)


@pytest.mark.parametrize(
    ("day", "year", "label"),
    [
        (date(2022, 3, 31), 2021, "Quarter 4 (January to March 2022)"),
        (date(2022, 4, 1), 2022, "Quarter 1 (April to June 2022)"),
        (date(2022, 8, 5), 2022, "Quarter 2 (July to September 2022)"),
        (date(2022, 12, 31), 2022, "Quarter 3 (October to December 2022)"),
        (date(2023, 1, 1), 2022, "Quarter 4 (January to March 2023)"),
        (date(2024, 2, 29), 2023, "Quarter 4 (January to March 2024)"),
    ],
)
def test_a_day_lies_in_its_quarter_and_financial_year(day: date, year: int, label: str) -> None:
    found = quarter(day)
    assert (found.starts, found.label) == (year, label)
    assert found.first <= day <= found.last
    assert financial_year(day) == FinancialYear(year)


def test_a_financial_year_is_named_by_both_its_years() -> None:
    assert FinancialYear(2022).label == "2022 to 2023"
    assert (FinancialYear(2022).first, FinancialYear(2022).last) == (date(2022, 4, 1), date(2023, 3, 31))


def test_quarters_have_neighbours_across_the_year_end() -> None:
    assert Quarter(2022, 4).next == Quarter(2023, 1)
    assert Quarter(2023, 1).previous == Quarter(2022, 4)
    assert Quarter(2022, 4).months == (Month(2023, 1), Month(2023, 2), Month(2023, 3))


def test_a_month_knows_its_last_day() -> None:
    assert month(date(2024, 2, 10)).last == date(2024, 2, 29)
    assert Month(2022, 12).last == date(2022, 12, 31)
    assert Month(2022, 8).label == "August 2022"


def test_the_months_of_a_run_of_days_include_both_ends() -> None:
    assert months_between(date(2022, 11, 30), date(2023, 2, 1)) == (
        Month(2022, 11), Month(2022, 12), Month(2023, 1), Month(2023, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (utc(2022, 8, 5, 13, 5), "5 August 2022 at 2:05pm"),
        (utc(2022, 8, 5, 13), "5 August 2022 at 2pm"),
        (utc(2022, 12, 5, 0, 5), "5 December 2022 at 12:05am"),
        (utc(2022, 12, 5, 0, 0), "5 December 2022 at midnight"),
        (utc(2022, 12, 5, 12, 0, 59), "5 December 2022 at midday"),
        (utc(2022, 12, 5, 12, 30), "5 December 2022 at 12:30pm"),
        (utc(2022, 8, 5, 23, 30), "6 August 2022 at 12:30am"),
    ],
)
def test_a_moment_is_written_as_the_clock_in_london_showed_it(moment: datetime, text: str) -> None:
    assert moment_text(moment) == text


def test_a_day_has_no_leading_zero() -> None:
    assert day_text(date(2022, 8, 5)) == "5 August 2022"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2022, 8, 5), date(2022, 8, 5), "5 August 2022"),
        (date(2022, 8, 5), date(2022, 8, 9), "5 to 9 August 2022"),
        (date(2022, 7, 1), date(2022, 9, 30), "1 July to 30 September 2022"),
        (date(2022, 12, 1), date(2023, 1, 31), "1 December 2022 to 31 January 2023"),
        (date(2021, 8, 5), date(2022, 8, 5), "5 August 2021 to 5 August 2022"),
    ],
)
def test_a_period_says_month_and_year_once_where_they_are_shared(first: date, last: date, text: str) -> None:
    assert period_text(first, last) == text
