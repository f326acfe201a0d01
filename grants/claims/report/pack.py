"""A claim as the funder reads it: the frozen object that page, PDF, CSV and XLSX paint.

It holds figures and names, never a record; what is signed is the text of exactly this object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from core.dates import day_text, moment_text, period_text
from core.figures import AsKnown, Checkpoint, Figures
from core.money import pounds
from core.periods import Period
from grants.claims.report import tables
from grants.claims.rules.figures import ClaimFigures, LineClaim, total_of
from grants.reports.report.extracts import Extract, extracts_table
from grants.reports.report.walks import WalkStep, step_rows


@dataclass(frozen=True)
class AwardTerms:
    """The award as its agreement names it, and the terms the claim goes by."""

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
    certifier_office: str
    variance_limit_points: int


@dataclass(frozen=True)
class PackRow:
    """One spending row, or one estimate, on one grant line: what the claim takes of it, in pence.

    Attributes:
        dated_on: date of the invoice, or of the journal.
        received_on: the last day its goods came within the claim, None for what brings none.
        evidence: references of order, deliveries and invoice.
        ledger_lines: the finance system's transaction numbers.
        row_id, estimate_id, line_id: the records behind it.
    """

    reference: str
    line: str
    supplier: str
    invoice_number: str
    dated_on: date | None
    received_on: date | None
    description: str
    net_pence: int
    vat_pence: int
    figures: ClaimFigures
    evidence: str
    ledger_lines: str
    line_id: int
    row_id: int | None = None
    estimate_id: int | None = None

    @property
    def accrued(self) -> bool:
        """Whether some of it is not in the ledger by the end of the period."""
        return self.figures.closing > 0


@dataclass(frozen=True)
class PackEstimate:
    """A closing accrual whose invoice is still to come, or one that was left out, with who decided and why."""

    description: str
    supplier: str
    line: str
    received_on: date
    proposed_pence: int | None
    pence: int
    reason: str


@dataclass(frozen=True)
class PackWaiver:
    """A finding that was let pass, by whom and why."""

    words: str
    pence: int
    by: str
    on: date
    reason: str


@dataclass(frozen=True)
class PackPaper:
    """A paper kept beside a record of the claim, with the SHA-256 of its file."""

    reference: str
    record: str
    proof: str
    file_name: str
    sha256: str


@dataclass(frozen=True)
class Signature:
    """Who took a step of the claim, and when."""

    done: str
    name: str
    at: datetime

    @property
    def words(self) -> str:
        """The signature as it is printed."""
        return f"{self.name}, {moment_text(self.at)}"


@dataclass(frozen=True)
class ClaimPack(AsKnown):
    """A claim for one award and one period, as known at its checkpoint."""

    reference: str
    number: int
    is_final: bool
    due_on: date
    award: AwardTerms
    period: Period
    checkpoint: Checkpoint
    lines: tuple[LineClaim, ...]
    walk: tuple[WalkStep, ...]
    rows: tuple[PackRow, ...]
    estimates: tuple[PackEstimate, ...]
    waivers: tuple[PackWaiver, ...]
    extracts: tuple[Extract, ...]
    papers: tuple[PackPaper, ...] = ()
    signatures: tuple[Signature, ...] = ()

    def signed_by(self, *signatures: Signature) -> ClaimPack:
        """Give the pack with the signatures of who prepared, reviewed and certified it."""
        return replace(self, signatures=signatures)

    @property
    def title(self) -> str:
        """What it is called."""
        return f"Claim {self.number}{', final' if self.is_final else ''}"

    @property
    def total(self) -> ClaimFigures:
        """The figures of all lines together."""
        return total_of(self.lines)

    @property
    def revised(self) -> int:
        """Revised budget of all lines."""
        return sum(line.revised for line in self.lines)

    @property
    def outturn(self) -> int:
        """Forecast outturn of all lines."""
        return sum(line.outturn for line in self.lines)

    @property
    def is_signed(self) -> bool:
        """Whether it was certified."""
        return len(self.signatures) == 3

    @property
    def certificate_field(self) -> str:
        """Name of the field that the organisation's digital signature goes into, once it is certified."""
        return "Certificate" if self.is_signed else ""

    @property
    def period_words(self) -> str:
        """The period by name and days."""
        return self.period.words

    @property
    def sentence(self) -> str:
        """What is asked for, in one sentence."""
        left = self.revised - self.total.cumulative
        return (
            f"{self.award.body} asks {self.award.funder} for {pounds(self.total.eligible)} for "
            f"{self.period.name or self.period_words}. With it, {pounds(self.total.cumulative)} of "
            f"{pounds(self.revised)} has been claimed; {pounds(left)} is left."
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (
            ("Grant", f"{self.award.title} ({self.award.code})"),
            ("Funder", self.award.funder),
            ("Recipient", self.award.body),
            ("Agreement", self.award.agreement_reference),
            ("Claim number", f"{self.number}{' (final claim)' if self.is_final else ''}"),
            ("Funding period", period_text(self.award.starts_on, self.award.ends_on)),
            ("Award", pounds(self.award.amount_pence)),
            ("Due by", day_text(self.due_on)),
            ("Cost counts when", "the ledger paid it" if self.award.defrayed else "goods were received (accruals)"),
            *self.checkpoint.on_front,
        )

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Claim", self.reference), ("State", "As certified" if self.is_signed else "Draft, not certified"))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("State", "As certified" if self.is_signed else "Draft, not certified"),
            *self.facts[:6],
            ("Period", self.period_words),
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
            *((signature.done.capitalize() + " by", signature.words) for signature in self.signatures),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made."""
        return tables.notes(self)

    @property
    def form_table(self) -> Figures:
        """The claim form: one row for each grant line."""
        return tables.form(self)

    @property
    def monitoring_table(self) -> Figures:
        """Financial monitoring: forecast, outturn and variance of each line."""
        return tables.monitoring(self)

    @property
    def walk_table(self) -> Figures:
        """The reconciliation walk."""
        return tables.walk(self)

    @property
    def step_tables(self) -> tuple[Figures, ...]:
        """The rows behind the walk, a table for each step that changes the figure."""
        return tuple(step_rows(step) for step in self.walk[1:] if step.rows)

    @property
    def walk_rows_table(self) -> Figures:
        """The rows behind the walk in one table."""
        return tables.walk_rows(self)

    @property
    def rows_table(self) -> Figures:
        """The transaction list."""
        return tables.rows(self)

    @property
    def evidence_table(self) -> Figures:
        """What stands behind every transaction."""
        return tables.evidence(self)

    @property
    def estimates_table(self) -> Figures:
        """Accruals whose invoice is still to come."""
        return tables.estimates(self)

    @property
    def waivers_table(self) -> Figures:
        """What the self-audit found and was let pass."""
        return tables.waivers(self)

    @property
    def papers_table(self) -> Figures:
        """The papers kept as evidence."""
        return tables.papers(self)

    @property
    def extracts_table(self) -> Figures:
        """The finance extracts."""
        return extracts_table(self.extracts, self.award.project_code)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (
            self.form_table,
            self.monitoring_table,
            self.walk_table,
            self.estimates_table,
            self.waivers_table,
            self.walk_rows_table,
            self.rows_table,
            self.evidence_table,
            self.papers_table,
            self.extracts_table,
        )
