"""Serial units and where each one is, the phone numbers they have, and what keeps them alive.

The database keeps the position from the unit moves. Pairings, uses and resets are rows that are only ever added to.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.phones.rules import NumberKind, PairedSide, UseKind
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


class PhoneNumber(Base):
    """A mobile number, as dialled from anywhere. It outlives its SIMs; once issued, it is never used again."""

    __tablename__ = "phone_number"
    __table_args__ = (UniqueConstraint("number"), CheckConstraint("length(number) = 12", name="dialled"), APPEND_ONLY)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(12))


class Pairing(Base):
    """That a SIM was put in a handset, or given a number, on a day. It holds until a ``PairingEnd`` names it.

    The turns count the pairings of each side, so that two people who pair the same thing at once cannot both succeed.
    """

    __tablename__ = "pairing"
    __table_args__ = (
        UniqueConstraint("sim_id", "side", "sim_turn"),
        UniqueConstraint("handset_id", "turn"),
        UniqueConstraint("phone_number_id", "turn"),
        CheckConstraint(
            "(handset_id IS NULL) = (side = 'number') AND (phone_number_id IS NULL) = (side = 'handset')",
            name="one_other_side",
        ),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    sim_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"))
    side: Mapped[PairedSide] = mapped_column(words_of(PairedSide))
    sim_turn: Mapped[int]
    handset_id: Mapped[int | None] = mapped_column(ForeignKey("serial_unit.id"))
    phone_number_id: Mapped[int | None] = mapped_column(ForeignKey("phone_number.id"))
    turn: Mapped[int]
    began_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class PairingEnd(Base):
    """That a pairing ended on a day."""

    __tablename__ = "pairing_end"
    __table_args__ = (UniqueConstraint("pairing_id"), APPEND_ONLY)

    id: Mapped[Key]
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairing.id"))
    ended_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class PhoneOperator(Base):
    """A mobile operator whose SIMs are held."""

    __tablename__ = "phone_operator"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("name_key"), APPEND_ONLY)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))


class OperatorRule(Base):
    """An operator's lapse rule from a day on. The newest that has begun counts; earlier ones stay on record."""

    __tablename__ = "operator_rule"
    __table_args__ = (
        CheckConstraint("days_to_lapse > 0", name="at_least_a_day"),
        Index("ix_operator_rule_operator_id", "operator_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    operator_id: Mapped[int] = mapped_column(ForeignKey("phone_operator.id"))
    first_day: Mapped[date]
    days_to_lapse: Mapped[int]
    counts_text: Mapped[bool]
    counts_call: Mapped[bool]
    counts_data: Mapped[bool]
    counts_top_up: Mapped[bool]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class SimActivation(Base):
    """Whose SIM it is and when it was activated. The newest row of a SIM counts; earlier ones stay on record."""

    __tablename__ = "sim_activation"
    __table_args__ = (Index("ix_sim_activation_sim_id", "sim_id"), APPEND_ONLY)

    id: Mapped[Key]
    sim_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("phone_operator.id"))
    activated_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class SimUse(Base):
    """That a SIM was used on a day so that it does not lapse, with its credit where that was read."""

    __tablename__ = "sim_use"
    __table_args__ = (
        CheckConstraint("credit_pence >= 0", name="credit_not_below_zero"),
        CheckConstraint("kind <> 'credit read' OR credit_pence IS NOT NULL", name="says_what_was_read"),
        Index("ix_sim_use_sim_id", "sim_id"),
        Index("ix_sim_use_place_recorded", "place_id", "recorded_at"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    sim_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"))
    kind: Mapped[UseKind] = mapped_column(words_of(UseKind))
    used_on: Mapped[date]
    credit_pence: Mapped[int | None]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class SimUseUndone(Base):
    """That a use was recorded by mistake. Both stay on record; the use no longer counts."""

    __tablename__ = "sim_use_undone"
    __table_args__ = (UniqueConstraint("sim_use_id"), APPEND_ONLY)

    id: Mapped[Key]
    sim_use_id: Mapped[int] = mapped_column(ForeignKey("sim_use.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class FactoryReset(Base):
    """Factory reset, no previous owner: that somebody wiped a handset on a day and answers for it."""

    __tablename__ = "factory_reset"
    __table_args__ = (Index("ix_factory_reset_handset_id", "handset_id"), APPEND_ONLY)

    id: Mapped[Key]
    handset_id: Mapped[int] = mapped_column(ForeignKey("serial_unit.id"))
    reset_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
