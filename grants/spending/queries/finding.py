"""Finding rows, invoices and orders, and selecting lists of them for a page."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core.db import ask, db
from core.errors import NotFound
from grants.awards.models import Award, GrantLine
from grants.spending.models import (
    BilledDelivery,
    OrderLine,
    PurchaseOrder,
    SpendingRow,
    SupplierInvoice,
)
from grants.spending.rules import SpendingKind
from organisation.suppliers.models import Supplier

Found = TypeVar("Found")

_LOCKED_ROW = select(SpendingRow.id).where(SpendingRow.id == bindparam("row_id")).with_for_update()


def _one(asked: Select[Found], **told: str) -> Found:
    """Give the one record asked for.

    Args:
        told: what a statement built once is told when it is run.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(asked, told)
    if found is None:
        raise NotFound
    return found


def lock_row(row_id: int) -> None:
    """Make changes to the same row queue (PostgreSQL). Whoever changes what awards pay holds those before it."""
    ask(_LOCKED_ROW, row_id=row_id)


def row_by_reference(reference: str) -> SpendingRow:
    """Find a spending row with its invoice.

    Raises:
        NotFound: there is none.
    """
    return _one(_row(), reference=reference)


@cache
def _row() -> Select[SpendingRow]:
    """Select a row by its reference; built once, for preparing it costs more than running it."""
    return (
        select(SpendingRow)
        .where(SpendingRow.reference == bindparam("reference"))
        .options(joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier), joinedload(SpendingRow.item))
    )


def invoice_by_reference(reference: str) -> SupplierInvoice:
    """Find an invoice with its supplier, order and rows.

    Raises:
        NotFound: there is none.
    """
    asked = select(SupplierInvoice).where(SupplierInvoice.reference == reference)
    return _one(
        asked.options(
            joinedload(SupplierInvoice.supplier),
            joinedload(SupplierInvoice.order),
            selectinload(SupplierInvoice.rows).joinedload(SpendingRow.item),
            selectinload(SupplierInvoice.rows).joinedload(SpendingRow.credited),
        )
    )


def order_by_reference(reference: str) -> PurchaseOrder:
    """Find an order with its supplier and lines.

    Raises:
        NotFound: there is none.
    """
    asked = select(PurchaseOrder).where(PurchaseOrder.reference == reference)
    return _one(
        asked.options(
            joinedload(PurchaseOrder.supplier),
            selectinload(PurchaseOrder.lines).joinedload(OrderLine.item),
            selectinload(PurchaseOrder.lines).joinedload(OrderLine.grant_line).joinedload(GrantLine.award),
        )
    )


def invoices(*, search: str = "", supplier_code: str | None = None) -> Select[SupplierInvoice]:
    """Select invoices, newest first, whose number, reference or supplier holds the words."""
    asked = select(SupplierInvoice).join(Supplier).options(joinedload(SupplierInvoice.supplier))
    if search:
        asked = asked.where(
            or_(
                SupplierInvoice.number.icontains(search, autoescape=True),
                SupplierInvoice.reference.icontains(search, autoescape=True),
                Supplier.name.icontains(search, autoescape=True),
            )
        )
    if supplier_code:
        asked = asked.where(Supplier.code == supplier_code)
    return asked.order_by(SupplierInvoice.invoiced_on.desc(), SupplierInvoice.id.desc())


def invoices_of_order(order_id: int) -> list[SupplierInvoice]:
    """List the invoices that answer an order, oldest first."""
    asked = select(SupplierInvoice).where(SupplierInvoice.order_id == order_id)
    return list(db.session.scalars(asked.order_by(SupplierInvoice.invoiced_on, SupplierInvoice.id)))


def orders() -> Select[PurchaseOrder]:
    """Select orders, newest first."""
    asked = select(PurchaseOrder).options(joinedload(PurchaseOrder.supplier))
    return asked.order_by(PurchaseOrder.ordered_on.desc(), PurchaseOrder.id.desc())


def other_spending() -> Select[SpendingRow]:
    """Select spending rows without an invoice, newest first."""
    asked = select(SpendingRow).where(SpendingRow.invoice_id.is_(None))
    return asked.order_by(SpendingRow.incurred_on.desc(), SpendingRow.id.desc())


def invoices_to_receive() -> Select[SupplierInvoice]:
    """Select invoices with goods that have not all been received, oldest first."""
    billed = (
        select(func.coalesce(func.sum(BilledDelivery.unit_count), 0))
        .where(BilledDelivery.row_id == SpendingRow.id)
        .scalar_subquery()
    )
    coming = exists().where(
        SpendingRow.invoice_id == SupplierInvoice.id,
        SpendingRow.kind == SpendingKind.GOODS,
        SpendingRow.unit_count > billed,
    )
    asked = select(SupplierInvoice).where(coming).options(joinedload(SupplierInvoice.supplier))
    asked = asked.options(selectinload(SupplierInvoice.rows).joinedload(SpendingRow.item))
    return asked.order_by(SupplierInvoice.invoiced_on, SupplierInvoice.id)


def line_names() -> dict[int, str]:
    """Name every grant line in full: grant line id → such as "GB2022/A"."""
    asked = select(GrantLine.id, Award.code, GrantLine.code).join(Award)
    return {line_id: f"{award}/{line}" for line_id, award, line in db.session.execute(asked)}
