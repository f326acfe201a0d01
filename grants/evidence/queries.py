"""Reading evidence: the papers beside a record, the records that lack theirs, and whether a signed claim rests on one.

Money records have no place, so whoever sees money sees their papers; a delivery's belong to the place that received
it, and a storekeeper sees those of the person's own places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.awards.models import Award, BudgetChange, GrantLine
from grants.claims.models import ClaimEstimate, SignedClaim, SignedRow
from grants.evidence.models import Evidence, EvidenceSetAside
from grants.evidence.rules import EXPECTED, RecordKind
from grants.spending.models import Apportionment, BilledDelivery, PurchaseOrder, SpendingRow, SupplierInvoice
from inventory.deliveries.models import Delivery, DeliveryLine
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class Record:
    """A record that papers stand beside.

    Attributes:
        about: whose and when, such as "Boots UK Ltd, 5 August 2022".
        place_id: the place it belongs to, or None for a record of money.
    """

    kind: RecordKind
    reference: str
    about: str
    place_id: int | None = None


@dataclass(frozen=True)
class Lacking:
    """A record without the paper that it should have.

    Attributes:
        cost_pence: what is apportioned of it to grant lines; 0 where no money hangs on it.
    """

    kind: RecordKind
    reference: str
    about: str
    on: date
    cost_pence: Pence


def record_of(kind: RecordKind, reference: str, *, scope: Scope) -> Record:
    """Find a record by its kind and reference; a delivery only at a place in scope.

    Raises:
        NotFound: there is none for this person.
    """
    row = db.session.execute(_record(kind, reference)).one_or_none()
    if row is None:
        raise NotFound
    about, place_id = row
    if place_id is not None:
        scope.demand(place_id)
    return Record(kind, reference, about, place_id)


def _record(kind: RecordKind, reference: str) -> Select[Any, Any]:
    """Select what a record is about, and its place."""
    nowhere = literal(None)
    match kind:
        case RecordKind.AWARD:
            return select(Award.title, nowhere).where(Award.code == reference)
        case RecordKind.BUDGET_CHANGE:
            return (
                select(Award.title, nowhere)
                .join(GrantLine, GrantLine.award_id == Award.id)
                .join(BudgetChange, BudgetChange.from_line_id == GrantLine.id)
                .where(BudgetChange.reference == reference)
            )
        case RecordKind.ORDER:
            of_supplier = select(Supplier.name, nowhere).join(PurchaseOrder, PurchaseOrder.supplier_id == Supplier.id)
            return of_supplier.where(PurchaseOrder.reference == reference)
        case RecordKind.DELIVERY:
            received = select(Supplier.name, Delivery.place_id).join(Delivery, Delivery.supplier_id == Supplier.id)
            return received.where(Delivery.reference == reference)
        case RecordKind.INVOICE:
            billed = select(Supplier.name + ", number " + SupplierInvoice.number, nowhere)
            return billed.join_from(Supplier, SupplierInvoice, SupplierInvoice.supplier_id == Supplier.id).where(
                SupplierInvoice.reference == reference
            )
        case RecordKind.SPENDING_ROW:
            return select(SpendingRow.description, nowhere).where(
                SpendingRow.reference == reference, SpendingRow.invoice_id.is_(None)
            )


def papers(kind: RecordKind, reference: str) -> list[Evidence]:
    """List the papers beside a record, set aside ones too, in the order they were kept."""
    asked = (
        select(Evidence)
        .where(Evidence.record_kind == kind, Evidence.record_reference == reference)
        .options(
            joinedload(Evidence.account),
            joinedload(Evidence.set_aside).options(
                joinedload(EvidenceSetAside.note), joinedload(EvidenceSetAside.account)
            ),
        )
    )
    return list(db.session.scalars(asked.order_by(Evidence.id)))


@dataclass(frozen=True)
class Beside:
    """A record, and the papers beside it that count."""

    kind: RecordKind
    reference: str
    papers: tuple[Evidence, ...]

    @property
    def lacks(self) -> str:
        """The paper it should have and has not; nothing where it has it."""
        expected = EXPECTED[self.kind]
        return "" if any(each.proof == expected for each in self.papers) else expected


def beside(*records: tuple[RecordKind, str]) -> list[Beside]:
    """Give records with the papers beside each that count, in the order given, each record once."""
    wanted = list(dict.fromkeys(records))
    these = (and_(Evidence.record_kind == kind, Evidence.record_reference == reference) for kind, reference in wanted)
    found: dict[tuple[str, str], list[Evidence]] = {each: [] for each in wanted}
    for each in db.session.scalars(select(Evidence).where(or_(false(), *these), _counts()).order_by(Evidence.id)):
        found[each.record_kind, each.record_reference].append(each)
    return [Beside(kind, reference, tuple(found[kind, reference])) for kind, reference in wanted]


def beside_row(row: SpendingRow, links: Iterable[BilledDelivery]) -> list[Beside]:
    """Give what proves a spending row: order, deliveries and invoice, or its own paper where it has no invoice.

    Args:
        links: what the row billed.
    """
    if row.invoice is None:
        return beside((RecordKind.SPENDING_ROW, row.reference))
    return beside(
        *_ordered(row.invoice),
        *((RecordKind.DELIVERY, link.delivery_line.delivery.reference) for link in links),
        (RecordKind.INVOICE, row.invoice.reference),
    )


def beside_invoice(invoice: SupplierInvoice) -> list[Beside]:
    """Give what proves an invoice: its order, and itself."""
    return beside(*_ordered(invoice), (RecordKind.INVOICE, invoice.reference))


def _ordered(invoice: SupplierInvoice) -> list[tuple[RecordKind, str]]:
    return [(RecordKind.ORDER, invoice.order.reference)] if invoice.order else []


def paper(reference: str) -> Evidence:
    """Find one paper; whoever asks must be allowed to see its record.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(
        select(Evidence).where(Evidence.reference == reference).options(joinedload(Evidence.set_aside))
    )
    if found is None:
        raise NotFound
    return found


def same_file(kind: RecordKind, reference: str, sha256: str) -> Evidence | None:
    """Find a counting paper with the same bytes beside the same record."""
    asked = select(Evidence).where(
        Evidence.record_kind == kind,
        Evidence.record_reference == reference,
        Evidence.sha256 == sha256,
        _counts(),
    )
    return db.session.scalars(asked.limit(1)).first()


def _counts() -> ColumnElement[bool]:
    """Keep papers that are not set aside."""
    return ~exists().where(EvidenceSetAside.evidence_id == Evidence.id)


def rests_on_signed_claim(kind: RecordKind, reference: str) -> bool:
    """Say whether a signed claim rests on the record, so that its papers stay as they are."""
    signed = select(SignedRow.id).join(SpendingRow, SpendingRow.id == SignedRow.row_id)
    match kind:
        case RecordKind.INVOICE:
            signed = signed.join(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
            signed = signed.where(SupplierInvoice.reference == reference)
        case RecordKind.ORDER:
            signed = signed.join(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
            signed = signed.join(PurchaseOrder, PurchaseOrder.id == SupplierInvoice.order_id)
            signed = signed.where(PurchaseOrder.reference == reference)
        case RecordKind.DELIVERY:
            # Its invoice may have been claimed, or what it brought accrued before any invoice came.
            line_ids = select(DeliveryLine.id).join(Delivery).where(Delivery.reference == reference)
            billed = select(BilledDelivery.row_id).where(BilledDelivery.delivery_line_id.in_(line_ids))
            accrued = select(ClaimEstimate.id).where(ClaimEstimate.delivery_line_id.in_(line_ids))
            signed = select(SignedRow.id).where(or_(SignedRow.row_id.in_(billed), SignedRow.estimate_id.in_(accrued)))
        case RecordKind.SPENDING_ROW:
            signed = signed.where(SpendingRow.reference == reference)
        case RecordKind.AWARD:
            signed = select(SignedRow.id).join(GrantLine, GrantLine.id == SignedRow.grant_line_id)
            signed = signed.join(Award, Award.id == GrantLine.award_id).where(Award.code == reference)
        case RecordKind.BUDGET_CHANGE:
            sides = (BudgetChange.from_line_id, BudgetChange.to_line_id)
            moved = or_(*(line_id == SignedRow.grant_line_id for line_id in sides))
            signed = select(SignedRow.id).join(SignedClaim, SignedClaim.claim_id == SignedRow.claim_id)
            signed = signed.join(BudgetChange, moved & (BudgetChange.recorded_at <= SignedClaim.signed_at))
            signed = signed.where(BudgetChange.reference == reference)
    return db.session.scalar(signed.limit(1)) is not None


def stored_names() -> Iterator[tuple[str, str, str]]:
    """Give every paper's reference, stored name and digest, in order."""
    asked = select(Evidence.reference, Evidence.stored_name, Evidence.sha256).order_by(Evidence.id)
    yield from db.session.execute(asked)


def lacking() -> list[Lacking]:
    """List records without the paper that they should have, the dearest first.

    Invoices and spending without an invoice count once anything of them is apportioned, deliveries once they are
    billed, budget changes where consent is named, and every award.
    """
    strands = union_all(_invoices(), _rows(), _deliveries(), _changes(), _awards())
    found = [
        Lacking(RecordKind(kind), reference, about, on, Pence(int(cost)))
        for kind, reference, about, on, cost in db.session.execute(strands)
    ]
    return sorted(found, key=lambda each: (-each.cost_pence, each.on, each.reference))


def _lacks(kind: RecordKind, reference: Any) -> ColumnElement[bool]:
    """Say that no counting paper of the expected kind stands beside a record."""
    return ~exists().where(
        Evidence.record_kind == kind,
        Evidence.record_reference == reference,
        Evidence.proof == EXPECTED[kind],
        _counts(),
    )


def _invoices() -> Select[Any, Any, Any, Any, Any]:
    kind, invoice = RecordKind.INVOICE, SupplierInvoice
    return (
        select(
            literal(kind.value), invoice.reference, Supplier.name, invoice.invoiced_on, func.sum(Apportionment.pence)
        )
        .join(Supplier, Supplier.id == invoice.supplier_id)
        .join(SpendingRow, SpendingRow.invoice_id == invoice.id)
        .join(Apportionment, Apportionment.row_id == SpendingRow.id)
        .where(_lacks(kind, invoice.reference))
        .group_by(invoice.reference, Supplier.name, invoice.invoiced_on)
        .having(func.sum(Apportionment.pence) != 0)
    )


def _rows() -> Select[Any, Any, Any, Any, Any]:
    kind, row = RecordKind.SPENDING_ROW, SpendingRow
    return (
        select(literal(kind.value), row.reference, row.description, row.incurred_on, func.sum(Apportionment.pence))
        .join(Apportionment, Apportionment.row_id == row.id)
        .where(row.invoice_id.is_(None), _lacks(kind, row.reference))
        .group_by(row.reference, row.description, row.incurred_on)
        .having(func.sum(Apportionment.pence) != 0)
    )


def _deliveries() -> Select[Any, Any, Any, Any, Any]:
    kind = RecordKind.DELIVERY
    billed = select(DeliveryLine.delivery_id).join(BilledDelivery, BilledDelivery.delivery_line_id == DeliveryLine.id)
    return (
        select(literal(kind.value), Delivery.reference, Supplier.name, Delivery.received_on, literal(0))
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .where(Delivery.id.in_(billed), _lacks(kind, Delivery.reference))
    )


def _changes() -> Select[Any, Any, Any, Any, Any]:
    kind, change = RecordKind.BUDGET_CHANGE, BudgetChange
    return (
        select(literal(kind.value), change.reference, Award.title, change.agreed_on, change.pence)
        .join(GrantLine, GrantLine.id == change.from_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(change.consent_reference.is_not(None), _lacks(kind, change.reference))
    )


def _awards() -> Select[Any, Any, Any, Any, Any]:
    kind = RecordKind.AWARD
    return select(literal(kind.value), Award.code, Award.title, Award.offered_on, literal(0)).where(
        _lacks(kind, Award.code)
    )


def count_papers(kind: RecordKind, references: Collection[str]) -> dict[str, int]:
    """Count the papers that stand beside records of a kind: reference → papers; none are left out."""
    rows = db.session.execute(
        select(Evidence.record_reference, func.count())
        .where(Evidence.record_kind == kind, Evidence.record_reference.in_(references), _counts())
        .group_by(Evidence.record_reference)
    )
    return {reference: int(count) for reference, count in rows}
