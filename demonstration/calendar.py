"""The days of the demonstration year, counted from the day it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.dates import FinancialYear, financial_year, moment_on


@dataclass(frozen=True)
class Calendar:
    """Twelve months up to the day before ``today``, and the two financial years whose awards pay for them.

    The main award's year is the one that was running two months ago, so there is always something in it.
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
    def award_year(self) -> FinancialYear:
        """The financial year of the main award."""
        return financial_year(self.today - timedelta(days=61))

    @property
    def earlier_award_year(self) -> FinancialYear:
        """The financial year of the award before it."""
        return financial_year(self.award_year.first - timedelta(days=1))

    def day(self, number: int) -> date:
        """Give a day of the year by its number, from 0 to 364."""
        return self.first + timedelta(days=number)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Give the moment at which the clock in London shows this time."""
        return moment_on(day, time(hour, minute))
