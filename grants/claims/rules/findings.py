"""The self-audit: what a funder or an auditor would object to, found before anybody signs.

Only what fails is shown. A finding is cured by a new fact, or waived by name with a reason where a person may judge
it; what no judgement can mend (a line overspent, an estimate left open) cannot be waived. A waiver counts for exactly
the words it was given for: when the figures move, the finding stands again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.dates import day_text, period_text
from core.money import pounds
from core.periods import Period
from grants.awards.rules import points_text
from grants.claims.rules.figures import LineClaim


class FindingKind(StrEnum):
    """What is wrong."""

    NOT_OVER = "the period is not over"
    OVER_LINE = "more than the line"
    NO_CONSENT = "budget moved without consent"
    OPEN_ESTIMATE = "received and not invoiced"
    STALE_ESTIMATE = "estimate overtaken"
    NO_FORECAST = "no forecast"
    NO_EXPLANATION = "variance not explained"
    LEDGER_SHORT = "extract ends early"
    UNEXPLAINED = "ledger not explained"
    NOT_RECEIVED = "paid and not received"
    OUTSIDE_WINDOW = "invoice outside the funding period"
    DUPLICATE = "looks like a duplicate"
    PENNY_SPLIT = "not apportioned to the penny"
    VAT = "VAT claimed"
    WEAK_EVIDENCE = "weak evidence"
    THREE_WAY = "order, delivery and invoice differ"
    NO_PAPER = "no paper kept"
    ONE_PERSON = "one person did everything"
    CLAUSE = "a condition of the grant"


NEVER_WAIVED = frozenset(
    {
        FindingKind.NOT_OVER,
        FindingKind.OVER_LINE,
        FindingKind.OPEN_ESTIMATE,
        FindingKind.STALE_ESTIMATE,
        FindingKind.NO_FORECAST,
        FindingKind.NO_EXPLANATION,
    }
)

DUPLICATE_DAYS = 31
"""Two invoices of one supplier over the same total are looked at when their dates are no further apart."""


@dataclass(frozen=True)
class Finding:
    """One thing that fails.

    Attributes:
        subject: reference of what it is about; with the kind it names the finding.
        words: what is wrong, with the figures.
        cure: what to do about it.
        pence: how much of the claim it concerns.
    """

    kind: FindingKind
    subject: str
    words: str
    cure: str
    pence: int = 0

    @property
    def key(self) -> str:
        """Name the finding among those of its claim."""
        return f"{self.kind.name.lower().replace('_', '-')}.{self.subject}"

    @property
    def may_be_waived(self) -> bool:
        """Say whether a person may let it pass with a reason."""
        return self.kind not in NEVER_WAIVED


@dataclass(frozen=True)
class Hands:
    """Account ids of who ordered (or entered the invoice), received, and reconciled a row, and their names."""

    ordered: frozenset[int] = frozenset()
    received: frozenset[int] = frozenset()
    reconciled: frozenset[int] = frozenset()

    @property
    def one_person(self) -> int | None:
        """Give the account that did all three, or None."""
        return min(self.ordered & self.received & self.reconciled, default=None)


@dataclass(frozen=True)
class AuditedRow:
    """What the self-audit must know of a spending row that the claim concerns.

    Attributes:
        name: reference, description and supplier, for a sentence.
        claimed_pence: eligible in this claim; 0 for one that the ledger holds and the claim leaves out.
        left_out_pence: in the ledger by the end of the period and not received by then.
        left_pence: what of its cost is apportioned to no grant line.
        invoiced_on: date of the invoice, None without one.
        invoice_number, invoice_pence, supplier: to find a duplicate by.
        vat_in_cost_pence: VAT that is part of its cost.
        is_goods: whether a delivery must stand behind it.
        order: reference of its order, or nothing.
        order_explained: somebody said why there is none, at the three-way match.
        has_reason: spending without an invoice says what shows that it is real.
    """

    reference: str
    name: str
    claimed_pence: int
    left_out_pence: int = 0
    left_pence: int = 0
    apportioned_pence: int = 0
    invoiced_on: date | None = None
    invoice_reference: str = ""
    invoice_number: str = ""
    invoice_pence: int = 0
    supplier: str = ""
    vat_in_cost_pence: int = 0
    is_goods: bool = False
    order: str = ""
    order_explained: bool = False
    has_reason: bool = False
    hands: Hands = Hands()


@dataclass(frozen=True)
class TwinInvoice:
    """An invoice to compare with: reference, number, supplier, total and date."""

    reference: str
    number: str
    supplier: str
    pence: int
    dated_on: date


def of_line(line: LineClaim, *, agreement: str, limit_points: int) -> Iterator[Finding]:
    """Say what is wrong with one grant line: a claim cannot exceed it, and a variance beyond a limit is explained.

    Args:
        agreement: reference of the agreement that sets the line's budget.
        limit_points: the variance that needs no explanation, in basis points.
    """
    if line.remaining < 0 < line.figures.eligible:
        yield Finding(
            FindingKind.OVER_LINE, line.code,
            f"This is {pounds(-line.remaining)} over the line. {pounds(line.figures.cumulative)} would be claimed "
            f"of line {line.name}, whose budget is {pounds(line.revised)} (agreement {agreement})",
            "Record a virement first", -line.remaining,
        )  # fmt: skip
    if line.forecast is not None and line.needs_explanation(limit_points) and not line.explanation:
        yield Finding(
            FindingKind.NO_EXPLANATION, line.code,
            f"Line {line.name} ends {pounds(abs(line.variance))} ({line.variance_words}) "
            f"{'under' if line.variance > 0 else 'over'} its budget. Agreement {agreement} asks "
            f"for an explanation beyond {points_text(limit_points)}",
            "Explain the variance beside the forecast", abs(line.variance),
        )  # fmt: skip


def of_row(row: AuditedRow, funded: Period, *, vat_counts: bool, names: dict[int, str]) -> Iterator[Finding]:
    """Say what is wrong with one row.

    Args:
        vat_counts: the award pays VAT that is not recovered.
        names: account id → name.
    """
    if row.left_out_pence > 0:
        yield Finding(
            FindingKind.NOT_RECEIVED, row.reference,
            f"The ledger holds {pounds(row.left_out_pence)} of {row.name}, not received by the end of the period. "
            "The claim leaves it out",
            "Record its delivery if the goods have come; otherwise it waits for the claim of the period they come in",
            row.left_out_pence,
        )  # fmt: skip
    if row.claimed_pence == 0:
        return
    if row.invoiced_on is not None and not funded.holds(row.invoiced_on):
        yield Finding(
            FindingKind.OUTSIDE_WINDOW, row.reference,
            f"The invoice for {row.name} is of {day_text(row.invoiced_on)}, outside the funding period "
            f"({period_text(funded.first, funded.last)})",
            "Apportion it to another award, or say why the cost is of this period", row.claimed_pence,
        )  # fmt: skip
    if row.left_pence and row.apportioned_pence:
        yield Finding(
            FindingKind.PENNY_SPLIT, row.reference,
            f"{pounds(row.left_pence)} of {row.name} is apportioned to no grant line",
            "Apportion the rest, or say who carries it", abs(row.left_pence),
        )  # fmt: skip
    if row.vat_in_cost_pence and not vat_counts:
        yield Finding(
            FindingKind.VAT, row.reference,
            f"{row.name} costs the grant {pounds(row.vat_in_cost_pence)} of VAT, and this award pays no VAT",
            "Reverse the apportionment and apportion the net amount", row.vat_in_cost_pence,
        )  # fmt: skip
    yield from _evidence(row, names)


def _evidence(row: AuditedRow, names: dict[int, str]) -> Iterator[Finding]:
    """Say what paper or which second person is missing behind a row."""
    if row.is_goods and not row.order and not row.order_explained:
        yield Finding(
            FindingKind.WEAK_EVIDENCE, row.reference, f"No order stands behind {row.name}",
            "Say who agreed to the purchase and where that is written down", row.claimed_pence,
        )  # fmt: skip
    if row.invoiced_on is None and not row.has_reason:
        yield Finding(
            FindingKind.WEAK_EVIDENCE, row.reference, f"{row.name} has no invoice, and nothing says what shows it",
            "Say what shows that the cost is real and where it is kept", row.claimed_pence,
        )  # fmt: skip
    person = row.hands.one_person
    if person is not None:
        yield Finding(
            FindingKind.ONE_PERSON, row.reference,
            f"{names.get(person, 'One person')} ordered, received and reconciled {row.name}",
            "Have somebody else check the order, the goods and the ledger, and say who did", row.claimed_pence,
        )  # fmt: skip


def duplicates(rows: Sequence[AuditedRow], others: Iterable[TwinInvoice]) -> Iterator[Finding]:
    """Find invoices that look like the same one twice: supplier and total alike, dates near, numbers different.

    Args:
        rows: what the claim concerns; one finding an invoice, for its first row that is claimed.
        others: every invoice it may repeat.
    """
    known: dict[tuple[str, int], list[TwinInvoice]] = {}
    for other in others:
        known.setdefault((other.supplier, other.pence), []).append(other)
    seen: set[str] = set()
    for row in rows:
        if row.claimed_pence <= 0 or row.invoiced_on is None or row.invoice_reference in seen:
            continue
        seen.add(row.invoice_reference)
        for other in known.get((row.supplier, row.invoice_pence), []):
            near = abs(row.invoiced_on - other.dated_on) <= timedelta(days=DUPLICATE_DAYS)
            if other.reference < row.invoice_reference and near:
                yield Finding(
                    FindingKind.DUPLICATE, row.invoice_reference,
                    f"Invoice {row.invoice_number} and invoice {other.number} ({other.reference}) are both from "
                    f"{row.supplier}, over {pounds(row.invoice_pence)}, {_apart(row.invoiced_on, other.dated_on)}",
                    "Ask the supplier; credit the one that is not owed", row.claimed_pence,
                )  # fmt: skip


def _apart(one: date, other: date) -> str:
    days = abs((one - other).days)
    return "on the same day" if days == 0 else f"{days} {'day' if days == 1 else 'days'} apart"


def still_open(findings: Iterable[Finding], waived: dict[str, str]) -> list[Finding]:
    """Leave out what is waived in these very words.

    Args:
        waived: key of a finding → the words it was waived in.
    """
    return [each for each in findings if not (each.may_be_waived and waived.get(each.key) == each.words)]
