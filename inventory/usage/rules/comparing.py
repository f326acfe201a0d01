"""Comparing a period with the one before it and with the same days a year earlier, and when to call it a trend.

Counts this small go up and down by chance, and clumps (one operation, twenty-six people) make them look like more than
chance. So a word such as *more* is given only where both the units, and the days and places on which there were any,
differ by more than chance would bring about once in a hundred; the figures stand there in any case. The test is exact:
of the units of two spells in which things come equally often, the share of one follows the binomial distribution.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import comb

from core.periods import Period, before, year_before

ONCE_IN = 100
"""A difference is called one where chance alone would bring it about less than once in so many times."""

_MOST_EXACT = 600
"""More units than these are tested by the normal curve, which is then as good."""

_NORMAL_SQUARED = 66_349
"""2.5758 squared, times 10,000: the normal curve leaves one in a hundred outside it on both sides."""


class Compared(StrEnum):
    """What the figures support saying of one spell against another."""

    MORE = "more"
    FEWER = "fewer"
    BUSY_DAYS = "a few busy days"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Window:
    """A period to count in.

    Attributes:
        day_count: days of it that are over and on record; 0 where not all of it is on record.
    """

    period: Period
    day_count: int

    @property
    def is_known(self) -> bool:
        """Whether the records reach back over all of it."""
        return self.day_count > 0


@dataclass(frozen=True)
class Windows:
    """A period, the one before it, and the same days a year earlier; None where that is the one before."""

    now: Window
    before: Window
    year_ago: Window | None

    @property
    def known(self) -> tuple[Window, ...]:
        """Those that can be counted in, the period itself first."""
        others = (self.before, *((self.year_ago,) if self.year_ago else ()))
        return (self.now, *(each for each in others if each.is_known))


def windows(period: Period, *, known_from: date | None, until: date) -> Windows:
    """Give the periods to compare.

    Args:
        known_from: first day on record, or None before there is any.
        until: day of the data cut-off; later days are not over.
    """
    earlier, last_year = before(period), year_before(period)
    days = max(0, (min(period.last, until) - period.first).days + 1)
    return Windows(
        Window(period, days),
        _earlier(earlier, known_from),
        None if (last_year.first, last_year.last) == (earlier.first, earlier.last) else _earlier(last_year, known_from),
    )


def _earlier(period: Period, known_from: date | None) -> Window:
    on_record = known_from is not None and known_from <= period.first
    return Window(period, (period.last - period.first + timedelta(days=1)).days if on_record else 0)


@dataclass(frozen=True)
class Tally:
    """Units in a period, and on how many days and places there were any."""

    unit_count: int
    occasion_count: int

    @classmethod
    def of(cls, occasions: Collection[tuple[object, date]]) -> Tally:
        """Count units by the place and day of each."""
        return cls(len(occasions), len(set(occasions)))


def trend(now: Tally, then: Tally | None, now_days: int, then_days: int) -> Compared:
    """Say what two tallies support, given how many days each took."""
    if then is None or not now_days or not then_days:
        return Compared.UNKNOWN
    units = _difference(now.unit_count, then.unit_count, now_days, then_days)
    occasions = _difference(now.occasion_count, then.occasion_count, now_days, then_days)
    if units is occasions:
        return units
    return Compared.UNCLEAR if units is Compared.UNCLEAR else Compared.BUSY_DAYS


def _difference(now: int, then: int, now_days: int, then_days: int) -> Compared:
    """Say whether a count differs from another by more than chance."""
    more = now * then_days > then * now_days
    extreme, other = (now, then) if more else (then, now)
    extreme_days, other_days = (now_days, then_days) if more else (then_days, now_days)
    if not _beyond_chance(extreme, other, extreme_days, other_days):
        return Compared.UNCLEAR
    return Compared.MORE if more else Compared.FEWER


def _beyond_chance(most: int, least: int, most_days: int, least_days: int) -> bool:
    """Say whether chance would give so many of all, or more, less than once in 200 times: once in 100 both ways."""
    total, days = most + least, most_days + least_days
    if total > _MOST_EXACT:
        excess = most * least_days - least * most_days
        return 10_000 * excess * excess > _NORMAL_SQUARED * total * most_days * least_days
    ways: int = sum(
        comb(total, more) * most_days**more * least_days ** (total - more) for more in range(most, total + 1)
    )
    alike: int = days**total
    return 2 * ONCE_IN * ways < alike


_WORDS = {Compared.MORE: "more than", Compared.FEWER: "fewer than"}


def trend_words(with_before: Compared, with_year_ago: Compared | None) -> str:
    """Say in words what the figures support, and no more."""
    found = {"the period before": with_before, "a year before": with_year_ago}
    said = [f"{_WORDS[way]} {name}" for name, way in found.items() if way in _WORDS]
    if said:
        words = ", ".join(said)
        return words[0].upper() + words[1:]
    unknown = all(way in (None, Compared.UNKNOWN) for way in found.values())
    if unknown:
        return "Nothing to compare with"
    return "No clear change: a few busy days" if Compared.BUSY_DAYS in found.values() else "No clear change"
