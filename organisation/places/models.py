"""Bodies and places."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Key, words_of
from organisation.places.rules import BodyKind, PlaceKind


class Body(Base):
    """A corporation sole or a charity: who holds a grant, owns stock or runs a place."""

    __tablename__ = "body"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[BodyKind] = mapped_column(words_of(BodyKind))


class Place(Base):
    """Where stock can be: a real place, a Go Bag, *in transit* to a place, or part of the outside.

    ``holds_stock`` says whether balances are kept for it (the database checks them); it follows from the kind.
    """

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("destination_id"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closes_after_opening"),
        CheckConstraint("(kind = 'in transit') = (destination_id IS NOT NULL)", name="transit_has_destination"),
        Index("ix_place_kind", "kind"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[PlaceKind] = mapped_column(words_of(PlaceKind))
    holds_stock: Mapped[bool]
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    destination_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    supplied_by_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    body: Mapped[Body | None] = relationship()
    supplied_by: Mapped[Place | None] = relationship(remote_side="Place.id", foreign_keys=[supplied_by_id])
