"""Recalls, whom they asked, what each place answered, what came back, and how they ended. Nothing is edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from inventory.catalogue.models import Edition, Item
from inventory.recalls.rules import Ending, RecallKind, Remedy
from inventory.stock.models import Lot
from organisation.accounts.models import Account
from organisation.places.models import Place


class Recall(Base):
    """That a lot, an edition, or every lot of an item may not be used, why, and what to do with it."""

    __tablename__ = "recall"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint(
            "(lot_id IS NULL OR (edition_id IS NULL AND item_id IS NULL))"
            " AND (edition_id IS NULL OR item_id IS NULL)"
            " AND (lot_id IS NOT NULL OR edition_id IS NOT NULL OR item_id IS NOT NULL)",
            name="of_one_thing",
        ),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    kind: Mapped[RecallKind] = mapped_column(words_of(RecallKind))
    remedy: Mapped[Remedy] = mapped_column(words_of(Remedy))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recalled_at: Mapped[datetime]

    lot: Mapped[Lot | None] = relationship()
    edition: Mapped[Edition | None] = relationship()
    item: Mapped[Item | None] = relationship()
    note: Mapped[Note] = relationship()
    account: Mapped[Account] = relationship()

    @property
    def of_item(self) -> Item:
        """The item it concerns, whichever way it names it."""
        found = self.item or (self.lot.item if self.lot else None) or (self.edition.item if self.edition else None)
        assert found is not None, "the table holds it to name one thing"
        return found

    @property
    def subject(self) -> str:
        """What it covers, such as "Soap, lot L-00002" or "Basic phone, every lot"."""
        if self.lot is not None:
            return f"{self.of_item.name}, lot {self.lot.code}"
        if self.edition is not None:
            return f"{self.of_item.name}, edition {self.edition.number}"
        return f"{self.of_item.name}, every lot"


class RecallPlace(Base):
    """That a place was asked when a recall was made: it held units, or had issued some."""

    __tablename__ = "recall_place"
    __table_args__ = (UniqueConstraint("recall_id", "place_id"), APPEND_ONLY)

    id: Mapped[Key]
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    unit_count: Mapped[int]
    slip_count: Mapped[int]


class RecallAnswer(Base):
    """What a place answered. ``posting_id`` is what it removed; ``sent_to_id`` the store that it went back to."""

    __tablename__ = "recall_answer"
    __table_args__ = (
        UniqueConstraint("posting_id"),
        CheckConstraint("told_count IS NULL OR told_count >= 0", name="told_not_below_zero"),
        CheckConstraint("sent_to_id IS NULL OR posting_id IS NOT NULL", name="sent_by_a_posting"),
        Index("ix_recall_answer_recall_place", "recall_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    told_count: Mapped[int | None]
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"))
    sent_to_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime]

    recall: Mapped[Recall] = relationship()
    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    lines: Mapped[list[RecallLine]] = relationship(order_by="RecallLine.id", back_populates="answer")


class RecallLine(Base):
    """Of one lot on a shelf: how many the records had, how many were found, and how many of those removed."""

    __tablename__ = "recall_line"
    __table_args__ = (
        UniqueConstraint("answer_id", "lot_id"),
        CheckConstraint("removed_count BETWEEN 0 AND found_count", name="removed_was_found"),
        CheckConstraint("found_count <= expected_count", name="found_was_recorded"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    answer_id: Mapped[int] = mapped_column(ForeignKey("recall_answer.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    expected_count: Mapped[int]
    found_count: Mapped[int]
    removed_count: Mapped[int]

    answer: Mapped[RecallAnswer] = relationship(back_populates="lines")
    lot: Mapped[Lot] = relationship()


class RecallArrival(Base):
    """That what an answer sent back was counted in at the store; what was missing was written off in the posting."""

    __tablename__ = "recall_arrival"
    __table_args__ = (UniqueConstraint("answer_id"), UniqueConstraint("posting_id"), APPEND_ONLY)

    id: Mapped[Key]
    answer_id: Mapped[int] = mapped_column(ForeignKey("recall_answer.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    missing_count: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    arrived_at: Mapped[datetime]


class RecallEnd(Base):
    """That a recall is over, and how. Its stock may be used from then on."""

    __tablename__ = "recall_end"
    __table_args__ = (UniqueConstraint("recall_id"), APPEND_ONLY)

    id: Mapped[Key]
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    way: Mapped[Ending] = mapped_column(words_of(Ending))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime]

    note: Mapped[Note | None] = relationship()
