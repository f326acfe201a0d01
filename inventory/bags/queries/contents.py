"""What is in Go Bags, and what of a place could go into one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Select, bindparam, case, func, literal, select
from sqlalchemy.orm import aliased

from core.db import ask, db
from inventory.bags.models import Bag, Substitution
from inventory.bags.rules import Content, Wanted
from inventory.catalogue.models import Edition, Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import ItemKind, any_of
from inventory.recalls.models import Recall
from inventory.recalls.queries import HOLD, held_by, hold
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, Posting

_Newer = aliased(Edition)
_IN_USE = (
    select(_Newer.number)
    .where(_Newer.item_id == Item.id, _Newer.published_on <= bindparam("day", type_=Date))
    .order_by(_Newer.published_on.desc(), _Newer.number.desc())
    .limit(1)
    .scalar_subquery()
)


def _described(unit_count: Any) -> Select[*tuple[Any, ...]]:
    """Select lots with what ``_content`` reads."""
    return (
        select(
            Lot.id, Lot.code, Item.id, Item.name, Item.kind, unit_count, Lot.expires_on, Edition.number,
            case((Edition.id.is_not(None), _IN_USE)), Item.language, *HOLD,
        )
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .outerjoin(Recall, held_by())
        .order_by(Item.name)
    )  # fmt: skip


def _content(row: Any) -> Content:
    """Read one row of ``_described``."""
    facts, held = row[: -len(HOLD)], row[-len(HOLD) :]
    return Content(*(*facts, None, hold(*held)))


_LOTS = _described(literal(0)).where(Lot.id.in_(bindparam("lot_ids", expanding=True))).order_by(Lot.id)
_LOOSE = (
    _described(Balance.unit_count)
    .join(Balance, Balance.lot_id == Lot.id)
    .where(Balance.place_id == bindparam("place_id"), IN_STOCK)
    .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
)
_STANDS_IN = (
    select(func.max(Substitution.for_item_id))
    .where(Substitution.bag_id == Bag.id, Substitution.lot_id == Balance.lot_id)
    .correlate(Bag, Balance)
    .scalar_subquery()
)
_INSIDE = (
    select(Bag.id, Balance.lot_id, Balance.unit_count, _STANDS_IN)
    .join(Balance, Balance.place_id == Bag.place_id)
    .where(Bag.id.in_(bindparam("bag_ids", expanding=True)), IN_STOCK)
)
_VERSIONS = (
    select(
        RecipeVersion.id, KitRecipe.id, KitRecipe.code, KitRecipe.name, RecipeVersion.number,
        Item.name, RecipeLine.unit_count, RecipeLine.item_id, RecipeLine.any_of_kind, Item.kind,
    )
    .join(KitRecipe, KitRecipe.id == RecipeVersion.recipe_id)
    .join(RecipeLine, RecipeLine.version_id == RecipeVersion.id)
    .outerjoin(Item, Item.id == RecipeLine.item_id)
    .where(RecipeVersion.id.in_(bindparam("version_ids", expanding=True)))
    .order_by(RecipeVersion.id, RecipeLine.position)
)  # fmt: skip
_FIRST_RECEIVED = (
    select(Move.lot_id, func.min(Posting.happened_at))
    .join(Posting, Posting.id == Move.posting_id)
    .where(Move.lot_id.in_(bindparam("lot_ids", expanding=True)))
    .group_by(Move.lot_id)
)
"""Built once: preparing a statement costs more than running it."""


def wanted_by(version: RecipeVersion) -> list[Wanted]:
    """Give what a recipe version asks for, line by line."""
    return [
        _wanted(
            line.item.name if line.item else None,
            line.unit_count,
            line.item_id,
            line.any_of_kind,
            line.item.kind if line.item else None,
        )
        for line in version.lines
    ]


@dataclass(frozen=True)
class VersionWanted:
    """A recipe version by its names, and what it asks for, line by line."""

    recipe_id: int
    recipe_code: str
    recipe_name: str
    number: int
    lines: tuple[Wanted, ...]


def versions_wanted(version_ids: Collection[int]) -> dict[int, VersionWanted]:
    """Give what recipe versions ask for: version id → its names and lines, in one statement."""
    rows = ask(_VERSIONS, version_ids=list(version_ids))
    found: dict[int, VersionWanted] = {}
    for version_id, recipe_id, code, name, number, item_name, unit_count, item_id, any_of_kind, kind in rows:
        before = found[version_id].lines if version_id in found else ()
        line = _wanted(item_name, unit_count, item_id, any_of_kind, kind)
        found[version_id] = VersionWanted(recipe_id, code, name, number, (*before, line))
    return found


def wanted_in(version_id: int) -> tuple[Wanted, ...]:
    """Give what a recipe version asks for, line by line, without reading the version itself."""
    return versions_wanted([version_id])[version_id].lines


def _wanted(
    name: str | None, unit_count: int, item_id: int | None, any_of_kind: ItemKind | None, kind: ItemKind | None
) -> Wanted:
    return Wanted(name or any_of(any_of_kind or ItemKind.BOOKLET), unit_count, item_id, any_of_kind, kind)


def contents_of(bag_ids: Collection[int], *, on: date) -> dict[int, list[Content]]:
    """Read what is in bags: bag id → contents by item name.

    Many bags hold the same of the same few lots, so lots are read once, and equal contents are one object.
    """
    rows = ask(_INSIDE, bag_ids=list(bag_ids))
    lot_ids = {lot_id for _, lot_id, _, _ in rows}
    lots = {row[0]: _content(row) for row in ask(_LOTS, lot_ids=list(lot_ids), day=on)}
    places = {lot_id: place for place, lot_id in enumerate(lots)}
    known: dict[tuple[int, int, int | None], Content] = {}
    found: dict[int, list[Content]] = {}
    for bag_id, lot_id, count, stands_in in sorted(rows, key=lambda row: places[row[1]]):
        content = known.get((lot_id, count, stands_in))
        if content is None:
            content = replace(lots[lot_id], unit_count=count, stands_in_for=stands_in)
            known[lot_id, count, stands_in] = content
        found.setdefault(bag_id, []).append(content)
    return found


def contents_issued(posting_id: int, *, on: date) -> list[Content]:
    """List what an issue handed over, by item name."""
    asked = select(Move.lot_id, func.sum(Move.unit_count)).where(Move.posting_id == posting_id).group_by(Move.lot_id)
    counts = {lot_id: int(count) for lot_id, count in db.session.execute(asked)}
    rows = ask(_LOTS, lot_ids=list(counts), day=on)
    return [replace(_content(row), unit_count=counts[row[0]]) for row in rows]


def contents_at(place_id: int, *, on: date) -> list[Content]:
    """List loose stock of a place as contents, earliest expiry first."""
    return [_content(row) for row in ask(_LOOSE, place_id=place_id, day=on)]


def first_received(lot_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when lots first came: lot id → moment of the earliest posting that moved it."""
    return {int(lot_id): moment for lot_id, moment in ask(_FIRST_RECEIVED, lot_ids=list(lot_ids))}
