"""Reading places."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, func, select

from core.access import Scope
from core.db import db
from core.errors import NotFound, RuleBroken
from organisation.places.models import Body, Place, PlaceTown, Town
from organisation.places.rules import REAL_KINDS, BodyKind, PlaceKind

_BY_CODE = select(Place).where(Place.code == bindparam("code"), Place.kind.in_(REAL_KINDS))


def places(*, scope: Scope, kinds: Collection[PlaceKind] = REAL_KINDS, open_on: date | None = None) -> list[Place]:
    """List real places in scope by name; those open on a day when one is given."""
    asked = select(Place).where(Place.kind.in_(kinds)).order_by(Place.name)
    if scope.place_ids is not None:
        asked = asked.where(Place.id.in_(scope.place_ids))
    if open_on is not None:
        asked = asked.where(Place.opened_on <= open_on)
        asked = asked.where(Place.closed_on.is_(None) | (Place.closed_on >= open_on))
    return list(db.session.scalars(asked))


def place_by_code(code: str, *, scope: Scope) -> Place:
    """Find a real place in scope by its code.

    Raises:
        NotFound: there is none, or it is outside the scope.
    """
    place = db.session.scalar(_BY_CODE, {"code": code})
    if place is None or not scope.covers(place.id):
        raise NotFound
    return place


def chosen_place(code: str, *, scope: Scope, field: str | None = None) -> Place:
    """Find the place a form names; one that does not exist and one outside the scope are refused alike.

    Raises:
        RuleBroken: it is not one of the person's places.
    """
    try:
        return place_by_code(code, scope=scope)
    except NotFound:
        raise RuleBroken("Select a station you can use", field) from None


def body_by_code(code: str) -> Body:
    """Find a body.

    Raises:
        NotFound: there is none.
    """
    body = db.session.scalar(select(Body).where(Body.code == code))
    if body is None:
        raise NotFound
    return body


def bodies() -> list[Body]:
    """List the bodies by name."""
    return list(db.session.scalars(select(Body).order_by(Body.name)))


def commissioner_name() -> str:
    """Name the Police and Crime Commissioner's office, who alone applies for grants and holds them; nothing without.

    Source: HO-1.
    """
    return db.session.scalar(select(Body.name).where(Body.kind == BodyKind.OPCC).order_by(Body.id).limit(1)) or ""


def towns() -> list[Town]:
    """List the towns by name."""
    return list(db.session.scalars(select(Town).order_by(Town.name)))


def towns_of_places() -> dict[int, Town]:
    """Give the town each place stands in: place id → town."""
    newest = select(func.max(PlaceTown.id)).group_by(PlaceTown.place_id)
    asked = select(PlaceTown.place_id, Town).join(Town, Town.id == PlaceTown.town_id).where(PlaceTown.id.in_(newest))
    return {row[0]: row[1] for row in db.session.execute(asked)}
