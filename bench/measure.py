"""Timing: repeats, medians and tails, in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Timing:
    """What a thing took, in milliseconds."""

    p50: float
    worst: float


def timed(act: Callable[[], object], *, repeats: int) -> Timing:
    """Do an act once to warm up, then so many times, and give its median and its worst."""
    act()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1_000)
    return Timing(median(taken), max(taken))


def seconds(act: Callable[[], object]) -> float:
    """Do an act once and give the seconds it took."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
