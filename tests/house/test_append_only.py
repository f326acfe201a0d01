"""What is recorded is neither edited nor deleted, by whichever statement it is tried, in either database (A74)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Engine,
    Enum,
    Integer,
    LargeBinary,
    Table,
    create_engine,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

import app as application
from core.db import Base, UtcDateTime, prepare_engine
from tests.databases import migrated
from tests.postgres import Server

application.import_models()
TABLES = [table for table in Base.metadata.sorted_tables if table.info.get("append_only")]

MADE_UP: dict[str, dict[str, Any]] = {
    "award_closure": {"outturn_json": "{}", "digest": "0" * 64},
    "pairing": {"handset_id": 1},
    "phone_number": {"number": "447700900000"},
    "ledger_cancellation": {"pence": 1, "line_id": 1, "taken_back_by_id": 2},
    "reserve_level": {"item_id": 1},
    "usage_release": {"first_on": date(2026, 4, 1), "last_on": date(2026, 6, 30)},
}
"""Columns of a made-up row that its table's checks ask for."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(
    request: pytest.FixtureRequest, demonstration_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database with at least one row in every append-only table."""
    copy = tmp_path_factory.mktemp("append-only") / "copy.sqlite3"
    shutil.copyfile(demonstration_file, copy)
    year = create_engine(f"sqlite:///{copy}")  # as the driver makes it: foreign keys unchecked
    if request.param == "sqlite":
        _fill(year, None, unguarded="PRAGMA ignore_check_constraints = ON")
        made = create_engine(f"sqlite:///{copy}")
        prepare_engine(made)
        yield made
    else:
        server: Server = request.getfixturevalue("server")
        made = create_engine(migrated(server, "append_only"))
        _fill(made, year, unguarded="SET session_replication_role = replica")
        yield made
    made.dispose()
    year.dispose()


def _fill(engine: Engine, year: Engine | None, *, unguarded: str) -> None:
    """Put a row into every table that has none: one of the year's, or else one made up, its keys unchecked."""
    with engine.connect() as connection:
        connection.exec_driver_sql(unguarded)
        for table in TABLES:
            if connection.execute(select(text("1")).select_from(table).limit(1)).first() is None:
                _without_other_guards(connection, table)
                connection.execute(insert(table).values(_a_row(year, table)))
        connection.commit()
    engine.dispose()  # and with it the connection whose guards are down


def _without_other_guards(connection: Connection, table: Table) -> None:
    """Drop what else SQLite asks of a new row of the table; PostgreSQL's guards are all down."""
    if connection.dialect.name == "sqlite":
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        for name in connection.execute(text(named), {"table": table.name}).scalars().all():
            if not name.startswith(f"{table.name}_no_"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _a_row(year: Engine | None, table: Table) -> dict[str, Any]:
    if year is not None:
        with year.connect() as connection:
            found = connection.execute(select(table).limit(1)).mappings().first()
        if found is not None:
            return dict(found)
    made_up = {column.name: _made_up(column.type) for column in table.columns if not column.nullable}
    return {**made_up, **MADE_UP.get(table.name, {})}


def _made_up(kind: Any) -> Any:
    if isinstance(kind, Enum):
        return kind.enum_class(kind.enums[0]) if kind.enum_class else kind.enums[0]
    values: dict[type, Any] = {
        Boolean: False,
        Integer: 1,
        BigInteger: 1,
        UtcDateTime: datetime(2026, 5, 4, tzinfo=UTC),
        Date: date(2026, 5, 4),
        LargeBinary: b"1",
    }
    return next((value for each, value in values.items() if isinstance(kind, each)), "1")


def attacks(connection: Connection, table: Table) -> dict[str, str]:
    """Write every statement that would edit or delete a row: what it is called → SQL."""
    key = next(iter(table.primary_key.columns)).name
    keys = ", ".join(column.name for column in table.primary_key.columns)
    again = f"INTO {table.name} SELECT * FROM {table.name} WHERE true"
    upsert = f"INSERT {again} ON CONFLICT ({keys}) DO UPDATE SET {key} = excluded.{key}"
    found = {
        "update": f"UPDATE {table.name} SET {key} = {key}",
        "delete": f"DELETE FROM {table.name}",
        "upsert": upsert,
    }
    if connection.dialect.name == "sqlite":
        return {
            **found,
            "replace": f"INSERT OR REPLACE {again}",
            "update or replace": f"UPDATE OR REPLACE {found['update'][7:]}",
        }
    return {**found, "truncate": f"TRUNCATE {table.name} CASCADE"}


@pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in TABLES])
def test_a_recorded_row_is_neither_edited_nor_deleted(engine: Engine, table: Table) -> None:
    with engine.connect() as connection:
        before = connection.execute(text(f"SELECT * FROM {table.name}")).all()
        assert before
        for name, statement in attacks(connection, table).items():
            with pytest.raises(DBAPIError) as refused:
                connection.exec_driver_sql(statement)
            # An insert over a key that is taken may meet another guard of the table before this one.
            assert "INSERT" in statement or "append-only" in str(refused.value.orig), name
            connection.rollback()
        assert connection.execute(text(f"SELECT * FROM {table.name}")).all() == before
