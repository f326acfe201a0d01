"""Items, editions and kit recipes. A recipe version never changes: old bags keep theirs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, words_of
from inventory.catalogue.rules import ItemKind


class Item(Base):
    """A thing that is counted. A booklet or security card has a language; it belongs to the item, never a person."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("(kind IN ('booklet', 'security card')) = (language IS NOT NULL)", name="printed_has_language"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[ItemKind] = mapped_column(words_of(ItemKind))
    unit: Mapped[str] = mapped_column(String(20), default="each")
    language: Mapped[str | None] = mapped_column(String(12))
    serial: Mapped[bool] = mapped_column(default=False)
    expires: Mapped[bool] = mapped_column(default=False)
    retired_on: Mapped[date | None]


class Edition(Base):
    """One printing of a booklet or card. The newest published one is current; earlier ones are superseded."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[Key]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    published_on: Mapped[date]
    review_on: Mapped[date | None]

    item: Mapped[Item] = relationship()


class KitRecipe(Base):
    """What a kind of Go Bag is made of, e.g. "Adult M": its versions hold the lines."""

    __tablename__ = "kit_recipe"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class RecipeVersion(Base):
    """One version of a recipe, in use from a day on until a later version is."""

    __tablename__ = "recipe_version"
    __table_args__ = (UniqueConstraint("recipe_id", "number"), APPEND_ONLY)

    id: Mapped[Key]
    recipe_id: Mapped[int] = mapped_column(ForeignKey("kit_recipe.id"))
    number: Mapped[int]
    in_use_from: Mapped[date]

    recipe: Mapped[KitRecipe] = relationship()
    lines: Mapped[list[RecipeLine]] = relationship(order_by="RecipeLine.position", back_populates="version")


class RecipeLine(Base):
    """So many of one item, or of any item of one kind (a booklet in whichever language)."""

    __tablename__ = "recipe_line"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("(item_id IS NULL) <> (any_of_kind IS NULL)", name="item_or_kind"),
        CheckConstraint("unit_count > 0", name="at_least_one"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("recipe_version.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    any_of_kind: Mapped[ItemKind | None] = mapped_column(words_of(ItemKind))
    unit_count: Mapped[int]

    version: Mapped[RecipeVersion] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship()
