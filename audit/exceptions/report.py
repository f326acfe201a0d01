"""Everything that looks wrong in a period, sort by sort, the largest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audit.exceptions import queries, rules
from audit.exceptions.rules import ExceptionKind, Leads, Oddity, Row
from core.periods import Period
from grants.claims.queries import evidence_of, invoices_like
from grants.claims.queries.evidence import Evidence
from grants.claims.rules.findings import AuditedRow, FindingKind, duplicates
from grants.claims.rules.findings import of_row as audited


@dataclass(frozen=True)
class Sorted:
    """What looks wrong in one way: all of it, the largest first."""

    kind: ExceptionKind
    found: tuple[Oddity, ...]

    @property
    def pence(self) -> int:
        """How much it concerns together."""
        return sum(each.pence for each in self.found)


@dataclass(frozen=True)
class Exceptions:
    """What looks wrong in a period; ``cut`` tells that only its newest spending rows were looked at."""

    period: Period
    sorts: tuple[Sorted, ...]
    cut: bool

    @property
    def count(self) -> int:
        """How many things look wrong."""
        return sum(len(each.found) for each in self.sorts)


def exceptions_of(period: Period) -> Exceptions:
    """Find everything that looks wrong in a period, as known now."""
    rows = queries.rows_of(period)
    found = [*_of_rows(rows, period), *_of_invoices(period)]
    decisions = queries.decisions_of(period)
    found += [*rules.waivers(decisions), *rules.odd_hours(decisions)]
    found += rules.same_pairs(queries.pairs_of(period))
    found += queries.late_issues(period)
    by_kind: dict[ExceptionKind, list[Oddity]] = {kind: [] for kind in ExceptionKind}
    for each in found:
        by_kind[each.kind].append(each)
    sorts = tuple(
        Sorted(kind, tuple(sorted(some, key=lambda each: (-each.pence, -each.on.toordinal(), each.record))))
        for kind, some in by_kind.items()
    )
    return Exceptions(period, sorts, len(rows) == queries.MOST_ROWS)


def _of_rows(rows: dict[int, Row], period: Period) -> Iterator[Oddity]:
    """Look at every spending row: against its order, its lines and its deliveries, and whose hands it went through."""
    behind, names = evidence_of(list(rows)), queries.names()
    for row_id, row in rows.items():
        yield from rules.of_row(row)
        for finding in audited(_audited(row, behind[row_id]), period, vat_counts=True, names=names):
            if finding.kind is FindingKind.ONE_PERSON:
                yield Oddity(ExceptionKind.ONE_PERSON, Leads.ROW, row.reference, finding.words, row.on, finding.pence)


def _audited(row: Row, behind: Evidence) -> AuditedRow:
    """Give a row as the self-audit of claims takes it, with what it cost as what it would claim."""
    return AuditedRow(
        row.reference, row.name, claimed_pence=row.net_pence, invoiced_on=behind.invoiced_on,
        invoice_reference=behind.invoice, invoice_number=behind.invoice_number, invoice_pence=behind.invoice_pence,
        supplier=behind.supplier, order=behind.order, has_reason=True, hands=behind.hands,
    )  # fmt: skip


def _of_invoices(period: Period) -> Iterator[Oddity]:
    """Look at every invoice: whether it repeats another, and how near its total is to a threshold."""
    billed = {each.reference: each for each in queries.invoices_of(period)}
    asked = [
        AuditedRow(
            each.reference, each.number, claimed_pence=each.gross_pence, invoiced_on=each.on,
            invoice_reference=each.reference, invoice_number=each.number, invoice_pence=each.gross_pence,
            supplier=each.supplier,
        )
        for each in billed.values()
    ]  # fmt: skip
    for each in billed.values():
        named = f"Invoice {each.number} of {each.supplier}"
        yield from rules.under_threshold(each.reference, named, each.on, each.gross_pence)
    for finding in duplicates(asked, invoices_like({row.invoice_pence for row in asked})):
        on = billed[finding.subject].on
        yield Oddity(ExceptionKind.DUPLICATE, Leads.INVOICE, finding.subject, finding.words, on, finding.pence)
