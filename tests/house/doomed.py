"""A process that is killed in the middle of what it does; begun by test_killed.py, once for each database.

For each order it is sent it begins a child of its own, which issues Go Bags and kills itself (SIGKILL: nothing is
tidied up) at the point the order names, and then says how the child ended.
"""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app import create_app
from core.access import Actor
from core.db import db
from tests.forked import READY
from tests.inventory.bags.worker import attempt, sergeant_at

SURVIVED = 0


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(engine: Engine, point: str, number: int) -> None:
    """Die right after the n-th row is written ("write"), or right before or right after the n-th commit."""
    left = number

    def passed(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die()

    def written(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(None, 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            passed()

    if point == "write":
        event.listen(engine, "after_cursor_execute", written)
    elif point == "before commit":
        event.listen(engine, "commit", passed)
    else:
        event.listen(db.session, "after_commit", passed)


def live(pipe: Connection, app: Flask, order: dict[str, Any], sergeant: Actor) -> None:
    """Issue the bags of an order one after the other, saying what came of each; if told to, wait then for the end."""
    with app.app_context():
        if order["dies"] is not None:
            die_at(db.engine, *order["dies"])
        for issue in order["issues"]:
            pipe.send(attempt(issue, sergeant))
    if order["stays"]:
        signal.pause()


def beget(pipe: Connection, settings: dict[str, Any], account_id: int, place_id: int) -> None:
    """Begin a child for each order until there are no more; say which it is, and how it ended."""
    sergeant, app = sergeant_at(account_id, place_id), create_app(settings)
    pipe.send(READY)
    while (order := pipe.recv()) is not None:
        child = os.fork()
        if child == 0:
            live(pipe, app, order, sergeant)
            os._exit(SURVIVED)
        pipe.send({"began": child})
        pipe.send({"ended": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})
