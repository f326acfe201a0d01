"""The audit extract on paper: its figures and its entries, in volumes where these are many.

A volume has as many entries as a reader's program holds with all their tags (``core.pdf.rows``), and inside it the CSV
of those entries. A long extract is one ZIP: the front, which has the figures and the SHA-256 of each volume, and the
volumes. Pages go out as they are full; of a volume no more is held than its lines and its CSV, both packed: a heading
says with which entry it ends, and an embedded file goes out when the document closes.
"""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    Packed,
    Sink,
    gap,
    h2,
    listing,
    note,
    page_break,
    paint_to,
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
        _paint(extract, [*_figures(extract), *page_break(landscape=True), *whole.entries()], out, csv=whole.csv)
        return
    volumes, digests, left = list[_Volume](), dict[str, str](), iter(rows)
    with ZipFile(out, "w", ZIP_STORED) as bundle:
        for number in range(1, extract.volume_count + 1):
            volume = _Volume(extract, number, islice(left, A_VOLUME))
            with _added(bundle, volume.name, digests) as file:
                volume.paint(file)
            volumes.append(volume)
        with _added(bundle, f"{extract.reference}-front.pdf", digests) as file:
            _paint_front(extract, volumes, digests, file)


@contextmanager
def _added(bundle: ZipFile, name: str, digests: dict[str, str]) -> Iterator[Sink]:
    """Write a file into a ZIP within the block, and note its SHA-256."""
    entry = ZipInfo(name)  # of 1980, whatever the clock says
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    with bundle.open(entry, "w") as file:
        hashed = _Hashed(file)
        yield hashed
    digests[name] = hashed.digest.hexdigest()


class _Hashed:
    """Passes on what is written to it, and hashes it."""

    def __init__(self, out: Sink) -> None:
        self._out, self.digest = out, sha256()

    def write(self, data: bytes, /) -> None:
        """Write a part."""
        self.digest.update(data)
        self._out.write(data)


class _Lines:
    """Lines of text, packed some hundred at a time; read once, and no longer held then."""

    _MANY = 500

    def __init__(self) -> None:
        self._waiting, self._packed = list[tuple[str, ...]](), deque[bytes]()

    def add(self, line: tuple[str, ...]) -> None:
        """Keep a line."""
        self._waiting.append(line)
        if len(self._waiting) == self._MANY:
            self._packed.append(zlib.compress(json.dumps(self._waiting).encode(), 1))
            self._waiting = []

    def __iter__(self) -> Iterator[Sequence[str]]:
        """Give the lines in their order."""
        while self._packed:
            yield from json.loads(zlib.decompress(self._packed.popleft()))
        yield from self._waiting


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
        self.lines = _Lines()
        said = () if extract.volume_count == 1 else (("Volume", self.of),)
        self.csv: Packed | None = Packed(csv_of(extract, map(self._take, rows), volume=said))

    def _take(self, row: Row) -> Row:
        self.ends = row[0] or 0
        self.begins = self.begins or self.ends
        self.count += 1
        self.lines.add(_on_paper(row))
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

    def paint(self, out: Sink) -> None:
        """Paint it as a document of its own, and give up what it holds."""
        _paint(self.extract, self.entries(), out, csv=self.csv, suffix=f"volume {self.of}", brief=True)
        self.csv = None


def _paint_front(extract: LogExtract, volumes: Sequence[_Volume], digests: Mapping[str, str], out: Sink) -> None:
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
    _paint(extract, [*_figures(extract), room_for(table), h2("Volumes"), *on_paper(table)], out, suffix="front")


def _paint(
    extract: LogExtract,
    story: Sequence[Flowable],
    out: Sink,
    *,
    csv: Packed | None = None,
    suffix: str = "",
    brief: bool = False,
) -> None:
    inside = f"{extract.reference}{f'-{suffix}' if suffix else ''}.csv".replace(" ", "-")
    paint_to(
        out,
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
