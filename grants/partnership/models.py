"""The briefings log, the partnership's actions, and the packs that were issued. All are append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key
from core.trail import Note
from organisation.places.models import Body, Place


class Briefing(Base):
    """A briefing: at which place, on which day, how many attended. One that corrects another stands in its stead.

    None attended only in a correction, and says that the briefing did not take place.
    """

    __tablename__ = "briefing"
    __table_args__ = (
        UniqueConstraint("corrects_id"),
        CheckConstraint("attendee_count > 0 OR (attendee_count = 0 AND corrects_id IS NOT NULL)", name="somebody_came"),
        Index("ix_briefing_briefed_on", "briefed_on"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    briefed_on: Mapped[date]
    attendee_count: Mapped[int]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("briefing.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    place: Mapped[Place] = relationship()
    note: Mapped[Note | None] = relationship()


class PartnershipAction(Base):
    """What a body of the partnership has agreed to do, and by when."""

    __tablename__ = "partnership_action"
    __table_args__ = (APPEND_ONLY,)

    id: Mapped[Key]
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    due_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    note: Mapped[Note] = relationship()
    body: Mapped[Body] = relationship()


class PartnershipActionDone(Base):
    """That an action is done."""

    __tablename__ = "partnership_action_done"
    __table_args__ = (UniqueConstraint("action_id"), APPEND_ONLY)

    id: Mapped[Key]
    action_id: Mapped[int] = mapped_column(ForeignKey("partnership_action.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[datetime]


class PartnershipPack(Base):
    """The pack of a quarter, as it was issued: once, because two of one quarter could be subtracted."""

    __tablename__ = "partnership_pack"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("first_on"),
        CheckConstraint("last_on > first_on", name="ends_after_start"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    first_on: Mapped[date]
    last_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
    # Read only where the pack is shown.
    frozen_json: Mapped[str] = deferred(mapped_column(String, nullable=False))
