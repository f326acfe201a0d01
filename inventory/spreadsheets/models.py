"""Which spreadsheets were brought in: what each said is in the records it made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.spreadsheets.rules import Sort
from organisation.accounts.models import Account


class Spreadsheet(Base):
    """A spreadsheet that was brought in. Its rows cannot be brought in again."""

    __tablename__ = "spreadsheet"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("sort", "rows_hash"),
        CheckConstraint("row_count > 0", name="at_least_one"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    sort: Mapped[Sort] = mapped_column(words_of(Sort))
    rows_hash: Mapped[str] = mapped_column(String(64))
    file_title: Mapped[str] = mapped_column(String(120))
    row_count: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
