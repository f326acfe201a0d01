"""Timing: repeats, medians and tails, in milliseconds, by the clock or by the processor's own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from timeit import timeit
from typing import TypeVar

_Any = TypeVar("_Any")

_MOST_SECONDS = 20.0
"""After so long nothing is repeated once more."""

_clock: ContextVar[Callable[[], float]] = ContextVar("clock", default=time.perf_counter)


@dataclass(frozen=True)
class Timing:
    """What a thing took, in milliseconds."""

    p50: float
    worst: float


def count_processor_time() -> None:
    """Measure by this process's own time from now on, where the machine has other work to do."""
    _clock.set(time.process_time)


def timed(act: Callable[[], object], *, repeats: int, warm: bool = False) -> Timing:
    """Do an act so many times, and once before to warm up where it is not; give its median and its worst."""
    if not warm:
        act()
    now, taken = _clock.get(), list[float]()
    while len(taken) < max(1, repeats) and sum(taken) < _MOST_SECONDS * 1_000:
        start = now()
        act()
        taken.append((now() - start) * 1_000)
    return Timing(median(taken), max(taken))


def seconds(act: Callable[[], object]) -> float:
    """Do an act once and give the seconds it took."""
    now = _clock.get()
    start = now()
    act()
    return now() - start


def in_a_process(work: Callable[[], _Any]) -> tuple[_Any, float]:
    """Do work in a fresh process: what it gives, and how many megabytes the process held at its highest."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_highest, (work,))


def _with_highest(work: Callable[[], _Any]) -> tuple[_Any, float]:
    return work(), _highest_megabytes()


def _highest_megabytes() -> float:
    """Tell how much memory this process held at its highest.

    Linux counts what a process was before it became this program into ``ru_maxrss``, and not into ``VmHWM``.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def machine_speed() -> float:
    """Give the microseconds of ``sum(range(1000))``: figures of two machines compare by it."""
    return min(timeit("sum(range(1000))", number=2_000) for _ in range(5)) / 2_000 * 1_000_000
