"""Loading the demonstration, who can sign in to it, and serving it; a real service refuses all of it."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from socket import socket
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from core.errors import RuleBroken
from core.trail.models import AuditLeaf
from demonstration import people
from demonstration.load import load
from demonstration.people import PASSWORD, SHOWN
from organisation.accounts import queries as accounts
from organisation.accounts.models import Account
from organisation.places.models import Body
from tests.demonstration.year import TODAY, Demonstration, loading_file
from tests.factories import World

ROOT = Path(__file__).resolve().parent.parent.parent


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["demonstration", *words])
    return result.exit_code, result.output


def held() -> tuple[int, int]:
    """Count what stands, accounts and leaves, and leave no read open."""
    people, leaves = (db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (Account, AuditLeaf))
    db.session.rollback()
    return people, leaves


def test_a_real_service_refuses_the_year(world: World) -> None:
    before = held()
    with pytest.raises(RuleBroken, match=r"has accounts already.*into an empty one only"):
        next(load(TODAY))
    assert held() == before
    assert not accounts.is_demonstration()


def test_the_commands_refuse_a_real_service(app: Flask, world: World) -> None:
    before = held()
    for words in (["load"], ["load", "--again"]):
        code, said = run(app, *words)
        assert (code, "is a service that somebody works with" in said) == (1, True)
    code, said = run(app, "serve", "--port", "1")
    assert (code, "This database is no demonstration" in said, PASSWORD in said) == (1, True, False)
    assert held() == before


def test_a_mark_left_beside_a_real_service_does_not_cost_it_its_database(app: Flask, world: World) -> None:
    before = held()
    if db.engine.dialect.name == "sqlite":
        Path(f"{db.engine.url.database}.loading").write_text("begun\n")
    assert run(app, "load")[0] == 1
    assert held() == before


def test_a_year_that_is_loaded_is_left_as_it_is(demonstration_year: Demonstration) -> None:
    before = held()
    assert run(demonstration_year.app, "load") == (0, "")
    assert held() == before


def test_the_sign_ins_are_printed_with_the_one_password(demonstration_year: Demonstration) -> None:
    code, said = run(demonstration_year.app, "sign-ins")
    assert code == 0
    assert re.findall(r"(\S+)@demo\.example", said) == list(SHOWN)
    assert said.splitlines()[-1] == f"Password for all of them: {PASSWORD}"


def test_a_year_that_is_being_loaded_is_not_loaded_by_another_process(demonstration_year: Demonstration) -> None:
    before = held()
    mark = Path(f"{demonstration_year.copy}.loading")
    with mark.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write("begun\n")
        other.flush()
        code, said = run(demonstration_year.app, "load")
        assert (code, said) == (
            1,
            "Error: The demonstration year is being loaded already. Wait until that is done\n",
        )
        assert mark.read_text() == "begun\n"
    mark.unlink()
    assert held() == before
    assert run(demonstration_year.app, "load") == (0, "")
    assert not mark.exists()


def test_a_load_that_was_broken_off_was_begun_again_and_its_mark_is_gone(
    demonstration_year: Demonstration, demonstration_file: Path
) -> None:
    # ``build`` broke the first load off after the people and places, and left its mark.
    assert not Path(f"{loading_file(demonstration_file)}.loading").exists()
    bodies = db.session.scalar(select(func.count()).select_from(Body)) or 0
    db.session.rollback()
    assert bodies == len(people.BODIES)
    assert accounts.is_demonstration()
    db.session.rollback()


@contextmanager
def serving(demonstration: Demonstration) -> Iterator[tuple[HTTPConnection, list[str]]]:
    """Serve the demonstration's file as ``make run`` does; give a connection to it, and the lines it prints."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{demonstration.copy}", "SECRET_KEY": "of this test"}
    command = [sys.executable, "-m", "flask", "--app", "app", "demonstration", "serve", "--port", str(port)]
    with (
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server,
        closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection,
    ):
        assert server.stdout is not None
        try:
            said = list(islice(server.stdout, len(SHOWN) + 4))
            _wait_for(connection)
            yield connection, said
        finally:
            server.terminate()


def _wait_for(connection: HTTPConnection) -> None:
    """Wait until the server listens, which is right after it has printed where."""
    until = monotonic() + 30
    while True:
        try:
            return connection.connect()
        except ConnectionRefusedError:
            assert monotonic() < until
            sleep(0.05)


@pytest.mark.parametrize("said", ["", "npm: no such package\n"])
def test_it_is_not_served_without_its_styles(demonstration_year: Demonstration, tmp_path: Path, said: str) -> None:
    (tmp_path / "said").write_text(said)
    code, told = run(demonstration_year.app, "run", "--port", "1", "--styles", str(tmp_path / "said"))
    assert (code, told) == (
        1,
        "Error: The styles were not built, so no page can be shown. What is wrong stands above.\n",
    )


def test_it_is_served_by_one_command_that_keeps_no_writer_out(demonstration_year: Demonstration) -> None:
    demonstration_year.leave()
    with serving(demonstration_year) as (connection, said):
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        # A first visit is given a session, which is written: an open read of the command itself would prevent it.
        assert answer.status == 200
        assert b"Sign in" in answer.read()
        assert said[-1] == f"Open http://127.0.0.1:{connection.port}/ (press Ctrl+C to stop)\n"
