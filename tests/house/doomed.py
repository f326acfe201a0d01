"""A process that is killed in the middle of what it does; started by test_killed.py, once for each database.

It reads its orders as lines of JSON. For each it begins a child of its own, which issues Go Bags and kills itself
(SIGKILL: nothing is tidied up) at the point the order names, and then says how the child ended. A child costs a
tenth of a second, a process of its own three.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app import create_app
from core.access import Actor, Appointment, Role
from core.db import db
from tests.inventory.bags.worker import attempt

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


def live(app: Flask, order: dict[str, Any], sergeant: Actor) -> None:
    """Issue the bags of an order one after the other, saying what came of each; if told to, wait then for the end."""
    with app.app_context():
        if order["dies"] is not None:
            die_at(db.engine, *order["dies"])
        for issue in order["issues"]:
            print(json.dumps(attempt(issue, sergeant)), flush=True)
    if order["stays"]:
        signal.pause()


def main() -> None:
    """Answer orders until there are no more."""
    settings, account_id, place_id = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    sergeant = Actor(account_id, "Sergeant", (Appointment(Role.SERGEANT, place_id),))
    app = create_app(settings)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            live(app, order, sergeant)
            os._exit(SURVIVED)
        print(json.dumps({"began": child}), flush=True)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}), flush=True)
    os._exit(SURVIVED)  # taking an application apart takes seconds, and nothing here needs it


if __name__ == "__main__":
    main()
