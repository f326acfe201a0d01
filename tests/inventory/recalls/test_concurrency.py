"""A recall and an issue at the same moment: one comes first, and the other knows of it, on both databases.

Every round one bag of the last lot is issued while the lot is recalled. Either the bag went first, and its slip is
among those that the recall asks about; or the recall did, and the issue is refused in words. Then it is released.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken
from inventory.bags import services as bags
from inventory.bags.models import Issue, IssueRoute
from inventory.recalls import services
from inventory.recalls.models import RecallPlace
from inventory.recalls.rules import RecallKind, Remedy
from tests.factories import AT, World, submission
from tests.inventory.shelves import towel_bags, who

ROUNDS = 10
LATER = AT + timedelta(hours=1)


def test_a_recall_and_an_issue_at_once_agree_which_came_first(app: Flask, world: World) -> None:
    tags = towel_bags(world, ROUNDS)
    db.session.remove()
    together = threading.Barrier(2)
    refused: list[str] = []

    def issue_all() -> None:
        keeper = world.actor("storekeeper")
        with app.app_context():
            for tag in tags:
                together.wait(30)
                try:
                    with transaction():
                        bags.issue_bag(
                            tag,
                            route=IssueRoute.OFFICER,
                            issued_at=LATER,
                            scope=keeper.scope,
                            **who(keeper, LATER),
                        )
                except RuleBroken as refusal:
                    refused.append(refusal.message)
                together.wait(30)
            db.session.remove()

    def recall_all() -> None:
        keeper = world.actor("storekeeper")
        asked: dict[str, Any] = {"kind": RecallKind.RECALL, "remedy": Remedy.DESTROY, "reason": "Torn"}
        with app.app_context():
            for _ in tags:
                together.wait(30)
                with transaction():
                    made = services.recall("L-00001", **asked, **who(keeper, AT)).reference
                together.wait(30)
                with transaction():
                    services.release(made, reason="Round over", **who(keeper, AT))
            db.session.remove()

    threads = [threading.Thread(target=each) for each in (issue_all, recall_all)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    issued = db.session.scalar(select(func.count()).select_from(Issue)) or 0
    told = db.session.scalars(select(RecallPlace.slip_count).order_by(RecallPlace.id)).all()
    assert issued + len(refused) == ROUNDS
    assert all("is recalled (RC-" in words for words in refused)
    assert told[-1] == issued, "a bag was issued beside the recall"
    assert list(told) == sorted(told)


def test_two_people_recall_the_same_lot_at_once_and_one_does(app: Flask, world: World) -> None:
    towel_bags(world, 1)
    db.session.remove()
    together = threading.Barrier(2)
    answers: list[str] = []

    def make() -> None:
        with app.app_context():
            together.wait(30)
            try:
                with transaction():
                    made = services.recall(
                        "L-00001",
                        kind=RecallKind.HOLD,
                        remedy=Remedy.CHECK,
                        reason="Torn",
                        by=world.actor("storekeeper"),
                        at=LATER,
                        submission_id=submission(),
                    )
                    answers.append(made.reference)
            except Exception as refusal:
                answers.append(str(refusal))
            db.session.remove()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(each[:8] for each in answers) == ["RC-00001", "Towel, l"]
