"""Issues and what was inside, what there is to choose from, and since when there are records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import day_bounds
from core.db import db
from core.languages import language
from core.periods import Period
from inventory.bags.models import Bag, BagOpening, Issue
from inventory.bags.rules import BagAct
from inventory.catalogue.models import Item, KitRecipe, RecipeVersion
from inventory.stock.models import Lot, Move, Posting
from inventory.usage.rules import Choices, IssueFact, Named, Narrowing
from organisation.places.models import Body, Place
from organisation.places.rules import REAL_KINDS, BodyKind, PlaceKind

CAME_BACK = (BagAct.CAME_BACK_SEALED, BagAct.CAME_BACK_OPEN)


def force_name() -> str:
    """Give the name of the force, whose stations these are."""
    asked = select(Body.name).where(Body.kind == BodyKind.FORCE).order_by(Body.id).limit(1)
    return db.session.scalar(asked) or ""


def place_names(*, scope: Scope, period: Period) -> list[str]:
    """List the real places in scope that were open at any time in a period, by name."""
    asked = select(Place.name).where(Place.kind.in_(REAL_KINDS), Place.opened_on <= period.last)
    asked = asked.where(Place.closed_on.is_(None) | (Place.closed_on >= period.first))
    return list(db.session.scalars(within(asked, Place.id, scope).order_by(Place.name)))


def within(asked: Any, place_id: Any, scope: Scope) -> Any:
    """Narrow a statement to places in scope."""
    return asked if scope.place_ids is None else asked.where(place_id.in_(scope.place_ids))


@dataclass(frozen=True)
class PlaceDays:
    """A real place, and the days on which it was open; None for the last while it is."""

    named: Named
    opened_on: date | None
    closed_on: date | None

    def was_open(self, period: Period) -> bool:
        """Say whether it was open on any day of a period."""
        began = self.opened_on is not None and self.opened_on <= period.last
        return began and (self.closed_on is None or self.closed_on >= period.first)


def place_days(*, scope: Scope) -> list[PlaceDays]:
    """List the real places in scope, by name."""
    asked = select(Place.id, Place.code, Place.name, Place.opened_on, Place.closed_on)
    rows = db.session.execute(within(asked.where(Place.kind.in_(REAL_KINDS)), Place.id, scope).order_by(Place.name))
    return [PlaceDays(Named(key, code, name), opened, closed) for key, code, name, opened, closed in rows]


def choices(known: Sequence[PlaceDays]) -> Choices:
    """List what a report can be narrowed to: places, and all kinds of Go Bag and items there ever were."""
    variants = db.session.execute(select(KitRecipe.id, KitRecipe.code, KitRecipe.name).order_by(KitRecipe.name))
    items = db.session.execute(select(Item.id, Item.code, Item.name, Item.language).order_by(Item.name))
    things = tuple(Named(*row) for row in items)
    spoken = {each.language: language(each.language).english for each in things if each.language}
    return Choices(
        tuple(each.named for each in known),
        tuple(Named(*row) for row in variants),
        things,
        tuple(sorted(spoken.items(), key=lambda each: each[1])),
    )


@dataclass(frozen=True)
class Issues:
    """The issues a report is made of, in the order they were made, undone ones too.

    Attributes:
        made: in any of the periods that are compared.
        undone_late: made before the report's own period, and undone in it.
        back_late: made before the report's own period, and handed back in it.
    """

    made: tuple[IssueFact, ...]
    undone_late: tuple[IssueFact, ...]
    back_late: tuple[IssueFact, ...]


def issues(periods: Sequence[Period], *, scope: Scope, at: datetime, to: Narrowing) -> Issues:
    """List the issues made in some periods, the first of them the report's own, and what changed of earlier ones."""
    since, before = day_bounds(periods[0].first, periods[0].last)
    undone, back = aliased(Posting), aliased(Posting)
    late = and_(Issue.issued_at < since, _between(undone.recorded_at, since, before))
    late_back = and_(Issue.issued_at < since, _between(back.happened_at, since, before))
    asked = _issues(scope, at, to, undone, back).where(or_(_in_periods(Issue.issued_at, periods), late, late_back))
    found = [IssueFact(*facts) for facts in db.session.execute(asked)]
    bounds = [day_bounds(period.first, period.last) for period in periods]
    return Issues(
        tuple(each for each in found if any(first <= each.issued_at < end for first, end in bounds)),
        tuple(each for each in found if each.issued_at < since and _is_between(each.undone_at, since, before)),
        tuple(
            each
            for each in found
            if each.issued_at < since and each.undone_at is None and _is_between(each.back_at, since, before)
        ),
    )


def _between(moment: Any, since: datetime, before: datetime) -> ColumnElement[bool]:
    return and_(moment >= since, moment < before)


def _is_between(moment: datetime | None, since: datetime, before: datetime) -> bool:
    return moment is not None and since <= moment < before


def _in_periods(moment: Any, periods: Sequence[Period]) -> ColumnElement[bool]:
    return or_(*(_between(moment, *day_bounds(period.first, period.last)) for period in periods))


def _issues(scope: Scope, at: datetime, to: Narrowing, undone: Any, back: Any) -> Select[Any]:
    """Select issues as known at a moment, with what took each back.

    The first act after an issue by which its Go Bag came back is that issue's own: a bag is issued again only after.
    """
    made, came = aliased(Posting), aliased(Posting)
    back_id = (
        select(func.min(BagOpening.posting_id))
        .join(came, came.id == BagOpening.posting_id)
        .where(BagOpening.bag_id == Issue.bag_id, BagOpening.posting_id > Issue.posting_id)
        .where(BagOpening.act.in_(CAME_BACK), came.recorded_at <= at)
        .correlate(Issue)
        .scalar_subquery()
    )
    asked = (
        select(
            Issue.slip,
            Place.name,
            KitRecipe.name,
            Issue.booklet_language,
            Issue.route,
            Issue.issued_at,
            Issue.posting_id,
            undone.recorded_at,
            back.id,
            back.happened_at,
        )
        .join(Place, Place.id == Issue.place_id)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(RecipeVersion, RecipeVersion.id == Bag.recipe_version_id)
        .join(KitRecipe, KitRecipe.id == RecipeVersion.recipe_id)
        .join(made, made.id == Issue.posting_id)
        .outerjoin(undone, and_(undone.corrects_id == Issue.posting_id, undone.recorded_at <= at))
        .outerjoin(back, back.id == back_id)
        .where(made.recorded_at <= at)
        .order_by(Issue.issued_at, Issue.id)
    )
    found: Select[Any] = within(asked.where(*_narrowed(to)), Issue.place_id, scope)
    return found


def _narrowed(to: Narrowing) -> list[ColumnElement[bool]]:
    """Say, in SQL, what issues a report is narrowed to, its place apart: that is in the scope."""
    conditions: list[ColumnElement[bool]] = []
    if to.variant:
        conditions.append(KitRecipe.id == to.variant.key)
    if to.language:
        conditions.append(Issue.booklet_language == to.language[0])
    if to.item:
        inside = select(Move.posting_id).join(Lot, Lot.id == Move.lot_id).where(Lot.item_id == to.item.key)
        conditions.append(Issue.posting_id.in_(inside))
    return conditions


def units_given(periods: Sequence[Period], *, scope: Scope) -> dict[int, Counter[int]]:
    """Count what left in Go Bags issued in some periods, and what was kept of those that came back opened.

    Returns:
        Id of the act (the issue, or the hand-back) → item id → units.
    """
    issued = within(select(Issue.posting_id).where(_in_periods(Issue.issued_at, periods)), Issue.place_id, scope)
    opened = select(BagOpening.posting_id).where(BagOpening.act == BagAct.CAME_BACK_OPEN)
    acts = union(issued, within(opened, BagOpening.place_id, scope))
    gone = select(Place.id).where(Place.kind == PlaceKind.ISSUED)
    rows = db.session.execute(
        select(Move.posting_id, Lot.item_id, func.sum(Move.unit_count))
        .join(Lot, Lot.id == Move.lot_id)
        .where(Move.posting_id.in_(acts.scalar_subquery()), Move.to_place_id.in_(gone))
        .group_by(Move.posting_id, Lot.item_id)
    )
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for posting_id, item_id, units in rows:
        found[posting_id][item_id] += int(units)
    return found
