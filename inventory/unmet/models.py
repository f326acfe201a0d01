"""What was asked for and not given: the thing or the language, the place, the day. Nothing else, and nothing edited."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.catalogue.models import Item, KitRecipe
from inventory.unmet.rules import UnmetReason
from organisation.accounts.models import Account
from organisation.places.models import Place


class UnmetNeed(Base):
    """That something was asked for at a place on a day and could not be given. No field is about a person."""

    __tablename__ = "unmet_need"
    __table_args__ = (
        CheckConstraint("item_id IS NULL OR recipe_id IS NULL", name="item_or_recipe"),
        CheckConstraint(
            "item_id IS NOT NULL OR recipe_id IS NOT NULL OR language IS NOT NULL", name="says_what_was_asked_for"
        ),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        Index("ix_unmet_need_place_wanted", "place_id", "wanted_on"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    language: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[UnmetReason] = mapped_column(words_of(UnmetReason))
    unit_count: Mapped[int]
    wanted_on: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    place: Mapped[Place] = relationship()
    item: Mapped[Item | None] = relationship()
    recipe: Mapped[KitRecipe | None] = relationship()
    account: Mapped[Account] = relationship()


class UnmetNeedTakenBack(Base):
    """That an entry was a mistake. Both stay on record; the entry no longer counts."""

    __tablename__ = "unmet_need_taken_back"
    __table_args__ = (UniqueConstraint("unmet_need_id"), APPEND_ONLY)

    id: Mapped[Key]
    unmet_need_id: Mapped[int] = mapped_column(ForeignKey("unmet_need.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime]
