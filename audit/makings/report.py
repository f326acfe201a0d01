"""The sorts of big reports: how each is read from its row again, counted and written, a chunk at a time.

Only what grows with the log is made so: extracts of it, and the sealed pack. Position, usage and statements add up:
they have as many rows as there are lines, places and items, however long their period, and are painted while somebody
waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from audit.makings.models import Making
from audit.makings.rules import DIED, Ending, State, Told
from audit.packs.report import SealedPack, row_count, write_pack
from audit.trail.report import MARKING, LogExtract, entry_count, written
from core.figures.answers import entry_of, imprint_for, imprinted
from core.figures.storing import frozen_of, text_of
from core.register import Entry

Wrote = Callable[[int], object]


@dataclass(frozen=True)
class Surroundings:
    """What the process of a report knows beside the report.

    Attributes:
        at: when it is written.
        evidence_folder: where the files of papers lie, or None.
    """

    at: datetime
    evidence_folder: Path | None


@dataclass(frozen=True)
class Sort:
    """A sort of big report.

    Attributes:
        kind: class of its frozen object, which has ``title``, ``reference`` and ``filters``.
        marking: protective marking under which the register of issued reports has it; None where it is no report and
            the access log alone learns that it left.
        units: what its rows are called, one of them and several.
        count: how many rows it will have.
        write: writes its file, telling how many rows were written after each chunk.
    """

    kind: type
    ending: Ending
    marking: str | None
    units: tuple[str, str]
    count: Callable[[Any], int]
    write: Callable[[Any, IO[bytes], Wrote, Surroundings], object]


def _write_extract(extract: LogExtract, out: IO[bytes], wrote: Wrote, _: Surroundings) -> None:
    out.writelines(written(extract, wrote=wrote))


def _write_pack(pack: SealedPack, out: IO[bytes], wrote: Wrote, around: Surroundings) -> None:
    write_pack(out, period=pack.period, at=around.at, evidence_folder=around.evidence_folder, wrote=wrote)


EXTRACT, PACK = "extract", "pack"

SORTS: Mapping[str, Sort] = {
    EXTRACT: Sort(LogExtract, Ending.CSV, MARKING, ("entry", "entries"), entry_count, _write_extract),
    PACK: Sort(SealedPack, Ending.ZIP, None, ("row", "rows"), lambda _: row_count(), _write_pack),
}
"""Sort, as the register has it → how it is made."""


def entry(sort: str, report: Any) -> Entry:
    """Give what the register keeps of a report, once it leaves."""
    return entry_of(report, sort=sort, filters=report.filters, marking=SORTS[sort].marking or MARKING)


def frozen_text(sort: str, report: Any) -> str:
    """Write a report as its row keeps it: with the imprint its file bears, where the register will have it."""
    if SORTS[sort].marking is None:
        return text_of(report)
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
    report, sort = report_of(making), SORTS[making.sort]
    state = State.FAILED if gone else making.state
    kept = state is State.READY and has_file and making.kept_until is not None and at < making.kept_until
    problem = (making.problem or DIED) if state is State.FAILED else ""
    return Told(
        making.reference, making.sort, sort.ending, sort.units, report.title, report.filters, state, making.asked_at,
        making.done_count, making.total_count, problem, making.sha256 or "", making.byte_count or 0, making.kept_until,
        kept,
    )  # fmt: skip
