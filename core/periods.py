"""Periods of reports: a run of days with its name, and the periods that can be asked for by name.

Quarters and years are those of the financial year (1 April to 31 March); an award adds its own whole length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import FinancialYear, Month, Quarter, financial_year, months_between, period_text, quarter
from core.errors import RuleBroken
from core.parse import iso_date

MOST_QUARTERS = 24
MOST_YEARS = 8
LONGEST_DAYS = 3_700
"""Ten years: beyond that a report is asked for by mistake."""


@dataclass(frozen=True)
class Period:
    """A run of days, both ends included, and what it is called."""

    first: date
    last: date
    name: str = ""

    def holds(self, day: date) -> bool:
        """Say whether a day lies in the period."""
        return self.first <= day <= self.last

    @property
    def words(self) -> str:
        """The period by its name and its days."""
        days = period_text(self.first, self.last)
        return f"{self.name}: {days}" if self.name and self.name != days else days


@dataclass(frozen=True)
class PeriodChoice:
    """A period with the short code a form names it by."""

    code: str
    period: Period


def named(first: date, last: date) -> Period:
    """Give a period by its days, with the name it has if it has one.

    Raises:
        RuleBroken: it ends before it begins, or is longer than any report.
    """
    if last < first:
        raise RuleBroken("The last day must be the same as or after the first day", "last")
    if (last - first).days > LONGEST_DAYS:
        raise RuleBroken("Choose a period of at most 10 years", "last")
    whole, year = quarter(first), financial_year(first)
    if (whole.first, whole.last) == (first, last):
        return Period(first, last, whole.label)
    if (year.first, year.last) == (first, last):
        return Period(first, last, f"Financial year {year.label}")
    return Period(first, last, period_text(first, last))


def period_of(first: str | None, last: str | None) -> Period:
    """Read a period from two days written as 2022-08-05.

    Raises:
        RuleBroken: there is no such day, or no such period.
    """
    return named(iso_date(first), iso_date(last))


def period_choices(first: date, last: date, wholes: Iterable[tuple[str, date, date]] = ()) -> list[PeriodChoice]:
    """List the periods that touch a run of days, newest first: quarters, then years, then whole awards.

    Args:
        wholes: code, first and last day of each award.
    """
    quarters: list[Quarter] = [quarter(last)]
    while quarters[-1].first > first and len(quarters) < MOST_QUARTERS:
        quarters.append(quarters[-1].previous)
    newest, oldest = financial_year(last).starts, financial_year(first).starts
    years = [FinancialYear(starts) for starts in range(newest, oldest - 1, -1)][:MOST_YEARS]
    return [
        *(PeriodChoice(f"{q.starts}-q{q.number}", Period(q.first, q.last, q.label)) for q in quarters),
        *(PeriodChoice(str(y.starts), Period(y.first, y.last, f"Financial year {y.label}")) for y in years),
        *(PeriodChoice(f"award-{code}", Period(a, b, f"All of award {code}")) for code, a, b in wholes),
    ]


def newest_ended(choices: Sequence[PeriodChoice], day: date) -> PeriodChoice:
    """Give the newest quarter that is over on a day, or the newest of all when none is."""
    over = [choice for choice in choices if "-q" in choice.code and choice.period.last <= day]
    return over[0] if over else choices[0]


def before(period: Period) -> Period:
    """Give the period before one: as many whole months where it has whole months, else as many days."""
    months = _whole_months(period)
    if months:
        return _moved(period, months)
    day_count = (period.last - period.first).days + 1
    return named(period.first - timedelta(days=day_count), period.last - timedelta(days=day_count))


def year_before(period: Period) -> Period:
    """Give the same days a year earlier; a period that ends with a month ends with that month then too."""
    if _whole_months(period):
        return _moved(period, 12)
    return named(_year_earlier(period.first), _year_earlier(period.last))


def _whole_months(period: Period) -> int:
    """Count the months a period is made of; 0 where it begins or ends within one."""
    months = months_between(period.first, period.last)
    whole = bool(months) and (months[0].first, months[-1].last) == (period.first, period.last)
    return len(months) if whole else 0


def _moved(period: Period, months: int) -> Period:
    """Move a period of whole months back by some months."""
    year, number = divmod(period.first.year * 12 + period.first.month - 1 - months, 12)
    ends, ending = divmod(period.last.year * 12 + period.last.month - 1 - months, 12)
    return named(Month(year, number + 1).first, Month(ends, ending + 1).last)


def _year_earlier(day: date) -> date:
    """Give a day a year earlier; 29 February becomes 28 February."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
