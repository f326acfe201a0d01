"""The service runs as docs/OPERATING.md tells: under a PostgreSQL role that owns nothing and cannot bend the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from core import schema
from core.db import db, prepare_engine
from inventory.deliveries.rules import DeliveredLine
from tests.factories import make_world
from tests.grants.factories import add_award, add_catalogue, add_invoice, bill, deliver, split, towels
from tests.postgres import Server

PAPER = Path(__file__).resolve().parent.parent.parent / "docs" / "OPERATING.md"


def statements() -> tuple[list[str], list[str]]:
    """Read the SQL of the paper: what the server's owner does, and what the owner of the tables does."""
    found = re.search(r"```sql\n(.+?)```", PAPER.read_text(), flags=re.DOTALL)
    assert found is not None
    before, _, after = found[1].partition("-- then")
    return _lines(before), _lines(after)


def _lines(words: str) -> list[str]:
    return [line for line in words.splitlines() if line.startswith(("CREATE", "ALTER"))]


def run(url: URL, lines: list[str]) -> None:
    """Run statements one by one, each for itself."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for line in lines:
            connection.execute(text(line.replace("…", "x")))
    engine.dispose()


@pytest.fixture
def service(server: Server) -> Iterator[Engine]:
    """A service under the lesser role, with stock and money in it."""
    first, then = statements()
    address = make_url(server.url())
    own = address.set(database="go_bags", username="go_bags_owner", password="x")
    run(address, first)
    run(own, then)
    owner = create_engine(own)
    schema.upgrade(owner)
    owner.dispose()
    app = Flask(__name__)
    lesser = own.set(username="go_bags")
    app.config["SQLALCHEMY_DATABASE_URI"] = lesser.render_as_string(hide_password=False)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        yield db.engine
        db.session.remove()
        db.engine.dispose()
    run(address, ["DROP DATABASE go_bags", "DROP ROLE go_bags", "DROP ROLE go_bags_owner"])


@pytest.mark.postgres
def test_a_role_that_owns_nothing_runs_the_service_and_cannot_bend_the_ledger(service: Engine) -> None:
    world = make_world()
    add_award(world)
    add_catalogue(world)
    add_invoice(world, towels(10, 100_00))
    split(world, "INV-00001-1", A=60_00)
    bill(world, "INV-00001-1", deliver(world, DeliveredLine("TOWEL", 10)), 10)
    for bent in (
        "DELETE FROM move",
        "UPDATE move SET unit_count = 1",
        "TRUNCATE move",
        "ALTER TABLE move DISABLE TRIGGER ALL",
        "DROP TRIGGER move_no_change ON move",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(DBAPIError), service.begin() as connection:
            connection.execute(text(bent))
    with service.connect() as connection:
        assert connection.scalar(text("SELECT sum(unit_count) FROM move")) == 10
