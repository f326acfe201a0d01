"""A signed reconciliation beside what is known now: each row of a figure that differs, and by how much."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from core.figures import Figures
from core.sheets import Column, Kind
from grants.reconciliation.report.reconciled import ReconciledPeriod


@dataclass(frozen=True)
class Difference:
    """A row of a figure as it was signed and as it is known now, in pence."""

    line: str
    figure: str
    reference: str
    description: str
    signed: int
    known: int

    @property
    def change(self) -> int:
        """Known now less as signed."""
        return self.known - self.signed


Key = tuple[str, str, str]


def differences(signed: ReconciledPeriod, now: ReconciledPeriod) -> tuple[Difference, ...]:
    """List the rows behind the figures of each line, and the unexplained lines, that differ from what was signed."""
    before, said = _by_row(signed)
    after, says = _by_row(now)
    words = said | says
    found = [
        Difference(*key, words[key], before.get(key, 0), after.get(key, 0))
        for key in sorted({*before, *after})
        if before.get(key, 0) != after.get(key, 0)
    ]
    return tuple(found)


def _by_row(made: ReconciledPeriod) -> tuple[dict[Key, int], dict[Key, str]]:
    pence: dict[Key, int] = defaultdict(int)
    words: dict[Key, str] = {}
    for line in made.lines:
        for step in line.steps:
            for row in step.rows if step.is_figure else ():
                key = (line.name, step.label, row.reference)
                pence[key] += row.pence
                words[key] = row.description
    for each in made.unexplained:
        key = ("Finance ledger", "Not explained", each.name)
        pence[key] += each.pence
        words[key] = each.description or each.supplier
    return dict(pence), words


def differences_table(found: tuple[Difference, ...]) -> Figures:
    """Set the differences out, one a row."""
    return Figures(
        "As signed and known now",
        "As signed, and as known now, in pounds",
        (
            Column("Grant line", width=34),
            Column("Figure"),
            Column("Row"),
            Column("Description", width=40),
            Column("As signed", Kind.MONEY),
            Column("Known now", Kind.MONEY),
            Column("Difference", Kind.MONEY),
        ),
        tuple((d.line, d.figure, d.reference, d.description, d.signed, d.known, d.change) for d in found),
        empty="Nothing is known now that was not known when it was signed.",
    )
