"""The join: which units received were billed by which invoice row.

A storekeeper receives goods against an invoice without seeing what they cost; a grant officer links a delivery
to an invoice that came late, or takes a wrong link back. Cost and funding of the lots then follow by themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import trail
from core.access import Actor, Scope
from core.dates import day_text
from core.db import db
from core.errors import AlreadyDone, NotFound, OverLimit, RuleBroken
from grants.spending import queries
from grants.spending.models import BilledDelivery, SpendingRow, SupplierInvoice
from grants.spending.rules import SpendingKind
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.deliveries.queries import delivery_by_reference
from inventory.deliveries.rules import DeliveredLine
from inventory.deliveries.services import receive_delivery


@dataclass(frozen=True)
class ReceivedRow:
    """Units counted in for one invoice row; a row that came with two expiry dates is there twice."""

    row_reference: str
    line: DeliveredLine


def bill_delivery(
    row_reference: str,
    delivery_line_id: int,
    unit_count: int,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> BilledDelivery:
    """Record that an invoice row bills units of a delivery that is already received.

    Raises:
        NotFound: there is no such row or delivery line.
        RuleBroken: another item or another supplier.
        OverLimit: more units than the row bills or the delivery brought, counting what is linked before.
    """
    body = {"row": row_reference, "line": delivery_line_id, "units": unit_count}
    made = trail.earlier(submission_id, by=by, act="delivery.bill", body=body)
    if made is not None:
        return db.session.get_one(BilledDelivery, int(made.rpartition("-")[2]))
    row = _locked_row(row_reference)
    line = _locked_line(delivery_line_id)
    link = _bill(row, line, unit_count, by=by, at=at)
    trail.record(
        act="delivery.bill", subject=f"BD-{link.id}", by=by, at=at, submission_id=submission_id,
        row=row_reference, delivery=line.delivery.reference, line=line.position, units=unit_count,
    )  # fmt: skip
    return link


def _locked_row(reference: str) -> SpendingRow:
    row = queries.row_by_reference(reference)
    queries.lock_row(row.id)
    return row


def _locked_line(delivery_line_id: int) -> DeliveryLine:
    asked = select(DeliveryLine).where(DeliveryLine.id == delivery_line_id)
    line = db.session.scalar(asked.options(joinedload(DeliveryLine.delivery).joinedload(Delivery.supplier)))
    if line is None:
        raise NotFound
    db.session.execute(select(DeliveryLine.id).where(DeliveryLine.id == line.id).with_for_update()).all()
    return line


def _bill(row: SpendingRow, line: DeliveryLine, unit_count: int, *, by: Actor, at: datetime) -> BilledDelivery:
    """Check that the row can bill the units, and link them."""
    _demand_same_goods(row, line)
    _demand_units_left(row, line, unit_count)
    link = BilledDelivery(
        row_id=row.id, delivery_line_id=line.id, unit_count=unit_count, account_id=by.account_id, recorded_at=at
    )
    db.session.add(link)
    db.session.flush()
    return link


def _demand_same_goods(row: SpendingRow, line: DeliveryLine) -> None:
    """Refuse to link what is not the same goods from the same supplier."""
    if row.kind is not SpendingKind.GOODS or row.invoice is None:
        raise RuleBroken(f"{row.reference} is a {row.kind}. Only goods are received")
    if row.item_id != line.item_id:
        raise RuleBroken(f"{row.reference} bills {row.description}; the delivery brought another item")
    if row.invoice.supplier_id != line.delivery.supplier_id:
        raise RuleBroken(
            f"{line.delivery.reference} came from {line.delivery.supplier.name}, and the invoice is from "
            f"{row.invoice.supplier.name}. Choose a delivery from the same supplier"
        )


def _demand_units_left(row: SpendingRow, line: DeliveryLine, unit_count: int) -> None:
    """Refuse more units than either side has left.

    Raises:
        OverLimit: with the figures of the side that has too few.
    """
    if unit_count < 1:
        raise RuleBroken("Quantity must be 1 or more")
    billed = queries.billed_counts([row.id]).get(row.id, 0)
    left = (row.unit_count or 0) - billed
    if unit_count > left:
        raise OverLimit(
            f"{row.reference} bills {row.unit_count} and {billed} of them are received. {left} "
            f"{'is' if left == 1 else 'are'} left, not {unit_count}. Receive {left} here and record any others as a "
            "delivery without an invoice"
        )
    there = line.unit_count - queries.billed_counts_of_lines([line.id]).get(line.id, 0)
    if unit_count > there:
        raise OverLimit(
            f"{line.delivery.reference} of {day_text(line.delivery.received_on)} brought {line.unit_count}, of which "
            f"{there} are not yet on an invoice. Link {there} or fewer, not {unit_count}"
        )


def unbill_delivery(link_id: int, *, by: Actor, at: datetime, submission_id: str) -> BilledDelivery:
    """Take back a link between an invoice row and a delivery by the opposite row, which names it.

    Raises:
        NotFound: there is no such link.
        AlreadyDone: it was taken back before.
    """
    made = trail.earlier(submission_id, by=by, act="delivery.unbill", body={"id": link_id})
    if made is not None:
        return db.session.scalars(select(BilledDelivery).where(BilledDelivery.reverses_id == link_id)).one()
    asked = select(BilledDelivery).where(BilledDelivery.id == link_id)
    link = db.session.scalar(asked.options(joinedload(BilledDelivery.row)))
    if link is None:
        raise NotFound
    _locked_row(link.row.reference)
    if db.session.scalar(asked.where(queries.links_stand())) is None:
        raise AlreadyDone("Already reversed")
    reversal = BilledDelivery(
        row_id=link.row_id, delivery_line_id=link.delivery_line_id, unit_count=-link.unit_count,
        reverses_id=link.id, account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(reversal)
    db.session.flush()
    trail.record(
        act="delivery.unbill", subject=f"BD-{reversal.id}", by=by, at=at, submission_id=submission_id,
        row=link.row.reference, units=-link.unit_count,
    )  # fmt: skip
    return reversal


def receive_against_invoice(
    invoice_reference: str,
    received: Sequence[ReceivedRow],
    *,
    place_code: str,
    delivery_note: str,
    received_on: date,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Delivery:
    """Receive goods and link them to the invoice rows that bill them, all or nothing.

    Raises:
        NotFound: there is no such invoice, or the place is outside the scope.
        RuleBroken: nothing received, a row of another invoice, or what the delivery itself refuses.
        OverLimit: more units than a row has left to receive.
    """
    body = {"invoice": invoice_reference, "place": place_code, "note": delivery_note, "on": received_on}
    body |= {"received": [asdict(each) for each in received]}
    made = trail.earlier(submission_id, by=by, act="invoice.receive", body=body)
    if made is not None:
        return delivery_by_reference(made, scope=scope)
    invoice = queries.invoice_by_reference(invoice_reference)
    rows = [_row_of(invoice, each.row_reference) for each in received]
    for reference in sorted({row.reference for row in rows}):
        _locked_row(reference)
    delivery = receive_delivery(
        supplier_code=invoice.supplier.code, place_code=place_code, delivery_note=delivery_note,
        received_on=received_on, lines=[each.line for each in received], scope=scope, by=by, at=at,
        submission_id=str(uuid.uuid5(uuid.UUID(submission_id), "delivery")),
    )  # fmt: skip
    for row, line in zip(rows, delivery.lines, strict=True):
        _bill(row, line, line.unit_count, by=by, at=at)
    trail.record(
        act="invoice.receive", subject=delivery.reference, by=by, at=at, submission_id=submission_id,
        invoice=invoice_reference, units=_units(rows, delivery),
    )  # fmt: skip
    return delivery


def _row_of(invoice: SupplierInvoice, reference: str) -> SpendingRow:
    """Find a row among the invoice's own."""
    for row in invoice.rows:
        if row.reference == reference:
            return row
    raise RuleBroken(f"{reference} is not a row of {invoice.reference}")


def _units(rows: Sequence[SpendingRow], delivery: Delivery) -> dict[str, int]:
    """Add up what was received: row reference → units."""
    total: dict[str, int] = {}
    for row, line in zip(rows, delivery.lines, strict=True):
        total[row.reference] = total.get(row.reference, 0) + line.unit_count
    return total
