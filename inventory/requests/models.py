"""Requests, their lines and history, dispatches and receipts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.dates import local_day
from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from inventory.bags.models import Bag
from inventory.catalogue.models import Item, KitRecipe
from inventory.requests.rules import RequestAct, RequestState, ShortageOutcome, ShortReason
from inventory.stock.models import Lot, Posting
from organisation.accounts.models import Account
from organisation.places.models import Place


class RestockRequest(Base):
    """What a place asks its store for. ``version`` rises with every act, so a stale form is noticed.

    ``emergency`` says that it cannot wait, and the note why: it stands before others, and needs approval as they do.
    """

    __tablename__ = "restock_request"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_restock_request_place_id", "place_id"),
        Index("ix_restock_request_supplied_by_id", "supplied_by_id"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    supplied_by_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    state: Mapped[RequestState] = mapped_column(words_of(RequestState))
    version: Mapped[int]
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    requested_at: Mapped[datetime]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    emergency: Mapped[bool] = mapped_column(default=False, server_default=false())

    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    supplied_by: Mapped[Place] = relationship(foreign_keys=[supplied_by_id])
    requested_by: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
    lines: Mapped[list[RequestLine]] = relationship(order_by="RequestLine.position", back_populates="request")
    events: Mapped[list[RequestEvent]] = relationship(order_by="RequestEvent.id", viewonly=True)
    dispatches: Mapped[list[Dispatch]] = relationship(order_by="Dispatch.id", viewonly=True)

    @property
    def requested_on(self) -> date:
        """The day it was asked, as London saw it."""
        return local_day(self.requested_at)


class RequestLine(Base):
    """So many of an item, or Go Bags of a recipe: held, par, suggested and the reason as they were when asked.

    ``usual_count`` is the most the place had been approved of it before.
    """

    __tablename__ = "request_line"
    __table_args__ = (
        UniqueConstraint("request_id", "position"),
        CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name="item_or_recipe"),
        CheckConstraint("asked_count > 0", name="asks_for_something"),
        CheckConstraint("approved_count IS NULL OR approved_count BETWEEN 0 AND asked_count", name="approved_in_range"),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("restock_request.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    held_count: Mapped[int]
    par_count: Mapped[int]
    suggested_count: Mapped[int]
    usual_count: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    asked_count: Mapped[int]
    approved_count: Mapped[int | None]

    request: Mapped[RestockRequest] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship()
    recipe: Mapped[KitRecipe | None] = relationship()

    @property
    def name(self) -> str:
        """What is asked for, in words."""
        return self.item.name if self.item else f"Go Bag, {self.recipe.name}" if self.recipe else ""


class RequestEvent(Base):
    """One thing that happened to a request."""

    __tablename__ = "request_event"
    __table_args__ = (Index("ix_request_event_request_id", "request_id"), APPEND_ONLY)

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("restock_request.id"))
    act: Mapped[RequestAct] = mapped_column(words_of(RequestAct))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    summary: Mapped[str] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()


class Dispatch(Base):
    """What the store sent against a request in one go."""

    __tablename__ = "dispatch"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_dispatch_request_id", "request_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    request_id: Mapped[int] = mapped_column(ForeignKey("restock_request.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    expected_on: Mapped[date | None]

    request: Mapped[RestockRequest] = relationship(viewonly=True)
    posting: Mapped[Posting] = relationship()
    lines: Mapped[list[DispatchLine]] = relationship(order_by="DispatchLine.id", back_populates="dispatch")


class DispatchLine(Base):
    """So many units of one lot, or one Go Bag, sent for a request line."""

    __tablename__ = "dispatch_line"
    __table_args__ = (
        CheckConstraint("(lot_id IS NULL) <> (bag_id IS NULL)", name="lot_or_bag"),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        Index("ix_dispatch_line_dispatch_id", "dispatch_id"),
        Index("ix_dispatch_line_request_line_id", "request_line_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    request_line_id: Mapped[int] = mapped_column(ForeignKey("request_line.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    bag_id: Mapped[int | None] = mapped_column(ForeignKey("bag.id"))
    unit_count: Mapped[int]

    dispatch: Mapped[Dispatch] = relationship(back_populates="lines")
    request_line: Mapped[RequestLine] = relationship()
    lot: Mapped[Lot | None] = relationship()
    bag: Mapped[Bag | None] = relationship()
    receipt: Mapped[ReceiptLine | None] = relationship(back_populates="dispatch_line", viewonly=True)


class ReceiptLine(Base):
    """How much of a dispatch line arrived, counted by the place that received it; a shortage says why."""

    __tablename__ = "receipt_line"
    __table_args__ = (
        UniqueConstraint("dispatch_line_id"),
        CheckConstraint("received_count >= 0", name="not_below_zero"),
        CheckConstraint("short_count >= 0", name="short_not_below_zero"),
        CheckConstraint("(short_count > 0) = (short_reason IS NOT NULL)", name="shortage_has_reason"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    dispatch_line_id: Mapped[int] = mapped_column(ForeignKey("dispatch_line.id"))
    received_count: Mapped[int]
    short_count: Mapped[int]
    short_reason: Mapped[ShortReason | None] = mapped_column(words_of(ShortReason))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    received_at: Mapped[datetime]

    dispatch_line: Mapped[DispatchLine] = relationship(back_populates="receipt")
    note: Mapped[Note | None] = relationship()
    settlement: Mapped[ShortageSettled | None] = relationship(viewonly=True)


class ShortageSettled(Base):
    """How an open shortage ended; until then its units are still *in transit*."""

    __tablename__ = "shortage_settled"
    __table_args__ = (UniqueConstraint("receipt_line_id"), APPEND_ONLY)

    id: Mapped[Key]
    receipt_line_id: Mapped[int] = mapped_column(ForeignKey("receipt_line.id"))
    outcome: Mapped[ShortageOutcome] = mapped_column(words_of(ShortageOutcome))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    note: Mapped[Note | None] = relationship()
