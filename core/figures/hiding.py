"""A table whose small counts are hidden: the same frozen object, with ``[c]`` where a figure may not be shown.

A slice says which atoms each figure of its tables adds up; ``core.suppression`` decides over all of them together; the
tables that come back hold the mark and no longer the figure, so whatever paints them (page, PDF, CSV, XLSX, the words
of a chart) has nothing to give away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from core.figures.tables import Figures
from core.sheets import Cell
from core.suppression import HIDDEN, Total
from core.suppression.totals import Atom

WHY = (
    f"{HIDDEN}: a small count, or a figure from which one could be worked out, is left out so that nobody can be "
    "recognised. Nought is shown."
)
"""The note below every table with a hidden figure."""


@dataclass(frozen=True)
class Counted:
    """A table, and what each of its counts adds up.

    Attributes:
        table: with every figure.
        atoms: row and column → atoms of that count; the total's row comes after the last row.
        costs: a column of money → the column of counts it follows, in the same table. £ divided by the cost of one is
            a count, so money is hidden wherever its count is.
    """

    table: Figures
    atoms: Mapping[tuple[int, int], frozenset[Atom]]
    costs: Mapping[int, int]

    def __post_init__(self) -> None:
        """Refuse a table with a figure that nothing was said of: it would be shown unlooked at.

        Raises:
            ValueError: a count has no atoms, or a column of money no count.
        """
        for row, cells in enumerate(_all_rows(self.table)):
            for at, cell in enumerate(cells[1:], start=1):
                looked_at = (row, at) in self.atoms or (row, self.costs.get(at, -1)) in self.atoms
                if cell is not None and not looked_at:
                    heading = self.table.columns[at].heading
                    raise ValueError(f"What {heading} of row {row + 1} of {self.table.name} adds up is not said")

    @property
    def totals(self) -> list[Total]:
        """Every count as a total, by a label that no other table of the report has."""
        return [Total(self._label(row, at), atoms) for (row, at), atoms in sorted(self.atoms.items())]

    def without(self, hidden: Collection[str]) -> Figures:
        """Give the table with a mark in place of each hidden figure, and below it what the mark means."""
        rows = [
            (cells[0], *(self._cell(row, at, cell, hidden) for at, cell in enumerate(cells[1:], start=1)))
            for row, cells in enumerate(_all_rows(self.table))
        ]
        said = any(HIDDEN in row[1:] for row in rows)
        total = rows.pop() if self.table.total else None
        note = " ".join(each for each in (self.table.note, WHY if said else "") if each)
        return replace(self.table, rows=tuple(rows), total=total, note=note)

    def _cell(self, row: int, at: int, cell: Cell, hidden: Collection[str]) -> Cell:
        counted = self.costs.get(at, at)
        return HIDDEN if cell is not None and self._label(row, counted) in hidden else cell

    def _label(self, row: int, at: int) -> str:
        return f"{self.table.name}/{row}/{at}"


def crossed_atoms(
    table: Figures, atoms: Mapping[tuple[str, str], Collection[Atom]]
) -> dict[tuple[int, int], frozenset[Atom]]:
    """Say what the counts of a cross-table add up, from what its inner cells do.

    Args:
        table: names in its first column, a count in each other column, the last of them the sum of its row.
        atoms: name and heading → atoms of that cell; a cell that is not there has none.
    """
    headings = [column.heading for column in table.columns[1:-1]]
    names = [str(row[0]) for row in table.rows]
    found: dict[tuple[int, int], frozenset[Atom]] = {}
    for row, some_names in enumerate([*([name] for name in names), names]):
        for at, some in enumerate([*([heading] for heading in headings), headings], start=1):
            found[row, at] = frozenset(
                atom for name in some_names for heading in some for atom in atoms.get((name, heading), ())
            )
    return found if table.total else {place: some for place, some in found.items() if place[0] < len(names)}


def part(cell: Cell) -> int | None:
    """Give a count as a chart takes it: a hidden one is None, which a chart calls withheld and does not draw."""
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else None


def _all_rows(table: Figures) -> Sequence[tuple[Cell, ...]]:
    return [*table.rows, *([table.total] if table.total else [])]
