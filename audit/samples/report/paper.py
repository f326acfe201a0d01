"""What a working paper says. Its projection is computed from its rows each time, so it cannot disagree with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from audit.samples.report import tables
from audit.samples.rules import Found, Method, Outcome, PopulationKind, Projection, Whole, project
from core.dates import moment_text
from core.figures import Checkpoint, Figures
from core.money import pounds

WAYS = {
    Method.RANDOM: "Random: each row is as likely as any other",
    Method.BY_VALUE: "By value: each pound is as likely as any other",
}


@dataclass(frozen=True)
class Terms:
    """How a sample was drawn: enough to draw it again.

    Attributes:
        of: the population in words.
        period: its days in words.
        asked_count: rows (random) or hits (by value) asked for.
        left_out_count, left_out_pence: credits, which cannot be drawn by value.
        drawn_again: whether the frozen population and the seed gave the same rows when the paper was made.
    """

    reference: str
    kind: PopulationKind
    of: str
    period: str
    method: Method
    asked_count: int
    confidence: int
    seed: str
    population_count: int
    population_pence: int | None
    population_digest: str
    left_out_count: int
    left_out_pence: int
    known_at: datetime
    drawn_by: str
    drawn_at: datetime
    drawn_again: bool


@dataclass(frozen=True)
class PaperRow:
    """A drawn row, and the result that counts; ``corrected`` is how many results it took the place of."""

    position: int
    reference: str
    record: str
    about: str
    pence: int | None
    hits: int
    mark: str
    outcome: Outcome | None = None
    right_pence: int | None = None
    note: str = ""
    checked_by: str = ""
    checked_at: datetime | None = None
    corrected: int = 0

    @property
    def error_pence(self) -> int | None:
        """What the books say too much; None without a result or an amount."""
        if self.outcome is None or self.pence is None:
            return None
        return Found(self.pence, self.outcome, self.right_pence).error_pence


@dataclass(frozen=True)
class WorkingPaper:
    """A sample with its results, as known at its checkpoint; ``population`` is reference and pence of every row."""

    terms: Terms
    rows: tuple[PaperRow, ...]
    population: tuple[tuple[str, int | None], ...]
    checkpoint: Checkpoint

    @property
    def title(self) -> str:
        """What it is called."""
        return "Working paper of a sample"

    @property
    def reference(self) -> str:
        """The sample's own."""
        return self.terms.reference

    @property
    def version(self) -> str:
        """Which state of the records it shows."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def checked_count(self) -> int:
        """How many rows have a result."""
        return sum(row.outcome is not None for row in self.rows)

    @property
    def projection(self) -> Projection | None:
        """What the sample says of the whole; None while a row has no result."""
        found = [Found(row.pence, row.outcome, row.right_pence) for row in self.rows if row.outcome is not None]
        return project(self._whole, found) if len(found) == len(self.rows) else None

    @property
    def _whole(self) -> Whole:
        of = self.terms
        drawn = of.asked_count if of.method is Method.BY_VALUE else len(self.rows)
        interval = Fraction(of.population_pence or 0, drawn)
        small = sum(pence or 0 for _, pence in self.population if (pence or 0) < interval)
        return Whole(of.method, of.population_count, of.population_pence, drawn, of.confidence, small)

    @property
    def sentence(self) -> str:
        """What the sample says, or how far the checking has come."""
        made = self.projection
        if made is not None:
            return made.sentence
        wrong = sum(row.outcome not in (None, Outcome.AGREED) for row in self.rows)
        so_far = f" {wrong:,} of them {'does' if wrong == 1 else 'do'} not agree." if wrong else ""
        return (
            f"{self.checked_count:,} of {len(self.rows):,} rows are checked.{so_far} What that says of the whole "
            "follows when every row has a result."
        )

    @property
    def population_words(self) -> str:
        """How large the population is."""
        of = self.terms
        worth = "" if of.population_pence is None else f", {pounds(of.population_pence)}"
        return f"{of.population_count:,} {'row' if of.population_count == 1 else 'rows'}{worth}"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (("Drawn from", self.terms.of), ("Population", self.population_words), *self.checkpoint.on_front)

    @property
    def drawing(self) -> tuple[tuple[str, str], ...]:
        """How it was drawn: what anybody needs who draws it again."""
        of = self.terms
        unit = "rows" if of.method is Method.RANDOM else f"hits, one every {self._interval_words}"
        again = "the same rows" if of.drawn_again else "OTHER ROWS: the sample or its population was changed"
        return (
            ("Drawn from", of.of),
            ("Days", of.period),
            ("Population", self.population_words),
            *((("Left out", self._left_out),) if of.left_out_count else ()),
            ("Population SHA-256", of.population_digest),
            ("Known at", moment_text(of.known_at)),
            ("Way of drawing", WAYS[of.method]),
            ("Asked for", f"{of.asked_count:,} {unit}"),
            ("Seed", of.seed),
            ("Confidence", f"{of.confidence}%"),
            ("Drawn", f"{of.drawn_by}, {moment_text(of.drawn_at)}"),
            ("Drawn again for this paper", again),
        )

    @property
    def _interval_words(self) -> str:
        return pounds((self.terms.population_pence or 0) // self.terms.asked_count)

    @property
    def _left_out(self) -> str:
        of = self.terms
        many = "credits" if of.left_out_count > 1 else "credit"
        return f"{of.left_out_count:,} {many} of {pounds(of.left_out_pence)}, which cannot be drawn by value"

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that the results rest on."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Sample", self.reference), ("Drawn from", self.terms.of))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            *self.drawing,
            *self.checkpoint.printed,
            ("Data cut-off", self.cut_off_words),
            ("What it says", self.sentence),
        )

    @property
    def rows_table(self) -> Figures:
        """Every drawn row with its result."""
        return tables.rows(self)

    @property
    def projection_table(self) -> Figures:
        """The estimates of the whole."""
        return tables.projection(self)

    @property
    def population_table(self) -> Figures:
        """Every row that could have been drawn."""
        return tables.population(self)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed; the population is in the files only."""
        return (self.rows_table, self.projection_table, self.population_table)
