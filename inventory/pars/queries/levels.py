"""Reading par levels: those in force, and how they came to be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from core.db import db
from inventory.catalogue.models import Item, KitRecipe
from inventory.pars.models import ParLevel


@dataclass(frozen=True)
class Pars:
    """The par levels in force at one place.

    Attributes:
        items: item id → units.
        recipes: recipe id → Go Bags.
    """

    items: dict[int, int] = field(default_factory=dict)
    recipes: dict[int, int] = field(default_factory=dict)


def pars_in_force(place_id: int) -> Pars:
    """Give the levels in force at a place, those set to zero included."""
    return pars_of([place_id])[place_id]


def pars_of(place_ids: Collection[int]) -> dict[int, Pars]:
    """Give the levels in force at several places: place id → levels."""
    found = {place_id: Pars() for place_id in place_ids}
    for place_id, item_id, recipe_id, level_count in db.session.execute(_in_force(place_ids)):
        if item_id is not None:
            found[place_id].items[item_id] = level_count
        elif recipe_id is not None:
            found[place_id].recipes[recipe_id] = level_count
    return found


def _in_force(place_ids: Collection[int]) -> Select[int, int | None, int | None, int]:
    """Select the newest level of each place and thing."""
    newest = (
        select(func.max(ParLevel.id))
        .where(ParLevel.place_id.in_(place_ids))
        .group_by(ParLevel.place_id, ParLevel.item_id, ParLevel.recipe_id)
    )
    return select(ParLevel.place_id, ParLevel.item_id, ParLevel.recipe_id, ParLevel.level_count).where(
        ParLevel.id.in_(newest)
    )


@dataclass(frozen=True)
class NamedPar:
    """A level in force with what it is of."""

    code: str
    name: str
    is_bag: bool
    level_count: int


def named_pars(place_id: int) -> list[NamedPar]:
    """List the levels in force at a place by name, Go Bags first; those set to zero too, so they can be raised."""
    pars = pars_in_force(place_id)
    recipes = db.session.scalars(select(KitRecipe).where(KitRecipe.id.in_(pars.recipes)).order_by(KitRecipe.name))
    items = db.session.scalars(select(Item).where(Item.id.in_(pars.items)).order_by(Item.name))
    return [NamedPar(recipe.code, f"Go Bag, {recipe.name}", True, pars.recipes[recipe.id]) for recipe in recipes] + [
        NamedPar(item.code, item.name, False, pars.items[item.id]) for item in items
    ]


def things_without_par(place_id: int, *, on: date) -> list[tuple[str, str]]:
    """List what no level was ever set for at a place: ("item:CODE" or "bag:CODE", name)."""
    pars = pars_in_force(place_id)
    recipes = db.session.scalars(select(KitRecipe).where(KitRecipe.id.not_in(pars.recipes)).order_by(KitRecipe.name))
    items = db.session.scalars(
        select(Item)
        .where(Item.id.not_in(pars.items), Item.retired_on.is_(None) | (Item.retired_on > on))
        .order_by(Item.name)
    )
    return [(f"bag:{recipe.code}", f"Go Bag, {recipe.name}") for recipe in recipes] + [
        (f"item:{item.code}", item.name) for item in items
    ]


def par_history(place_id: int, *, most: int = 25, skipped: int = 0) -> tuple[list[ParLevel], int]:
    """List the levels ever set at a place, newest first, one page of them; and how many there are."""
    count = db.session.scalar(select(func.count()).select_from(ParLevel).where(ParLevel.place_id == place_id))
    rows = db.session.scalars(
        select(ParLevel)
        .where(ParLevel.place_id == place_id)
        .order_by(ParLevel.id.desc())
        .limit(most)
        .offset(skipped)
        .options(
            selectinload(ParLevel.item),
            selectinload(ParLevel.recipe),
            selectinload(ParLevel.account),
            selectinload(ParLevel.note),
        )
    )
    return list(rows), count or 0
