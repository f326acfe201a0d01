"""Reading the surge reserve of a store."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.catalogue.models import Item, KitRecipe
from inventory.stock.models import ReserveLevel
from organisation.places.models import Place
from organisation.places.queries import place_by_code
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class Thing:
    """An item or a kit recipe, as a reserve names it.

    Attributes:
        key: "item:SOAP" or "bag:ADULT-M".
    """

    key: str
    name: str
    item_id: int | None = None
    recipe_id: int | None = None


def store_by_code(code: str, *, scope: Scope) -> Place:
    """Find a store: no other place has a reserve.

    Raises:
        NotFound: it is none, or none of the person's.
    """
    place = place_by_code(code, scope=scope)
    if place.kind is not PlaceKind.STORE:
        raise NotFound
    return place


def thing_named(key: str) -> Thing | None:
    """Find what a form names."""
    kind, _, code = key.partition(":")
    if kind == "item":
        item = db.session.scalar(select(Item).where(Item.code == code))
        return Thing(key, item.name, item_id=item.id) if item else None
    recipe = db.session.scalar(select(KitRecipe).where(KitRecipe.code == code)) if kind == "bag" else None
    return Thing(key, f"Go Bag, {recipe.name}", recipe_id=recipe.id) if recipe else None


def reserved_count(place_id: int, thing: Thing) -> int:
    """Give how many of a thing are in the reserve of a store now."""
    asked = select(ReserveLevel.level_count).where(
        ReserveLevel.place_id == place_id,
        ReserveLevel.item_id.is_(None) if thing.item_id is None else ReserveLevel.item_id == thing.item_id,
        ReserveLevel.recipe_id.is_(None) if thing.recipe_id is None else ReserveLevel.recipe_id == thing.recipe_id,
    )
    return db.session.scalar(asked.order_by(ReserveLevel.id.desc()).limit(1)) or 0


def in_reserve(place_id: int) -> list[tuple[Thing, int]]:
    """List what the reserve of a store holds, by name."""
    asked = (
        select(ReserveLevel)
        .options(joinedload(ReserveLevel.item), joinedload(ReserveLevel.recipe))
        .where(ReserveLevel.place_id == place_id)
        .order_by(ReserveLevel.id)
    )
    newest = {(row.item_id, row.recipe_id): row for row in db.session.scalars(asked)}
    found = [(_thing(row), row.level_count) for row in newest.values() if row.level_count]
    return sorted(found, key=lambda each: each[0].name)


def _thing(row: ReserveLevel) -> Thing:
    if row.item is not None:
        return Thing(f"item:{row.item.code}", row.item.name, item_id=row.item_id)
    assert row.recipe is not None, "a reserve is of an item or of a recipe"
    return Thing(f"bag:{row.recipe.code}", f"Go Bag, {row.recipe.name}", recipe_id=row.recipe_id)


def changes(place_id: int) -> Select[ReserveLevel]:
    """Select what was put into the reserve of a store and released from it, newest first."""
    return (
        select(ReserveLevel)
        .options(
            joinedload(ReserveLevel.item),
            joinedload(ReserveLevel.recipe),
            joinedload(ReserveLevel.account),
            joinedload(ReserveLevel.note),
        )
        .where(ReserveLevel.place_id == place_id)
        .order_by(ReserveLevel.id.desc())
    )
