"""What a place has of everything against its par levels, with all that is asked for, promised and on its way.

One statement per kind of fact, whatever the number of things: the sergeant's home opens with this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from core.access import Scope
from core.db import db
from inventory.bags import queries as bags
from inventory.bags.models import Bag, BagPosition
from inventory.bags.queries import BagView
from inventory.bags.rules import Readiness
from inventory.catalogue.models import Item, KitRecipe, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.pars.queries import pars_in_force
from inventory.pars.rules import Level
from inventory.requests.models import RequestLine, RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock.models import Balance, Lot, Promise
from organisation.places.models import Place

Thing = tuple[str, int]
"""("item", item id) or ("bag", recipe id)."""


def levels(place_id: int, *, scope: Scope, on: date, standing: Iterable[BagView] | None = None) -> list[Level]:
    """Give the level of every item and kind of Go Bag that a place holds, should hold, or is to get.

    Args:
        standing: the Go Bags there, when the caller has read them already.

    Raises:
        NotFound: the place is outside the scope.
    """
    scope.demand(place_id)
    if standing is None:
        standing = bags.bag_views([place_id], scope=scope, on=on)
    facts: dict[Thing, dict[str, int]] = defaultdict(dict)
    pars = pars_in_force(place_id)
    for thing, count in (*_things("item", pars.items), *_things("bag", pars.recipes)):
        facts[thing]["par_count"] = count
    for gather in (_loose, _bags, _kept, _asked):
        for thing, name, count in gather(place_id):
            facts[thing][name] = facts[thing].get(name, 0) + count
    recipes = list(db.session.scalars(select(KitRecipe).order_by(KitRecipe.name)))
    for thing, name, count in _needs_of(standing, on, {recipe.code: recipe.id for recipe in recipes}):
        facts[thing][name] = facts[thing].get(name, 0) + count
    return _named(facts, recipes)


Fact = tuple[Thing, str, int]


def _things(kind: str, counts: dict[int, int]) -> list[tuple[Thing, int]]:
    return [((kind, thing_id), count) for thing_id, count in counts.items()]


def _thing(item_id: int | None, recipe_id: int | None) -> Thing:
    return ("item", item_id) if item_id is not None else ("bag", recipe_id or 0)


def _loose(place_id: int) -> list[Fact]:
    """Count loose units at the place and on their way to it."""
    rows = db.session.execute(
        select(Balance.place_id, Lot.item_id, func.sum(Balance.unit_count))
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Place, Place.id == Balance.place_id)
        .where((Place.id == place_id) | (Place.destination_id == place_id), Balance.unit_count > 0)
        .group_by(Balance.place_id, Lot.item_id)
    )
    return [(("item", item_id), _where(where, place_id), int(count)) for where, item_id, count in rows]


def _bags(place_id: int) -> list[Fact]:
    """Count Go Bags standing at the place and on their way to it."""
    rows = db.session.execute(
        select(BagPosition.place_id, RecipeVersion.recipe_id, func.count())
        .join(Bag, Bag.id == BagPosition.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(Place, Place.id == BagPosition.place_id)
        .where((Place.id == place_id) | (Place.destination_id == place_id))
        .group_by(BagPosition.place_id, RecipeVersion.recipe_id)
    )
    return [(("bag", recipe_id), _where(where, place_id), int(count)) for where, recipe_id, count in rows]


def _where(where: int, place_id: int) -> str:
    return "on_hand_count" if where == place_id else "in_transit_count"


def _kept(place_id: int) -> list[Fact]:
    """Count what the place keeps for others."""
    rows = db.session.execute(
        select(Promise.item_id, Promise.recipe_id, func.sum(Promise.unit_count))
        .where(Promise.place_id == place_id, Promise.unit_count > 0)
        .group_by(Promise.item_id, Promise.recipe_id)
    )
    return [(_thing(item, recipe), "kept_count", int(count)) for item, recipe, count in rows]


def _asked(place_id: int) -> list[Fact]:
    """Count what the place waits for: asked for and undecided, or promised and not yet sent."""
    undecided = RestockRequest.state == RequestState.ASKED
    rows = db.session.execute(
        select(
            RequestLine.item_id,
            RequestLine.recipe_id,
            func.sum(case((undecided, RequestLine.asked_count), else_=0)),
            func.sum(func.coalesce(Promise.unit_count, 0)),
        )
        .join(RestockRequest, RestockRequest.id == RequestLine.request_id)
        .outerjoin(Promise, Promise.request_line_id == RequestLine.id)
        .where(
            RestockRequest.place_id == place_id,
            RestockRequest.state.in_([RequestState.ASKED, RequestState.APPROVED, RequestState.SENT]),
        )
        .group_by(RequestLine.item_id, RequestLine.recipe_id)
    )
    found: list[Fact] = []
    for item, recipe, asked, promised in rows:
        found.append((_thing(item, recipe), "asked_count", int(asked)))
        found.append((_thing(item, recipe), "promised_count", int(promised)))
    return found


def _needs_of(standing: Iterable[BagView], on: date, recipe_ids: dict[str, int]) -> list[Fact]:
    """Count, from the Go Bags at a place, those that need something and what to put into them.

    An empty bag is nothing held: whoever asks needs a full one.
    """
    found: list[Fact] = []
    for view in standing:
        recipe = ("bag", recipe_ids[view.recipe_code])
        if not view.contents:
            found.append((recipe, "on_hand_count", -1))
            continue
        if view.verdict.readiness is not Readiness.READY:
            found.append((recipe, "unready_count", 1))
        found += [
            (("item", lack.wanted.item_id), "needed_count", lack.short_count)
            for lack in view.verdict.missing
            if lack.wanted.item_id is not None
        ]
        found += [
            (("item", content.item_id), "needed_count", content.unit_count)
            for content in view.contents
            if content.expired(on)
        ]
    return found


def _named(facts: dict[Thing, dict[str, int]], recipes: list[KitRecipe]) -> list[Level]:
    """Give each thing its name; things nobody has, wants or awaits are left out."""
    wanted = {thing: counts for thing, counts in facts.items() if any(counts.values())}
    items = {item_id for kind, item_id in wanted if kind == "item"}
    found = [
        _level(recipe.code, f"Go Bag, {recipe.name}", None, None, wanted["bag", recipe.id])
        for recipe in recipes
        if ("bag", recipe.id) in wanted
    ]
    return found + [
        _level(item.code, item.name, item.kind, item.language, wanted["item", item.id])
        for item in db.session.scalars(select(Item).where(Item.id.in_(items)).order_by(Item.name))
    ]


def _level(code: str, name: str, kind: ItemKind | None, language: str | None, counts: dict[str, Any]) -> Level:
    return replace(Level(code, name, kind, language), **counts)


def catalogue_choices(*, on: date) -> list[Level]:
    """List everything that can be asked for, as levels of nothing: kinds of Go Bag, then items in use."""
    in_use = select(RecipeVersion.recipe_id).where(RecipeVersion.in_use_from <= on)
    recipes = db.session.scalars(select(KitRecipe).where(KitRecipe.id.in_(in_use)).order_by(KitRecipe.name))
    items = db.session.scalars(
        select(Item).where(Item.retired_on.is_(None) | (Item.retired_on > on)).order_by(Item.name)
    )
    return [Level(recipe.code, f"Go Bag, {recipe.name}") for recipe in recipes] + [
        Level(item.code, item.name, item.kind, item.language) for item in items
    ]


def usual_counts(place_id: int) -> dict[str, int]:
    """Give the most a place was ever approved of each thing in one request: level key → units."""
    rows = db.session.execute(
        select(Item.code, KitRecipe.code, func.max(RequestLine.approved_count))
        .select_from(RequestLine)
        .join(RestockRequest, RestockRequest.id == RequestLine.request_id)
        .outerjoin(Item, Item.id == RequestLine.item_id)
        .outerjoin(KitRecipe, KitRecipe.id == RequestLine.recipe_id)
        .where(RestockRequest.place_id == place_id, RequestLine.approved_count.is_not(None))
        .group_by(Item.code, KitRecipe.code)
    )
    return {f"item:{item}" if item else f"bag:{recipe}": int(most or 0) for item, recipe, most in rows}
