"""Bodies and places."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
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


class Town(Base):
    """A town on the map, by whole kilometres of the Ordnance Survey's grid: as near as any place is ever drawn.

    Nothing says where in its town a place stands, so that no map can lead to a house.
    """

    __tablename__ = "town"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("east_km BETWEEN 0 AND 700", name="east_on_the_grid"),
        CheckConstraint("north_km BETWEEN 0 AND 1300", name="north_on_the_grid"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    area: Mapped[str] = mapped_column(String(60))
    east_km: Mapped[int]
    north_km: Mapped[int]


class PlaceTown(Base):
    """That a place stands in a town; the newest row of a place counts."""

    __tablename__ = "place_town"
    __table_args__ = (Index("ix_place_town_place_id", "place_id"), APPEND_ONLY)

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"))
    located_at: Mapped[datetime]

    town: Mapped[Town] = relationship()
