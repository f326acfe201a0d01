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
from zipfile import ZipFile

from audit.makings.models import Making
from audit.makings.rules import DIED, Ending, State, Told
from audit.packs.report import SealedPack, row_count, write_pack
from audit.trail.report import MARKING, LogExtract, counted, csv_of, rows_of, write_xlsx_of
from core.figures import FileKind, Imprint
from core.figures.answers import entry_of, imprint_for, imprinted
from core.figures.storing import frozen_of
from core.register import Entry, IssuedReport, Painted

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
    """A sort of big report, in one of its forms.

    Attributes:
        kind: class of its frozen object, which has ``title``, ``reference`` and ``filters``.
        form: in which the register of issued reports has it; None where it is no report and the access log alone
            learns that it left.
        units: what its rows are called, one of them and several.
        freeze: fixes what it shows, before anything is written; what is fixed already stays.
        ending: how the name of its file ends.
        count: how many rows it will have.
        write: writes its file, telling how many rows were written after each chunk.
    """

    kind: type
    form: FileKind | None
    units: tuple[str, str]
    freeze: Callable[[Any], Any]
    ending: Callable[[Any], Ending]
    count: Callable[[Any], int]
    write: Callable[[Any, IO[bytes], Wrote, Surroundings], object]


def _same(report: Any) -> Any:
    return report


# ---- The audit extract ---------------------------------------------------------------------------

EXTRACT = "extract"
"""What the register calls it, in whichever form."""


def freeze_counted(extract: LogExtract) -> LogExtract:
    """Count an extract, and decide what every form of it bears; one that has both stays as it is."""
    if extract.counted is None:
        extract = counted(extract)
    if extract.checkpoint.imprint is None:
        extract = imprinted(extract, imprint_for(entry(extract)))
    return extract


def entry(extract: LogExtract) -> Entry:
    """Give what the register keeps of an extract, once it leaves."""
    return entry_of(extract, sort=EXTRACT, filters=extract.filters, marking=MARKING)


def issued_extract(issued: IssuedReport) -> LogExtract | None:
    """Give an extract that is in the register as it left; None where it is none, or has no figures."""
    if issued.sort != EXTRACT or issued.frozen_json is None:
        return None
    found = frozen_of(LogExtract, issued.frozen_json)
    if found.counted is None:
        return None
    return imprinted(found, Imprint(issued.reference, issued.verify_at, issued.signed))


def volumes_in(bundle: IO[bytes], form: FileKind) -> list[Painted]:
    """Give what the register keeps of each file in a ZIP of volumes."""
    bundle.seek(0)
    found = []
    with ZipFile(bundle) as files:
        for each in files.infolist():
            with files.open(each) as volume:
                found.append(Painted.of(form, volume.read()))
    return found


def _write_csv(extract: LogExtract, out: IO[bytes], wrote: Wrote, _: Surroundings) -> None:
    out.writelines(csv_of(extract, rows_of(extract, wrote=wrote)))


def _write_xlsx(extract: LogExtract, out: IO[bytes], wrote: Wrote, _: Surroundings) -> None:
    write_xlsx_of(extract, rows_of(extract, wrote=wrote), out)


def _write_pdf(extract: LogExtract, out: IO[bytes], wrote: Wrote, _: Surroundings) -> None:
    # Painting is loaded when something is painted, for every start would wait for it.
    from audit.trail.pdf import write_pdf

    write_pdf(extract, rows_of(extract, wrote=wrote), out)


def _paper_ending(extract: LogExtract) -> Ending:
    return Ending.ZIP if extract.counted and extract.volume_count > 1 else Ending.PDF


def _extract(
    form: FileKind, ending: Callable[[Any], Ending], write: Callable[[Any, IO[bytes], Wrote, Surroundings], object]
) -> Sort:
    return Sort(
        LogExtract, form, ("entry", "entries"), freeze_counted, ending, lambda each: each.figures.entry_count, write
    )


# ---- The sealed pack -----------------------------------------------------------------------------


def _write_pack(pack: SealedPack, out: IO[bytes], wrote: Wrote, around: Surroundings) -> None:
    write_pack(out, period=pack.period, at=around.at, evidence_folder=around.evidence_folder, wrote=wrote)


PACK = "pack"

SORT_OF = {FileKind.CSV: EXTRACT, FileKind.XLSX: "extract-xlsx", FileKind.PDF: "extract-pdf"}
"""Form of an extract → the sort that makes it."""

FORM_WORDS: Mapping[FileKind | None, str] = {FileKind.CSV: "CSV", FileKind.XLSX: "Excel", FileKind.PDF: "PDF"}

SORTS: Mapping[str, Sort] = {
    SORT_OF[FileKind.CSV]: _extract(FileKind.CSV, lambda _: Ending.CSV, _write_csv),
    SORT_OF[FileKind.XLSX]: _extract(FileKind.XLSX, lambda _: Ending.XLSX, _write_xlsx),
    SORT_OF[FileKind.PDF]: _extract(FileKind.PDF, _paper_ending, _write_pdf),
    PACK: Sort(SealedPack, None, ("row", "rows"), _same, lambda _: Ending.ZIP, lambda _: row_count(), _write_pack),
}
"""Sort, as a making has it → how it is made."""


def report_of(making: Making) -> Any:
    """Read the frozen report of a making."""
    return frozen_of(SORTS[making.sort].kind, making.frozen_json)


def ending_of(making: Making) -> Ending:
    """Give how the name of a making's file ends."""
    return SORTS[making.sort].ending(report_of(making))


def told(making: Making, *, gone: bool, has_file: bool, was_issued: bool = False, at: datetime) -> Told:
    """Give a making as its page shows it.

    Args:
        gone: whether its process is gone that must live.
        has_file: whether its file is there.
        was_issued: whether a file of its bytes left before.
    """
    report, sort = report_of(making), SORTS[making.sort]
    state = State.FAILED if gone else making.state
    kept = state is State.READY and has_file and making.kept_until is not None and at < making.kept_until
    problem = (making.problem or DIED) if state is State.FAILED else ""
    return Told(
        making.reference, FORM_WORDS.get(sort.form, ""), sort.ending(report), sort.units, report.title, report.filters,
        state, making.asked_at, making.done_count, making.total_count, problem, making.sha256 or "",
        making.byte_count or 0, making.kept_until, kept,
        isinstance(report, LogExtract) and report.counted is not None, was_issued,
    )  # fmt: skip
