"""What SQLite finds wrong with its own file, told without Alembic; PostgreSQL looks after its own pages.

A page whose rows were changed and whose form was not is found by no such look: the check of the books finds it.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from core.errors import RuleBroken

_MOST = 20


def damage(connection: Connection) -> list[str]:
    """Say what is wrong with the file, in sentences."""
    if connection.dialect.name != "sqlite":
        return []
    try:
        said = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars().all()
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_MOST)
    except DatabaseError as problem:
        return [_sentence(problem)]
    found = [f"{words}." for words in said if words != "ok"]
    return found + [f"Row {row} of {table} names a row of {named} that is not there." for table, row, named, _ in loose]


def damage_of(engine: Engine) -> list[str]:
    """Say what is wrong with the file of a database, also where it cannot even be opened."""
    try:
        with engine.connect() as connection:
            return damage(connection)
    except DatabaseError as problem:
        if engine.dialect.name != "sqlite" or isinstance(problem, OperationalError):
            raise
        return [_sentence(problem)]


def demand_sound(engine: Engine) -> None:
    """Refuse a database whose file is damaged.

    Raises:
        RuleBroken: what SQLite finds wrong, and what to do.
    """
    found = damage_of(engine)
    if found:
        raise RuleBroken(f"The database is damaged. {found[0]} Nothing has been changed. Restore a backup")


def _sentence(problem: DatabaseError) -> str:
    return f"SQLite says: {problem.orig}."
