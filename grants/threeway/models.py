"""Reasons for which order, delivery and invoice of a row may differ."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key
from core.trail import Note
from grants.spending.models import SpendingRow
from organisation.accounts.models import Account


class MatchReason(Base):
    """Why an exception of a row's three-way match is in order; it counts for exactly the words it was given for."""

    __tablename__ = "match_reason"
    __table_args__ = (Index("ix_match_reason_row_id", "row_id"), APPEND_ONLY)

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("spending_row.id"))
    words: Mapped[str] = mapped_column(String(400))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    row: Mapped[SpendingRow] = relationship()
    note: Mapped[Note] = relationship()
    account: Mapped[Account] = relationship()
