"""Suggesting a par level from what was given out and asked for in vain, where that is seldom and in clumps.

A place asks for restock about once a week and waits some days for it, so what it holds has to last for both together:
the *spell* it protects. The wants of a spell are taken to follow a negative binomial distribution, whose mean is that
of the history and whose spread is that seen from week to week, or more where the history is short. The suggestion is
the fewest units that would be enough in 98 spells of 100, and one at least of anything that was ever asked for: a level
of none would be right most of the time, and wrong every time it mattered.

The negative binomial is what fits slow, lumpy demand best (Source: PAR-1); that what happened in spells of the very
length is also said beside it, so that nobody has to believe a formula (Source: PAR-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SERVICE_PERCENT = 98
"""In so many spells of 100 the level should be enough (docs/adr: how it did against levels set by hand)."""

REVIEW_DAYS = 7
"""How often a place looks at its shelf and asks: once a week."""

FEWEST_DAYS = 28
"""With less history than four weeks nothing is suggested."""

RESUPPLY_ASSUMED = 7
"""Days a place waits for restock, where none of its requests has arrived yet."""

PRIOR_WEEKS = 4
"""A short history is doubted as if four more weeks like it had been left unseen."""

MOST = 1_000

_NO_SURGE = 6
"""So many in a day are never taken for a surge."""


@dataclass(frozen=True)
class Suggestion:
    """A suggested level and why.

    Attributes:
        protect_days: resupply and the wait until the place next asks, which the level has to last for.
        usual_low, usual_high: units wanted in a week, leaving out the quietest and the busiest tenth of weeks.
        covered_percent: of the spells of that length in the history, those in which it would have been enough.
        days_known: how many days of history there are.
        wanted_count: units wanted in them, surges included.
        busiest_count: the most wanted in any spell of that length.
        surge_days: days so far out of the ordinary that they are left to the store's reserve.
        unmet_count: units that were asked for in vain, and are counted in.
    """

    par_count: int
    resupply_days: int
    protect_days: int
    usual_low: int
    usual_high: int
    covered_percent: int
    surge_days: int = 0
    unmet_count: int = 0
    days_known: int = 0
    wanted_count: int = 0
    busiest_count: int = 0

    @property
    def words(self) -> str:
        """One sentence: "You give out 0 to 2 a week; 5 covers 97% of fortnights, with a 6-day resupply."."""
        if not self.busiest_count:
            kept = f"; {self.par_count} stands ready all the same" if self.par_count else ""
            return f"Nobody has asked for it in the {self.days_known} days that are known{kept}."
        usual = f"{self.usual_low} to {self.usual_high} a week"
        if self.usual_high == 0:
            usual = f"{self.wanted_count} in {'a year' if self.days_known >= 350 else f'{self.days_known} days'}"
        elif self.usual_low == self.usual_high:
            usual = f"{self.usual_low} a week"
        spells = "fortnights" if self.protect_days == 14 else f"{self.protect_days}-day spells"
        said = (
            f"You give out {usual}; {self.par_count} covers {self.covered_percent}% of {spells}, "
            f"with a {self.resupply_days}-day resupply."
        )
        if self.unmet_count:
            said += f" {self.unmet_count} asked for in vain {'is' if self.unmet_count == 1 else 'are'} counted in."
        if self.surge_days:
            said += f" {self.surge_days} surge {'day is' if self.surge_days == 1 else 'days are'} left to the store."
        return said


def suggest(
    daily: Sequence[int],
    *,
    resupply_days: int = RESUPPLY_ASSUMED,
    unmet_count: int = 0,
    least: int = 0,
    percent: int = SERVICE_PERCENT,
) -> Suggestion | None:
    """Suggest a level from units wanted each day, oldest first; None when too little is known.

    Args:
        daily: units given out and asked for in vain, day by day, quiet days included.
        unmet_count: how many of them were asked for in vain.
        least: what stands ready even where nobody has asked yet; one where anybody has.
    """
    if len(daily) < FEWEST_DAYS:
        return None
    calm, surges = without_surges(daily)
    weeks = sorted(_weeks(calm))
    protect = max(1, resupply_days) + REVIEW_DAYS
    par = least
    if any(calm):
        mean, variance = _of_spell(calm, protect)
        par = max(1, least, quantile(mean, variance, percent))
    return Suggestion(
        par_count=par,
        resupply_days=resupply_days,
        protect_days=protect,
        usual_low=weeks[len(weeks) // 10],
        usual_high=weeks[len(weeks) - 1 - len(weeks) // 10],
        covered_percent=covered(calm, protect, par),
        surge_days=surges,
        unmet_count=unmet_count,
        days_known=len(daily),
        wanted_count=sum(daily),
        busiest_count=max(_rolling(calm, protect), default=sum(calm)),
    )


def without_surges(daily: Sequence[int]) -> tuple[list[int], int]:
    """Bring days far out of the ordinary down to twice the busiest week without them; give how many there were.

    A day on which 26 people are found says nothing about next week. A par that could meet it would fill every
    cupboard for years; that is what the store's reserve is for.
    """
    calm, surges = list(daily), 0
    for day, count in enumerate(daily):
        if count <= _NO_SURGE:
            continue
        around = range(max(0, day - 6), min(len(daily), day + 7))
        rest = [0 if other in around else units for other, units in enumerate(daily)]
        most = max(_NO_SURGE, 2 * max(_rolling(rest, REVIEW_DAYS), default=0))
        if count > most:
            calm[day], surges = most, surges + 1
    return calm, surges


def _weeks(daily: Sequence[int]) -> list[int]:
    """Add whole weeks up, counted back from the newest day."""
    ends = range(len(daily), REVIEW_DAYS - 1, -REVIEW_DAYS)
    return [sum(daily[end - REVIEW_DAYS : end]) for end in ends]


def _rolling(daily: Sequence[int], days: int) -> list[int]:
    """Add up every spell of so many days in the history, whichever day it begins."""
    if len(daily) < days:
        return []
    total = sum(daily[:days])
    sums = [total]
    for end in range(days, len(daily)):
        total += daily[end] - daily[end - days]
        sums.append(total)
    return sums


def _of_spell(daily: Sequence[int], days: int) -> tuple[float, float]:
    """Estimate mean and variance of what a spell of so many days wants.

    The spread from week to week is carried over to the spell, is never taken to be less than chance alone makes it,
    and is widened by what a history this short cannot know about its own mean.
    """
    weeks = _weeks(daily)
    mean_week = sum(daily) * REVIEW_DAYS / len(daily)
    spread = sum((count - mean_week) ** 2 for count in weeks) / max(1, len(weeks) - 1)
    clumping = max(1.0, spread / mean_week)
    # A few weeks can look clumpy by accident; the more there are, the more they are believed.
    clumping = 1 + (clumping - 1) * len(weeks) / (len(weeks) + PRIOR_WEEKS)
    mean = mean_week * days / REVIEW_DAYS
    unknown = mean * mean / (sum(daily) + 1) * clumping
    return mean, mean * clumping + unknown


def quantile(mean: float, variance: float, percent: int) -> int:
    """Give the fewest units that are enough in so many spells of 100, wants being negative binomial.

    With no more spread than chance makes (variance equal to the mean) it is the Poisson distribution.
    """
    if mean <= 0:
        return 0
    beyond = variance - mean
    goal, units = percent / 100, 0
    if beyond <= 1e-9:
        chance = 2.718281828459045**-mean
        total = chance
        while total < goal and units < MOST:
            units += 1
            chance *= mean / units
            total += chance
        return units
    size, keep = mean * mean / beyond, mean / variance
    chance = keep**size
    total = chance
    while total < goal and units < MOST:
        units += 1
        chance *= (size + units - 1) / units * (1 - keep)
        total += chance
    return units


def covered(daily: Sequence[int], days: int, par_count: int) -> int:
    """Say in how many of 100 spells of the history a level would have been enough, rounded down."""
    sums = _rolling(daily, days) or [sum(daily)]
    return 100 * sum(total <= par_count for total in sums) // len(sums)


def busiest_spell(daily: Sequence[int], days: int) -> int:
    """Give the most that any spell of so many days wanted, days far out of the ordinary brought down."""
    calm, _ = without_surges(daily)
    return max(_rolling(calm, days), default=sum(calm))


def nearer(*, suggested_count: int, chosen_count: int, needed_count: int) -> str:
    """Say which level was nearer to what was needed: "suggested", "chosen" or "both"."""
    far_suggested, far_chosen = abs(suggested_count - needed_count), abs(chosen_count - needed_count)
    if far_suggested == far_chosen:
        return "both"
    return "suggested" if far_suggested < far_chosen else "chosen"


def resupply_days(waits: Sequence[int]) -> int:
    """Give how long restock takes, from the waits of past requests in days: longer than three quarters of them."""
    if not waits:
        return RESUPPLY_ASSUMED
    ordered = sorted(waits)
    return max(1, ordered[min(len(ordered) - 1, 3 * len(ordered) // 4)])
