"""A table of a report and how its cells are written for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from core.dates import day_text, moment_text
from core.money import pounds
from core.sheets import Cell, Column, Kind, Money

_FIGURES = (Kind.COUNT, Kind.MONEY, Kind.PERCENT)


class FileKind(StrEnum):
    """A form in which a report leaves the service."""

    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Figures:
    """One table: a first column that names each row, and what is said of it.

    Attributes:
        name: short, and no other table's in the report; the tab of its sheet and its name in the CSV.
        caption: what the table shows, as a reader needs it.
        columns: the first is text and heads its row.
        rows: one cell for each column; a whole number is pence in a column of money.
        total: the row that adds the others up, or None.
        note: how the figures are made, in a sentence, below the table.
        empty: what to say when there are no rows.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    note: str = ""
    empty: str = "There is nothing to show."

    def __post_init__(self) -> None:
        """Refuse a table whose rows do not fit its columns.

        Raises:
            ValueError: a row has another number of cells than there are columns.
        """
        for row in (*self.rows, *((self.total,) if self.total else ())):
            if len(row) != len(self.columns):
                raise ValueError(f"A row of {self.name} has {len(row)} cells for {len(self.columns)} columns")

    @property
    def written(self) -> tuple[tuple[str, ...], ...]:
        """The rows as text, the total not among them."""
        return tuple(self._as_text(row) for row in self.rows)

    @property
    def written_total(self) -> tuple[str, ...] | None:
        """The total as text."""
        return self._as_text(self.total) if self.total else None

    def _as_text(self, row: tuple[Cell, ...]) -> tuple[str, ...]:
        return tuple(shown(cell, column) for cell, column in zip(row, self.columns, strict=True))


@dataclass(frozen=True)
class Imprint:
    """What a report bears in every form in which it leaves the service: it leads to its entry in the register.

    Attributes:
        reference: its reference in the register, like GBR-7K4M-Q2XD-9PBC.
        verify_at: address of the public page that says whether a document is the one that was issued.
        signed: the signed checkpoint the report rests on, in a line, or since when the log is unsigned and why.
    """

    reference: str
    verify_at: str
    signed: str

    @property
    def printed(self) -> tuple[tuple[str, str], ...]:
        """What is printed of it: label and words."""
        return (
            ("Register reference", self.reference),
            ("Verify at", self.verify_at),
            ("Signed checkpoint", self.signed),
        )


@dataclass(frozen=True)
class Checkpoint:
    """How far the log of changes went when a report was made: it fixes everything the report rests on.

    Attributes:
        sequence: number of the last entry of the log, 0 when there is none.
        chain_hash: hash of the chain up to that entry, as 64 hexadecimal digits.
        cut_off: moment at which the newest change in the log was recorded.
        imprint: given by the register when the report leaves the service; None on a page and in a draft of a file.
    """

    sequence: int
    chain_hash: str
    cut_off: datetime
    imprint: Imprint | None = None

    @property
    def words(self) -> str:
        """Which entry of the log of changes a report rests on."""
        return f"Entry {self.sequence:,} of the log of changes"

    @property
    def printed(self) -> tuple[tuple[str, str], ...]:
        """What every report prints of the log and of itself: label and words."""
        return (("Log checkpoint", self.words), ("Chain hash", self.chain_hash), *self._imprinted)

    @property
    def on_front(self) -> tuple[tuple[str, str], ...]:
        """The same for the front of a report, the hash in groups that a person can compare."""
        return (("Log checkpoint", self.words), ("Chain hash", grouped(self.chain_hash)), *self._imprinted)

    @property
    def registered_as(self) -> str:
        """The report's reference in the register, or nothing."""
        return self.imprint.reference if self.imprint else ""

    @property
    def verify_at(self) -> str:
        """Address where the document is verified, or nothing."""
        return self.imprint.verify_at if self.imprint else ""

    @property
    def _imprinted(self) -> tuple[tuple[str, str], ...]:
        return self.imprint.printed if self.imprint else ()


class Reported(Protocol):
    """A frozen report: a dataclass that knows its name, its title and the checkpoint it rests on."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def reference(self) -> str:
        """Its own name, the same in every version."""

    @property
    def checkpoint(self) -> Checkpoint:
        """How far the log went when it was made."""


@runtime_checkable
class Certified(Protocol):
    """A report that its certifier signs, so that its PDF has a field for the organisation's digital signature."""

    @property
    def certificate_field(self) -> str:
        """Name of that field; nothing while the report is a draft."""


class AsKnown:
    """What every report says of the state of the records it shows; its checkpoint knows."""

    checkpoint: Checkpoint

    @property
    def version(self) -> str:
        """Which state of the records it shows: it rises with every change recorded."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that it knows of."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def checkpoint_words(self) -> str:
        """Which entry of the log of changes it rests on."""
        return self.checkpoint.words


def grouped(digest: str) -> str:
    """Write a hash in groups of eight, as a person compares it on paper."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def summed(label: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> tuple[Cell, ...]:
    """Add rows up into a total row: columns of counts and money are added, others stay empty."""
    return (label, *(_sum(column, [row[at] for row in rows]) for at, column in enumerate(columns) if at))


def _sum(column: Column, cells: Sequence[Cell]) -> int | None:
    if column.kind not in (Kind.COUNT, Kind.MONEY):
        return None
    return sum(cell for cell in cells if isinstance(cell, int))


def is_figure(column: Column) -> bool:
    """Say whether a column holds figures, which stand to the right."""
    return column.kind in _FIGURES


def shown(cell: Cell, column: Column) -> str:
    """Write a cell as a person reads it: pounds with two decimals, counts with commas, days in words."""
    match cell:
        case None:
            return ""
        case bool():
            return "Yes" if cell else "No"
        case Money(pence):
            return _bare(pence)
        case int() if column.kind is Kind.MONEY:
            return _bare(cell)
        case int() if column.kind is Kind.PERCENT:
            return f"{_bare(cell)}%"
        case int():
            return f"{cell:,}".replace("-", "−")
        case datetime():
            return moment_text(cell)
        case date():
            return day_text(cell)
        case str():
            return cell


def _bare(pence: int) -> str:
    """Write pence without the sign of pounds: a table of money says it once, in its heading."""
    return pounds(pence).replace("£", "")
