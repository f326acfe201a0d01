"""What still keeps a place open."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, or_, select

from core.access import Scope
from core.db import db
from inventory.bags.models import BagPosition
from inventory.counts.queries import open_count
from inventory.cupboard.queries import still_out
from inventory.requests.models import RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock.models import Balance
from inventory.stock.queries import transit_to
from organisation.accounts.models import RoleHeld
from organisation.accounts.queries import held_on
from organisation.places import queries as places
from organisation.places.models import Place

ENDED = (RequestState.CLOSED, RequestState.REFUSED, RequestState.CANCELLED)


def place_to_close(code: str, *, scope: Scope, lock: bool = False) -> Place:
    """Give a real place by its code, locked until the change commits when asked.

    Raises:
        NotFound: there is none in scope.
    """
    place = places.place_by_code(code, scope=scope)
    if lock:
        db.session.refresh(place, with_for_update=True)
    return place


def kept_open_by(place: Place, *, on: date) -> list[str]:
    """List, in words with their figures, what has to be settled before a place can close."""
    transit = transit_to(place.id)
    counted = (
        (_units([place.id]), "unit on its shelves", "units on its shelves"),
        (_bags([place.id]), "Go Bag standing there", "Go Bags standing there"),
        (_units([transit]), "unit on its way there", "units on their way there"),
        (_bags([transit]), "Go Bag on its way there", "Go Bags on their way there"),
        (_open_requests(place.id), "open restock request", "open restock requests"),
        (int(open_count(place.id) is not None), "stock count going on", "stock counts going on"),
        (
            _sheets_out(place.id),
            "cupboard sheet neither keyed in nor written off",
            "cupboard sheets neither keyed in nor written off",
        ),
        (_supplied(place.id), "open place that it supplies", "open places that it supplies"),
        (_roles(place.id, on), "role held there", "roles held there"),
    )
    return [f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count]


def _units(place_ids: list[int]) -> int:
    return db.session.scalar(select(func.sum(Balance.unit_count)).where(Balance.place_id.in_(place_ids))) or 0


def _bags(place_ids: list[int]) -> int:
    return db.session.scalar(select(func.count()).where(BagPosition.place_id.in_(place_ids))) or 0


def _open_requests(place_id: int) -> int:
    asked = select(func.count()).where(
        or_(RestockRequest.place_id == place_id, RestockRequest.supplied_by_id == place_id),
        RestockRequest.state.not_in(ENDED),
    )
    return db.session.scalar(asked) or 0


def _sheets_out(place_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(still_out(place_id).subquery())) or 0


def _supplied(place_id: int) -> int:
    return (
        db.session.scalar(select(func.count()).where(Place.supplied_by_id == place_id, Place.closed_on.is_(None))) or 0
    )


def _roles(place_id: int, on: date) -> int:
    return db.session.scalar(select(func.count()).where(RoleHeld.place_id == place_id, held_on(on))) or 0
