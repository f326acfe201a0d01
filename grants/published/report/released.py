"""A release of usage, frozen with its small counts hidden: page, PDF, CSV and XLSX paint this one object.

What was hidden is not in the object, so whatever paints it, or keeps it, has nothing to give away.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.figures import AsKnown, Checkpoint, Figures
from core.periods import Period
from core.sheets import Kind
from core.suppression import HIDDEN

TITLE = "Go Bags issued"
DRAFT = "Not published"


@dataclass(frozen=True)
class ReleasedUsage(AsKnown):
    """What a release publishes.

    Attributes:
        reference: of the release, or "Not published" in a preview.
        threshold: counts of 1 up to, and not including, this are hidden.
        issued: place → Go Bags issued, None where it is hidden; what the chart draws.
    """

    reference: str
    organisation: str
    period: Period
    checkpoint: Checkpoint
    threshold: int
    price_pounds: int | None
    issued: tuple[tuple[str, int | None], ...]
    issued_count: int | None
    tables: tuple[Figures, ...]
    title: str = field(default=TITLE, init=False)

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Release", self.reference), ("Period", self.period.words))

    @property
    def sentence(self) -> str:
        """What the chart says, in one sentence."""
        if self.issued_count is None:
            return "How many Go Bags were issued in this period is a small count, or would give one away."
        bags = "Go Bag was" if self.issued_count == 1 else "Go Bags were"
        shown = [(count, place) for place, count in self.issued if count]
        said = f"{self.issued_count:,} {bags} issued"
        return f"{said}; {max(shown)[1]} issued {max(shown)[0]:,}." if len(shown) == 1 else f"{said}."

    @property
    def hidden_count(self) -> int:
        """Figures that are hidden, money apart."""
        return sum(_hidden_in(table) for table in self.tables)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (("Smallest count shown", f"{self.threshold}, and nought"), *self.checkpoint.on_front)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            ("Smallest count shown", f"{self.threshold}, and nought"),
            *self.checkpoint.printed,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        said = [
            "A Go Bag counts as issued on the day it was handed over, by the clock in London, even if it was handed "
            "back later. An issue that was undone is left out.",
            "A language is that of the booklet in the Go Bag. No language, or anything else, of a person is recorded.",
            f"Counts above nought and below {self.threshold} are left out and marked {HIDDEN}. So are other figures "
            "from which one of them could be worked out, with the help of any earlier release too; the two are not "
            "told apart.",
            "Figures of a later release can differ from these: what was recorded late or taken back counts for the day "
            "it happened on.",
        ]
        if self.price_pounds is not None:
            said.append(
                f"Costs are the number of Go Bags times £{self.price_pounds:,}, one price for all of them. What each "
                "cost to the penny is in the grant accounts."
            )
        return tuple(said)


def _hidden_in(table: Figures) -> int:
    rows = [*table.rows, *([table.total] if table.total else [])]
    counts = [at for at, column in enumerate(table.columns) if column.kind is Kind.COUNT]
    return sum(1 for row in rows for at in counts if row[at] == HIDDEN)
