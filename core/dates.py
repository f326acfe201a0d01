"""Days, quarters and financial years of a British police force, and how they are written.

Moments are kept in UTC; a day, a quarter and a year are what the clock on a station wall says
(Europe/London). So 23:30 UTC on 31 March is already 1 April, the first day of the next financial
year. Half-open bounds in UTC let a query select whole local days over a change of the clocks.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import RuleBroken

LONDON = ZoneInfo("Europe/London")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
FIRST_MONTH = 4


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month.

    Attributes:
        year: such as 2022.
        number: 1 for January to 12 for December.
    """

    year: int
    number: int

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """The last day of the month."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def label(self) -> str:
        """The month in words, such as "August 2022"."""
        return f"{MONTHS[self.number - 1]} {self.year}"


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a financial year.

    Attributes:
        starts: calendar year in which the financial year starts.
        number: 1 (April to June) to 4 (January to March).
    """

    starts: int
    number: int

    @property
    def months(self) -> tuple[Month, Month, Month]:
        """The three months in order."""
        year = self.starts + self.number // 4
        first = 1 + self.number % 4 * 3
        return Month(year, first), Month(year, first + 1), Month(year, first + 2)

    @property
    def first(self) -> date:
        """The first day of the quarter."""
        return self.months[0].first

    @property
    def last(self) -> date:
        """The last day of the quarter."""
        return self.months[2].last

    @property
    def label(self) -> str:
        """The quarter with its months, such as "Quarter 2 (July to September 2022)"."""
        opening, _, closing = self.months
        return f"Quarter {self.number} ({MONTHS[opening.number - 1]} to {closing.label})"

    @property
    def previous(self) -> "Quarter":
        """The quarter before this one."""
        return quarter(self.first - timedelta(days=1))

    @property
    def next(self) -> "Quarter":
        """The quarter after this one."""
        return quarter(self.last + timedelta(days=1))


@dataclass(frozen=True, order=True)
class FinancialYear:
    """A year from 1 April to 31 March.

    Attributes:
        starts: calendar year in which it starts.
    """

    starts: int

    @property
    def first(self) -> date:
        """The first day, 1 April."""
        return date(self.starts, FIRST_MONTH, 1)

    @property
    def last(self) -> date:
        """The last day, 31 March."""
        return date(self.starts + 1, 3, 31)

    @property
    def label(self) -> str:
        """The year in words, such as "2022 to 2023"."""
        return f"{self.starts} to {self.starts + 1}"

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The four quarters in order."""
        return tuple(Quarter(self.starts, number) for number in (1, 2, 3, 4))

    @property
    def months(self) -> tuple[Month, ...]:
        """The twelve months, April first."""
        return tuple(month for part in self.quarters for month in part.months)


def local_day(moment: datetime) -> date:
    """Give the day it was in London at a moment.

    Raises:
        ValueError: the moment has no time zone.
    """
    return _local(moment).date()


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Give the moments in UTC at which a run of local days starts and has ended.

    Args:
        first: first local day.
        last: last local day, included.

    Returns:
        The first moment that belongs to the run, and the first that no longer does.

    Raises:
        ValueError: the last day is before the first.
    """
    if last < first:
        raise ValueError(f"{last} is before {first}")
    return _midnight(first), _midnight(last + timedelta(days=1))


def moment_on(day: date, clock: time) -> datetime:
    """Give the moment in UTC at which the clock in London showed a time on a day.

    A time that came twice, when the clocks went back, is taken as the earlier; pass a ``clock`` with
    ``fold=1`` for the later.

    Raises:
        RuleBroken: the clocks went forward and the time never came.
    """
    moment = datetime.combine(day, clock.replace(tzinfo=None), LONDON).astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != datetime.combine(day, clock.replace(tzinfo=None)):
        raise RuleBroken(
            f"The clocks went forward on {day_text(day)}, so {_clock_text(clock)} did not happen. "
            "Enter a time before 1am, or 2am or later"
        )
    return moment


def financial_year(day: date) -> FinancialYear:
    """Give the financial year a day lies in."""
    return FinancialYear(day.year if day.month >= FIRST_MONTH else day.year - 1)


def quarter(day: date) -> Quarter:
    """Give the quarter of the financial year a day lies in."""
    return Quarter(financial_year(day).starts, (day.month - FIRST_MONTH) % 12 // 3 + 1)


def month(day: date) -> Month:
    """Give the month a day lies in."""
    return Month(day.year, day.month)


def months_between(first: date, last: date) -> tuple[Month, ...]:
    """Give every month that a run of days touches, in order."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return tuple(Month(index // 12, index % 12 + 1) for index in range(start, end + 1))


def day_text(day: date) -> str:
    """Write a day as "5 August 2022"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def moment_text(moment: datetime) -> str:
    """Write a moment as London saw it, as "5 August 2022 at 2:05pm".

    In the hour that comes twice when the clocks go back, BST or GMT is added, so that two moments
    an hour apart are never printed alike.

    Raises:
        ValueError: the moment has no time zone.
    """
    local = _local(moment)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{day_text(local)} at {_clock_text(local.time())}{f' {local.tzname()}' if twice else ''}"


def period_text(first: date, last: date) -> str:
    """Write a run of days, saying a month or year once where both days share it.

    Such as "1 July to 30 September 2022", "5 to 9 August 2022" or "1 December 2022 to 31 January 2023".
    """
    if first == last:
        return day_text(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_text(last)}"
    opening = day_text(first) if first.year != last.year else f"{first.day} {MONTHS[first.month - 1]}"
    return f"{opening} to {day_text(last)}"


def _local(moment: datetime) -> datetime:
    """Give the moment with the clock of London; refuse one whose zone is unknown."""
    if moment.tzinfo is None:
        raise ValueError("The moment has no time zone; keep moments in UTC")
    return moment.astimezone(LONDON)


def _midnight(day: date) -> datetime:
    """Give the moment in UTC at which a local day starts."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _clock_text(clock: time) -> str:
    """Write a time as "2:05pm", "2pm", "midday" or "midnight"."""
    if clock.minute == 0 and clock.hour in (0, 12):
        return "midday" if clock.hour else "midnight"
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{(clock.hour - 1) % 12 + 1}{minutes}{'am' if clock.hour < 12 else 'pm'}"
