"""The sorts of big reports: how each is read from its row again, counted and written, a chunk at a time.

Only what grows with the log is made so. Position, usage and statements add up: they have as many rows as there are
lines, places and items, however long their period, and are painted while somebody waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.makings.models import Making
from audit.makings.rules import DIED, State, Told
from audit.trail.report import MARKING, LogExtract, entry_count, written
from core.figures.answers import entry_of, imprint_for, imprinted
from core.figures.storing import frozen_of, text_of
from core.register import Entry

Wrote = Callable[[int], object]


@dataclass(frozen=True)
class Sort:
    """A sort of big report.

    Attributes:
        kind: class of its frozen object, which has ``filters`` beside what every report has.
        count: how many rows it will have.
        write: writes it as CSV, telling how many rows were written after each chunk.
    """

    kind: type
    marking: str
    count: Callable[[Any], int]
    write: Callable[[Any, Wrote], Iterator[bytes]]


SORTS: Mapping[str, Sort] = {
    "extract": Sort(LogExtract, MARKING, entry_count, lambda extract, wrote: written(extract, wrote=wrote)),
}
"""Sort, as the register has it → how it is made."""


def entry(sort: str, report: Any) -> Entry:
    """Give what the register keeps of a report, once it leaves."""
    return entry_of(report, sort=sort, filters=report.filters, marking=SORTS[sort].marking)


def frozen_text(sort: str, report: Any) -> str:
    """Write a report as its row keeps it: with the imprint its file bears."""
    return text_of(imprinted(report, imprint_for(entry(sort, report))))


def report_of(making: Making) -> Any:
    """Read the frozen report of a making."""
    return frozen_of(SORTS[making.sort].kind, making.frozen_json)


def told(making: Making, *, gone: bool, has_file: bool, at: datetime) -> Told:
    """Give a making as its page shows it.

    Args:
        gone: whether its process is gone that must live.
        has_file: whether its file is there.
    """
    report = report_of(making)
    state = State.FAILED if gone else making.state
    kept = state is State.READY and has_file and making.kept_until is not None and at < making.kept_until
    problem = (making.problem or DIED) if state is State.FAILED else ""
    return Told(
        making.reference, report.title, report.filters, state, making.asked_at, making.done_count, making.total_count,
        problem, making.sha256 or "", making.byte_count or 0, making.kept_until, kept,
    )  # fmt: skip
