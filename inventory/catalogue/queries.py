"""Reading the catalogue. Its rows belong to no place, so nothing here takes a scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.db import db
from core.errors import NotFound
from inventory.catalogue.models import Edition, Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import ItemKind

_ITEM = select(Item).where(Item.code == bindparam("code"))
_PUBLISHED = (
    select(Edition)
    .where(Edition.published_on <= bindparam("day", type_=Date))
    .order_by(Edition.published_on, Edition.number)
)
_PUBLISHED_OF = _PUBLISHED.where(Edition.item_id.in_(bindparam("item_ids", expanding=True)))
_RECIPE = select(KitRecipe).where(KitRecipe.code == bindparam("code"))
_WITH_LINES = select(RecipeVersion).options(
    joinedload(RecipeVersion.recipe), selectinload(RecipeVersion.lines).joinedload(RecipeLine.item)
)
_Earlier = aliased(RecipeVersion)
_VERSION_IN_USE = (
    select(RecipeVersion)
    .where(
        RecipeVersion.id
        == select(_Earlier.id)
        .where(_Earlier.recipe_id == bindparam("recipe_id"), _Earlier.in_use_from <= bindparam("day", type_=Date))
        .order_by(_Earlier.in_use_from.desc(), _Earlier.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    .options(joinedload(RecipeVersion.recipe), joinedload(RecipeVersion.lines).joinedload(RecipeLine.item))
)
"""Built once: every packing and picking asks these, and preparing a statement costs more than running it."""


def items_asked(
    *, kind: ItemKind | None = None, language: str | None = None, search: str = "", retired: bool = False
) -> Select[Item]:
    """Select items by name, for a page of them.

    Args:
        kind: only of this kind.
        language: only printed in this language.
        search: text anywhere in the code or name, taken literally.
        retired: items no longer bought as well.
    """
    asked = select(Item).order_by(Item.name, Item.id)
    if kind is not None:
        asked = asked.where(Item.kind == kind)
    if language:
        asked = asked.where(Item.language == language)
    if search:
        asked = asked.where(
            or_(Item.code.icontains(search, autoescape=True), Item.name.icontains(search, autoescape=True))
        )
    return asked if retired else asked.where(Item.retired_on.is_(None))


def items(*, kind: ItemKind | None = None, search: str = "", retired: bool = False) -> list[Item]:
    """List items by name, those in use unless the retired are asked for as well."""
    return list(db.session.scalars(items_asked(kind=kind, search=search, retired=retired)))


def languages_printed() -> list[str]:
    """List the language codes in which anything is printed."""
    asked = select(Item.language).where(Item.language.is_not(None)).distinct().order_by(Item.language)
    return [code for code in db.session.scalars(asked) if code is not None]


def item_by_code(code: str) -> Item:
    """Find an item.

    Raises:
        NotFound: there is none with the code.
    """
    item = db.session.scalar(_ITEM, {"code": code})
    if item is None:
        raise NotFound
    return item


def items_by_code(codes: Iterable[str]) -> dict[str, Item]:
    """Find items by their codes: code → item; a code that no item has is left out."""
    return {item.code: item for item in db.session.scalars(select(Item).where(Item.code.in_(set(codes))))}


def editions_of(item_id: int) -> list[Edition]:
    """List the editions of an item, newest first."""
    asked = select(Edition).where(Edition.item_id == item_id)
    return list(db.session.scalars(asked.order_by(Edition.published_on.desc(), Edition.number.desc())))


def current_editions(item_ids: Collection[int] | None = None, *, on: date) -> dict[int, Edition]:
    """Give the edition in use on a day: item id → newest published on it or before."""
    if item_ids is None:
        found = db.session.scalars(_PUBLISHED, {"day": on})
    else:
        found = db.session.scalars(_PUBLISHED_OF, {"day": on, "item_ids": list(item_ids)})
    return {edition.item_id: edition for edition in found}


def edition(item_id: int, number: int) -> Edition | None:
    """Find an edition of an item by its number."""
    return db.session.scalar(select(Edition).where(Edition.item_id == item_id, Edition.number == number))


def recipes() -> list[KitRecipe]:
    """List the kit recipes by name."""
    return list(db.session.scalars(select(KitRecipe).order_by(KitRecipe.name)))


def recipe_by_code(code: str) -> KitRecipe:
    """Find a kit recipe.

    Raises:
        NotFound: there is none with the code.
    """
    recipe = db.session.scalar(_RECIPE, {"code": code})
    if recipe is None:
        raise NotFound
    return recipe


def versions_of(recipe_id: int) -> list[RecipeVersion]:
    """List the versions of a recipe with their lines, newest first."""
    asked = _WITH_LINES.where(RecipeVersion.recipe_id == recipe_id)
    return list(db.session.scalars(asked.order_by(RecipeVersion.number.desc())))


def version_in_use(recipe_id: int, *, on: date) -> RecipeVersion | None:
    """Give the version of a recipe in use on a day, or None when none was yet.

    Of versions in use from the same day, the one written last counts.
    """
    return db.session.scalars(_VERSION_IN_USE, {"recipe_id": recipe_id, "day": on}).unique().one_or_none()


def versions_in_use(*, on: date) -> dict[int, RecipeVersion]:
    """Give every recipe's version in use on a day: recipe id → version with its lines."""
    asked = _WITH_LINES.where(RecipeVersion.in_use_from <= on)
    found = db.session.scalars(asked.order_by(RecipeVersion.in_use_from, RecipeVersion.number))
    return {version.recipe_id: version for version in found}


def recipes_with(item: Item, *, on: date) -> list[RecipeVersion]:
    """List the versions in use on a day that ask for an item, by name or by its kind."""
    return [
        version
        for version in versions_in_use(on=on).values()
        if any(line.item_id == item.id or line.any_of_kind == item.kind for line in version.lines)
    ]


def last_version_number(recipe_id: int) -> int:
    """Give the number of a recipe's newest version, 0 when it has none."""
    asked = select(func.max(RecipeVersion.number)).where(RecipeVersion.recipe_id == recipe_id)
    return db.session.scalar(asked) or 0


def newest_edition(item_id: int) -> Edition | None:
    """Give the edition of an item with the highest number, published or announced."""
    later = aliased(Edition)
    higher = select(later.id).where(later.item_id == Edition.item_id, later.number > Edition.number)
    return db.session.scalar(select(Edition).where(Edition.item_id == item_id, ~higher.exists()))
