"""Par levels and how suggestions were answered, append-only: the newest row of a place and thing counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key
from core.trail import Note
from inventory.catalogue.models import Item, KitRecipe
from organisation.accounts.models import Account


class ParLevel(Base):
    """How many units of an item, or Go Bags of a recipe, a place should hold. Zero means none is expected."""

    __tablename__ = "par_level"
    __table_args__ = (
        CheckConstraint("level_count >= 0", name="not_below_zero"),
        CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name="item_or_recipe"),
        Index("ix_par_level_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    level_count: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    item: Mapped[Item | None] = relationship()
    recipe: Mapped[KitRecipe | None] = relationship()
    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()

    @property
    def name(self) -> str:
        """What the level is of, in words."""
        return self.item.name if self.item else f"Go Bag, {self.recipe.name}" if self.recipe else ""


class ParDecision(Base):
    """How a suggested level was answered: taken as it was, or another one with the reason why.

    Kept beside the level itself, so that later it can be said which of the two was nearer to what was needed.
    """

    __tablename__ = "par_decision"
    __table_args__ = (
        CheckConstraint("suggested_count >= 0 AND chosen_count >= 0", name="not_below_zero"),
        CheckConstraint("(item_id IS NULL) <> (recipe_id IS NULL)", name="item_or_recipe"),
        CheckConstraint("suggested_count = chosen_count OR note_id IS NOT NULL", name="another_level_has_reason"),
        CheckConstraint("protect_days > 0", name="one_day_at_least"),
        Index("ix_par_decision_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    recipe_id: Mapped[int | None] = mapped_column(ForeignKey("kit_recipe.id"))
    suggested_count: Mapped[int]
    chosen_count: Mapped[int]
    protect_days: Mapped[int]
    words: Mapped[str] = mapped_column(String(400))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
