"""What was wanted at a place, day by day: what left it to be used or sent on, and what was asked for in vain.

What was undone does not count, nor does what a count found missing or a closing place sent away. Only the last year
is read, so the cost does not grow with history.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import day_bounds, local_day
from core.db import db
from inventory.bags.models import Bag, BagMove
from inventory.catalogue.models import Item, KitRecipe, RecipeVersion
from inventory.pars.queries.levels import pars_of
from inventory.pars.rules import Suggestion, Trial, resupply_days, suggest
from inventory.requests.models import Dispatch, DispatchLine, ReceiptLine, RestockRequest
from inventory.stock.models import Lot, Move, Posting
from inventory.stock.rules import PostingKind
from inventory.unmet.queries import unmet
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

Thing = tuple[str, int]
"""("item", item id) or ("bag", recipe id)."""

LOOK_BACK = timedelta(days=364)

_USES = (PlaceKind.ISSUED, PlaceKind.BAG, PlaceKind.IN_TRANSIT)
"""Where things go that were wanted: handed over, into a Go Bag, or on to another place."""

_NOT_WANTED = (PostingKind.CORRECTION, PostingKind.COUNT, PostingKind.WRITE_OFF)

PAST_REQUESTS = 12
"""So many of a place's newest requests say how long it waits."""


@dataclass(frozen=True)
class Wanted:
    """Units of one thing wanted each day, oldest first.

    Attributes:
        unmet_count: units of them that were asked for in vain.
    """

    daily: tuple[int, ...]
    unmet_count: int


def wanted_at(place_id: int, *, scope: Scope, until: date) -> dict[Thing, Wanted]:
    """Give what was wanted at a place in the year up to a day, or since it opened: thing → days.

    Raises:
        NotFound: the place is outside the scope.
    """
    scope.demand(place_id)
    place = db.session.get_one(Place, place_id)
    first = until - timedelta(days=days_known(place, until=until) - 1)
    counts: dict[Thing, Counter[date]] = defaultdict(Counter)
    for thing, moment, units in (*_bags_gone(place_id, first, until), *_items_gone(place_id, first, until)):
        counts[thing][local_day(moment)] += units
    in_vain: Counter[Thing] = Counter()
    for each in unmet(scope=scope, place_id=place_id, since=first, until=until):
        missed = _thing(each.item_id, each.recipe_id)
        if missed is not None:
            counts[missed][each.wanted_on] += each.unit_count
            in_vain[missed] += each.unit_count
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    return {thing: Wanted(tuple(of_day[day] for day in days), in_vain[thing]) for thing, of_day in counts.items()}


def days_known(place: Place, *, until: date) -> int:
    """Give for how many days up to a day a place's wants are known: a year, or since it opened."""
    since_opening = (until - place.opened_on).days + 1 if place.opened_on is not None else 0
    return max(1, min(LOOK_BACK.days, since_opening))


def _thing(item_id: int | None, recipe_id: int | None) -> Thing | None:
    if item_id is not None:
        return ("item", item_id)
    return ("bag", recipe_id) if recipe_id is not None else None


Gone = tuple[Thing, datetime, int]


def _bags_gone(place_id: int, first: date, until: date) -> list[Gone]:
    """List the Go Bags that left a place to be used or sent on."""
    since, before = day_bounds(first, until)
    goal, undone = aliased(Place), aliased(Posting)
    rows = db.session.execute(
        select(RecipeVersion.recipe_id, Posting.happened_at)
        .select_from(BagMove)
        .join(Posting, Posting.id == BagMove.posting_id)
        .join(Bag, Bag.id == BagMove.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(goal, goal.id == BagMove.to_place_id)
        .where(
            BagMove.from_place_id == place_id,
            goal.kind.in_(_USES),
            Posting.kind.not_in(_NOT_WANTED),
            Posting.happened_at >= since,
            Posting.happened_at < before,
            ~exists().where(undone.corrects_id == Posting.id),
        )
    )
    return [(("bag", recipe_id), moment, 1) for recipe_id, moment in rows]


def _items_gone(place_id: int, first: date, until: date) -> list[Gone]:
    """List the loose units that left a place to be used or sent on, by act."""
    since, before = day_bounds(first, until)
    goal, undone = aliased(Place), aliased(Posting)
    rows = db.session.execute(
        select(Lot.item_id, Posting.happened_at, func.sum(Move.unit_count))
        .select_from(Move)
        .join(Posting, Posting.id == Move.posting_id)
        .join(Lot, Lot.id == Move.lot_id)
        .join(goal, goal.id == Move.to_place_id)
        .where(
            Move.from_place_id == place_id,
            goal.kind.in_(_USES),
            Posting.kind.not_in(_NOT_WANTED),
            Posting.happened_at >= since,
            Posting.happened_at < before,
            ~exists().where(undone.corrects_id == Posting.id),
        )
        .group_by(Lot.item_id, Posting.id, Posting.happened_at)
    )
    return [(("item", item_id), moment, int(units)) for item_id, moment, units in rows]


@dataclass(frozen=True)
class Suggested:
    """One thing of a place with its level and what is suggested; None where too little is known."""

    key: str
    name: str
    level_count: int
    suggestion: Suggestion | None


def suggestions(place: Place, *, scope: Scope, until: date) -> list[Suggested]:
    """Suggest a level for everything that has one at a place or was wanted there, Go Bags first, by name.

    Raises:
        NotFound: the place is outside the scope.
    """
    wanted, wait, pars = wanted_at(place.id, scope=scope, until=until), resupply_of(place.id), pars_of([place.id])
    levels: dict[Thing, int] = {("bag", key): level for key, level in pars[place.id].recipes.items()}
    levels |= {("item", key): level for key, level in pars[place.id].items.items()}
    quiet = Wanted((0,) * days_known(place, until=until), 0)
    made = []
    for thing, code, name in _named({*levels, *wanted}):
        each, level = wanted.get(thing, quiet), levels.get(thing, 0)
        suggestion = suggest(each.daily, resupply_days=wait, unmet_count=each.unmet_count, least=1 if level else 0)
        made.append(Suggested(f"{thing[0]}:{code}", name, level, suggestion))
    return made


def _named(things: set[Thing]) -> list[tuple[Thing, str, str]]:
    """Give things their codes and names, Go Bags first."""
    recipes = db.session.scalars(
        select(KitRecipe)
        .where(KitRecipe.id.in_([key for kind, key in things if kind == "bag"]))
        .order_by(KitRecipe.name)
    )
    items = db.session.scalars(
        select(Item).where(Item.id.in_([key for kind, key in things if kind == "item"])).order_by(Item.name)
    )
    bags: list[tuple[Thing, str, str]] = [(("bag", each.id), each.code, f"Go Bag, {each.name}") for each in recipes]
    return bags + [(("item", each.id), each.code, each.name) for each in items]


def code_of(thing: Thing) -> str:
    """Give the code of a thing."""
    kind, key = thing
    return db.session.get_one(Item, key).code if kind == "item" else db.session.get_one(KitRecipe, key).code


def resupply_of(place_id: int) -> int:
    """Give how many days a place waits for restock, from its newest requests that arrived."""
    arrived = (
        select(RestockRequest.requested_at, func.min(ReceiptLine.received_at))
        .join(Dispatch, Dispatch.request_id == RestockRequest.id)
        .join(DispatchLine, DispatchLine.dispatch_id == Dispatch.id)
        .join(ReceiptLine, ReceiptLine.dispatch_line_id == DispatchLine.id)
        .where(RestockRequest.place_id == place_id)
        .group_by(RestockRequest.id, RestockRequest.requested_at)
        .order_by(RestockRequest.id.desc())
        .limit(PAST_REQUESTS)
    )
    return resupply_days([(local_day(got) - local_day(asked)).days for asked, got in db.session.execute(arrived)])


def trials(place_ids: Collection[int], *, until: date) -> list[Trial]:
    """Give the history of every kind of Go Bag and loose item with a par level at places, for a back-test."""
    pars = pars_of(place_ids)
    names = {("bag", recipe.id): recipe.name for recipe in db.session.scalars(select(KitRecipe))}
    names |= {("item", item.id): item.name for item in db.session.scalars(select(Item))}
    made = []
    for place in db.session.scalars(select(Place).where(Place.id.in_(place_ids)).order_by(Place.name)):
        levels: dict[Thing, int] = {("bag", key): level for key, level in pars[place.id].recipes.items()}
        levels |= {("item", key): level for key, level in pars[place.id].items.items()}
        wait, found = resupply_of(place.id), wanted_at(place.id, scope=Scope.everywhere(), until=until)
        quiet = Wanted((0,) * days_known(place, until=until), 0)
        for thing, level in sorted(levels.items()):
            daily = found.get(thing, quiet).daily
            made.append(Trial(place.name, names[thing], daily, wait, level, is_bag=thing[0] == "bag"))
    return made
