"""The check that reads all there is: the database's own file, and every row that was ever signed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text

from audit.desk.report import check_everything
from core.beside import beside
from core.db import db
from core.trail.signing import CheckingKey
from tests.audit.signing import made, outside, signing
from tests.audit.tampering import tamper
from tests.factories import AT, World

__all__ = ["outside", "signing"]

LOOKED_AT = {
    "sqlite": "Its pages are sound.",
    "postgresql": "Not looked at here: PostgreSQL looks after its own pages.",
}


def findings() -> dict[str, tuple[str, ...]]:
    return {each.name: each.findings for each in check_everything(at=AT).checks if each.findings}


def test_a_signed_row_that_nothing_adds_up_is_found_where_it_was_changed(month: World, signing: CheckingKey) -> None:
    """Nothing of the books depends on which document a posting names."""
    made()
    found = check_everything(at=AT)
    assert found.agrees
    (of_the_file,) = [each.agrees for each in found.checks if each.name == "Database file"]
    assert of_the_file == LOOKED_AT[db.engine.dialect.name]
    tamper("posting", "UPDATE posting SET document = 'X' WHERE id = 2")
    tamper("move", "UPDATE move SET unit_count = unit_count + 1 WHERE id = 17")
    moves, postings = sorted(findings()["Signed rows"])
    assert moves.endswith(" rows that were signed are not as they were, the first among rows 17 to 32.")
    assert postings == "posting: the 12 rows that were signed are not as they were."


def test_of_a_damaged_file_nothing_else_is_checked(month: World, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL looks after its own pages
    copy = tmp_path / "copy.sqlite3"
    db.session.rollback()
    with db.engine.connect() as connection, closing(sqlite3.connect(copy)) as into:
        page = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_audit_leaf_subject'"))
        connection.rollback()
        held: Any = connection.connection.driver_connection
        held.backup(into)
    data = bytearray(copy.read_bytes())
    data[(int(page or 0) - 1) * 4096] ^= 0xFF
    copy.write_bytes(data)
    with beside(URL.create("sqlite", database=str(copy))):
        found = check_everything(at=AT)
    assert [each.name for each in found.checks] == ["Database file"]
    assert not found.agrees
