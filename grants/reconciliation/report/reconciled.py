"""What a reconciliation says. Every figure is a sum of rows in here.

What is signed is the text of exactly this object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from core.dates import local_day, moment_text
from core.figures import AsKnown, Checkpoint, Figures
from core.figures.storing import digest_of_parts
from core.money import pounds
from core.periods import Period
from grants.reconciliation.report import tables
from grants.reconciliation.rules import Figure
from grants.reports.report import WalkRow

TITLE = "Reconciliation"


@dataclass(frozen=True)
class AwardName:
    """The award as its offer letter names it."""

    code: str
    title: str
    funder: str
    agreement_reference: str
    project_code: str
    body: str


@dataclass(frozen=True)
class Step:
    """A step of a walk; a figure when it says where the walk has come to."""

    label: str
    pence: int
    rows: tuple[WalkRow, ...] = ()
    is_figure: bool = False

    @property
    def is_sum(self) -> bool:
        """Whether tables list no rows behind it: a figure of the walk."""
        return self.is_figure


@dataclass(frozen=True)
class LineWalk:
    """One grant line: from bought to the ledger, step by step."""

    code: str
    heading: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The line as the table names it."""
        return f"{self.code} {self.heading}"

    def figure(self, which: Figure) -> int:
        """Give one of the four figures, in pence."""
        return next(step.pence for step in self.steps if step.is_figure and step.label == which)


@dataclass(frozen=True)
class OpenRow:
    """A ledger line that no spending explains wholly, and what of it is open in pence."""

    name: str
    transaction: str
    supplier: str
    description: str
    day: date
    pence: int


@dataclass(frozen=True)
class Hand:
    """Who prepared or signed it, and when."""

    done: str
    name: str
    at: datetime

    @property
    def words(self) -> str:
        """The signature as it is printed."""
        return f"{self.done.capitalize()} by {self.name}, {moment_text(self.at)}"


@dataclass(frozen=True)
class ReconciledPeriod(AsKnown):
    """The reconciliation of one period of an award, as known at its checkpoint."""

    award: AwardName
    period: Period
    checkpoint: Checkpoint
    lines: tuple[LineWalk, ...]
    walk: tuple[Step, ...]
    unexplained: tuple[OpenRow, ...]
    claim_reference: str = ""
    note: str = ""
    hands: tuple[Hand, ...] = ()

    def signed_by(self, *hands: Hand, note: str) -> ReconciledPeriod:
        """Give the reconciliation with who prepared and signed it, and what was said of the unexplained."""
        return replace(self, hands=hands, note=note)

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLE

    @property
    def reference(self) -> str:
        """The same award and period always have the same."""
        return f"REC-{self.award.code}-{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}"

    @property
    def is_signed(self) -> bool:
        """Whether two people have signed it off."""
        return len(self.hands) == 2

    def total(self, which: Figure) -> int:
        """Add one of the four figures up over all lines."""
        return sum(line.figure(which) for line in self.lines)

    @property
    def unexplained_pence(self) -> int:
        """Pence of the finance extract, up to the end of the period, that no spending explains."""
        return sum(row.pence for row in self.unexplained)

    def age_of(self, row: OpenRow) -> int:
        """Give the days an unexplained line had been open at the data cut-off."""
        return max(0, (local_day(self.checkpoint.cut_off) - row.day).days)

    @property
    def sentence(self) -> str:
        """How far the four figures agree, in one sentence."""
        bought, apportioned, received, booked = (self.total(each) for each in Figure)
        said = (
            f"{pounds(bought)} was bought, {pounds(apportioned)} of it apportioned; {pounds(received)} was received, "
            f"and {pounds(booked)} is in the ledger."
        )
        if bought == apportioned == received == booked and not self.unexplained:
            return f"{said} All four agree, and nothing in the ledger is unexplained."
        if not self.unexplained:
            return f"{said} Every difference is explained, row by row."
        lines = tables.count(len(self.unexplained), "ledger line")
        return f"{said} {pounds(self.unexplained_pence)} in {lines} is not explained."

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (
            ("Grant", f"{self.award.title} ({self.award.code})"),
            ("Funder", self.award.funder),
            ("Agreement", self.award.agreement_reference),
            ("Project code", self.award.project_code),
            *self.checkpoint.on_front,
        )

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Grant", self.award.code), ("Period", self.period.words))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.award.body),
            *self.facts[:4],
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
            *(("Signed off", hand.words) for hand in self.hands),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know."""
        return tables.notes(self)

    @property
    def lines_table(self) -> Figures:
        """The four figures of each line and what lies between them."""
        return tables.lines(self)

    @property
    def walk_table(self) -> Figures:
        """The walk from the finance extract to the claim."""
        return tables.walk(self)

    @property
    def ages_table(self) -> Figures:
        """How old what is unexplained is."""
        return tables.ages(self)

    @property
    def unexplained_table(self) -> Figures:
        """The ledger lines that are not explained."""
        return tables.unexplained(self)

    @property
    def rows_table(self) -> Figures:
        """Every row behind every step of every line."""
        return tables.rows(self)

    @property
    def walk_rows_table(self) -> Figures:
        """Every row behind the walk from the finance extract to the claim."""
        return tables.walk_rows(self)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (
            self.lines_table,
            self.walk_table,
            self.ages_table,
            self.unexplained_table,
            self.rows_table,
            self.walk_rows_table,
        )


def figures_digest(made: ReconciledPeriod) -> str:
    """Fingerprint what a person prepares and signs: the figures and their rows, not who signed or the checkpoint."""
    return digest_of_parts(made, ("lines", "walk", "unexplained"))
