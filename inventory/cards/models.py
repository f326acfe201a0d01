"""Ranges of numbers printed on cards, each of one lot, and those taken back. Nothing is edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key
from core.trail import Note
from inventory.cards.rules import CardNumbers
from inventory.stock.models import Lot
from organisation.accounts.models import Account


class CardRange(Base):
    """That the cards of a lot bear the numbers from one to another.

    The database refuses a number that another range has which was not taken back, more numbers than the lot has
    cards, and a lot of anything else than security cards.
    """

    __tablename__ = "card_range"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("0 <= first_number AND first_number <= last_number", name="first_before_last"),
        CheckConstraint("digit_count BETWEEN 1 AND 12", name="as_printed"),
        Index("ix_card_range_lot_id", "lot_id"),
        Index("ix_card_range_prefix_first", "prefix", "first_number"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    prefix: Mapped[str] = mapped_column(String(12))
    first_number: Mapped[int]
    last_number: Mapped[int]
    digit_count: Mapped[int]
    """Digits of a number as it is printed, noughts in front included."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    lot: Mapped[Lot] = relationship()
    account: Mapped[Account] = relationship()
    taken_back: Mapped[CardRangeTakenBack | None] = relationship(back_populates="range")

    @property
    def numbers(self) -> CardNumbers:
        """The numbers."""
        return CardNumbers(self.prefix, self.first_number, self.last_number, self.digit_count)


class CardRangeTakenBack(Base):
    """That a range was recorded by mistake. Both stay on record; its numbers are free again."""

    __tablename__ = "card_range_taken_back"
    __table_args__ = (UniqueConstraint("range_id"), APPEND_ONLY)

    id: Mapped[Key]
    range_id: Mapped[int] = mapped_column(ForeignKey("card_range.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime]

    range: Mapped[CardRange] = relationship(back_populates="taken_back")
    note: Mapped[Note] = relationship()
    account: Mapped[Account] = relationship()
