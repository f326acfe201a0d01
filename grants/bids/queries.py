"""Reading what a bid is drafted from, for all places at once, in a fixed number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import local_day
from core.db import db
from core.periods import Period
from grants.bids.rules import Price
from grants.spending.models import SpendingRow
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.stock.models import Balance, Lot
from inventory.unmet.queries import Unmet, unmet
from inventory.usage.queries import issues, units_given
from inventory.usage.rules import Narrowing
from organisation.places.models import Place

EVERYWHERE = Scope.everywhere()


@dataclass(frozen=True)
class Held:
    """An item in use, and how many units of it are on hand in date, in Go Bags and on the way too."""

    item_id: int
    code: str
    name: str
    kind: ItemKind
    language: str | None
    held_count: int


def items_held(*, on: date) -> list[Held]:
    """List every item in use by name, with what is on hand of it and in date."""
    usable = or_(Lot.expires_on.is_(None), Lot.expires_on > on)
    held = func.sum(case((usable, Balance.unit_count), else_=0))
    asked = (
        select(Item.id, Item.code, Item.name, Item.kind, Item.language, held)
        .outerjoin(Lot, Lot.item_id == Item.id)
        .outerjoin(Balance, Balance.lot_id == Lot.id)
        .where(Item.retired_on.is_(None) | (Item.retired_on > on))
        .group_by(Item.id, Item.code, Item.name, Item.kind, Item.language)
        .order_by(Item.name)
    )
    return [
        Held(key, code, name, kind, language, int(count or 0))
        for key, code, name, kind, language, count in db.session.execute(asked)
    ]


@dataclass(frozen=True)
class Part:
    """So many units of an item, or of any item of a kind, that go into a Go Bag."""

    item_id: int | None
    kind: ItemKind | None
    unit_count: int


@dataclass(frozen=True)
class Variant:
    """A kind of Go Bag with what is in it by the version in use."""

    recipe_id: int
    name: str
    parts: tuple[Part, ...]


def variants(*, on: date) -> list[Variant]:
    """List the kinds of Go Bag that are in use on a day, by name, each with the lines of its newest version."""
    newest = (
        select(RecipeVersion.recipe_id, func.max(RecipeVersion.number).label("number"))
        .where(RecipeVersion.in_use_from <= on)
        .group_by(RecipeVersion.recipe_id)
        .subquery()
    )
    version = aliased(RecipeVersion)
    asked = (
        select(KitRecipe.id, KitRecipe.name, RecipeLine.item_id, RecipeLine.any_of_kind, RecipeLine.unit_count)
        .join(newest, newest.c.recipe_id == KitRecipe.id)
        .join(version, and_(version.recipe_id == KitRecipe.id, version.number == newest.c.number))
        .join(RecipeLine, RecipeLine.version_id == version.id)
        .order_by(KitRecipe.name, RecipeLine.position)
    )
    parts: dict[tuple[int, str], list[Part]] = defaultdict(list)
    for recipe_id, name, item_id, kind, count in db.session.execute(asked):
        parts[recipe_id, name].append(Part(item_id, kind, count))
    return [Variant(recipe_id, name, tuple(found)) for (recipe_id, name), found in parts.items()]


def bags_standing() -> dict[tuple[int, int], int]:
    """Count the Go Bags that stand at each place, those on their way where they go: (place id, recipe id) → bags."""
    where = func.coalesce(Place.destination_id, Place.id)
    asked = (
        select(where, RecipeVersion.recipe_id, func.count())
        .select_from(BagPosition)
        .join(Place, Place.id == BagPosition.place_id)
        .join(Bag, Bag.id == BagPosition.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .where(Place.holds_stock)
        .group_by(where, RecipeVersion.recipe_id)
    )
    return {(place_id, recipe_id): int(count) for place_id, recipe_id, count in db.session.execute(asked)}


def prices() -> dict[int, Price]:
    """Give what the newest invoice row for each item cost: item id → price. Credits are no prices."""
    newest = (
        select(func.max(SpendingRow.id))
        .where(SpendingRow.item_id.is_not(None), SpendingRow.credits_row_id.is_(None), SpendingRow.net_pence > 0)
        .group_by(SpendingRow.item_id)
    )
    rows = db.session.scalars(select(SpendingRow).where(SpendingRow.id.in_(newest)))
    return {
        row.item_id: Price(row.reference, row.cost_pence, row.unit_count)
        for row in rows
        if row.item_id is not None and row.unit_count is not None
    }


@dataclass(frozen=True)
class Year:
    """What was given and asked for in a period.

    Attributes:
        items: item id → units handed over in Go Bags and not handed back.
        bags: (place name, recipe name) → day → Go Bags given there, net.
    """

    items: Counter[int]
    bags: dict[tuple[str, str], Counter[date]]
    unmet: tuple[Unmet, ...]


def year_of(period: Period, *, at: datetime) -> Year:
    """Read what was given out, net, and what was asked for in vain."""
    found = issues([period], scope=EVERYWHERE, at=at, to=Narrowing())
    units = units_given([period], scope=EVERYWHERE)
    items: Counter[int] = Counter()
    bags: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for issue in found.made:
        if issue.undone_at is not None:
            continue
        posting_id = issue.posting_id if issue.back_at is None else issue.back_posting_id
        items.update(units.get(posting_id or 0, Counter()))
        if issue.back_at is None:
            bags[issue.place, issue.recipe][local_day(issue.issued_at)] += 1
    wanted = unmet(scope=EVERYWHERE, since=period.first, until=period.last, at=at)
    return Year(items, bags, tuple(wanted))
