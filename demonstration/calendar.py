"""The days of the demonstration year, counted from the day it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.dates import moment_on

EARLIEST_AWARD = 100
"""Number of the first day on which the main award may begin: what is bought before it, the earlier award pays."""


@dataclass(frozen=True)
class AwardYear:
    """The twelve months of an award, from the first day of a quarter."""

    first: date

    @property
    def last(self) -> date:
        """The last day."""
        return self.first.replace(year=self.first.year + 1) - timedelta(days=1)

    @property
    def label(self) -> str:
        """The year in words, such as "2022 to 2023"."""
        return f"{self.first.year} to {self.last.year}" if self.last.year > self.first.year else str(self.first.year)


@dataclass(frozen=True)
class Calendar:
    """Twelve months up to the day before ``today``, and the years of the two awards that pay for them.

    The main award begins with the first quarter after a hundred days, whatever day of the calendar that is: so each
    award pays for the same part of the story on whatever day it is loaded.
    """

    today: date

    @property
    def first(self) -> date:
        """The first day of the demonstration year."""
        return self.last - timedelta(days=364)

    @property
    def last(self) -> date:
        """The last day of the demonstration year: yesterday."""
        return self.today - timedelta(days=1)

    @property
    def award_year(self) -> AwardYear:
        """The twelve months of the main award."""
        day = self.day(EARLIEST_AWARD)
        months = -(day.month - 1) % 3 + (3 if day.day > 1 and day.month % 3 == 1 else 0)
        year, month = divmod(12 * day.year + day.month - 1 + months, 12)
        return AwardYear(date(year, month + 1, 1))

    @property
    def earlier_award_year(self) -> AwardYear:
        """The twelve months of the award before it."""
        return AwardYear(self.award_year.first.replace(year=self.award_year.first.year - 1))

    def day(self, number: int) -> date:
        """Give a day of the year by its number, from 0 to 364."""
        return self.first + timedelta(days=number)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Give the moment at which the clock in London shows this time."""
        return moment_on(day, time(hour, minute))
