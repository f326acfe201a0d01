"""A process that issues Go Bags as one of several sergeants; started by test_concurrency.py, once for each.

It reads its orders as lines of JSON, a bag to issue in each, and answers with what came of it: the slip, or the
status and words of the refusal.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from app import create_app
from core.access import Actor, Appointment, Role
from core.db import db, transaction
from core.errors import Refusal
from inventory.bags import services
from inventory.bags.models import IssueRoute


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


def main() -> None:
    """Answer orders until there are no more."""
    settings, account_id, place_id = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    sergeant = Actor(account_id, "Sergeant", (Appointment(Role.SERGEANT, place_id),))
    app = create_app(settings)
    with app.app_context():
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(attempt(json.loads(line), sergeant)), flush=True)
            db.session.remove()


if __name__ == "__main__":
    main()
