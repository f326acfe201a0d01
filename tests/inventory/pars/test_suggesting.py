"""Suggested levels and their back-test, on plain values."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, factorial
from random import Random

import pytest

from inventory.pars.rules import (
    Trial,
    busiest_spell,
    drawn_again,
    fixed,
    nearer,
    replay,
    replay_all,
    resupply_days,
    suggest,
    suggested,
)
from inventory.pars.rules.suggesting import covered, quantile, without_surges


def test_with_no_more_spread_than_chance_a_level_is_the_quantile_of_poisson() -> None:
    for mean in (0.3, 1.0, 2.5, 7.0):
        level = quantile(mean, mean, 95)
        chances = [exp(-mean) * mean**n / factorial(n) for n in range(level + 1)]
        assert sum(chances) >= 0.95
        assert sum(chances[:-1]) < 0.95


@pytest.mark.parametrize(
    ("mean", "variance", "percent", "level"),
    [
        (1.0, 2.0, 50, 0),  # size 1, keep 1/2: chances 1/2, 1/4, 1/8, ...
        (1.0, 2.0, 75, 1),
        (1.0, 2.0, 95, 4),  # 1 - 1/32 = 0.969; 1 - 1/16 = 0.9375 is too little
        (2.0, 4.0, 95, 6),  # size 2, keep 1/2: chances (n + 1) / 2^(n + 2)
        (0.0, 0.0, 95, 0),
    ],
)
def test_levels_of_the_negative_binomial_by_hand(mean: float, variance: float, percent: int, level: int) -> None:
    assert quantile(mean, variance, percent) == level


def test_a_suggestion_is_one_sentence_whose_figures_can_be_counted() -> None:
    """One unit every seventh day for 26 weeks, except that each fourth week wants two."""
    daily = [0] * 182
    for week in range(26):
        daily[7 * week + 3] = 2 if week % 4 == 0 else 1
    made = suggest(daily, resupply_days=7, unmet_count=1)
    assert made is not None
    assert (made.usual_low, made.usual_high, made.protect_days) == (1, 2, 14)
    assert made.covered_percent == covered(daily, 14, made.par_count) == 100
    assert made.words == (
        f"You give out 1 to 2 a week; {made.par_count} covers 100% of fortnights, with a 7-day resupply. "
        "1 asked for in vain is counted in."
    )
    assert covered(daily, 14, 2) == 49  # of 169 fortnights, two kinds in turn


def test_a_short_history_suggests_nothing_and_a_quiet_one_nothing_to_hold() -> None:
    assert suggest([1] * 27) is None
    quiet, ready = suggest([0] * 100), suggest([0] * 100, least=1)
    assert quiet is not None
    assert ready is not None
    assert (quiet.par_count, quiet.words) == (0, "Nobody has asked for it in the 100 days that are known.")
    assert ready.words == "Nobody has asked for it in the 100 days that are known; 1 stands ready all the same."
    once = suggest([0] * 363 + [1])
    assert once is not None
    assert once.par_count == 1  # none would cover 98 spells of 100, and fail the one that came


def test_a_surge_day_is_left_to_the_store() -> None:
    """One bag a week for a year, and on one day 26."""
    daily = [1 if day % 7 == 0 else 0 for day in range(364)]
    before = suggest(daily, resupply_days=6)
    daily[200] = 26
    calm, surges = without_surges(daily)
    after = suggest(daily, resupply_days=6)
    assert (calm[200], surges) == (6, 1)
    assert before is not None
    assert after is not None
    assert "1 surge day is left to the store" in after.words
    assert after.par_count <= before.par_count + 2
    assert busiest_spell(daily, 13) == 8


def test_more_wants_longer_waits_and_more_clumps_each_raise_the_level() -> None:
    draw = Random(7)
    even = [1 if draw.random() < 0.15 else 0 for _ in range(364)]
    clumped = [3 if draw.random() < 0.05 else 0 for _ in range(364)]

    def level(daily: list[int], wait: int) -> int:
        return getattr(suggest(daily, resupply_days=wait), "par_count", 0)

    assert level(even, 3) < level(even, 21)
    assert level(even, 6) < level([2 * each for each in even], 6)
    assert level(even, 6) <= level(clumped, 6)


def test_resupply_is_longer_than_three_quarters_of_the_waits() -> None:
    assert resupply_days([]) == 7
    assert resupply_days([4]) == 4
    assert resupply_days([2, 3, 5, 9]) == 9
    assert resupply_days([2, 3, 3, 4, 4, 5, 6, 20]) == 6


def test_which_was_nearer() -> None:
    assert nearer(suggested_count=5, chosen_count=9, needed_count=4) == "suggested"
    assert nearer(suggested_count=5, chosen_count=9, needed_count=8) == "chosen"
    assert nearer(suggested_count=5, chosen_count=9, needed_count=7) == "both"


def test_a_replay_counts_what_could_not_be_given_and_what_stood_there() -> None:
    """After 112 days of learning: 14 days, level 2, restock 3 days after each weekly look.

    | day   | 0 | 1 | 2 | 3      | 4 | 5..6 | 7 (asks) | 8 | 9 | 10 (comes) | 11..13 |
    | ----- | - | - | - | ------ | - | ---- | -------- | - | - | ---------- | ------ |
    | wants | 1 | 0 | 2 | 0      | 0 | 0    | 1        | 0 | 0 | 0          | 0      |
    | held  | 1 | 1 | 0 | 0      | 0 | 0    | 0        | 0 | 0 | 2          | 2      |
    """
    daily = [0] * 112 + [1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    seen = replay(Trial("A", "bag", daily, 3, 2), fixed(2))
    assert (seen.wanted_count, seen.short_count, seen.short_days, seen.days) == (4, 2, 2, 14)
    assert seen.held_days == 1 + 1 + 2 * 4


def test_a_way_of_setting_levels_never_sees_a_day_that_is_still_to_come() -> None:
    known: list[int] = []

    def way(days: Sequence[int], _resupply: int) -> int:
        known.append(len(days))
        return 1

    replay(Trial("A", "bag", [0] * 170, 3, 1), way)
    assert known == [112, 112, 140, 168]
    assert replay(Trial("A", "bag", [0] * 170, 3, 1), suggested(least=0)).held_days == 0


def test_years_drawn_again_are_the_same_for_the_same_seed_and_keep_the_pace() -> None:
    trial = Trial("A", "bag", [1 if day % 14 == 0 else 0 for day in range(364)], 3, 2)
    first, second = (drawn_again([trial], times=20, seed=3) for _ in range(2))
    assert first == second
    assert len(first) == 20
    assert 20 < sum(sum(each.daily) for each in first) / 20 < 32  # 26 a year
    assert replay_all(first, None) == replay_all(first, fixed(2))
    assert replay_all(first, suggested()).short_count <= replay_all(first, fixed(1)).short_count
