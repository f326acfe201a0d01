"""Looking at what a request and its stock have come to, for the tests of requests."""

from __future__ import annotations

from sqlalchemy import func, select

from core.db import db
from core.trail import AuditLeaf
from inventory.catalogue.models import Item
from inventory.requests import queries
from inventory.requests.models import Dispatch, RequestEvent, RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock import queries as stock
from inventory.stock.models import Move, Promise
from tests.factories import World
from tests.inventory.restock import EVERYWHERE

SOAP, SOAP_LATER, TOWELS, BOOKLETS, PHONES = "L-00002", "L-00003", "L-00004", "L-00005", "L-00006"


def held(world: World, place: str, item: str) -> tuple[int, int, int]:
    """Give (on hand, promised to others, on its way) of an item at a place."""
    db.session.expire_all()
    items = stock.items_held(world.places[place], scope=EVERYWHERE)
    item_id = db.session.scalar(select(Item.id).where(Item.code == item))
    found = items.get(item_id or 0)
    return (found.on_hand_count, found.promised_count, found.in_transit_count) if found else (0, 0, 0)


def rows() -> list[int]:
    """Count the rows a refused act must not add to."""
    tables = (RestockRequest, RequestEvent, Promise, Dispatch, Move, AuditLeaf)
    counted = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    db.session.rollback()
    return counted


def state(reference: str) -> RequestState:
    db.session.expire_all()
    return queries.request_by_reference(reference, scope=EVERYWHERE).state
