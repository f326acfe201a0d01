"""Deliveries and their lines."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key
from inventory.catalogue.models import Item
from inventory.stock.models import Lot, Posting
from organisation.places.models import Place
from organisation.suppliers.models import Supplier


class Delivery(Base):
    """Goods received from one supplier or donor at one place on one day."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("reference"), Index("ix_delivery_place_id", "place_id"), APPEND_ONLY)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    delivery_note: Mapped[str] = mapped_column(String(40))
    received_on: Mapped[date]

    supplier: Mapped[Supplier] = relationship()
    place: Mapped[Place] = relationship()
    # No key either way: the posting moves lots that name the delivery's lines, so it is written after them.
    posting: Mapped[Posting] = relationship(
        primaryjoin="and_(Delivery.reference == foreign(Posting.document), Posting.corrects_id.is_(None))",
        viewonly=True,
    )
    lines: Mapped[list[DeliveryLine]] = relationship(order_by="DeliveryLine.position", back_populates="delivery")


class DeliveryLine(Base):
    """So many units of one item with one expiry date and edition: one lot."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        UniqueConstraint("delivery_id", "position"),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    position: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    unit_count: Mapped[int]

    delivery: Mapped[Delivery] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship()
    lot: Mapped[Lot] = relationship(primaryjoin="DeliveryLine.id == foreign(Lot.delivery_line_id)", viewonly=True)
