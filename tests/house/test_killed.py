"""A process killed (SIGKILL) anywhere in an act leaves all of it or nothing, on both databases (F1).

What was answered is stored. What was not answered is stored whole or not at all. After the next start every leaf is
in the log and the books agree, and the same form sent again makes one document.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select, text

from core import trail
from core.db import Base, db
from inventory.bags.models import Issue
from tests.conftest import settings
from tests.factories import World, submission
from tests.forked import forked, hear
from tests.house.doomed import SURVIVED, beget
from tests.inventory.shelves import LATER, towel_bags

KILLED = -signal.SIGKILL
WRITTEN_BY_AN_ISSUE = 8
"""Submission, posting, move, bag move, issue, leaf, what the submission made and a log entry, at the least."""


class Doomed:
    """A process whose children issue Go Bags of the store until they are killed."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe

    def begin(self, *issues: dict[str, Any], dies: tuple[str, int] | None = None, stays: bool = False) -> None:
        """Order a child to issue bags; say at which point it dies, or that it stays until it is killed."""
        self.pipe.send({"issues": issues, "dies": dies, "stays": stays})

    def says(self) -> dict[str, Any]:
        """Wait for what the process or its child says next."""
        said: dict[str, Any] = hear(self.pipe)
        return said

    def ends(self) -> tuple[list[str], int]:
        """Wait for the child's end; give the slips it answered with and its exit code."""
        slips = []
        while "ended" not in (said := self.says()):
            slips += [said["slip"]] if "slip" in said else []
            assert set(said) in ({"slip"}, {"began"}), said
        return slips, said["ended"]


@pytest.fixture(scope="module")
def doomed(app: Flask, world_template: World) -> Iterator[Doomed]:
    """A process beside the tests' own; it opens no database itself, so each child finds the one of its test."""
    people = world_template.actor("sergeant").account_id, world_template.places["STORE"]
    with forked(beget, settings(app.config["SQLALCHEMY_DATABASE_URI"]), *people) as pipe:
        yield Doomed(pipe)


def order(tag: str) -> dict[str, Any]:
    """Give a form that issues a bag."""
    return {"tag": tag, "at": LATER.isoformat(), "submission": submission()}


def read(ask: Callable[[], Any]) -> Any:
    """Read the database as it is now, and leave it: a reader who stays keeps an SQLite writer waiting."""
    db.session.rollback()
    found = ask()
    db.session.rollback()
    return found


def contents() -> dict[str, str]:
    """Take the fingerprint of every table."""

    def fingerprint(table: Table) -> str:
        rows = db.session.execute(text(f"SELECT * FROM {table.name} ORDER BY 1, 2")).all()
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return dict(read(lambda: {table.name: fingerprint(table) for table in Base.metadata.sorted_tables}))


def issues() -> list[str]:
    """List the slips of every issue."""
    return list(read(lambda: db.session.scalars(select(Issue.slip).order_by(Issue.id)).all()))


def restart(app: Flask) -> int:
    """Do what every start does first, after which the books agree; give how many leaves it sealed."""
    db.session.remove()
    runner = app.test_cli_runner()
    started = runner.invoke(args=["database", "upgrade"])
    assert started.exit_code == 0, started.output
    checked = runner.invoke(args=["audit", "verify"])
    assert checked.exit_code == 0, checked.output
    assert read(trail.unsealed_count) == 0
    return int(started.output.rpartition("Leaves sealed: ")[2].rstrip(".\n"))


def send_again(doomed: Doomed, asked: dict[str, Any]) -> str:
    """Send a form to a process that nobody kills; give the slip it answers with."""
    doomed.begin(asked)
    (slip,), ended = doomed.ends()
    assert ended == SURVIVED
    return slip


def test_killed_after_any_row_it_wrote_it_has_done_nothing(app: Flask, world: World, doomed: Doomed) -> None:
    (tag,) = towel_bags(world, 1)
    asked, before = order(tag), contents()
    for row in count(1):
        doomed.begin(asked, dies=("write", row))
        ended = doomed.ends()
        if issues():
            break  # SQLite wrote all it had to write; PostgreSQL has committed, and was about to seal the leaf
        assert ended == ([], KILLED)
        assert contents() == before
    assert row > WRITTEN_BY_AN_ISSUE
    restart(app)
    slip = send_again(doomed, asked)
    assert issues() == [slip]


def test_killed_right_before_its_commit_it_has_done_nothing(app: Flask, world: World, doomed: Doomed) -> None:
    (tag,) = towel_bags(world, 1)
    asked, before = order(tag), contents()
    doomed.begin(asked, dies=("before commit", 1))
    assert doomed.ends() == ([], KILLED)
    assert contents() == before
    assert restart(app) == 0
    slip = send_again(doomed, asked)
    assert issues() == [slip]


@pytest.mark.parametrize("point", [("after commit", 1), ("before commit", 2)], ids=["committed", "sealing"])
def test_killed_before_its_leaf_is_sealed_the_next_start_seals_it(
    app: Flask, world: World, doomed: Doomed, point: tuple[str, int]
) -> None:
    """On SQLite the leaf is sealed in the commit itself, so nothing is left to seal and there is no second commit."""
    (tag,) = towel_bags(world, 1)
    asked, on_sqlite = order(tag), db.engine.dialect.name == "sqlite"
    doomed.begin(asked, dies=point)
    slips, ended = doomed.ends()
    assert (slips, ended) == ([], KILLED) or (on_sqlite and point[0] == "before commit")
    assert len(issues()) == 1
    unsealed = 0 if on_sqlite else 1
    assert read(trail.unsealed_count) == unsealed
    assert restart(app) == unsealed
    whole = contents()
    slip = send_again(doomed, asked)
    assert issues() == [slip]
    assert contents() == whole


def test_what_was_answered_before_the_kill_is_stored(app: Flask, world: World, doomed: Doomed) -> None:
    """Killed from outside, three times, wherever it happens to be."""
    waiting = [order(tag) for tag in towel_bags(world, 12)]
    answered: list[str] = []
    for answers in (1, 2, 3):
        doomed.begin(*waiting, stays=True)
        child = doomed.says()["began"]
        slips = [doomed.says()["slip"] for _ in range(answers)]
        os.kill(child, signal.SIGKILL)
        more, ended = doomed.ends()
        assert ended == KILLED
        restart(app)
        answered += slips + more
        assert issues()[: len(answered)] == answered
        assert len(issues()) - len(answered) in (0, 1)
        waiting = waiting[len(slips + more) :]  # the next process is sent what was not answered, stored or not
