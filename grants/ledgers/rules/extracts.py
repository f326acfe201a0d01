"""An extract read whole, kept clear of details of a person.

The guard reads what is free text: descriptions, and columns nobody has given a meaning. References, codes,
suppliers and amounts are left alone, because real document numbers look like NHS numbers. A description that
could identify a person refuses its row; in a column that is not used, the cell alone is not kept.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.errors import RuleBroken
from core.money import Pence
from core.parse import one_line
from core.privacy import personal_detail, refuse_personal_details
from grants.ledgers.rules.layouts import Layout
from grants.ledgers.rules.lines import read_lines
from grants.ledgers.rules.readings import ControlTotals, ParsedLine, Reading, RefusedRow, SkippedRow
from grants.ledgers.rules.roles import Role
from grants.ledgers.rules.tables import RawTable, read_table

NOT_KEPT = "[not kept: it could identify a person]"
LONGEST_FILENAME = 120
_TOGETHER = 64
"""Texts looked at in one go."""
_NEVER_FREE_TEXT = frozenset(
    {
        Role.TRANSACTION,
        Role.LINE,
        Role.REFERENCE,
        Role.ORDER,
        Role.SUPPLIER,
        Role.SUPPLIER_CODE,
        Role.COST_CENTRE,
        Role.PROJECT,
        Role.ACCOUNT_CODE,
    }
)


@dataclass(frozen=True, slots=True)
class Extract:
    """A file of a finance system, read through a layout.

    Attributes:
        filename: the file's own name, without folders.
        file_hash: SHA-256 of the bytes, in hexadecimal.
    """

    filename: str
    file_hash: str
    reading: Reading


def filename_of(sent: str) -> str:
    """Give a file's own name as it is kept.

    Raises:
        RuleBroken: it is too long, or holds details that could identify a person.
    """
    name = one_line(sent.replace("\\", "/").rsplit("/", 1)[-1], most=LONGEST_FILENAME, field="file")
    refuse_personal_details(name, field="file")
    return name


def file_hash_of(data: bytes) -> str:
    """Give the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def open_table(data: bytes, filename: str) -> RawTable:
    """Read a file as a table whose name and headings are safe to keep.

    Raises:
        RuleBroken: the file cannot be read, or its name or a heading could identify a person.
    """
    name = filename_of(filename)
    table = read_table(data, name)
    for heading in table.header:
        refuse_personal_details(heading, field="file")
    return table


def read_extract(data: bytes, filename: str, layout: Layout) -> Extract:
    """Read a file through a layout.

    Raises:
        RuleBroken: the file cannot be read at all, or not one of its rows is a ledger line.
    """
    table = open_table(data, filename)
    reading = without_personal_details(read_lines(table, layout))
    if not reading.lines:
        raise RuleBroken(_nothing_read(reading))
    return Extract(table.filename, file_hash_of(data), reading)


def _nothing_read(reading: Reading) -> str:
    """Say why no row of a file is a line."""
    if not reading.refused:
        return "The file has no rows below the names of its columns"
    first = reading.refused[0]
    return f"No row of the file can be read. Row {first.row_number}: {first.reason}. Check the columns"


def without_personal_details(reading: Reading) -> Reading:
    """Take out of a reading what could identify a person: rows for their description, cells elsewhere."""
    guard = _Guard(reading.layout)
    guard.look_through(reading.lines)
    lines, refused = [], [guard.refused(row) for row in reading.refused]
    for line in reading.lines:
        found = guard.description_problem(line)
        if found is None:
            lines.append(guard.line(line))
        else:
            refused.append(RefusedRow(line.row_number, *found, raw=guard.cells(line.raw)))
    refused.sort(key=lambda row: row.row_number)
    kept = {line.row_number for line in lines}
    return replace(
        reading,
        lines=tuple(lines),
        refused=tuple(refused),
        skipped=tuple(guard.skipped(row) for row in reading.skipped),
        flagged=tuple(row for row in reading.flagged if row.row_number in kept),
        totals=_totals(reading.totals, lines, len(refused)) if len(lines) < len(reading.lines) else reading.totals,
    )


def _at(raw: Sequence[str], places: Sequence[int]) -> Iterator[str]:
    return (raw[place] for place in places if place < len(raw))


class _Guard:
    """The columns of a layout that hold free text, with each different text looked at once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.descriptions = layout.columns(Role.DESCRIPTION)
        self.unused = layout.columns(Role.OTHER)
        self.known: dict[str, str | None] = {}

    def look_through(self, lines: Iterable[ParsedLine]) -> None:
        """Clear the free texts of lines some at a time, and leave those of a group that is not clear to be looked at.

        A group is its texts with " | " between: nothing that could identify a person is told by what stands before
        or after a bar, so whatever one text holds the group holds too. This is twenty times as fast.
        """
        places = (*self.descriptions, *self.unused)
        texts = {text for line in lines for text in (line.description, *_at(line.raw, places)) if text}
        plain = sorted(text for text in texts if text.isascii())
        for start in range(0, len(plain), _TOGETHER):
            group = plain[start : start + _TOGETHER]
            if personal_detail(" | ".join(group)) is None:
                self.known.update(dict.fromkeys(group))

    def problem(self, text: str) -> str | None:
        """Name what in a text could identify a person, or None."""
        if text not in self.known:
            self.known[text] = personal_detail(text)
        return self.known[text]

    def description_problem(self, line: ParsedLine) -> tuple[str, str] | None:
        """Give the heading and the reason for which a line's description refuses it, or None."""
        if not line.description or self.problem(line.description) is None:
            return None
        guilty = [place for place in self.descriptions if place < len(line.raw) and self.problem(line.raw[place])]
        heading = self.layout.headings[guilty[0]] if guilty else ""
        return heading, f"Remove details that could identify a person: {self.problem(line.description)}"

    def line(self, line: ParsedLine) -> ParsedLine:
        """Give a line whose unused cells are safe to keep."""
        raw = line.raw
        if not any(place < len(raw) and raw[place] and self.problem(raw[place]) for place in self.unused):
            return line
        return replace(line, raw=self.cells(raw))

    def cells(self, raw: Sequence[str]) -> tuple[str, ...]:
        """Give the cells of a row without those that could identify a person."""
        roles = self.layout.roles
        return tuple(
            NOT_KEPT if (place >= len(roles) or roles[place] not in _NEVER_FREE_TEXT) and self.problem(cell) else cell
            for place, cell in enumerate(raw)
        )

    def refused(self, row: RefusedRow) -> RefusedRow:
        """Give a refused row that is safe to keep."""
        return replace(row, reason=self._words(row.reason, lambda: "The cell cannot be read"), raw=self.cells(row.raw))

    def skipped(self, row: SkippedRow) -> SkippedRow:
        """Give a skipped row that is safe to keep."""
        return replace(row, reason=self._words(row.reason, lambda: "A note"), raw=self.cells(row.raw))

    def _words(self, reason: str, short: Callable[[], str]) -> str:
        found = self.problem(reason)
        return reason if found is None else f"{short()}; its words are not kept, because they hold a {found}"


def _totals(before: ControlTotals, lines: Sequence[ParsedLine], refused_count: int) -> ControlTotals:
    """Count and add up again when rows were refused after reading."""
    vats = [line.vat_pence for line in lines if line.vat_pence is not None]
    grosses = [line.gross_pence for line in lines if line.gross_pence is not None]
    days = [line.dated_on for line in lines]
    return replace(
        before,
        line_count=len(lines),
        refused_count=refused_count,
        net_pence=Pence(sum(line.net_pence for line in lines)),
        vat_pence=Pence(sum(vats)) if vats else None,
        gross_pence=Pence(sum(grosses)) if grosses else None,
        earliest_on=min(days, default=None),
        latest_on=max(days, default=None),
    )
