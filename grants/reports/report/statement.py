"""What the statement says. Every total is a sum of rows in here; nothing is typed and nothing rounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from core.dates import day_text, period_text
from core.figures import AsKnown, Checkpoint, Figures
from core.money import pounds
from core.periods import Period
from grants.reports.report import tables
from grants.reports.report.extracts import Extract, extracts_table
from grants.reports.report.walks import UNEXPLAINED, WalkStep, step_rows
from grants.reports.rules import LineFigures, percent_points

TITLE = "Statement of grant usage"


@dataclass(frozen=True)
class AwardName:
    """The award as its offer letter names it."""

    code: str
    title: str
    funder: str
    agreement_reference: str
    project_code: str
    body: str
    starts_on: date
    ends_on: date
    amount_pence: int
    defrayed: bool


@dataclass(frozen=True)
class BudgetLine:
    """One grant line: its budget and its figures, in pence."""

    code: str
    heading: str
    approved: int
    virement: int
    figures: LineFigures

    @property
    def name(self) -> str:
        """The line as the table names it."""
        return f"{self.code} {self.heading}"

    @property
    def revised(self) -> int:
        """Approved budget and what was moved to or from it."""
        return self.approved + self.virement

    @property
    def remaining(self) -> int:
        """Budget left; below nothing when the line is overspent."""
        return self.revised - self.figures.cumulative


@dataclass(frozen=True)
class SpendingLine:
    """Spending that became eligible in the period, for one grant line."""

    reference: str
    line: str
    supplier: str
    invoice_number: str
    dated_on: date
    received_on: date
    description: str
    net_pence: int
    vat_pence: int
    eligible_pence: int
    accrued: bool
    ledger: str


@dataclass(frozen=True)
class Outcome:
    """What the goods a grant line paid for have become, in pence at cost."""

    line: str
    received_pence: int
    by_whereabouts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Statement(AsKnown):
    """A statement of grant usage for one award and one period, as known at its checkpoint."""

    award: AwardName
    period: Period
    checkpoint: Checkpoint
    lines: tuple[BudgetLine, ...]
    walk: tuple[WalkStep, ...]
    spending: tuple[SpendingLine, ...]
    outcomes: tuple[Outcome, ...]
    extracts: tuple[Extract, ...]
    ledger_until: date | None
    unsealed_count: int = 0
    title: str = field(default=TITLE, init=False)

    @property
    def reference(self) -> str:
        """The statement's reference: the same award and period always have the same."""
        return f"SGU-{self.award.code}-{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}"

    @property
    def total(self) -> LineFigures:
        """The figures of all lines together."""
        return sum((line.figures for line in self.lines), LineFigures())

    @property
    def approved(self) -> int:
        """Approved budget of all lines."""
        return sum(line.approved for line in self.lines)

    @property
    def revised(self) -> int:
        """Revised budget of all lines."""
        return sum(line.revised for line in self.lines)

    @property
    def remaining(self) -> int:
        """Budget left of all lines."""
        return sum(line.remaining for line in self.lines)

    @property
    def has_ended(self) -> bool:
        """Whether the period was over when the newest change was recorded."""
        return self.checkpoint.cut_off.date() >= self.period.last

    @property
    def period_words(self) -> str:
        """The period by name and days."""
        return self.period.words

    @property
    def sentence(self) -> str:
        """What the chart says, in one sentence."""
        points = percent_points(self.total.cumulative, self.revised)
        part = f" ({points // 100}.{points // 10 % 10}%)" if points is not None else ""
        return (
            f"By {day_text(self.period.last)}, {pounds(self.total.cumulative)} of {pounds(self.revised)}{part} "
            f"had become eligible, {pounds(self.total.eligible)} of it in this period; "
            f"{pounds(self.remaining)} remains."
        )

    @property
    def overspent(self) -> tuple[BudgetLine, ...]:
        """Lines that have spent more than their budget."""
        return tuple(line for line in self.lines if line.remaining < 0)

    @property
    def unexplained_pence(self) -> int:
        """Pence of the finance extract that no spending explains yet."""
        return -sum(step.pence for step in self.walk if step.label == UNEXPLAINED)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (
            ("Grant", f"{self.award.title} ({self.award.code})"),
            ("Funder", self.award.funder),
            ("Agreement", self.award.agreement_reference),
            ("Funding period", period_text(self.award.starts_on, self.award.ends_on)),
            ("Award", pounds(self.award.amount_pence)),
            ("Cost counts when", "the ledger paid it" if self.award.defrayed else "goods were received (accruals)"),
            *self.checkpoint.on_front,
        )

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Grant", self.award.code), ("Period", self.period_words))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.award.body),
            *self.facts[:4],
            ("Period", self.period_words),
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        return tables.notes(self)

    @property
    def budget_table(self) -> Figures:
        """Budget to actual, one row for each grant line."""
        return tables.budget(self)

    @property
    def walk_table(self) -> Figures:
        """The reconciliation walk."""
        return tables.walk(self)

    @property
    def walk_rows_table(self) -> Figures:
        """The rows behind the walk."""
        return tables.walk_rows(self)

    @property
    def step_tables(self) -> tuple[Figures, ...]:
        """The rows behind the walk, a table for each step that changes the figure."""
        return tuple(step_rows(step) for step in self.walk[1:] if step.rows)

    @property
    def spending_table(self) -> Figures:
        """The spending that became eligible in the period."""
        return tables.spending(self)

    @property
    def outcome_table(self) -> Figures:
        """What the goods have become."""
        return tables.outcome(self)

    @property
    def agreement_table(self) -> Figures:
        """From what is eligible so far to all that is apportioned."""
        return tables.agreement(self)

    @property
    def extracts_table(self) -> Figures:
        """The finance extracts."""
        return extracts_table(self.extracts, self.award.project_code)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (
            self.budget_table,
            self.walk_table,
            self.outcome_table,
            self.agreement_table,
            self.walk_rows_table,
            self.spending_table,
            self.extracts_table,
        )
