"""Go Bags, their moves and seals, and the issues that hand them over. No field is about a person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.bags.rules import BagAct, Fate
from inventory.catalogue.models import RecipeVersion
from inventory.stock.models import Posting
from organisation.places.models import Place


class IssueRoute(StrEnum):
    """By whose hand a Go Bag reached the person it is for."""

    OFFICER = "officer"
    PARTNER = "partner"


class Bag(Base):
    """A Go Bag: a tag, the recipe version it was packed to, and the place that it is."""

    __tablename__ = "bag"
    __table_args__ = (UniqueConstraint("tag"), UniqueConstraint("place_id"), APPEND_ONLY)

    id: Mapped[Key]
    tag: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    recipe_version_id: Mapped[int] = mapped_column(ForeignKey("recipe_version.id"))

    recipe_version: Mapped[RecipeVersion] = relationship()


class BagMove(Base):
    """A Go Bag from one place to another. The database refuses one that does not start where the bag is."""

    __tablename__ = "bag_move"
    __table_args__ = (
        Index("ix_bag_move_bag_id", "bag_id"),
        Index("ix_bag_move_posting_id", "posting_id"),
        Index("ix_bag_move_to_place_id", "to_place_id", "bag_id"),
        Index("ix_bag_move_from_place_id", "from_place_id", "bag_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    from_place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    to_place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))


class BagPosition(Base):
    """Where a bag stands now; kept by the database from its bag moves."""

    __tablename__ = "bag_position"
    __table_args__ = (Index("ix_bag_position_place_id", "place_id"),)

    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"), primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))

    bag: Mapped[Bag] = relationship()


class Seal(Base):
    """A numbered seal put on a bag by a posting, or found broken by one. The newest row is the bag's state."""

    __tablename__ = "seal"
    __table_args__ = (UniqueConstraint("number", "broken"), Index("ix_seal_bag_id", "bag_id"), APPEND_ONLY)

    id: Mapped[Key]
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    number: Mapped[str] = mapped_column(String(20))
    broken: Mapped[bool] = mapped_column(default=False)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))


class Issue(Base):
    """That a Go Bag was handed over: from where, by which route, with a booklet in which language."""

    __tablename__ = "issue"
    __table_args__ = (
        UniqueConstraint("slip"),
        UniqueConstraint("posting_id"),
        Index("ix_issue_bag_id", "bag_id"),
        Index("ix_issue_place_issued", "place_id", "issued_at"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    slip: Mapped[str] = mapped_column(String(20))
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    route: Mapped[IssueRoute] = mapped_column(words_of(IssueRoute))
    booklet_language: Mapped[str | None] = mapped_column(String(12))
    issued_at: Mapped[datetime]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))

    bag: Mapped[Bag] = relationship()
    place: Mapped[Place] = relationship()
    posting: Mapped[Posting] = relationship()


class BagOpening(Base):
    """That a Go Bag was opened, or came back: at which place, why, and what became of what came out."""

    __tablename__ = "bag_opening"
    __table_args__ = (UniqueConstraint("posting_id"), Index("ix_bag_opening_bag_id", "bag_id"), APPEND_ONLY)

    id: Mapped[Key]
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    act: Mapped[BagAct] = mapped_column(words_of(BagAct))
    fate: Mapped[Fate | None] = mapped_column(words_of(Fate))


class Substitution(Base):
    """That a posting put a lot into a bag in place of another item: another size, or another language."""

    __tablename__ = "substitution"
    __table_args__ = (
        UniqueConstraint("posting_id", "lot_id", "for_item_id"),
        Index("ix_substitution_bag_id", "bag_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    bag_id: Mapped[int] = mapped_column(ForeignKey("bag.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    for_item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
