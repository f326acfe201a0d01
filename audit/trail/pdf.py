"""The audit extract on paper: its figures and its entries, in volumes where these are many.

A volume has as many entries as a reader's program holds with all their tags (``core.pdf.rows``), and inside it the CSV
of those entries. A long extract is one ZIP: the front, which has the figures and the SHA-256 of each volume, and the
volumes. No more than a volume is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from reportlab.platypus.flowables import Flowable

from audit.trail.report import A_VOLUME, MARKING, LogExtract, csv_of
from audit.trail.report.writing import Row
from core.dates import moment_text
from core.figures import Figures, grouped
from core.figures.paper import front_of, on_paper, room_for
from core.pdf import (
    Attachment,
    Front,
    ListColumn,
    Marking,
    gap,
    h2,
    listing,
    note,
    page_break,
    paint,
    para,
)
from core.sheets import Column, Kind

_COLUMNS = (
    ListColumn("Entry", 40, figures=True),
    ListColumn("Recorded", 106),
    ListColumn("Who", 92),
    ListColumn("Role", 58),
    ListColumn("What was done", 210),
    ListColumn("Record", 76),
    ListColumn("Reason", 76),
    ListColumn("Leaf hash", 74),
)
_SIZE = 7.0
_DIGITS = 16
_HOW = (
    f"Of each leaf hash the first {_DIGITS} digits are printed. What is too long for its column is cut, with … at its "
    "end. The whole of every entry, with the log’s own word for the act and its chain hash, is in the CSV inside this "
    "file."
)


def write_pdf(extract: LogExtract, rows: Iterable[Row], out: IO[bytes]) -> None:
    """Write an extract on paper: one PDF, or a ZIP of the front and the volumes; the same gives the same."""
    if extract.volume_count == 1:
        whole = _Volume(extract, 1, rows)
        story = [*_figures(extract), *page_break(landscape=True), *whole.entries()]
        out.write(_paint(extract, story, csv=whole.csv))
        return
    volumes, left = list[_Volume](), iter(rows)
    with _Bundle(out) as bundle:
        for number in range(1, extract.volume_count + 1):
            volumes.append(_Volume(extract, number, islice(left, A_VOLUME)))
            bundle.add(volumes[-1].name, volumes[-1].painted())
        bundle.add(f"{extract.reference}-front.pdf", _paint_front(extract, volumes, bundle.digests))


@dataclass
class _Bundle:
    """Writes files into a ZIP one after the other, as they are, and remembers the SHA-256 of each."""

    out: IO[bytes]
    digests: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zip = ZipFile(self.out, "w", ZIP_STORED)

    def add(self, name: str, data: bytes) -> None:
        """Write a file."""
        entry = ZipInfo(name)  # of 1980, whatever the clock says
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        self._zip.writestr(entry, data)
        self.digests[name] = sha256(data).hexdigest()

    def __enter__(self) -> _Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        """End the ZIP with its list of files."""
        self._zip.close()


class _Volume:
    """Some of the entries of an extract, read once: as their lines on paper, and as the CSV inside them.

    Attributes:
        number: of the volume, from 1.
        count: of its entries.
        begins, ends: the entries it begins and ends with, by their numbers in the log.
    """

    def __init__(self, extract: LogExtract, number: int, rows: Iterable[Row]) -> None:
        """Read the entries; what a line does not print is in the CSV alone, and not held twice."""
        self.extract, self.number = extract, number
        self.count, self.begins, self.ends = 0, 0, 0
        self.lines = list[tuple[str, ...]]()
        said = () if extract.volume_count == 1 else (("Volume", self.of),)
        self.csv = b"".join(csv_of(extract, map(self._take, rows), volume=said))

    def _take(self, row: Row) -> Row:
        self.ends = row[0] or 0
        self.begins = self.begins or self.ends
        self.count += 1
        self.lines.append(_on_paper(row))
        return row

    @property
    def of(self) -> str:
        """Which it is of how many."""
        return f"{self.number} of {self.extract.volume_count}"

    @property
    def name(self) -> str:
        """Of its file; the names are in the order of the volumes."""
        whole = self.extract.volume_count
        return f"{self.extract.reference}-volume-{self.number:0{len(str(whole))}}-of-{whole}.pdf"

    def entries(self) -> list[Flowable]:
        """Set its entries as a listing of single lines."""
        if not self.count:
            return [h2("Entries"), para("There is no entry.")]
        heading = f"Entries {self.begins:,} to {self.ends:,}" if self.count > 1 else f"Entry {self.begins:,}"
        return [h2(heading), note(_HOW), listing(_COLUMNS, self.lines, size=_SIZE)]

    def painted(self) -> bytes:
        """Paint it as a document of its own, and give up what it holds."""
        data = _paint(self.extract, self.entries(), csv=self.csv, suffix=f"volume {self.of}", brief=True)
        self.lines, self.csv = [], b""
        return data


def _paint_front(extract: LogExtract, volumes: Sequence[_Volume], digests: Mapping[str, str]) -> bytes:
    table = Figures(
        "Volumes",
        "The volumes, and the SHA-256 of each",
        (
            Column("Volume", Kind.COUNT), Column("From entry", Kind.COUNT), Column("To entry", Kind.COUNT),
            Column("Entries", Kind.COUNT), Column("SHA-256"),
        ),
        tuple((each.number, each.begins, each.ends, each.count, grouped(digests[each.name])) for each in volumes),
        note="A volume whose SHA-256 is another was changed. The address above says the same of any file.",
    )  # fmt: skip
    return _paint(extract, [*_figures(extract), room_for(table), h2("Volumes"), *on_paper(table)], suffix="front")


def _paint(
    extract: LogExtract, story: Sequence[Flowable], *, csv: bytes = b"", suffix: str = "", brief: bool = False
) -> bytes:
    inside = f"{extract.reference}{f'-{suffix}' if suffix else ''}.csv".replace(" ", "-")
    return paint(
        story,
        front=_front(extract, suffix, brief),
        at=extract.checkpoint.cut_off,
        attachments=[Attachment(inside, csv, "Every entry of this file")] if csv else [],
        landscape=brief,
    )


def _front(extract: LogExtract, suffix: str, brief: bool) -> Front:
    return front_of(
        extract,
        organisation=extract.figures.organisation,
        author="Audit log",
        period=extract.period_words,
        subject=extract.title,
        marking=Marking(MARKING),
        foi_disclosable=False,
        suffix=f"({suffix})" if suffix else "",
        brief=brief,
    )


def _figures(extract: LogExtract) -> list[Flowable]:
    """Set the figures of the entries."""
    story: list[Flowable] = [*page_break(), h2("What was recorded"), para(extract.sentence)]
    for table in extract.tables:
        story += [room_for(table, headed=False), *on_paper(table), gap()]
    return story


def _on_paper(row: Row) -> tuple[str, ...]:
    """Write an entry as its line has it."""
    sequence, at, who, role, said, _, subject, reason, leaf_hash, _ = row
    return (
        f"{sequence:,}", moment_text(at), who, role or "", said, subject, reason, leaf_hash[:_DIGITS],
    )  # fmt: skip
