"""Changing the books behind the program's back, as somebody with the database's own password could."""

from __future__ import annotations

from sqlalchemy import text

from core.db import db, writing_connection


def tamper(table: str, sql: str) -> None:
    """Run a statement against a table whose triggers have been taken away."""
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        else:
            named = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
            for name in connection.scalars(named, {"name": table}).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text(sql))
