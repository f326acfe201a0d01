"""The ledger digest is of rows alone: the same in SQLite and in PostgreSQL, another when anything is another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
)

from core.db import UtcDateTime, prepare_engine
from core.digests import LedgerDigest, changed_rows, ledger_digest

THINGS = Table(
    "thing",
    MetaData(),
    Column("code", String(20), primary_key=True),
    Column("held_count", Integer),
    Column("ready", Boolean),
    Column("day", Date),
    Column("at", UtcDateTime()),
    Column("salt", LargeBinary),
)
AT = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"code": "b", "held_count": 2, "ready": True, "day": date(2026, 3, 29), "at": AT, "salt": b"\x00\xff"},
    {"code": "A", "held_count": None, "ready": False, "day": None, "at": None, "salt": None},
    {"code": "ŵ", "held_count": -1, "ready": None, "day": None, "at": AT, "salt": b""},
]
"""Keys that a language would sort otherwise than bytes do."""


_LINES = (
    "thing at,code,day,held_count,ready,salt\n"
    '[null,"A",null,null,0,null]\n'
    '["2026-10-25 01:30:00.000000","b","2026-03-29",2,1,"\\\\x00ff"]\n'
    '["2026-10-25 01:30:00.000000","ŵ",null,-1,null,"\\\\x"]\n'
)
_TABLE = hashlib.sha256(_LINES.encode()).hexdigest()
BY_HAND = hashlib.sha256(f"thing 3 {_TABLE}\n".encode()).hexdigest()
"""The digest of the rows, as an auditor would repeat it from what core/digests.py says."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        made = create_engine("sqlite://")
        prepare_engine(made)
    else:
        server = request.getfixturevalue("server")
        server.drop("digests")
        made = create_engine(server.create("digests"))
    yield made
    made.dispose()


def digest_of(engine: Engine, rows: list[dict[str, Any]]) -> LedgerDigest:
    """Digest a database that holds just these rows."""
    with engine.begin() as connection:
        THINGS.drop(connection, checkfirst=True)
        THINGS.create(connection)
        connection.execute(insert(THINGS), rows)
        return ledger_digest(connection, keep_rows=True)


def test_the_same_rows_have_the_same_digest_in_either_database_and_any_order(engine: Engine) -> None:
    found = digest_of(engine, ROWS)
    assert found.tables["thing"].columns == ("at", "code", "day", "held_count", "ready", "salt")
    assert found.sha256 == BY_HAND
    assert digest_of(engine, ROWS[::-1]).sha256 == found.sha256


def test_any_other_value_has_another_digest(engine: Engine) -> None:
    seen = {digest_of(engine, ROWS).sha256}
    others = {
        "held_count": 3,
        "ready": False,
        "day": date(2026, 3, 30),
        "at": AT.replace(microsecond=1),
        "salt": b"\x00",
    }
    for column, other in others.items():
        seen.add(digest_of(engine, [{**ROWS[0], column: other}, *ROWS[1:]]).sha256)
    seen.add(digest_of(engine, ROWS[:2]).sha256)
    assert len(seen) == 7


def test_rows_may_join_and_none_may_go_or_change(engine: Engine) -> None:
    before = digest_of(engine, ROWS[:2])
    digest_of(engine, ROWS)
    with engine.connect() as connection:
        assert changed_rows(before, connection) == []
    digest_of(engine, [{**ROWS[0], "held_count": 3}, *ROWS[1:]])
    with engine.connect() as connection:
        assert changed_rows(before, connection) == ["Table thing had 2 rows and has 3."]
    digest_of(engine, [ROWS[1], ROWS[2]])
    with engine.connect() as connection:
        assert changed_rows(before, connection) == ["Table thing still has 2 rows, and they are not the same."]
