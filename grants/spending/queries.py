"""Orders, invoices and spending rows as they stand: apportioned, billed, still committed, still to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.awards.models import Award, GrantLine
from grants.awards.rules import Basis
from grants.spending.models import (
    Apportionment,
    BilledDelivery,
    OrderLine,
    OrderLineEnd,
    PurchaseOrder,
    SpendingRow,
    SupplierInvoice,
)
from grants.spending.rules import SpendingKind, still_committed
from inventory.deliveries.models import Delivery, DeliveryLine
from organisation.suppliers.models import Supplier

COST = SpendingRow.net_pence + case((SpendingRow.vat_recoverable, 0), else_=SpendingRow.vat_pence)
"""What a spending row costs a grant, as the database adds it up."""


@dataclass(frozen=True)
class RowState:
    """A spending row with what has become of its cost and its units.

    Attributes:
        billed_count: units of it that have been received; 0 for what is no goods.
    """

    row: SpendingRow
    apportioned_pence: Pence
    billed_count: int

    @property
    def left_pence(self) -> Pence:
        """What remains to apportion."""
        return Pence(self.row.cost_pence - self.apportioned_pence)

    @property
    def left_count(self) -> int:
        """Units billed by the supplier and not yet received."""
        return (self.row.unit_count or 0) - self.billed_count


@dataclass(frozen=True)
class Committed:
    """What one order line still commits."""

    line: OrderLine
    pence: Pence
    invoiced_pence: Pence
    invoiced_count: int
    ended: bool


def row_by_reference(reference: str) -> SpendingRow:
    """Find a spending row with its invoice.

    Raises:
        NotFound: there is none.
    """
    asked = select(SpendingRow).where(SpendingRow.reference == reference)
    row = db.session.scalar(
        asked.options(
            joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier), joinedload(SpendingRow.item)
        )
    )
    if row is None:
        raise NotFound
    return row


def invoice_by_reference(reference: str) -> SupplierInvoice:
    """Find an invoice with its supplier, order and rows.

    Raises:
        NotFound: there is none.
    """
    asked = select(SupplierInvoice).where(SupplierInvoice.reference == reference)
    invoice = db.session.scalar(
        asked.options(
            joinedload(SupplierInvoice.supplier),
            joinedload(SupplierInvoice.order),
            selectinload(SupplierInvoice.rows).joinedload(SpendingRow.item),
            selectinload(SupplierInvoice.rows).joinedload(SpendingRow.credited),
        )
    )
    if invoice is None:
        raise NotFound
    return invoice


def order_by_reference(reference: str) -> PurchaseOrder:
    """Find an order with its supplier and lines.

    Raises:
        NotFound: there is none.
    """
    asked = select(PurchaseOrder).where(PurchaseOrder.reference == reference)
    order = db.session.scalar(
        asked.options(
            joinedload(PurchaseOrder.supplier),
            selectinload(PurchaseOrder.lines).joinedload(OrderLine.item),
            selectinload(PurchaseOrder.lines).joinedload(OrderLine.grant_line).joinedload(GrantLine.award),
        )
    )
    if order is None:
        raise NotFound
    return order


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


def orders() -> Select[PurchaseOrder]:
    """Select orders, newest first."""
    asked = select(PurchaseOrder).options(joinedload(PurchaseOrder.supplier))
    return asked.order_by(PurchaseOrder.ordered_on.desc(), PurchaseOrder.id.desc())


def other_spending() -> Select[SpendingRow]:
    """Select spending rows without an invoice, newest first."""
    asked = select(SpendingRow).where(SpendingRow.invoice_id.is_(None))
    return asked.order_by(SpendingRow.incurred_on.desc(), SpendingRow.id.desc())


def rows_to_apportion() -> Select[SpendingRow]:
    """Select the spending rows that are not apportioned to the penny, largest remainder first."""
    given = (
        select(func.coalesce(func.sum(Apportionment.pence), 0))
        .where(Apportionment.row_id == SpendingRow.id)
        .scalar_subquery()
    )
    asked = select(SpendingRow).where(given != COST)
    return asked.options(
        joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier), joinedload(SpendingRow.item)
    ).order_by(func.abs(COST - given).desc(), SpendingRow.id)


def left_to_apportion(first: date, last: date) -> tuple[Pence, int]:
    """Add up what is apportioned to no grant line of rows incurred between two days: pence, and how many rows."""
    given = (
        select(Apportionment.row_id, func.sum(Apportionment.pence).label("pence"))
        .group_by(Apportionment.row_id)
        .subquery()
    )
    left = COST - func.coalesce(given.c.pence, 0)
    asked = (
        select(func.coalesce(func.sum(left), 0), func.count())
        .select_from(SpendingRow)
        .outerjoin(given, given.c.row_id == SpendingRow.id)
        .where(left != 0, SpendingRow.incurred_on.between(first, last))
    )
    pence, count = db.session.execute(asked).one()
    return Pence(int(pence)), int(count)


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


def states_of(rows: Iterable[SpendingRow]) -> list[RowState]:
    """Give rows with what has become of them, in the order given."""
    wanted = list(rows)
    ids = [row.id for row in wanted]
    given, billed = apportioned_of_rows(ids), billed_counts(ids)
    return [RowState(row, given.get(row.id, Pence(0)), billed.get(row.id, 0)) for row in wanted]


def apportioned_of_rows(row_ids: Collection[int]) -> dict[int, Pence]:
    """Add up apportionments, reversals included: spending row id → pence."""
    asked = (
        select(Apportionment.row_id, func.sum(Apportionment.pence))
        .where(Apportionment.row_id.in_(row_ids))
        .group_by(Apportionment.row_id)
    )
    return {row_id: Pence(int(pence)) for row_id, pence in db.session.execute(asked)}


def apportioned_by_line(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up apportionments, reversals included: grant line id → pence."""
    asked = (
        select(Apportionment.grant_line_id, func.sum(Apportionment.pence))
        .where(Apportionment.grant_line_id.in_(line_ids))
        .group_by(Apportionment.grant_line_id)
    )
    return {line_id: Pence(int(pence)) for line_id, pence in db.session.execute(asked)}


def shares_of_rows(row_ids: Collection[int]) -> dict[int, dict[int, Pence]]:
    """Give how rows are split now: spending row id → grant line id → pence, lines of nothing left out.

    Lines are in the order they were first given a share, so that whoever splits further does so stably.
    """
    asked = (
        select(Apportionment.row_id, Apportionment.grant_line_id, func.sum(Apportionment.pence))
        .where(Apportionment.row_id.in_(row_ids))
        .group_by(Apportionment.row_id, Apportionment.grant_line_id)
        .having(func.sum(Apportionment.pence) != 0)
        .order_by(Apportionment.row_id, func.min(Apportionment.id))
    )
    shares: dict[int, dict[int, Pence]] = {row_id: {} for row_id in row_ids}
    for row_id, line_id, pence in db.session.execute(asked):
        shares[row_id][line_id] = Pence(int(pence))
    return shares


def apportionments_of(row_id: int) -> list[Apportionment]:
    """List a row's apportionments and reversals in the order they were made, with their grant lines."""
    asked = select(Apportionment).where(Apportionment.row_id == row_id).order_by(Apportionment.id)
    return list(db.session.scalars(asked.options(joinedload(Apportionment.grant_line).joinedload(GrantLine.award))))


def credits_of(row_ids: Collection[int]) -> dict[int, list[SpendingRow]]:
    """List the credits of rows in the order they were recorded: spending row id → credits."""
    asked = select(SpendingRow).where(SpendingRow.credits_row_id.in_(row_ids)).order_by(SpendingRow.id)
    found: dict[int, list[SpendingRow]] = {row_id: [] for row_id in row_ids}
    for row in db.session.scalars(asked.options(joinedload(SpendingRow.invoice))):
        assert row.credits_row_id is not None
        found[row.credits_row_id].append(row)
    return found


def links_stand() -> ColumnElement[bool]:
    """Give the condition that a link between a row and a delivery line has not been taken back."""
    undone = aliased(BilledDelivery)
    taken_back = exists().where(undone.reverses_id == BilledDelivery.id)
    return and_(BilledDelivery.reverses_id.is_(None), ~taken_back)


def links_of_rows(row_ids: Collection[int]) -> list[BilledDelivery]:
    """List what rows have billed, oldest first, with deliveries, their places and lots."""
    line = joinedload(BilledDelivery.delivery_line)
    asked = select(BilledDelivery).where(links_stand(), BilledDelivery.row_id.in_(row_ids))
    return list(
        db.session.scalars(
            asked.order_by(BilledDelivery.id).options(
                line.joinedload(DeliveryLine.delivery).joinedload(Delivery.place),
                line.joinedload(DeliveryLine.lot),
                line.joinedload(DeliveryLine.item),
            )
        )
    )


def billed_counts(row_ids: Collection[int]) -> dict[int, int]:
    """Add up units received of rows: spending row id → units."""
    asked = (
        select(BilledDelivery.row_id, func.sum(BilledDelivery.unit_count))
        .where(BilledDelivery.row_id.in_(row_ids))
        .group_by(BilledDelivery.row_id)
    )
    return {row_id: int(count) for row_id, count in db.session.execute(asked)}


def billed_counts_of_lines(delivery_line_ids: Collection[int]) -> dict[int, int]:
    """Add up units billed of delivery lines: delivery line id → units."""
    asked = (
        select(BilledDelivery.delivery_line_id, func.sum(BilledDelivery.unit_count))
        .where(BilledDelivery.delivery_line_id.in_(delivery_line_ids))
        .group_by(BilledDelivery.delivery_line_id)
    )
    return {line_id: int(count) for line_id, count in db.session.execute(asked)}


def unbilled_delivery_lines(*, supplier_id: int, item_id: int) -> list[tuple[DeliveryLine, int]]:
    """List a supplier's delivery lines of an item that no row bills in full: (line, units left), oldest first."""
    asked = (
        select(DeliveryLine)
        .join(Delivery)
        .where(Delivery.supplier_id == supplier_id, DeliveryLine.item_id == item_id)
        .options(joinedload(DeliveryLine.delivery).joinedload(Delivery.place), joinedload(DeliveryLine.lot))
        .order_by(Delivery.received_on, DeliveryLine.id)
    )
    lines = list(db.session.scalars(asked))
    billed = billed_counts_of_lines([line.id for line in lines])
    left = [(line, line.unit_count - billed.get(line.id, 0)) for line in lines]
    return [(line, count) for line, count in left if count > 0]


def days_of_cost(row: SpendingRow, basis: Basis) -> tuple[date, ...]:
    """Give the days a row's cost counts on: on accruals when goods came, otherwise its own date."""
    if basis is Basis.ACCRUALS and row.kind is SpendingKind.GOODS:
        asked = (
            select(Delivery.received_on)
            .select_from(BilledDelivery)
            .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
            .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
            .where(links_stand(), BilledDelivery.row_id == row.id)
            .distinct()
        )
        received = tuple(sorted(db.session.scalars(asked)))
        if received:
            return received
    return (row.incurred_on,)


def committed_lines(
    *, grant_line_ids: Collection[int] | None = None, order_ids: Collection[int] | None = None
) -> list[Committed]:
    """Give what order lines still commit, in the order they were placed."""
    asked = select(OrderLine).options(
        joinedload(OrderLine.order).joinedload(PurchaseOrder.supplier), joinedload(OrderLine.item)
    )
    if grant_line_ids is not None:
        asked = asked.where(OrderLine.grant_line_id.in_(grant_line_ids))
    if order_ids is not None:
        asked = asked.where(OrderLine.order_id.in_(order_ids))
    invoiced = _invoiced()
    counted = asked.outerjoin(invoiced, invoiced.c.order_line_id == OrderLine.id).add_columns(
        func.coalesce(invoiced.c.net_pence, 0),
        func.coalesce(invoiced.c.unit_count, 0),
        exists().where(OrderLineEnd.order_line_id == OrderLine.id),
    )
    rows = db.session.execute(counted.order_by(OrderLine.id))
    return [_committed(line, Pence(int(net)), int(count), bool(ended)) for line, net, count, ended in rows]


def _committed(line: OrderLine, invoiced: Pence, count: int, ended: bool) -> Committed:
    left = still_committed(Pence(line.net_pence), line.unit_count, count, invoiced, ended=ended)
    return Committed(line, left, invoiced, count, ended)


def _invoiced() -> Subquery:
    """Add up what rows bill of order lines: net pence and units."""
    return (
        select(
            SpendingRow.order_line_id,
            func.sum(SpendingRow.net_pence).label("net_pence"),
            func.sum(SpendingRow.unit_count).label("unit_count"),
        )
        .where(SpendingRow.order_line_id.is_not(None))
        .group_by(SpendingRow.order_line_id)
        .subquery()
    )


def commitments(grant_line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what orders still commit: grant line id → pence."""
    total: dict[int, int] = defaultdict(int)
    for committed in committed_lines(grant_line_ids=grant_line_ids):
        total[committed.line.grant_line_id] += committed.pence
    return {line_id: Pence(pence) for line_id, pence in total.items()}


def left_of_invoices(invoice_ids: Collection[int]) -> dict[int, Pence]:
    """Give what of invoices is not yet apportioned: invoice id → pence, the size of each row's remainder added."""
    rows = select(SpendingRow).where(SpendingRow.invoice_id.in_(invoice_ids))
    left: dict[int, int] = dict.fromkeys(invoice_ids, 0)
    for state in states_of(db.session.scalars(rows)):
        if state.row.invoice_id is not None:
            left[state.row.invoice_id] += abs(state.left_pence)
    return {invoice_id: Pence(pence) for invoice_id, pence in left.items()}


def line_names() -> dict[int, str]:
    """Name every grant line in full: grant line id → such as "GB2022/A"."""
    asked = select(GrantLine.id, Award.code, GrantLine.code).join(Award)
    return {line_id: f"{award}/{line}" for line_id, award, line in db.session.execute(asked)}


def ordered_for(row: SpendingRow) -> int | None:
    """Give the grant line a row's order line was placed for, or None when it answers no order."""
    if row.order_line_id is None:
        return None
    return db.session.scalar(select(OrderLine.grant_line_id).where(OrderLine.id == row.order_line_id))


@dataclass(frozen=True)
class OrderSums:
    """What an order came to and what it still commits."""

    ordered_pence: Pence
    committed_pence: Pence


def order_sums(order_ids: Collection[int]) -> dict[int, OrderSums]:
    """Add up orders' lines: order id → sums."""
    ordered: dict[int, int] = dict.fromkeys(order_ids, 0)
    committed: dict[int, int] = dict.fromkeys(order_ids, 0)
    for each in committed_lines(order_ids=order_ids):
        ordered[each.line.order_id] += each.line.net_pence
        committed[each.line.order_id] += each.pence
    return {order_id: OrderSums(Pence(ordered[order_id]), Pence(committed[order_id])) for order_id in order_ids}


def invoices_of_order(order_id: int) -> list[SupplierInvoice]:
    """List the invoices that answer an order, oldest first."""
    asked = select(SupplierInvoice).where(SupplierInvoice.order_id == order_id)
    return list(db.session.scalars(asked.order_by(SupplierInvoice.invoiced_on, SupplierInvoice.id)))
