"""Reading what there is to label at a place."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.access import Scope
from core.dates import day_text
from core.db import db
from inventory.bags import queries as bags
from inventory.catalogue.models import Item
from inventory.labels.rules import LabelKind, Labelled
from inventory.stock.queries import items_held, lots_held
from organisation.places.models import Place


def labelled(kind: LabelKind, place: Place, *, scope: Scope, on: date) -> list[Labelled]:
    """List what stands or lies at a place and may bear a label of this kind."""
    if kind is LabelKind.BAGS:
        return _bags(place, scope=scope, on=on)
    return _items(place, scope=scope) if kind is LabelKind.SHELVES else _lots(place)


def _bags(place: Place, *, scope: Scope, on: date) -> list[Labelled]:
    views = sorted(bags.bag_views([place.id], scope=scope, on=on), key=lambda view: view.tag)
    return [
        Labelled(
            view.tag,
            view.tag,
            (view.recipe_name, f"Seal {view.seal_number or 'none'}", _use_by(view.expires_on), "Broken? Do not issue."),
        )
        for view in views
    ]


def _items(place: Place, *, scope: Scope) -> list[Labelled]:
    held = items_held(place.id, scope=scope)
    asked = select(Item).where(Item.id.in_(held)).order_by(Item.name)
    return [Labelled(item.code, item.name, (item.code, place.name)) for item in db.session.scalars(asked)]


def _lots(place: Place) -> list[Labelled]:
    return [
        Labelled(lot.code, lot.code, (lot.item_name, _use_by(lot.expires_on), place.name))
        for lot in lots_held(place.id)
    ]


def _use_by(day: date | None) -> str:
    return f"Use by {day_text(day)}" if day else "No use by date"
