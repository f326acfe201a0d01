"""What is in Go Bags, and what of a place could go into one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import func, select

from core.db import db
from inventory.bags.models import Bag
from inventory.bags.rules import Content, Wanted
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Edition, Item, RecipeVersion
from inventory.catalogue.rules import ItemKind, any_of
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot, Move, Posting


def wanted_by(version: RecipeVersion) -> list[Wanted]:
    """Give what a recipe version asks for, line by line."""
    return [
        Wanted(
            name=line.item.name if line.item else any_of(line.any_of_kind or ItemKind.BOOKLET),
            unit_count=line.unit_count,
            item_id=line.item_id,
            any_of_kind=line.any_of_kind,
        )
        for line in version.lines
    ]


def contents_of(bag_ids: Collection[int], *, on: date) -> dict[int, list[Content]]:
    """Read what is in bags: bag id → contents by item name."""
    asked = (
        select(Bag.id, Balance.unit_count, Lot, Item, Edition.number)
        .join(Balance, Balance.place_id == Bag.place_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .where(Bag.id.in_(bag_ids), Balance.unit_count > 0)
        .order_by(Item.name, Lot.id)
    )
    rows = db.session.execute(asked).all()
    current = catalogue.current_editions({item.id for _, _, _, item, edition in rows if edition}, on=on)
    found: dict[int, list[Content]] = {}
    for bag_id, count, lot, item, edition in rows:
        content = _content(lot, item, count, edition, current.get(item.id))
        found.setdefault(bag_id, []).append(content)
    return found


def _content(lot: Lot, item: Item, count: int, edition: int | None, current: Edition | None) -> Content:
    return Content(
        lot_id=lot.id,
        lot_code=lot.code,
        item_id=item.id,
        item_name=item.name,
        kind=item.kind,
        unit_count=count,
        expires_on=lot.expires_on,
        edition_number=edition,
        current_edition_number=current.number if current else None,
        language=item.language,
    )


def contents_at(place_id: int, *, on: date) -> list[Content]:
    """List loose stock of a place as contents, earliest expiry first."""
    held = stock.lots_held(place_id)
    current = catalogue.current_editions({lot.item_id for lot in held if lot.edition_number}, on=on)
    newest = {item_id: edition.number for item_id, edition in current.items()}
    return [
        Content(
            lot_id=lot.lot_id,
            lot_code=lot.code,
            item_id=lot.item_id,
            item_name=lot.item_name,
            kind=lot.kind,
            unit_count=lot.unit_count,
            expires_on=lot.expires_on,
            edition_number=lot.edition_number,
            current_edition_number=newest.get(lot.item_id),
            language=lot.language,
        )
        for lot in held
    ]


def first_received(lot_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when lots first came: lot id → moment of the earliest posting that moved it."""
    asked = (
        select(Move.lot_id, func.min(Posting.happened_at))
        .join(Posting, Posting.id == Move.posting_id)
        .where(Move.lot_id.in_(lot_ids))
        .group_by(Move.lot_id)
    )
    return {int(lot_id): moment for lot_id, moment in db.session.execute(asked)}
