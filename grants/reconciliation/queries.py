"""What a reconciliation is made from beside the statement's facts, and the reconciliations people prepared and signed.

Money is kept for the whole organisation, so no scope belongs here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, undefer

from core.db import db
from core.errors import NotFound
from core.periods import Period, named
from grants.awards.models import Award, GrantLine
from grants.awards.rules import ClaimPeriod, claim_periods
from grants.claims.models import Claim, ClaimEstimate, SignedClaim, SignedRow
from grants.ledgers.models import LedgerCancellation, LedgerImport, LedgerLine, LedgerMatch
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.reconciliation.rules import Ordered
from grants.reports.queries import RowName
from grants.spending import queries as spending
from grants.spending.models import Apportionment, OrderLine, SpendingRow, SupplierInvoice
from organisation.suppliers.models import Supplier


def periods_of(award: Award) -> tuple[ClaimPeriod, ...]:
    """Part an award's funding period into the periods that are claimed and reconciled."""
    return claim_periods(award.starts_on, award.ends_on, award.cadence, award.claim_due_days)


def period_beginning(award: Award, first: date) -> Period:
    """Give the period of an award that begins on a day, with its name.

    Raises:
        NotFound: none does.
    """
    found = next((each for each in periods_of(award) if each.first == first), None)
    if found is None:
        raise NotFound
    return named(found.first, found.last)


@dataclass(frozen=True)
class OrderedRow:
    """A spending row bought for a line of the award, with the names it is printed by."""

    ordered: Ordered
    name: RowName


def ordered_rows(award: Award, period: Period, *, at: datetime) -> dict[int, OrderedRow]:
    """Read the rows dated in a period whose order was placed for a line of the award: spending row id → row."""
    credited = aliased(SpendingRow)
    given = (
        select(func.coalesce(func.sum(Apportionment.pence), 0))
        .where(Apportionment.row_id == SpendingRow.id, Apportionment.recorded_at <= at)
        .scalar_subquery()
    )
    asked = (
        select(
            SpendingRow.id, OrderLine.grant_line_id, spending.COST, given, SpendingRow.reference,
            SpendingRow.description, Supplier.name, SupplierInvoice.number, SpendingRow.incurred_on,
            SpendingRow.net_pence, SpendingRow.vat_pence, SpendingRow.vat_recoverable,
        )
        .outerjoin(credited, credited.id == SpendingRow.credits_row_id)
        .join(OrderLine, OrderLine.id == func.coalesce(SpendingRow.order_line_id, credited.order_line_id))
        .join(GrantLine, GrantLine.id == OrderLine.grant_line_id)
        .join(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(
            GrantLine.award_id == award.id,
            SpendingRow.incurred_on >= period.first,
            SpendingRow.incurred_on <= period.last,
            SupplierInvoice.recorded_at <= at,
        )
    )  # fmt: skip
    return {
        row_id: OrderedRow(Ordered(row_id, line_id, int(cost), int(apportioned)), RowName(*names))
        for row_id, line_id, cost, apportioned, *names in db.session.execute(asked)
    }


@dataclass(frozen=True)
class OpenLine:
    """A ledger line that neither matches nor cancellations explain wholly, in pence."""

    line_id: int
    transaction: str
    supplier: str
    description: str
    dated_on: date
    pence: int


def unexplained(project_code: str, until: date, *, at: datetime) -> list[OpenLine]:
    """List what no spending explains of a project's ledger lines dated until a day, largest first."""
    left = LedgerLine.net_pence - _matched(at) - _taken_back(at)
    asked = (
        select(
            LedgerLine.id, LedgerLine.transaction_number, LedgerLine.supplier_name, LedgerLine.description,
            LedgerLine.dated_on, left,
        )
        .join(LedgerImport, LedgerImport.id == LedgerLine.import_id)
        .where(
            or_(LedgerLine.project == project_code, LedgerLine.cost_centre == project_code),
            LedgerLine.dated_on <= until,
            LedgerImport.imported_at <= at,
            left != 0,
        )
        .order_by(func.abs(left).desc(), LedgerLine.id)
    )  # fmt: skip
    return [OpenLine(*facts[:5], int(facts[5])) for facts in db.session.execute(asked)]


def _matched(at: datetime) -> ColumnElement[int]:
    """Add up, in SQL, the matches of a ledger line that were known at a moment."""
    asked = select(func.coalesce(func.sum(LedgerMatch.pence), 0))
    known = asked.where(LedgerMatch.line_id == LedgerLine.id, LedgerMatch.matched_at <= at)
    return known.correlate(LedgerLine).scalar_subquery()


def _taken_back(at: datetime) -> ColumnElement[int]:
    """Add up, in SQL, what cancellations explain of a ledger line, whichever side of them it is."""
    first, second = (
        select(func.coalesce(func.sum(LedgerCancellation.pence), 0))
        .where(side == LedgerLine.id, LedgerCancellation.matched_at <= at)
        .correlate(LedgerLine)
        .scalar_subquery()
        for side in (LedgerCancellation.line_id, LedgerCancellation.taken_back_by_id)
    )
    return first - second


@dataclass(frozen=True)
class ClaimedRow:
    """What a signed claim took of a spending row or an estimate on a line, in pence."""

    line_id: int
    row_id: int | None
    estimate_id: int | None
    name: RowName
    pence: int


@dataclass(frozen=True)
class ClaimOfPeriod:
    """The signed claim of a period."""

    reference: str
    rows: tuple[ClaimedRow, ...]


def claim_of(award: Award, period: Period, *, at: datetime) -> ClaimOfPeriod | None:
    """Read what the signed claim of a period asks for; None while it is not signed."""
    asked = (
        select(
            Claim.reference, SignedRow.grant_line_id, SignedRow.row_id, SignedRow.estimate_id,
            SignedRow.eligible_pence, SpendingRow.reference, SpendingRow.description, SpendingRow.incurred_on,
            ClaimEstimate.description, ClaimEstimate.supplier_name, ClaimEstimate.received_on,
        )
        .join(SignedClaim, and_(SignedClaim.claim_id == Claim.id, SignedClaim.signed_at <= at))
        .outerjoin(SignedRow, SignedRow.claim_id == Claim.id)
        .outerjoin(SpendingRow, SpendingRow.id == SignedRow.row_id)
        .outerjoin(ClaimEstimate, ClaimEstimate.id == SignedRow.estimate_id)
        .where(Claim.award_id == award.id, Claim.first_on == period.first)
        .order_by(SignedRow.id)
    )  # fmt: skip
    found = db.session.execute(asked).all()
    if not found:
        return None
    rows = tuple(_claimed(*facts) for _, *facts in found if facts[0] is not None)
    return ClaimOfPeriod(found[0][0], rows)


def _claimed(
    line_id: int, row_id: int | None, estimate_id: int | None, pence: int, reference: str | None,
    description: str | None, incurred_on: date | None, accrued: str | None, supplier: str | None,
    received_on: date | None,
) -> ClaimedRow:  # fmt: skip
    day = incurred_on or received_on
    assert day is not None
    name = RowName(
        reference or f"Accrual {estimate_id}", description or accrued or "", supplier or "", "", day, 0, 0, False
    )
    return ClaimedRow(line_id, row_id, estimate_id, name, int(pence))


# ---- What people prepared and signed ------------------------------------------------------------


def newest(award_id: int, first: date) -> Reconciliation | None:
    """Give the newest reconciliation of a period, the signed one if there is one, or None."""
    found = reconciliations([award_id], first)
    return found.get((award_id, first))


def reconciliations(award_ids: Collection[int], first: date | None = None) -> dict[tuple[int, date], Reconciliation]:
    """Give the reconciliation that counts of each period: (award id, first day) → the signed one, else the newest."""
    asked = (
        select(Reconciliation)
        .outerjoin(SignedReconciliation, SignedReconciliation.reconciliation_id == Reconciliation.id)
        .where(Reconciliation.award_id.in_(award_ids))
        .options(
            joinedload(Reconciliation.account),
            joinedload(Reconciliation.note),
            joinedload(Reconciliation.signed).joinedload(SignedReconciliation.account),
        )
        .order_by(SignedReconciliation.id.is_not(None), Reconciliation.id)
    )
    if first is not None:
        asked = asked.where(Reconciliation.first_on == first).options(
            joinedload(Reconciliation.signed).options(undefer(SignedReconciliation.figures_json))
        )
    return {(each.award_id, each.first_on): each for each in db.session.scalars(asked)}


def by_reference(reference: str) -> Reconciliation:
    """Find a reconciliation.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(select(Reconciliation).where(Reconciliation.reference == reference))
    if found is None:
        raise NotFound
    return found
