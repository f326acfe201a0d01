"""Purchase orders, supplier invoices, spending rows, what they billed, and apportionments. All append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.money import Pence
from core.trail import Note
from grants.awards.models import GrantLine
from grants.spending.rules import SpendingKind, cost_pence, vat_by_rate
from inventory.catalogue.models import Item
from inventory.deliveries.models import DeliveryLine
from organisation.accounts.models import Account
from organisation.suppliers.models import Supplier


class PurchaseOrder(Base):
    """An order sent to a supplier: a commitment until its invoice comes."""

    __tablename__ = "purchase_order"
    __table_args__ = (UniqueConstraint("reference"), APPEND_ONLY)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    ordered_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.position", back_populates="order")


class OrderLine(Base):
    """One thing ordered, at a net price, for a grant line."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("net_pence >= 0", name="net_not_below_zero"),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"))
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(120))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    unit_count: Mapped[int]
    net_pence: Mapped[PenceColumn]
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))

    order: Mapped[PurchaseOrder] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship()
    grant_line: Mapped[GrantLine] = relationship()


class OrderLineEnd(Base):
    """That nothing more will come of an order line, so that it commits nothing more."""

    __tablename__ = "order_line_end"
    __table_args__ = (UniqueConstraint("order_line_id"), APPEND_ONLY)

    id: Mapped[Key]
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class SupplierInvoice(Base):
    """A supplier's invoice or credit note. Its rows add up to its total, to the penny.

    ``number`` is as printed; ``number_key`` is how a duplicate is found whatever its case or spaces.
    """

    __tablename__ = "supplier_invoice"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("supplier_id", "number_key"),
        Index("ix_supplier_invoice_invoiced_on", "invoiced_on"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    number: Mapped[str] = mapped_column(String(40))
    number_key: Mapped[str] = mapped_column(String(40))
    invoiced_on: Mapped[date]
    gross_pence: Mapped[PenceColumn]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchase_order.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    supplier: Mapped[Supplier] = relationship()
    order: Mapped[PurchaseOrder | None] = relationship()
    rows: Mapped[list[SpendingRow]] = relationship(order_by="SpendingRow.position", back_populates="invoice")


class SpendingRow(Base):
    """A row of a supplier invoice, or spending that has none (journal, recharge, card, payroll).

    ``incurred_on`` is the invoice date, or the date of the journal. VAT is recorded once and never derived.
    """

    __tablename__ = "spending_row"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("unit_count IS NULL OR unit_count > 0", name="at_least_one"),
        CheckConstraint("(kind = 'goods') = (item_id IS NOT NULL)", name="goods_are_items"),
        CheckConstraint("(item_id IS NULL) = (unit_count IS NULL)", name="items_are_counted"),
        Index("ix_spending_row_incurred_on", "incurred_on"),
        Index("ix_spending_row_credits_row_id", "credits_row_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(24))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("supplier_invoice.id"))
    position: Mapped[int]
    kind: Mapped[SpendingKind] = mapped_column(words_of(SpendingKind))
    description: Mapped[str] = mapped_column(String(120))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    unit_count: Mapped[int | None]
    net_pence: Mapped[PenceColumn]
    vat_rate_points: Mapped[int]
    vat_pence: Mapped[PenceColumn]
    vat_recoverable: Mapped[bool] = mapped_column(default=True)
    incurred_on: Mapped[date]
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    credits_row_id: Mapped[int | None] = mapped_column(ForeignKey("spending_row.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    invoice: Mapped[SupplierInvoice | None] = relationship(back_populates="rows")
    item: Mapped[Item | None] = relationship()
    note: Mapped[Note | None] = relationship()
    credited: Mapped[SpendingRow | None] = relationship(remote_side="SpendingRow.id")

    @property
    def vat_by_rate_pence(self) -> Pence | None:
        """The VAT its rate would make, where the VAT printed is another."""
        return vat_by_rate(self.net_pence, self.vat_rate_points, self.vat_pence, self.unit_count)

    @property
    def cost_pence(self) -> Pence:
        """What the row costs a grant, in pence: net plus VAT that is not recovered."""
        return Pence(cost_pence(self.net_pence, self.vat_pence, vat_recoverable=self.vat_recoverable))


class BilledDelivery(Base):
    """That a spending row billed so many units of a delivery line: the join between money and stock.

    A link made by mistake is taken back by the opposite row that names it.
    """

    __tablename__ = "billed_delivery"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("unit_count <> 0", name="bills_something"),
        CheckConstraint("(unit_count < 0) = (reverses_id IS NOT NULL)", name="only_reversals_take_back"),
        Index("ix_billed_delivery_row_id", "row_id"),
        Index("ix_billed_delivery_delivery_line_id", "delivery_line_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    delivery_line_id: Mapped[int] = mapped_column(ForeignKey("delivery_line.id"))
    unit_count: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("billed_delivery.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    row: Mapped[SpendingRow] = relationship()
    delivery_line: Mapped[DeliveryLine] = relationship()


class Apportionment(Base):
    """So many pence of a spending row charged to a grant line; a reversal is the opposite row that names it."""

    __tablename__ = "apportionment"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("pence <> 0", name="moves_something"),
        Index("ix_apportionment_row_id", "row_id"),
        Index("ix_apportionment_grant_line_id", "grant_line_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    pence: Mapped[PenceColumn]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("apportionment.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    row: Mapped[SpendingRow] = relationship()
    grant_line: Mapped[GrantLine] = relationship()
    account: Mapped[Account] = relationship()
