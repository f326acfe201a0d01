"""Counts: what is to be counted, what was seen, and what came of it.

A line is a thing to count; its entries are append-only, so a count that is broken off goes on where it stopped. What
was decided is frozen in a result for each line: the figures of the moment of approval stay what they were, however
many slips are recorded later.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from inventory.bags.models import Bag
from inventory.catalogue.models import Item
from inventory.counts.rules import CountExtent, CountReason, CountState
from inventory.phones.models import SerialUnit
from inventory.stock.models import Posting
from organisation.accounts.models import Account
from organisation.places.models import Place


class StockCount(Base):
    """One count of a place, whole or in part, from its start until it is approved or abandoned."""

    __tablename__ = "stock_count"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("(state = 'approved') = (approved_by_id IS NOT NULL)", name="approved_by_somebody"),
        CheckConstraint("state IN ('counting', 'abandoned') OR finished_at IS NOT NULL", name="finished_first"),
        Index("ix_stock_count_place_id", "place_id"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    extent: Mapped[CountExtent] = mapped_column(words_of(CountExtent))
    covers: Mapped[str] = mapped_column(String(300))
    state: Mapped[CountState] = mapped_column(words_of(CountState))
    version: Mapped[int]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    place: Mapped[Place] = relationship()
    started_by: Mapped[Account] = relationship(foreign_keys=[started_by_id])
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])
    posting: Mapped[Posting | None] = relationship()
    note: Mapped[Note | None] = relationship()
    lines: Mapped[list[CountLine]] = relationship(order_by="CountLine.position", back_populates="count")


class CountLine(Base):
    """One thing to count: an item, the Go Bags (neither item nor note), or a thing no catalogue knows (a note)."""

    __tablename__ = "count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "position"),
        UniqueConstraint("count_id", "item_id"),
        CheckConstraint("item_id IS NULL OR note_id IS NULL", name="known_or_described"),
        CheckConstraint("round_wanted > 0", name="one_round_at_least"),
    )

    id: Mapped[Key]
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    added: Mapped[bool] = mapped_column(default=False)
    round_wanted: Mapped[int]

    count: Mapped[StockCount] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship()
    note: Mapped[Note | None] = relationship()
    entries: Mapped[list[CountEntry]] = relationship(order_by="CountEntry.id", back_populates="line")
    result: Mapped[CountResult | None] = relationship(back_populates="line", viewonly=True)

    @property
    def is_bags(self) -> bool:
        """Whether the line is the Go Bags that stand there."""
        return self.item_id is None and self.note_id is None

    @property
    def by_number(self) -> bool:
        """Whether each single thing is told by its tag or number."""
        return self.is_bags or (self.item is not None and self.item.serial)

    @property
    def name(self) -> str:
        """What is counted, in words."""
        if self.item is not None:
            return self.item.name
        return "Go Bags" if self.is_bags else f"Not in the catalogue: {self.note}"

    @property
    def newest(self) -> CountEntry | None:
        """The count of the line that counts: the newest."""
        return self.entries[-1] if self.entries else None

    @property
    def done(self) -> bool:
        """Whether the round that is wanted has been counted."""
        return self.newest is not None and self.newest.round >= self.round_wanted

    def may_be_counted_by(self, account_id: int) -> bool:
        """Say whether an account may count the line now: a further round belongs to whoever did not count before."""
        return self.round_wanted == 1 or all(
            each.account_id != account_id for each in self.entries if each.round < self.round_wanted
        )


class CountEntry(Base):
    """What one person saw of a line, and when."""

    __tablename__ = "count_entry"
    __table_args__ = (
        CheckConstraint("counted_count >= 0", name="not_below_zero"),
        CheckConstraint("seen_at <= recorded_at", name="seen_before_recorded"),
        Index("ix_count_entry_line_id", "line_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("count_line.id"))
    round: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    counted_count: Mapped[int]
    shown: Mapped[bool] = mapped_column(default=False)

    line: Mapped[CountLine] = relationship(back_populates="entries")
    account: Mapped[Account] = relationship()
    numbers: Mapped[list[CountNumber]] = relationship(order_by="CountNumber.id", back_populates="entry")


class CountNumber(Base):
    """One tag or number that was seen. What it is of is found when it is entered; a new number is of nothing yet."""

    __tablename__ = "count_number"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        CheckConstraint("unit_id IS NULL OR bag_id IS NULL", name="unit_or_bag"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("count_entry.id"))
    number: Mapped[str] = mapped_column(String(22))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("serial_unit.id"))
    bag_id: Mapped[int | None] = mapped_column(ForeignKey("bag.id"))

    entry: Mapped[CountEntry] = relationship(back_populates="numbers")
    unit: Mapped[SerialUnit | None] = relationship()
    bag: Mapped[Bag | None] = relationship()


class CountResult(Base):
    """What a line came to when the count was approved: the figures of that moment, and why they differ."""

    __tablename__ = "count_result"
    __table_args__ = (
        UniqueConstraint("line_id"),
        CheckConstraint("short_count >= 0 AND over_count >= 0", name="not_below_zero"),
        CheckConstraint("(short_count + over_count > 0) = (reason IS NOT NULL)", name="difference_has_reason"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("count_line.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("count_entry.id"))
    expected_count: Mapped[int]
    short_count: Mapped[int]
    over_count: Mapped[int]
    reason: Mapped[CountReason | None] = mapped_column(words_of(CountReason))
    unmoved: Mapped[str] = mapped_column(String(600), default="")

    line: Mapped[CountLine] = relationship(back_populates="result", viewonly=True)
    entry: Mapped[CountEntry] = relationship()


class CountTakenBack(Base):
    """That a loss or gain of an approved line turned out to be none, such as a slip that was recorded later."""

    __tablename__ = "count_taken_back"
    __table_args__ = (UniqueConstraint("result_id"), APPEND_ONLY)

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("count_result.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime]
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))

    note: Mapped[Note] = relationship()


class CountSetting(Base):
    """How a place is counted from a moment on: the difference a second person counts again, and how often."""

    __tablename__ = "count_setting"
    __table_args__ = (
        CheckConstraint("recount_above_count >= 0", name="not_below_zero"),
        CheckConstraint("every_days BETWEEN 1 AND 400", name="within_a_year"),
        Index("ix_count_setting_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    recount_above_count: Mapped[int]
    every_days: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime]


class Handover(Base):
    """That a cupboard passes from one person to another, with the sample that is counted for it."""

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("count_id"),
        CheckConstraint("outgoing_id <> incoming_id", name="two_people"),
        Index("ix_handover_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id"))
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    incoming_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seed: Mapped[str] = mapped_column(String(20))
    thing_count: Mapped[int]
    begun_at: Mapped[datetime]

    place: Mapped[Place] = relationship()
    count: Mapped[StockCount] = relationship()
    outgoing: Mapped[Account] = relationship(foreign_keys=[outgoing_id])
    incoming: Mapped[Account] = relationship(foreign_keys=[incoming_id])
    signatures: Mapped[list[HandoverSignature]] = relationship(order_by="HandoverSignature.id", viewonly=True)

    @property
    def standing(self) -> list[HandoverSignature]:
        """The signatures over the figures as they are: none given before a thing was counted again."""
        finished = self.count.finished_at
        if finished is None or self.count.state is CountState.ABANDONED:
            return []
        return [each for each in self.signatures if each.signed_at >= finished]


class HandoverSignature(Base):
    """That one of the two signed, from their own account."""

    __tablename__ = "handover_signature"
    __table_args__ = (UniqueConstraint("handover_id", "account_id"), APPEND_ONLY)

    id: Mapped[Key]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
