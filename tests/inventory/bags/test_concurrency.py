"""Two sergeants and one last bag: 200 rounds between processes, and between threads, on both databases.

Every round one bag stands at Salisbury and several try to issue it at the same moment. One gets a slip, the
others hear that none is left, and afterwards the ledger holds each bag's contents issued exactly once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import NotEnoughStock, Refusal
from inventory.bags import services
from inventory.bags.models import Issue, IssueRoute
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Move
from organisation.places.rules import PlaceKind
from tests.conftest import settings
from tests.factories import AT, World, submission
from tests.forked import forked, hear
from tests.inventory.bags import worker
from tests.inventory.shelves import towel_bags

PROCESSES, THREADS = 2, 2
ROUNDS_BETWEEN_PROCESSES, ROUNDS_BETWEEN_THREADS = 150, 50
LATER = AT + timedelta(hours=1)


@contextmanager
def sergeants(app: Flask, world: World, count: int) -> Iterator[list[Connection]]:
    """Begin processes that each issue bags at the store, as different people would from different machines."""
    facts = settings(app.config["SQLALCHEMY_DATABASE_URI"]), world.actor("sergeant").account_id, world.places["STORE"]
    with ExitStack() as begun:
        yield [begun.enter_context(forked(worker.issue_as_ordered, *facts)) for _ in range(count)]


def ask(processes: list[Connection], tag: str) -> list[dict[str, Any]]:
    """Order every process to issue one bag at the same moment, and read what came of it in each."""
    for process in processes:
        process.send({"tag": tag, "at": LATER.isoformat(), "submission": submission()})
    return [hear(process) for process in processes]


def test_two_processes_and_one_last_bag_give_one_slip_and_one_refusal(app: Flask, world: World) -> None:
    """150 rounds between two processes.

    | posting | from     | to     | lot     | units | how often |
    |---------|----------|--------|---------|------:|----------:|
    | issue   | each bag | issued | L-00001 |     1 |      once |
    """
    tags = towel_bags(world, ROUNDS_BETWEEN_PROCESSES)
    db.session.remove()
    with sergeants(app, world, PROCESSES) as processes:
        rounds = [ask(processes, tag) for tag in tags]
    for answers in rounds:
        slips = [answer for answer in answers if "slip" in answer]
        refused = [answer for answer in answers if "slip" not in answer]
        assert len(slips) == 1, answers
        assert [answer["status"] for answer in refused] == [409], answers
        assert refused[0]["words"].startswith("Only 0 left. Nothing has been issued"), answers
    assert_issued_once(tags)


def test_threads_of_one_server_and_one_last_bag_give_one_slip(app: Flask, world: World) -> None:
    """50 rounds between two threads that start each round together."""
    tags = towel_bags(world, ROUNDS_BETWEEN_THREADS)
    storekeeper = world.actor("storekeeper")
    together = threading.Barrier(THREADS)
    slips: list[str] = []
    refusals: list[Refusal] = []

    def issue_all() -> None:
        with app.app_context():
            for tag in tags:
                together.wait(30)
                try:
                    with transaction():
                        slips.append(
                            services.issue_bag(
                                tag,
                                route=IssueRoute.OFFICER,
                                issued_at=LATER,
                                scope=storekeeper.scope,
                                by=storekeeper,
                                at=LATER,
                                submission_id=submission(),
                            ).slip
                        )
                except NotEnoughStock as refusal:
                    refusals.append(refusal)
            db.session.remove()

    threads = [threading.Thread(target=issue_all) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(slips) == len(set(slips)) == ROUNDS_BETWEEN_THREADS
    assert len(refusals) == ROUNDS_BETWEEN_THREADS * (THREADS - 1)
    assert_issued_once(tags)


def test_one_form_sent_twenty_times_at_once_is_one_issue(app: Flask, world: World) -> None:
    tags = towel_bags(world, 1)
    storekeeper, key = world.actor("storekeeper"), submission()
    together = threading.Barrier(20)
    slips: list[str] = []

    def send() -> None:
        with app.app_context():
            together.wait(30)
            with transaction():
                issue = services.issue_bag(
                    tags[0],
                    route=IssueRoute.OFFICER,
                    issued_at=LATER,
                    scope=storekeeper.scope,
                    by=storekeeper,
                    at=LATER,
                    submission_id=key,
                )
                slips.append(issue.slip)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(slips) == 20
    assert len(set(slips)) == 1
    assert_issued_once(tags)


def assert_issued_once(tags: list[str]) -> None:
    """Check the ledger afterwards: each bag one issue, its towel gone, no balance below or beside the moves."""
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Issue)) == len(tags)
    issued = stock.outside(PlaceKind.ISSUED)
    moved = select(func.count(), func.sum(Move.unit_count)).where(Move.to_place_id == issued)
    assert tuple(db.session.execute(moved).one()) == (len(tags), len(tags))
    assert db.session.scalar(select(func.min(Balance.unit_count))) == 0
    assert stock.unexplained_balances() == []
