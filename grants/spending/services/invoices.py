"""Recording a supplier's invoice or credit note, and spending that has no invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import RuleBroken
from core.money import Pence, pounds, vat_on
from core.privacy import refuse_personal_details
from core.references import next_reference
from grants.spending import queries
from grants.spending.models import OrderLine, PurchaseOrder, SpendingRow, SupplierInvoice
from grants.spending.rules import (
    WITHOUT_INVOICE,
    Amounts,
    NewRow,
    SpendingKind,
    demand_credit_within,
    demand_sound_rows,
    demand_sound_vat,
    normalised_number,
)
from grants.spending.services.orders import item_id_of, supplier_by_code
from organisation.suppliers.models import Supplier


def record_invoice(
    rows: Sequence[NewRow],
    *,
    supplier_code: str,
    number: str,
    invoiced_on: date,
    gross_pence: Pence,
    order_reference: str | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> SupplierInvoice:
    """Record a supplier's invoice or credit note as printed.

    Args:
        number: as printed; the same number in other letters, spaces or zeros is the same invoice.
        gross_pence: the total printed at the foot, VAT included.

    Raises:
        RuleBroken: the rows do not add up, the number is already recorded, or something named does not exist.
        OverLimit: a credit gives back more than its row cost.
    """
    body = {"supplier": supplier_code, "number": number, "on": invoiced_on, "gross": gross_pence}
    body |= {"order": order_reference, "rows": [asdict(row) for row in rows]}
    made = trail.earlier(submission_id, by=by, act="invoice.record", body=body)
    if made is not None:
        return queries.invoice_by_reference(made)
    if invoiced_on > local_day(at):
        raise RuleBroken("Enter a real date in the past", "invoiced_on")
    demand_sound_rows(rows, gross_pence)
    supplier = supplier_by_code(supplier_code)
    key = normalised_number(number)
    _demand_new_number(supplier, key)
    order = _order_of(order_reference, supplier)
    invoice = SupplierInvoice(
        reference=next_reference("INV"), supplier_id=supplier.id, number=number, number_key=key,
        invoiced_on=invoiced_on, gross_pence=gross_pence, order_id=order.id if order else None,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    invoice.rows = [_row(invoice, position, row, order, supplier) for position, row in enumerate(rows, start=1)]
    _demand_credits_within_cost(invoice.rows)
    db.session.add(invoice)
    db.session.flush()
    trail.record(
        act="invoice.record", subject=invoice.reference, by=by, at=at, submission_id=submission_id,
        supplier=supplier_code, number=number, gross_pence=gross_pence,
        rows=[{"net": row.net_pence, "vat": row.vat_pence} for row in invoice.rows],
    )  # fmt: skip
    return invoice


def _demand_new_number(supplier: Supplier, key: str) -> None:
    """Refuse an invoice that is already recorded, however its number is written."""
    if not any(sign.isalnum() for sign in key):
        raise RuleBroken("Enter the invoice number", "number")
    asked = select(SupplierInvoice).where(SupplierInvoice.supplier_id == supplier.id, SupplierInvoice.number_key == key)
    there = db.session.scalar(asked)
    if there is not None:
        raise RuleBroken(
            f"Invoice {there.number} from {supplier.name} is already recorded as {there.reference}: "
            f"{day_text(there.invoiced_on)}, {pounds(there.gross_pence)}",
            "number",
        )


def _order_of(reference: str | None, supplier: Supplier) -> PurchaseOrder | None:
    """Find the order an invoice answers; it must be the supplier's."""
    if reference is None:
        return None
    asked = select(PurchaseOrder).where(PurchaseOrder.reference == reference)
    order = db.session.scalar(asked.options(joinedload(PurchaseOrder.supplier)))
    if order is None:
        raise RuleBroken("Select an order you can use", "order")
    if order.supplier_id != supplier.id:
        raise RuleBroken(f"Order {reference} went to {order.supplier.name}, not to {supplier.name}", "order")
    return order


def _row(
    invoice: SupplierInvoice, position: int, row: NewRow, order: PurchaseOrder | None, supplier: Supplier
) -> SpendingRow:
    """Make one row of an invoice."""
    refuse_personal_details(row.description)
    line = _order_line(order, row.order_line_position, position)
    return SpendingRow(
        reference=f"{invoice.reference}-{position}", position=position, kind=row.kind,
        description=row.description, item_id=item_id_of(row.item_code), unit_count=row.unit_count,
        net_pence=row.net_pence, vat_rate_points=row.vat_rate_points, vat_pence=row.printed_vat_pence,
        vat_recoverable=row.vat_recoverable, incurred_on=invoice.invoiced_on,
        order_line_id=line.id if line else None, credits_row_id=_credited_id(row.credits, supplier),
    )  # fmt: skip


def _order_line(order: PurchaseOrder | None, wanted: int | None, position: int) -> OrderLine | None:
    """Find the order line a row bills."""
    if wanted is None:
        return None
    line = next((each for each in order.lines if each.position == wanted), None) if order else None
    if line is None:
        raise RuleBroken(f"Row {position}: select a line of the order")
    return line


def _credited_id(reference: str | None, supplier: Supplier) -> int | None:
    """Find the row a credit gives money back for; it must be an earlier row of the same supplier."""
    if reference is None:
        return None
    asked = (
        select(SpendingRow.id)
        .join(SupplierInvoice)
        .where(SpendingRow.reference == reference, SupplierInvoice.supplier_id == supplier.id)
        .where(SpendingRow.kind != SpendingKind.CREDIT)
    )
    row_id = db.session.scalar(asked.with_for_update(of=SpendingRow))
    if row_id is None:
        raise RuleBroken(f"{reference} is not a row of an invoice from {supplier.name} that can be credited")
    return row_id


def _demand_credits_within_cost(rows: Sequence[SpendingRow]) -> None:
    """Refuse credits that give back more than a row cost, all credits of it together."""
    given: dict[int, list[SpendingRow]] = {}
    for row in rows:
        if row.credits_row_id is not None:
            given.setdefault(row.credits_row_id, []).append(row)
    for row_id, backs in given.items():
        credited = db.session.get_one(SpendingRow, row_id)
        _demand_vat_as_credited(backs, credited)
        demand_credit_within(
            credited.reference,
            Amounts(credited.net_pence, credited.vat_pence),
            _credited_before(row_id),
            Amounts(-sum(row.net_pence for row in backs), -sum(row.vat_pence for row in backs)),
            vat_recoverable=credited.vat_recoverable,
        )


def _credited_before(row_id: int) -> Amounts:
    """Add up what earlier credits gave back for a row."""
    net, vat = (func.coalesce(func.sum(each), 0) for each in (SpendingRow.net_pence, SpendingRow.vat_pence))
    given = db.session.execute(select(net, vat).where(SpendingRow.credits_row_id == row_id)).one()
    return Amounts(-int(given[0]), -int(given[1]))


def _demand_vat_as_credited(backs: Sequence[SpendingRow], credited: SpendingRow) -> None:
    """Refuse a credit whose VAT is treated otherwise: it would give a grant back more, or less, than it paid."""
    if any(row.vat_pence and row.vat_recoverable is not credited.vat_recoverable for row in backs):
        treated = "recovered" if credited.vat_recoverable else "not recovered, so it is part of the cost"
        raise RuleBroken(f"The VAT of {credited.reference} is {treated}. Choose the same for its credit")


def record_other_spending(
    *,
    kind: SpendingKind,
    description: str,
    net_pence: Pence,
    incurred_on: date,
    vat_rate_points: int = 0,
    vat_pence: Pence | None = None,
    vat_recoverable: bool = True,
    reason: str | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> SpendingRow:
    """Record spending that no supplier invoice stands behind: a journal, recharge, card payment or payroll.

    Args:
        net_pence: negative for a journal that takes cost away.
        reason: what shows that the cost is real.

    Raises:
        RuleBroken: another kind, nothing, a date to come, or VAT that does not fit.
    """
    vat = vat_on(net_pence, vat_rate_points) if vat_pence is None else vat_pence
    facts = {"kind": kind, "net_pence": net_pence, "vat_pence": vat, "incurred_on": incurred_on}
    body = {**facts, "description": description, "recoverable": vat_recoverable, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="spending.record", body=body)
    if made is not None:
        return queries.row_by_reference(made)
    if kind not in WITHOUT_INVOICE:
        raise RuleBroken("Choose a journal, recharge, purchase card or payroll", "kind")
    if net_pence == 0:
        raise RuleBroken("Enter an amount other than £0", "net")
    if incurred_on > local_day(at):
        raise RuleBroken("Enter a real date in the past", "incurred_on")
    demand_sound_vat(net_pence, vat_rate_points, vat, "This spending")
    refuse_personal_details(description, field="description")
    note = trail.note(reason, field="reason")
    row = SpendingRow(
        reference=next_reference("SP"), position=1, kind=kind, description=description, net_pence=net_pence,
        vat_rate_points=vat_rate_points, vat_pence=vat, vat_recoverable=vat_recoverable,
        incurred_on=incurred_on, note_id=note.id if note else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    trail.record(
        act="spending.record", subject=row.reference, by=by, at=at, submission_id=submission_id, reason=note,
        **facts,
    )  # fmt: skip
    return row
