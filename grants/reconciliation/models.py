"""Reconciliations of a period: prepared by one person, signed by another. Both are append-only.

A period may be prepared again when its figures have changed; the newest counts. It is signed once, and what is signed
is kept whole, as the object that the page and the files paint, with its SHA-256.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn
from core.trail import Note
from grants.awards.models import Award
from organisation.accounts.models import Account


class Reconciliation(Base):
    """That somebody found a period of an award reconciled; ``digest`` is the fingerprint of the figures they saw."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("last_on >= first_on", name="ends_after_start"),
        Index("ix_reconciliation_award_id", "award_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    digest: Mapped[str] = mapped_column(String(64))
    unexplained_pence: Mapped[PenceColumn]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    award: Mapped[Award] = relationship()
    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
    signed: Mapped[SignedReconciliation | None] = relationship(back_populates="reconciliation", viewonly=True)


class SignedReconciliation(Base):
    """The whole of a reconciliation as it was signed, and the SHA-256 of its text.

    The database refuses one that is signed by whoever prepared it.
    """

    __tablename__ = "signed_reconciliation"
    __table_args__ = (
        UniqueConstraint("reconciliation_id"),
        UniqueConstraint("award_id", "first_on"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reconciliation_id: Mapped[int] = mapped_column(ForeignKey("reconciliation.id"))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    first_on: Mapped[date]
    figures_json: Mapped[str] = mapped_column(String, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    checkpoint_sequence: Mapped[int]
    cut_off: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime]

    reconciliation: Mapped[Reconciliation] = relationship(back_populates="signed")
    account: Mapped[Account] = relationship()
