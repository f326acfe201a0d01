"""What a place has of everything against its par levels, with all that is asked for, promised and on its way.

One statement gathers every fact, whatever the number of things: the sergeant's home opens with this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from core.access import Scope
from core.db import ask
from inventory.bags import queries as bags
from inventory.bags.models import Bag, BagPosition
from inventory.bags.queries import BagView
from inventory.bags.rules import Readiness
from inventory.catalogue.models import Item, KitRecipe, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.pars.models import ParLevel
from inventory.pars.rules import Level
from inventory.recalls.queries import not_held
from inventory.requests.models import RequestLine, RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock.models import IN_STOCK, Balance, Lot, Promise
from inventory.stock.queries import RESERVED
from organisation.places.models import Place

Thing = tuple[str, int]
"""("item", item id) or ("bag", recipe id)."""

Fact = tuple[Thing, str, int]
"""A thing, which count of its ``Level`` this adds to, and how much."""

_NAMES: Any = union_all(
    select(
        literal("bag").label("thing"), KitRecipe.id, KitRecipe.code, KitRecipe.name.label("name"),
        cast(null(), String).label("kind"), cast(null(), String).label("language"),
    ).where(KitRecipe.id.in_(bindparam("recipe_ids", expanding=True))),
    select(literal("item"), Item.id, Item.code, Item.name, cast(Item.kind, String), Item.language)
    .where(Item.id.in_(bindparam("item_ids", expanding=True))),
).order_by("thing", "name")  # fmt: skip
_DAY = bindparam("day", type_=Date)
_ITEMS_IN_USE = (
    select(Item.code, Item.name, Item.kind, Item.language)
    .where(Item.retired_on.is_(None) | (Item.retired_on > _DAY))
    .order_by(Item.name)
)
_RECIPES_IN_USE = (
    select(KitRecipe.code, KitRecipe.name)
    .where(KitRecipe.id.in_(select(RecipeVersion.recipe_id).where(RecipeVersion.in_use_from <= _DAY)))
    .order_by(KitRecipe.name)
)
_USUAL = (
    select(Item.code, KitRecipe.code, func.max(RequestLine.approved_count))
    .select_from(RequestLine)
    .join(RestockRequest, RestockRequest.id == RequestLine.request_id)
    .outerjoin(Item, Item.id == RequestLine.item_id)
    .outerjoin(KitRecipe, KitRecipe.id == RequestLine.recipe_id)
    .where(RestockRequest.place_id == bindparam("place_id"), RequestLine.approved_count.is_not(None))
    .group_by(Item.code, KitRecipe.code)
)
"""Built once: preparing a statement costs more than running it."""


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
    for thing, name, count in (*_facts(place_id, on), *_needs_of(standing, on)):
        facts[thing][name] = facts[thing].get(name, 0) + count
    return _named(facts)


def _facts(place_id: int, on: date) -> list[Fact]:
    """Read every fact about a place's things in one statement."""
    rows = ask(_every_fact(), place_id=place_id, day=on)
    return [
        (("item", item) if item is not None else ("bag", recipe or 0), name, int(count))
        for item, recipe, name, count in rows
    ]


@cache
def _every_fact() -> CompoundSelect[Any]:
    """Select every fact; built once, for preparing so long a statement costs more than running it."""
    place_id, day = bindparam("place_id", type_=BigInteger), bindparam("day", type_=Date)
    parts = (
        _pars(place_id),
        _loose(place_id, day),
        _bags(place_id),
        _kept(place_id),
        _reserved(place_id),
        *_asked(place_id),
    )
    return union_all(*parts)


Asked = BindParameter[Any]
"""What a statement is told when it is run."""

Part = Select[int | None, int | None, str, int]
"""(item id, recipe id, name of the count, count)."""


def _part(item: Any, recipe: Any, name: Any, count: Any) -> Part:
    """Select one kind of fact, in the shape all of them share."""
    number, words = BigInteger().with_variant(Integer, "sqlite"), String()
    return select(
        cast(item, number).label("item_id"),
        cast(recipe, number).label("recipe_id"),
        cast(name, words).label("name"),
        cast(count, number).label("count"),
    )


def _pars(place_id: Asked) -> Part:
    """The par levels in force."""
    newest = (
        select(func.max(ParLevel.id))
        .where(ParLevel.place_id == place_id)
        .group_by(ParLevel.item_id, ParLevel.recipe_id)
    )
    return _part(ParLevel.item_id, ParLevel.recipe_id, literal("par_count"), ParLevel.level_count).where(
        ParLevel.id.in_(newest)
    )


def _loose(place_id: Asked, on: Asked) -> Part:
    """Loose units at the place, those out of date and those on hold apart, and on their way to it."""
    kind = case(
        (Place.id != place_id, "in_transit_count"),
        (Lot.expires_on < on, "expired_count"),
        (~not_held(), "apart_count"),
        else_="on_hand_count",
    )
    return (
        _part(Lot.item_id, null(), kind, Balance.unit_count)
        .select_from(Balance)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Place, Place.id == Balance.place_id)
        .where((Place.id == place_id) | (Place.destination_id == place_id), IN_STOCK)
    )


def _bags(place_id: Asked) -> Part:
    """Go Bags standing at the place and on their way to it."""
    return (
        _part(
            null(),
            RecipeVersion.recipe_id,
            case((Place.id == place_id, "on_hand_count"), else_="in_transit_count"),
            func.count(),
        )
        .select_from(BagPosition)
        .join(Bag, Bag.id == BagPosition.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(Place, Place.id == BagPosition.place_id)
        .where((Place.id == place_id) | (Place.destination_id == place_id))
        .group_by(Place.id, RecipeVersion.recipe_id)
    )


def _kept(place_id: Asked) -> Part:
    """What the place keeps for others."""
    return _part(Promise.item_id, Promise.recipe_id, literal("kept_count"), Promise.unit_count).where(
        Promise.place_id == place_id, Promise.unit_count > 0
    )


def _reserved(place_id: Asked) -> Part:
    """What the place keeps in its surge reserve."""
    found = RESERVED.subquery()
    return _part(found.c.item_id, found.c.recipe_id, literal("reserve_count"), found.c.level_count).where(
        found.c.place_id == place_id
    )


def _asked(place_id: Asked) -> tuple[Part, Part]:
    """What the place waits for: asked for and undecided, and promised by its store and not yet sent."""
    ours = RequestLine.request_id == RestockRequest.id
    undecided = (
        _part(RequestLine.item_id, RequestLine.recipe_id, literal("asked_count"), RequestLine.asked_count)
        .join(RestockRequest, ours)
        .where(RestockRequest.place_id == place_id, RestockRequest.state == RequestState.ASKED)
    )
    promised = (
        _part(Promise.item_id, Promise.recipe_id, literal("promised_count"), Promise.unit_count)
        .join(RequestLine, RequestLine.id == Promise.request_line_id)
        .join(RestockRequest, ours)
        .where(RestockRequest.place_id == place_id, Promise.unit_count > 0)
    )
    return undecided, promised


def _needs_of(standing: Iterable[BagView], on: date) -> list[Fact]:
    """Count, from the Go Bags at a place, those that need something and what to put into them.

    An empty bag is nothing held: whoever asks needs a full one.
    """
    found: list[Fact] = []
    for view in standing:
        recipe = ("bag", view.recipe_id)
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
            if content.expired(on) or content.hold is not None
        ]
    return found


def _named(facts: dict[Thing, dict[str, int]]) -> list[Level]:
    """Give each thing its name, Go Bags first; things nobody has, wants or awaits are left out."""
    wanted = {thing: counts for thing, counts in facts.items() if any(counts.values())}
    ids = {sort: [key for kind, key in wanted if kind == sort] for sort in ("bag", "item")}
    rows = ask(_NAMES, recipe_ids=ids["bag"], item_ids=ids["item"])
    return [
        _level(code, f"Go Bag, {name}" if sort == "bag" else name, ItemKind(kind) if kind else None, language,
               wanted[sort, key])
        for sort, key, code, name, kind, language in rows
    ]  # fmt: skip


def _level(code: str, name: str, kind: ItemKind | None, language: str | None, counts: dict[str, Any]) -> Level:
    return replace(Level(code, name, kind, language), **counts)


def catalogue_choices(*, on: date) -> list[Level]:
    """List everything that can be asked for, as levels of nothing: kinds of Go Bag, then items in use."""
    recipes = ask(_RECIPES_IN_USE, day=on)
    items = ask(_ITEMS_IN_USE, day=on)
    return [Level(code, f"Go Bag, {name}") for code, name in recipes] + [Level(*item) for item in items]


def usual_counts(place_id: int) -> dict[str, int]:
    """Give the most a place was ever approved of each thing in one request: level key → units."""
    rows = ask(_USUAL, place_id=place_id)
    return {f"item:{item}" if item else f"bag:{recipe}": int(most or 0) for item, recipe, most in rows}
