"""Serial units and where each one is. The database keeps the position from the unit moves."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.phones.rules import NumberKind
from inventory.stock.models import Lot


class SerialUnit(Base):
    """One handset or SIM of a lot, known by its check-digit validated number."""

    __tablename__ = "serial_unit"
    __table_args__ = (
        UniqueConstraint("number_kind", "number"),
        Index("ix_serial_unit_lot_id", "lot_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    number_kind: Mapped[NumberKind] = mapped_column(words_of(NumberKind))
    number: Mapped[str] = mapped_column(String(22))

    lot: Mapped[Lot] = relationship()


class UnitMove(Base):
    """That a move carried this unit. The database refuses one that does not start where the unit is."""

    __tablename__ = "unit_move"
    __table_args__ = (
        UniqueConstraint("move_id", "unit_id"),
        Index("ix_unit_move_unit_id", "unit_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    move_id: Mapped[int] = mapped_column(ForeignKey("move.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"))


class UnitPosition(Base):
    """Where a unit is now; kept by the database from its unit moves."""

    __tablename__ = "unit_position"
    __table_args__ = (Index("ix_unit_position_place_id", "place_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"), primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
