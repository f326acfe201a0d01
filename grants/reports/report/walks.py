"""A walk: from one figure to another, step by step, each step a sum of rows that are listed beside it.

The statement, a claim and a reconciliation all walk from the finance extract; their tables of steps and of the rows
behind them are made here, so that the same rows stand in the same columns in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.figures import Figures
from core.sheets import Cell, Column, Kind

UNEXPLAINED = "Less lines that no spending explains yet"
ELIGIBLE = "Eligible this period"

_ROW_COLUMNS = (
    Column("Reference"),
    Column("Date", Kind.DATE),
    Column("Supplier"),
    Column("Description", width=40),
    Column("Amount", Kind.MONEY),
)


@dataclass(frozen=True)
class WalkRow:
    """A row behind a step of a walk, in pence with the sign the step gives it."""

    reference: str
    day: date
    supplier: str
    description: str
    pence: int

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The row as tables list it."""
        return (self.reference, self.day, self.supplier, self.description, self.pence)


class Step(Protocol):
    """A step of a walk; ``is_sum`` when it says where the walk has come to."""

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def pence(self) -> int:
        """What it adds, or where the walk has come to."""

    @property
    def rows(self) -> tuple[WalkRow, ...]:
        """The rows behind it."""

    @property
    def is_sum(self) -> bool:
        """Whether it only adds up those before it."""


@dataclass(frozen=True)
class WalkStep:
    """A step from the finance extract to a figure; ``is_sum`` when it only adds up those before it."""

    label: str
    pence: int
    rows: tuple[WalkRow, ...] = ()
    is_sum: bool = False


def walked(name: str, caption: str, steps: Sequence[Step], *, note: str = "") -> Figures:
    """Set out a walk, one row for each step; the last is its total."""
    *before, last = steps
    return Figures(
        name,
        caption,
        (Column("Step", width=60), Column("Rows behind it", Kind.COUNT), Column("Amount", Kind.MONEY)),
        tuple((step.label, len(step.rows) if not step.is_sum else None, step.pence) for step in before),
        (last.label, None, last.pence),
        note=note,
    )


def rows_behind(
    name: str,
    caption: str,
    steps: Iterable[tuple[str, Iterable[WalkRow]]],
    *,
    empty: str = "No row takes anything from the finance extract or adds to it.",
    first: str = "Step",
    note: str = "",
) -> Figures:
    """List the rows behind several steps, each row beside the name of its step.

    Args:
        steps: names and rows.
        first: the heading of the names.
        empty: what to say where there is no row.
    """
    return Figures(
        name,
        caption,
        (Column(first, width=44), *_ROW_COLUMNS),
        tuple((label, *row.cells) for label, rows in steps for row in rows),
        note=note,
        empty=empty,
    )


def step_rows(step: Step) -> Figures:
    """List the rows behind one step."""
    total = ("Total", None, None, None, step.pence)
    return Figures(step.label, step.label, _ROW_COLUMNS, tuple(row.cells for row in step.rows), total)
