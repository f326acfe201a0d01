"""Replaying a history against a way of setting par levels: how often somebody asked in vain, and how much stood there.

Each day wants what it wanted; every week the shelf is filled up to its level by an order that comes some days later.
What cannot be given is counted and not made up for. A level is set anew every four weeks from what was known by then
and nothing later, so a way of setting levels cannot look ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from inventory.pars.rules.suggesting import REVIEW_DAYS, SERVICE_PERCENT, suggest, without_surges

SET_ANEW = 28
"""Days between two settings of a level."""

LEARN_DAYS = 112
"""Days at the start that are only learnt from: sixteen weeks."""

Way = Callable[[Sequence[int], int], int]
"""A way of setting a level: (days known so far, days of resupply) → level."""


@dataclass(frozen=True)
class Trial:
    """The history of one thing at one place, and the level that was really set there."""

    place: str
    thing: str
    daily: Sequence[int]
    resupply_days: int
    set_count: int
    is_bag: bool = False


@dataclass(frozen=True)
class Replay:
    """What came of a way of setting levels.

    Attributes:
        wanted_count: units wanted in the days judged.
        short_count: of these, those that could not be given.
        short_days: days on which something could not be given.
        held_days: units on the shelf, added up over days; by the days, the average held.
        days: days judged, of all trials together.
    """

    wanted_count: int = 0
    short_count: int = 0
    short_days: int = 0
    held_days: int = 0
    days: int = 0

    def __add__(self, other: Replay) -> Replay:
        """Add two replays up."""
        return Replay(
            self.wanted_count + other.wanted_count,
            self.short_count + other.short_count,
            self.short_days + other.short_days,
            self.held_days + other.held_days,
            self.days + other.days,
        )

    def held(self, shelf_count: int) -> float:
        """Give the units held on an average day on all shelves together."""
        return self.held_days * shelf_count / self.days if self.days else 0.0


def fixed(level: int) -> Way:
    """Give the way that sets the same level everywhere and always."""
    return lambda _known, _resupply: level


def suggested(percent: int = SERVICE_PERCENT, *, least: int = 1) -> Way:
    """Give the way of the suggestions; the least while too little is known."""

    def way(known: Sequence[int], resupply_days: int) -> int:
        made = suggest(known, resupply_days=resupply_days, least=least, percent=percent)
        return made.par_count if made is not None else least

    return way


def drawn_again(trials: Sequence[Trial], *, times: int, seed: int) -> list[Trial]:
    """Draw histories like those that were: each anew from its own weeks, surges brought down.

    One year of something wanted four times a year judges nothing; many years like it do.
    """
    draw, made = Random(seed), []
    for _ in range(times):
        for trial in trials:
            calm, _surges = without_surges(trial.daily)
            weeks = [calm[start : start + REVIEW_DAYS] for start in range(0, len(calm) - REVIEW_DAYS + 1, REVIEW_DAYS)]
            daily = tuple(count for _week in weeks for count in draw.choice(weeks))
            made.append(replace(trial, daily=daily))
    return made


def replay(trial: Trial, way: Way) -> Replay:
    """Replay one history from the first day after the learning."""
    level = shelf = way(trial.daily[:LEARN_DAYS], trial.resupply_days)
    coming: dict[int, int] = {}
    wanted = short = short_days = held = 0
    for day in range(LEARN_DAYS, len(trial.daily)):
        shelf += coming.pop(day, 0)
        since = day - LEARN_DAYS
        if since % SET_ANEW == 0:
            level = way(trial.daily[:day], trial.resupply_days)
        if since % REVIEW_DAYS == 0:
            missing = level - shelf - sum(coming.values())
            if missing > 0:
                coming[day + trial.resupply_days] = coming.get(day + trial.resupply_days, 0) + missing
        given = min(shelf, trial.daily[day])
        wanted, short = wanted + trial.daily[day], short + trial.daily[day] - given
        short_days += trial.daily[day] > given
        shelf -= given
        held += shelf
    return Replay(wanted, short, short_days, held, max(0, len(trial.daily) - LEARN_DAYS))


def replay_all(trials: Sequence[Trial], way: Way | None) -> Replay:
    """Replay every history by one way, or each at the level that was really set."""
    total = Replay()
    for trial in trials:
        total += replay(trial, way if way is not None else fixed(trial.set_count))
    return total
