"""Grant given back to the funder, and holds on an award's records. Append-only.

That an award is closed stands beside the award (``AwardClosure``), since whatever spends its money asks.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.trail import Note
from grants.closing.rules import HoldAct
from organisation.accounts.models import Account


class Repayment(Base):
    """So many pence of an award given back to its funder."""

    __tablename__ = "repayment"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("pence > 0", name="gives_something_back"),
        Index("ix_repayment_award_id", "award_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    pence: Mapped[PenceColumn]
    repaid_on: Mapped[date]
    outside_reference: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class AuditHold(Base):
    """That an award's records are kept beyond their date, or no longer for that; the newest counts."""

    __tablename__ = "audit_hold"
    __table_args__ = (Index("ix_audit_hold_award_id", "award_id"), APPEND_ONLY)

    id: Mapped[Key]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    act: Mapped[HoldAct] = mapped_column(words_of(HoldAct))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note] = relationship()
