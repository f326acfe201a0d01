"""Opening and closing places."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import RuleBroken
from core.privacy import refuse_personal_details
from organisation.places import queries
from organisation.places.models import Body, Place, PlaceTown, Town
from organisation.places.rules import REAL_KINDS, BodyKind, GridTown, PlaceKind


def found_body(
    code: str, name: str, kind: BodyKind, *, by: Actor | None, at: datetime, submission_id: str | None = None
) -> Body:
    """Record a body: the OPCC, the force or a partner charity.

    Raises:
        RuleBroken: its code is taken.
    """
    asked = ("body", code, name, kind)
    if submission_id and by and (done := trail.earlier(submission_id, by=by, act="body.found", body=asked)):
        return queries.body_by_code(done)
    if db.session.scalar(select(Body.id).where(Body.code == code)):
        raise RuleBroken(f"There is already a body with the code {code}", "code")
    body = Body(code=code, name=name, kind=kind)
    db.session.add(body)
    db.session.flush()
    trail.record(act="body.found", subject=code, by=by, at=at, submission_id=submission_id, name=name, kind=kind)
    return body


def open_place(
    code: str,
    name: str,
    kind: PlaceKind,
    *,
    body_code: str,
    opened_on: date,
    by: Actor | None,
    at: datetime,
    supplied_by: str | None = None,
    submission_id: str | None = None,
) -> Place:
    """Open a place, with the *in transit* place that leads to it.

    Args:
        supplied_by: code of the store its restock requests go to.

    Raises:
        RuleBroken: its code is taken, its kind is not one a person can stand in, or its store is no store.
    """
    body_ = ("place", code, name, kind, body_code, opened_on, supplied_by)
    if submission_id and by and (done := trail.earlier(submission_id, by=by, act="place.open", body=body_)):
        return queries.place_by_code(done, scope=Scope.everywhere())
    if kind not in REAL_KINDS:
        raise RuleBroken("Choose a kind of place", "kind")
    if db.session.scalar(select(Place.id).where(func.lower(Place.code) == code.lower())):
        raise RuleBroken(f"There is already a place with the code {code}", "code")
    store = _store(supplied_by) if supplied_by else None
    place = Place(
        code=code,
        name=name,
        kind=kind,
        holds_stock=True,
        body_id=queries.body_by_code(body_code).id,
        supplied_by_id=store.id if store else None,
        opened_on=opened_on,
    )
    db.session.add(place)
    db.session.flush()
    db.session.add(
        Place(
            code=f"TRANSIT-{place.id}",
            name=f"In transit to {name}",
            kind=PlaceKind.IN_TRANSIT,
            holds_stock=True,
            destination_id=place.id,
            opened_on=opened_on,
        )
    )
    db.session.flush()
    trail.record(
        act="place.open",
        subject=code,
        by=by,
        at=at,
        submission_id=submission_id,
        name=name,
        kind=kind,
        body=body_code,
        opened_on=opened_on,
        supplied_by=supplied_by,
    )
    return place


def _store(code: str) -> Place:
    """Find the store that supplies a place.

    Raises:
        RuleBroken: it is no store, or has closed.
    """
    store = db.session.scalar(select(Place).where(Place.code == code, Place.kind == PlaceKind.STORE))
    if store is None or store.closed_on is not None:
        raise RuleBroken("Choose the store that supplies this place", "supplied_by")
    return store


def locate_place(
    code: str,
    *,
    town: str | None = None,
    new: GridTown | None = None,
    by: Actor | None,
    at: datetime,
    submission_id: str | None = None,
) -> PlaceTown:
    """Record the town a place stands in: one that is known, or a new one. Nothing nearer is ever recorded.

    Raises:
        NotFound: there is no such place.
        RuleBroken: no town is named, it is not known, or a town of that name is known already.
    """
    asked = ["town", code, town, [new.name, new.area, new.east_km, new.north_km] if new else None]
    place = queries.place_by_code(code, scope=Scope.everywhere())
    if submission_id and by and trail.earlier(submission_id, by=by, act="place.locate", body=asked):
        newest = select(PlaceTown).where(PlaceTown.place_id == place.id).order_by(PlaceTown.id.desc()).limit(1)
        return db.session.scalars(newest).one()
    found = _new_town(new) if new else db.session.scalar(select(Town).where(Town.name == (town or "")))
    if found is None:
        raise RuleBroken("Select a town, or enter a new one", "town")
    made = PlaceTown(place_id=place.id, town_id=found.id, located_at=at)
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="place.locate", subject=code, by=by, at=at, submission_id=submission_id, town=found.name, area=found.area
    )
    return made


def _new_town(new: GridTown) -> Town:
    """Record a town.

    Raises:
        RuleBroken: there is one of that name, or the words say who somebody is.
    """
    refuse_personal_details(f"{new.name} {new.area}")
    if db.session.scalar(select(Town.id).where(func.lower(Town.name) == new.name.lower())):
        raise RuleBroken(f"There is already a town called {new.name}. Select it from the list", "new_town")
    made = Town(name=new.name, area=new.area, east_km=new.east_km, north_km=new.north_km)
    db.session.add(made)
    db.session.flush()
    return made
