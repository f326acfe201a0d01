"""A process that issues Go Bags as one of several sergeants; begun by test_concurrency.py, once for each.

It is sent its orders, a bag to issue in each, and answers with what came of it: the slip, or the status and words of
the refusal.
"""

from __future__ import annotations

from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from app import create_app
from core.access import Actor, Appointment, Role
from core.db import db, transaction
from core.errors import Refusal
from inventory.bags import services
from inventory.bags.models import IssueRoute
from tests.forked import READY


def sergeant_at(account_id: int, place_id: int) -> Actor:
    """Give the sergeant of an account at a place."""
    return Actor(account_id, "Sergeant", (Appointment(Role.SERGEANT, place_id),))


def attempt(order: dict[str, Any], sergeant: Actor) -> dict[str, Any]:
    """Issue one bag, and say what came of it."""
    moment = datetime.fromisoformat(order["at"])
    try:
        with transaction():
            issue = services.issue_bag(
                order["tag"],
                route=IssueRoute.OFFICER,
                issued_at=moment,
                scope=sergeant.scope,
                by=sergeant,
                at=moment,
                submission_id=order["submission"],
            )
            return {"slip": issue.slip}
    except Refusal as refusal:
        return {"status": refusal.status, "words": refusal.message}


def issue_as_ordered(pipe: Connection, settings: dict[str, Any], account_id: int, place_id: int) -> None:
    """Answer orders until there are no more."""
    sergeant = sergeant_at(account_id, place_id)
    with create_app(settings).app_context():
        pipe.send(READY)
        while (order := pipe.recv()) is not None:
            pipe.send(attempt(order, sergeant))
            db.session.remove()
        db.engine.dispose()
