"""Reading editions across languages: printed items, superseded units wherever they stand, and cover by language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.dates import day_bounds
from core.db import db
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.catalogue.models import Edition, Item
from inventory.catalogue.queries import current_editions, items
from inventory.catalogue.rules import PRINTED, ItemKind
from inventory.editions.rules import Cover, Printed, Swap, Work, covered, works
from inventory.recalls.queries import not_held
from inventory.stock.models import IN_STOCK, Balance, Lot, Posting
from inventory.unmet.queries import unmet
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS

_Stands, _Newer, _Fresh, _FreshLot = (
    aliased(Place, name="stands"),
    aliased(Edition, name="newer"),
    aliased(Balance, name="fresh"),
    aliased(Lot, name="fresh_lot"),
)
_IN_USE = (
    select(_Newer.number)
    .where(_Newer.item_id == Item.id, _Newer.published_on <= bindparam("day", type_=Date))
    .order_by(_Newer.published_on.desc(), _Newer.number.desc())
    .limit(1)
    .correlate(Item)
    .scalar_subquery()
)


def works_printed(superseded: Iterable[Swap], *, on: date) -> list[Work]:
    """List every work in its languages, with editions in use on a day and how many of ``superseded`` each has."""
    current = current_editions(on=on)
    old: dict[str, int] = {}
    for swap in superseded:
        old[swap.item_code] = old.get(swap.item_code, 0) + swap.unit_count
    found = []
    for item in items():
        if item.kind not in PRINTED or item.language is None:
            continue
        edition = current.get(item.id)
        found.append(
            Printed(
                item.code,
                item.name,
                item.kind,
                item.language,
                edition.number if edition else None,
                edition.published_on if edition else None,
                edition.review_on if edition else None,
                old.get(item.code, 0),
            )
        )
    return works(found)


def swaps(*, scope: Scope, on: date, place_id: int | None = None) -> list[Swap]:
    """List units of superseded editions at places in scope, those in sealed Go Bags first, in one statement."""
    fresh = (
        select(func.coalesce(func.sum(_Fresh.unit_count), 0))
        .join(_FreshLot, _FreshLot.id == _Fresh.lot_id)
        .join(_Newer, _Newer.id == _FreshLot.edition_id)
        .where(_Fresh.place_id == _Stands.id, _FreshLot.item_id == Item.id, _Newer.number == _IN_USE)
        .correlate(_Stands, Item)
        .scalar_subquery()
    )
    asked: Select[*tuple[Any, ...]] = (
        select(
            _Stands.id, _Stands.code, _Stands.name, Bag.tag, Lot.code, Item.code, Item.name, Edition.number, _IN_USE,
            Balance.unit_count, fresh,
        )
        .select_from(Balance)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Edition, Edition.id == Lot.edition_id)
        .outerjoin(Bag, Bag.place_id == Balance.place_id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Stands, _Stands.id == func.coalesce(BagPosition.place_id, Balance.place_id))
        .where(IN_STOCK, _Stands.kind.in_(REAL_KINDS), Edition.number < _IN_USE)
        .order_by(_Stands.name, Bag.tag.is_(None), Bag.tag, Lot.id)
    )  # fmt: skip
    if scope.place_ids is not None:
        asked = asked.where(_Stands.id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(_Stands.id == place_id)
    return [Swap(*row) for row in db.session.execute(asked, {"day": on})]


# ---- Cover --------------------------------------------------------------------------------------


def cover(*, scope: Scope, on: date, days: int, place_id: int | None = None) -> list[Cover]:
    """Compare, place by place, the languages of booklets held on a day with those asked for in the days before.

    Asked for is what was issued, by the booklet handed over, and what was noted as asked for and not given.
    """
    since = on - timedelta(days=days - 1)
    named = {place.id: (place.code, place.name) for place in _places(scope, place_id)}
    facts = [
        (named[where], spoken, which, int(count))
        for where, spoken, which, count in (*_held(), *_issued(since, on))
        if where in named
    ]
    spoken_of = {item.id: item.language for item in items(retired=True) if item.kind is ItemKind.BOOKLET}
    for each in unmet(scope=scope, since=since, until=on, place_id=place_id):
        spoken = each.language or spoken_of.get(each.item_id or 0)
        if spoken and each.place_id in named:
            facts.append((named[each.place_id], spoken, "unmet", each.unit_count))
    return covered(facts, days=days)


def _places(scope: Scope, place_id: int | None) -> list[Place]:
    asked = select(Place).where(Place.kind.in_(REAL_KINDS), Place.closed_on.is_(None)).order_by(Place.name)
    if scope.place_ids is not None:
        asked = asked.where(Place.id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(Place.id == place_id)
    return list(db.session.scalars(asked))


Fact = tuple[int, str, str, int]
"""Place id, language, name of the count, how many."""


def _held() -> list[Fact]:
    """Add up booklets that may be handed over, loose and in Go Bags, by place and language."""
    where = func.coalesce(BagPosition.place_id, Balance.place_id)
    asked = (
        select(where, Item.language, func.sum(case((not_held(), Balance.unit_count), else_=0)))
        .select_from(Balance)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Bag, Bag.place_id == Balance.place_id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .where(IN_STOCK, Item.kind == ItemKind.BOOKLET)
        .group_by(where, Item.language)
    )
    return [(place, spoken, "held", count) for place, spoken, count in db.session.execute(asked) if spoken]


def _issued(since: date, until: date) -> list[Fact]:
    """Count booklets handed over, issues that were undone left out, by place and language."""
    first, before = day_bounds(since, until)
    undone = aliased(Posting)
    asked = (
        select(Issue.place_id, Issue.booklet_language, func.count())
        .outerjoin(undone, undone.corrects_id == Issue.posting_id)
        .where(
            Issue.issued_at >= first,
            Issue.issued_at < before,
            Issue.booklet_language.is_not(None),
            undone.id.is_(None),
        )
        .group_by(Issue.place_id, Issue.booklet_language)
    )
    return [(place, spoken, "issued", count) for place, spoken, count in db.session.execute(asked) if spoken]
