"""What people say for the registers: the funder was told, spending is good value, an asset is gone. Append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import APPEND_ONLY, Base, Key, PenceColumn


class LossNotice(Base):
    """That the funder was told, on a day, of what one act wrote off or lost."""

    __tablename__ = "loss_notice"
    __table_args__ = (UniqueConstraint("posting_id"), APPEND_ONLY)

    id: Mapped[Key]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    notified_on: Mapped[date]
    outside_reference: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class ValueReason(Base):
    """Why an invoice is good value for money, in the words that are published; the newest counts."""

    __tablename__ = "value_reason"
    __table_args__ = (Index("ix_value_reason_invoice_id", "invoice_id"), APPEND_ONLY)

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("supplier_invoice.id"))
    words: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class Recipient(Base):
    """Who was paid by spending that has no invoice, and why it is good value, as published; the newest counts."""

    __tablename__ = "recipient"
    __table_args__ = (Index("ix_recipient_row_id", "row_id"), APPEND_ONLY)

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    payee: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class AssetDetail(Base):
    """Where a fixed asset is and what the register says of it beside what it cost; the newest counts."""

    __tablename__ = "asset_detail"
    __table_args__ = (Index("ix_asset_detail_row_id", "row_id"), APPEND_ONLY)

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    location: Mapped[str] = mapped_column(String(120))
    serial_number: Mapped[str] = mapped_column(String(60))
    deeds: Mapped[str] = mapped_column(String(120))
    """Where its title deeds are; empty where it has none."""
    depreciation: Mapped[str] = mapped_column(String(120))
    """How it is depreciated; empty where nobody said."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class AssetDisposal(Base):
    """How a fixed asset left, when and for how much, in the words that the register prints; the newest counts."""

    __tablename__ = "asset_disposal"
    __table_args__ = (
        CheckConstraint("proceeds_pence >= 0", name="proceeds_not_below_zero"),
        Index("ix_asset_disposal_row_id", "row_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    disposed_on: Mapped[date]
    proceeds_pence: Mapped[PenceColumn]
    words: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
