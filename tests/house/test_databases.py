"""A test finds the database as its template was kept, whatever the test before it did to rows, numbers and tables."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, inspect, select, text

from core.db import Base, db, transaction
from inventory.deliveries.rules import DeliveredLine
from organisation.suppliers.models import Supplier
from tests.conftest import kept
from tests.databases import Databases
from tests.factories import World
from tests.inventory.shelves import fill_catalogue, receive


def contents() -> dict[str, str]:
    """Take the fingerprint of every table."""
    found = {
        table.name: repr(db.session.execute(text(f"SELECT * FROM {table.name} ORDER BY 1, 2")).all())
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return {name: hashlib.sha256(rows.encode()).hexdigest() for name, rows in found.items()}


def test_rows_and_numbers_are_put_back(world: World, databases: Databases) -> None:
    before = contents()
    for _ in range(2):
        with transaction() as session:
            fill_catalogue(world)
            session.flush()
            added = session.query(Supplier.id).filter_by(code="BULK").scalar()
        receive(world, DeliveredLine("TOWEL", 3))
        assert contents() != before
        databases.renew("world")
        assert contents() == before
        assert added == 1


@pytest.mark.parametrize(
    "change", ["CREATE TABLE left_behind (id integer)", "ALTER TABLE lot ADD COLUMN colour text", "DROP TABLE promise"]
)
def test_tables_are_put_back(world: World, databases: Databases, change: str) -> None:
    def shape() -> dict[str | None, list[str]]:
        columns = inspect(db.engine).get_multi_columns()
        return {table: [column["name"] for column in found] for (_, table), found in columns.items()}

    before, rows = shape(), contents()
    with transaction() as session:
        session.execute(text(change))
    assert shape() != before
    databases.renew("world")
    assert (shape(), contents()) == (before, rows)


def test_a_thread_that_was_left_in_the_middle_of_a_change_keeps_nobody_waiting(
    app: Flask, world: World, databases: Databases
) -> None:
    before = contents()
    forgotten = db.engine.connect()
    forgotten.execute(text("UPDATE place SET name = 'Nowhere'"))
    databases.renew("world")
    assert contents() == before
    forgotten.invalidate()
    forgotten.close()


def test_what_is_asked_over_one_connection_is_what_was_put_back_whoever_changed_it(
    world: World, databases: Databases
) -> None:
    """Nobody opens a connection anew for it, and none goes on with what it read before."""
    before, opened = contents(), []
    event.listen(db.engine, "connect", lambda *_: opened.append(1))
    for template in ("empty", "world", "empty", "world"):
        with transaction() as session:
            session.execute(text("UPDATE place SET name = 'Nowhere'"))
        databases.renew(template)
        assert (contents() == before) == (template == "world")
    assert not opened


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_file_that_was_put_in_place_of_the_database_is_not_gone_on_with(world: World, databases: Databases) -> None:
    before = contents()
    file = Path(db.engine.url.database or "")
    other = file.with_suffix(".other")
    other.write_bytes(b"not a database at all" * 1000)
    other.replace(file)
    databases.renew("world")
    assert contents() == before


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_what_lies_beside_the_database_goes_with_it(world: World, databases: Databases) -> None:
    file = Path(db.engine.url.database or "")
    beside = file.with_name(f"{file.name}.checkpoint-key")
    beside.write_text("of another test")
    databases.renew("world")
    assert not beside.exists()


def _added(code: str) -> None:
    with transaction() as session:
        session.add(Supplier(code=code, name=f"{code} Ltd"))


def _one(_world: World) -> None:
    _added("ONE")


def _other(_world: World) -> None:
    _added("OTHER")


one, other = kept(_one), kept(_other)


def test_a_test_that_asks_for_two_kept_things_finds_the_last_one_alone(one: World, other: World) -> None:
    """Also where nobody has built either before."""
    codes = db.session.scalars(select(Supplier.code).where(Supplier.code.in_(["ONE", "OTHER"]))).all()
    assert codes == ["OTHER"]
