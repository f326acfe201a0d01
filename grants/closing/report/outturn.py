"""What an outturn statement says: each line's budget and what it came to, what was paid, what is given back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from core.dates import day_text, moment_text, period_text
from core.figures import AsKnown, Checkpoint, Figures
from core.figures.storing import digest_of_parts
from core.money import pounds
from grants.closing.report import tables
from grants.closing.rules import Settlement, variance_words


@dataclass(frozen=True)
class AwardName:
    """The award as its offer letter names it, and the terms it is closed by."""

    code: str
    title: str
    funder: str
    agreement_reference: str
    body: str
    starts_on: date
    ends_on: date
    amount_pence: int
    variance_limit_points: int
    certifier_office: str


@dataclass(frozen=True)
class OutturnLine:
    """One grant line: its budget, what was claimed of it, and what is still expected, in pence."""

    code: str
    heading: str
    approved: int
    virement: int
    claimed: int
    forecast: int
    explanation: str

    @property
    def name(self) -> str:
        """The line as the table names it."""
        return f"{self.code} {self.heading}"

    @property
    def revised(self) -> int:
        """Approved budget and what was moved to or from it."""
        return self.approved + self.virement

    @property
    def outturn(self) -> int:
        """Claimed, and still expected."""
        return self.claimed + self.forecast

    @property
    def variance(self) -> int:
        """Revised budget less outturn: an underspend is above nothing."""
        return self.revised - self.outturn

    @property
    def variance_words(self) -> str:
        """The variance as a share of the revised budget, signed when the line overspends."""
        return variance_words(self.variance, self.revised)


@dataclass(frozen=True)
class OutturnClaim:
    """One claim of the award: what it asked for, and what was paid of it, in pence."""

    reference: str
    first: date
    last: date
    is_final: bool
    claimed: int
    paid: int


@dataclass(frozen=True)
class OutturnRepayment:
    """Grant given back."""

    reference: str
    on: date
    outside_reference: str
    pence: int


@dataclass(frozen=True)
class Outturn(AsKnown):
    """The outturn of an award, as known at its checkpoint."""

    award: AwardName
    checkpoint: Checkpoint
    lines: tuple[OutturnLine, ...]
    claims: tuple[OutturnClaim, ...]
    repayments: tuple[OutturnRepayment, ...]
    kept_until: date
    closed_by: str = ""
    closed_at: datetime | None = None

    def closed(self, by: str, at: datetime) -> Outturn:
        """Give the outturn with who closed the award."""
        return replace(self, closed_by=by, closed_at=at)

    @property
    def title(self) -> str:
        """What it is called."""
        return "Outturn statement"

    @property
    def reference(self) -> str:
        """The same award always has the same."""
        return f"OUT-{self.award.code}"

    @property
    def is_final(self) -> bool:
        """Whether every claim is signed, the final one too, so that nothing is forecast."""
        return any(each.is_final for each in self.claims)

    @property
    def settlement(self) -> Settlement:
        """What is owed between funder and recipient."""
        return Settlement(
            self.award.amount_pence,
            sum(each.claimed for each in self.claims),
            sum(each.paid for each in self.claims),
            sum(each.pence for each in self.repayments),
        )

    @property
    def sentence(self) -> str:
        """How the award ended, in one sentence."""
        owed = self.settlement
        said = (
            f"Of an award of {pounds(owed.award)}, {pounds(owed.claimed)} was claimed and {pounds(owed.paid)} received"
            f"; {pounds(owed.underspend)} was not drawn."
        )
        if owed.to_repay:
            return f"{said} {pounds(owed.to_repay)} is to be given back."
        return f"{said} {pounds(owed.to_come)} is still to come." if owed.to_come else said

    @property
    def unexplained_lines(self) -> tuple[OutturnLine, ...]:
        """Lines whose variance is beyond the award's limit and of which nobody said why."""
        limit = self.award.variance_limit_points
        return tuple(
            line for line in self.lines if not line.explanation and abs(line.variance) * 10_000 > limit * line.revised
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (*self._award_facts, *self.checkpoint.on_front)

    @property
    def _award_facts(self) -> tuple[tuple[str, str], ...]:
        return (
            ("Grant", f"{self.award.title} ({self.award.code})"),
            ("Funder", self.award.funder),
            ("Agreement", self.award.agreement_reference),
            ("Award", pounds(self.award.amount_pence)),
            ("Records kept until", day_text(self.kept_until)),
        )

    @property
    def period_words(self) -> str:
        """The funding period."""
        return period_text(self.award.starts_on, self.award.ends_on)

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Grant", self.award.code), ("State", "As closed" if self.closed_at else "Not closed"))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.award.body),
            *self._award_facts,
            *self.checkpoint.printed,
            ("Funding period", self.period_words),
            self.filters[1],
            ("Data cut-off", self.cut_off_words),
            *((("Closed", self.closed_words),) if self.closed_at else ()),
        )

    @property
    def closed_words(self) -> str:
        """Who closed the award, and when; nothing while it is open."""
        return f"{self.closed_by}, {moment_text(self.closed_at)}" if self.closed_at else ""

    @property
    def lines_table(self) -> Figures:
        """Budget to outturn, one row for each grant line."""
        return tables.lines(self)

    @property
    def claims_table(self) -> Figures:
        """Every claim, and what was paid of it."""
        return tables.claims(self)

    @property
    def settlement_table(self) -> Figures:
        """From the award to what is owed."""
        return tables.settlement(self)

    @property
    def repayments_table(self) -> Figures:
        """What was given back."""
        return tables.repayments(self)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (self.lines_table, self.settlement_table, self.claims_table, self.repayments_table)


def outturn_digest(made: Outturn) -> str:
    """Fingerprint what is closed: the figures, not who closed it or the checkpoint."""
    return digest_of_parts(made, ("lines", "claims", "repayments"))
