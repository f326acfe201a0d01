"""Cupboard sheets with their lines, what was keyed in of each, and how a sheet ended. Nothing of one is edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from inventory.bags.models import Bag, Issue
from inventory.cupboard.rules import SheetEnd
from organisation.accounts.models import Account
from organisation.places.models import Place


class CupboardSheet(Base):
    """A numbered sheet that was printed for a place."""

    __tablename__ = "cupboard_sheet"
    __table_args__ = (UniqueConstraint("reference"), Index("ix_cupboard_sheet_place_id", "place_id"), APPEND_ONLY)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    printed_at: Mapped[datetime]

    place: Mapped[Place] = relationship()
    printed_by: Mapped[Account] = relationship()
    lines: Mapped[list[CupboardLine]] = relationship(order_by="CupboardLine.position", back_populates="sheet")
    end: Mapped[CupboardSheetEnd | None] = relationship(back_populates="sheet")


class CupboardLine(Base):
    """A line of a sheet: a Go Bag that stood there, its seal and the booklets inside, as printed."""

    __tablename__ = "cupboard_line"
    __table_args__ = (
        UniqueConstraint("sheet_id", "position"),
        UniqueConstraint("sheet_id", "bag_id"),
        CheckConstraint("position BETWEEN 1 AND 26", name="has_a_letter"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("cupboard_sheet.id"))
    position: Mapped[int]
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    kit: Mapped[str] = mapped_column(String(120))
    seal_number: Mapped[str | None] = mapped_column(String(20))
    languages: Mapped[str] = mapped_column(String(200))

    sheet: Mapped[CupboardSheet] = relationship(back_populates="lines")
    bag: Mapped[Bag] = relationship()
    entry: Mapped[CupboardEntry | None] = relationship(back_populates="line")


class CupboardEntry(Base):
    """That a line was keyed in, and the issue it became: once for each line, whoever keys it."""

    __tablename__ = "cupboard_entry"
    __table_args__ = (UniqueConstraint("line_id"), UniqueConstraint("issue_id"), APPEND_ONLY)

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("cupboard_line.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"))

    line: Mapped[CupboardLine] = relationship(back_populates="entry")
    issue: Mapped[Issue] = relationship()


class CupboardSheetEnd(Base):
    """That nothing more is keyed in from a sheet: all of it was, or it is lost and written off with a reason."""

    __tablename__ = "cupboard_sheet_end"
    __table_args__ = (
        UniqueConstraint("sheet_id"),
        CheckConstraint("kind <> 'written off' OR note_id IS NOT NULL", name="written_off_has_reason"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("cupboard_sheet.id"))
    kind: Mapped[SheetEnd] = mapped_column(words_of(SheetEnd))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime]

    sheet: Mapped[CupboardSheet] = relationship(back_populates="end")
    note: Mapped[Note | None] = relationship()
    account: Mapped[Account] = relationship()
