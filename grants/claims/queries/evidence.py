"""What stands behind the spending rows of a claim: invoice, order, deliveries, ledger, and whose hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from core.db import db
from core.trail import Note
from grants.claims.rules.findings import Hands, TwinInvoice
from grants.evidence.models import Evidence as Kept
from grants.evidence.models import EvidenceSetAside
from grants.evidence.rules import RecordKind
from grants.ledgers.models import LedgerImport, LedgerMatch
from grants.spending.models import BilledDelivery, OrderLine, PurchaseOrder, SpendingRow, SupplierInvoice
from grants.spending.queries import links_stand
from grants.spending.rules import SpendingKind
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.stock.models import Posting
from organisation.accounts.models import Account
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class Evidence:
    """What stands behind one spending row.

    Attributes:
        reason: a person's own words about spending without an invoice.
        deliveries: references of the deliveries it bills.
    """

    kind: SpendingKind
    reason: str = ""
    invoice: str = ""
    invoice_number: str = ""
    invoiced_on: date | None = None
    invoice_pence: int = 0
    supplier: str = ""
    order: str = ""
    deliveries: tuple[str, ...] = ()
    hands: Hands = field(default_factory=Hands)


def evidence_of(row_ids: Collection[int]) -> dict[int, Evidence]:
    """Read what stands behind rows: spending row id → evidence."""
    received, matched = _receivers(row_ids), _matchers(row_ids)
    asked = (
        select(
            SpendingRow.id, SpendingRow.kind, Note.text, SupplierInvoice.reference, SupplierInvoice.number,
            SupplierInvoice.invoiced_on, SupplierInvoice.gross_pence, SupplierInvoice.account_id, Supplier.name,
            PurchaseOrder.reference, PurchaseOrder.account_id,
        )
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .outerjoin(OrderLine, OrderLine.id == SpendingRow.order_line_id)
        .outerjoin(PurchaseOrder, PurchaseOrder.id == OrderLine.order_id)
        .outerjoin(Note, Note.id == SpendingRow.note_id)
        .where(SpendingRow.id.in_(row_ids))
    )  # fmt: skip
    rows: Sequence[Any] = db.session.execute(asked).all()
    found = {}
    for row_id, kind, reason, invoice, number, on, gross, entered_by, supplier, order, ordered_by in rows:
        deliveries = received[row_id]
        entered = frozenset() if entered_by is None else frozenset({entered_by})
        hands = Hands(
            ordered=entered if ordered_by is None else frozenset({ordered_by}),
            received=frozenset(account_id for _, account_id in deliveries),
            reconciled=frozenset(matched[row_id]) or entered,
        )
        references = tuple(dict.fromkeys(reference for reference, _ in deliveries))
        found[row_id] = Evidence(
            kind, reason or "", invoice or "", number or "", on, int(gross or 0), supplier or "", order or "",
            references, hands,
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Paper:
    """A paper that is kept beside a record, with the SHA-256 of its file."""

    reference: str
    record_kind: RecordKind
    record: str
    proof: str
    file_name: str
    sha256: str


def papers_beside(found: Iterable[Evidence], rows: Iterable[str], award_code: str) -> list[Paper]:
    """List the papers beside the records of a claim, set aside ones left out, in the order they were kept.

    Args:
        rows: references of spending rows.
    """
    known = list(found)
    of_kind = {
        RecordKind.INVOICE: {each.invoice for each in known if each.invoice},
        RecordKind.ORDER: {each.order for each in known if each.order},
        RecordKind.DELIVERY: {delivery for each in known for delivery in each.deliveries},
        RecordKind.SPENDING_ROW: set(rows),
        RecordKind.AWARD: {award_code},
    }
    asked = select(
        Kept.reference, Kept.record_kind, Kept.record_reference, Kept.proof, Kept.file_name, Kept.sha256
    ).where(
        or_(*(and_(Kept.record_kind == kind, Kept.record_reference.in_(names)) for kind, names in of_kind.items())),
        ~exists().where(EvidenceSetAside.evidence_id == Kept.id),
    )
    return [Paper(*facts) for facts in db.session.execute(asked.order_by(Kept.id))]


def _receivers(row_ids: Collection[int]) -> dict[int, list[tuple[str, int]]]:
    """List deliveries of rows with who recorded them: row id → (reference, account id)."""
    asked = (
        select(BilledDelivery.row_id, Delivery.reference, Posting.account_id)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .join(Posting, (Posting.document == Delivery.reference) & Posting.corrects_id.is_(None))
        .where(links_stand(), BilledDelivery.row_id.in_(row_ids))
        .order_by(BilledDelivery.id)
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row_id, reference, account_id in db.session.execute(asked):
        found[row_id].append((reference, account_id))
    return found


def _matchers(row_ids: Collection[int]) -> dict[int, set[int]]:
    """List who matched ledger lines to rows: row id → account ids."""
    asked = select(LedgerMatch.row_id, LedgerMatch.account_id).where(LedgerMatch.row_id.in_(row_ids)).distinct()
    found: dict[int, set[int]] = defaultdict(set)
    for row_id, account_id in db.session.execute(asked):
        found[row_id].add(account_id)
    return found


def invoices_like(totals: Iterable[int]) -> list[TwinInvoice]:
    """List every invoice over one of some totals: what a claimed invoice may repeat."""
    asked = (
        select(
            SupplierInvoice.reference, SupplierInvoice.number, Supplier.name, SupplierInvoice.gross_pence,
            SupplierInvoice.invoiced_on,
        )
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(SupplierInvoice.gross_pence.in_(sorted(set(totals))), SupplierInvoice.gross_pence > 0)
        .order_by(SupplierInvoice.id)
    )  # fmt: skip
    return [TwinInvoice(*facts) for facts in db.session.execute(asked)]


def names_of(account_ids: Collection[int]) -> dict[int, str]:
    """Name people: account id → name."""
    asked = select(Account.id, Account.name).where(Account.id.in_(account_ids))
    return dict(db.session.execute(asked).all())


def extract_read_at(at: datetime) -> datetime | None:
    """Tell when a finance extract was last read, or None when none was."""
    return db.session.scalar(select(func.max(LedgerImport.imported_at)).where(LedgerImport.imported_at <= at))
