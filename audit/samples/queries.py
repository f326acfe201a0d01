"""Reading populations as known at a moment, and the samples drawn from them. An auditor reads every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload, undefer

from audit.samples.models import AuditSample, SampleResult, SampleRow
from audit.samples.rules import LARGEST_POPULATION, Asked, Listed, PopulationKind
from core.dates import day_bounds, day_text, local_day
from core.db import db
from core.errors import NotFound
from core.paging import Paged, paged
from grants.awards.models import Award, GrantLine
from grants.claims.models import Claim, ClaimEstimate, SignedClaim, SignedRow
from grants.claims.rules.figures import estimate_words
from grants.spending.models import Apportionment, BilledDelivery, PurchaseOrder, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, Issue
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.stock.models import Lot, Posting
from organisation.places.models import Place
from organisation.suppliers.models import Supplier

ONE_TOO_MANY = LARGEST_POPULATION + 1


def rows_of(asked: Asked, *, at: datetime) -> list[Listed]:
    """Read the rows of a population as known at a moment; at most one more than a sample may be drawn from.

    Raises:
        NotFound: there is no such award or signed claim.
    """
    match asked.kind:
        case PopulationKind.SPENDING:
            return _spending(asked, at)
        case PopulationKind.CLAIMED:
            return _claimed(asked)
        case PopulationKind.ISSUES:
            return _issues(asked, at)


def _spending(asked: Asked, at: datetime) -> list[Listed]:
    """Read what is apportioned of each spending row to the lines of an award."""
    award_id = db.session.scalar(select(Award.id).where(Award.code == asked.subject))
    if award_id is None:
        raise NotFound
    given = func.sum(Apportionment.pence)
    found = (
        select(SpendingRow.reference, SpendingRow.description, SpendingRow.incurred_on, Supplier.name, given)
        .join(Apportionment, Apportionment.row_id == SpendingRow.id)
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(GrantLine.award_id == award_id, Apportionment.recorded_at <= at)
        .group_by(SpendingRow.id, Supplier.name)
        .having(given != 0)
        .limit(ONE_TOO_MANY)
    )
    if asked.first is not None:
        found = found.where(SpendingRow.incurred_on >= asked.first)
    if asked.last is not None:
        found = found.where(SpendingRow.incurred_on <= asked.last)
    return [
        Listed(reference, reference, ", ".join([words, *([supplier] if supplier else []), day_text(day)]), int(pence))
        for reference, words, day, supplier, pence in db.session.execute(found)
    ]


def _claimed(asked: Asked) -> list[Listed]:
    """Read what a signed claim took of each spending row or estimate on each line, called as the claim calls them.

    An estimate is called by its number: a claim that reverses one and makes it anew has two for the same thing.
    """
    claim_id = db.session.scalar(
        select(Claim.id).join(SignedClaim, SignedClaim.claim_id == Claim.id).where(Claim.reference == asked.subject)
    )
    if claim_id is None:
        raise NotFound
    found = (
        select(
            SpendingRow.reference, SpendingRow.description, ClaimEstimate.id, ClaimEstimate.description,
            SignedRow.closing_pence, GrantLine.code, SignedRow.eligible_pence,
        )
        .select_from(SignedRow)
        .join(GrantLine, GrantLine.id == SignedRow.grant_line_id)
        .outerjoin(SpendingRow, SpendingRow.id == SignedRow.row_id)
        .outerjoin(ClaimEstimate, ClaimEstimate.id == SignedRow.estimate_id)
        .where(SignedRow.claim_id == claim_id, SignedRow.eligible_pence != 0)
        .limit(ONE_TOO_MANY)
    )  # fmt: skip
    return [
        Listed(
            f"{reference or f'Accrual {number}'}/{line}",
            reference or asked.subject,
            f"{words or estimate_words(estimated, closing)}, line {line}",
            int(pence),
        )
        for reference, words, number, estimated, closing, line, pence in db.session.execute(found)
    ]


def _issues(asked: Asked, at: datetime) -> list[Listed]:
    """Read the Go Bags issued, without those that were undone by the moment."""
    undoing = aliased(Posting)
    undone = select(undoing.id).where(undoing.corrects_id == Issue.posting_id, undoing.recorded_at <= at)
    found = (
        select(Issue.slip, Bag.tag, Place.name, Issue.issued_at)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(Place, Place.id == Issue.place_id)
        .join(Posting, Posting.id == Issue.posting_id)
        .where(Posting.recorded_at <= at, ~undone.exists())
        .limit(ONE_TOO_MANY)
    )
    if asked.first is not None:
        found = found.where(Issue.issued_at >= day_bounds(asked.first, asked.first)[0])
    if asked.last is not None:
        found = found.where(Issue.issued_at < day_bounds(asked.last, asked.last)[1])
    return [
        Listed(slip, slip, f"Go Bag {tag}, {place}, {day_text(local_day(when))}", None)
        for slip, tag, place, when in db.session.execute(found)
    ]


# ---- What can be sampled, and what was ----------------------------------------------------------


def signed_claims() -> Sequence[str]:
    """List the references of the signed claims, the newest first."""
    asked = select(Claim.reference).join(SignedClaim, SignedClaim.claim_id == Claim.id).order_by(Claim.id.desc())
    return db.session.scalars(asked).all()


def sample_by_reference(reference: str, *, whole: bool = False) -> AuditSample:
    """Find a sample with its rows and their results.

    Args:
        whole: with its population.

    Raises:
        NotFound: there is none.
    """
    asked = select(AuditSample).where(AuditSample.reference == reference).options(joinedload(AuditSample.account))
    results = selectinload(AuditSample.rows).selectinload(SampleRow.results)
    asked = asked.options(results.joinedload(SampleResult.account), results.joinedload(SampleResult.note))
    found = db.session.scalar(asked.options(undefer(AuditSample.population_text)) if whole else asked)
    if found is None:
        raise NotFound
    return found


def row_at(reference: str, position: int) -> SampleRow:
    """Find one drawn row of a sample.

    Raises:
        NotFound: there is none.
    """
    asked = (
        select(SampleRow)
        .join(AuditSample, AuditSample.id == SampleRow.sample_id)
        .where(AuditSample.reference == reference, SampleRow.position == position)
        .options(
            joinedload(SampleRow.sample),
            selectinload(SampleRow.results).joinedload(SampleResult.account),
            selectinload(SampleRow.results).joinedload(SampleResult.note),
        )
    )
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return found


def result_by_id(result_id: int) -> SampleResult:
    """Give one result."""
    return db.session.get_one(SampleResult, result_id)


def samples(*, number: int) -> Paged[tuple[AuditSample, int]]:
    """List samples, the newest first, each with how many of its rows are checked."""
    checked = (
        select(func.count(func.distinct(SampleRow.id)))
        .join(SampleResult, SampleResult.row_id == SampleRow.id)
        .where(SampleRow.sample_id == AuditSample.id)
        .scalar_subquery()
    )
    asked: Select[AuditSample, int] = (
        select(AuditSample, checked).options(joinedload(AuditSample.account)).order_by(AuditSample.id.desc())
    )
    return paged(asked, number=number)


# ---- What stands behind a drawn row -------------------------------------------------------------


@dataclass(frozen=True)
class Behind:
    """References of what stands behind a spending row: its invoice and order, the lots it brought, their deliveries."""

    invoice: str | None
    order: str | None
    lots: tuple[str, ...]
    deliveries: tuple[str, ...]


def behind(row_reference: str) -> Behind:
    """Find what stands behind a spending row; a row that is not there has nothing."""
    asked = (
        select(SupplierInvoice.reference, PurchaseOrder.reference, Lot.code, Delivery.reference)
        .select_from(SpendingRow)
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(PurchaseOrder, PurchaseOrder.id == SupplierInvoice.order_id)
        .outerjoin(BilledDelivery, BilledDelivery.row_id == SpendingRow.id)
        .outerjoin(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .outerjoin(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .outerjoin(Lot, Lot.delivery_line_id == DeliveryLine.id)
        .where(SpendingRow.reference == row_reference)
        .order_by(BilledDelivery.id)
    )
    found = db.session.execute(asked).all()
    lots, deliveries = (tuple(dict.fromkeys(row[at] for row in found if row[at])) for at in (2, 3))
    return Behind(found[0][0], found[0][1], lots, deliveries) if found else Behind(None, None, (), ())


def tag_of(slip: str) -> str:
    """Give the tag of the Go Bag that was issued under a slip.

    Raises:
        NotFound: there is no such slip.
    """
    found = db.session.scalar(select(Bag.tag).join(Issue, Issue.bag_id == Bag.id).where(Issue.slip == slip))
    if found is None:
        raise NotFound
    return found
