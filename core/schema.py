"""Bringing a database to the newest schema, and comparing it with the models.

An upgrade changes what a database can hold and never what it holds: the ledger digest (``core/digests.py``) is taken
before the first migration and again after each, and a migration that changed a row undoes the whole upgrade.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from core.db import Base, writing_connection
from core.digests import LedgerDigest, changed_rows, ledger_digest, ledger_tables
from core.errors import RuleBroken, Unavailable

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


_PATIENCE = "SET LOCAL lock_timeout = '10s'"


def settings(connection: Connection | None = None, migrations: Path = MIGRATIONS) -> Config:
    """Give Alembic's settings, over a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config


def upgrade(engine: Engine, migrations: Path = MIGRATIONS, to: str = "head") -> LedgerDigest | None:
    """Bring the database to the newest schema, all or nothing, and keep every row it holds.

    Args:
        migrations: the folder of Alembic's scripts.
        to: another schema than the newest.

    Returns:
        The ledger digest before and after, in the columns there were; None when there was nothing to compare.

    Raises:
        RuleBroken: the database is newer than this program, or a migration changed what it holds.
        Unavailable: the service is still running and holds a table.

    Keeps: INV-21
    """
    with writing_connection(engine) as connection:
        config = settings(connection, migrations)
        present, before = _revision(connection), None
        if present is not None and _is_behind(present, config, to):
            _hold_still(connection)
            before = ledger_digest(connection, keep_rows=True)
        # One call for all: each reads every script there is.
        config.attributes["applied"] = lambda revision: _demand_kept(before, connection, revision)
        command.upgrade(config, to)
    return before


def _is_behind(present: str, config: Config, to: str) -> bool:
    """Say whether there are migrations that a database of one schema has not had."""
    script = ScriptDirectory.from_config(config)
    known = {each.revision for each in script.walk_revisions()}
    if present not in known:
        raise RuleBroken(
            f"The database has schema {present} and this program knows up to {script.get_current_head()}: "
            "it was used with a newer version. Nothing has been changed. Install that version"
        )
    return any(script.iterate_revisions(to, present))


def _hold_still(connection: Connection) -> None:
    """On PostgreSQL, let nobody write until the upgrade is over; SQLite lets nobody as it is."""
    if connection.dialect.name == "sqlite":
        return
    connection.execute(text(_PATIENCE))
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in ledger_tables(connection))
    try:
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    except OperationalError as problem:
        raise Unavailable(
            "The service is still writing to the database. Stop it and upgrade again. Nothing has been changed"
        ) from problem


def _demand_kept(before: LedgerDigest | None, connection: Connection, revision: str) -> None:
    changed = changed_rows(before, connection) if before else []
    if changed:
        raise RuleBroken(
            f"Migration {revision} changes what the database holds: {' '.join(changed)} "
            "The upgrade has been undone and nothing has been changed. Tell whoever made this version"
        )


def current_revision(engine: Engine) -> str | None:
    """Tell which schema the database has, or None when it is empty."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> frozenset[str]:
    """List the schemas this program can bring to the newest."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(settings()).walk_revisions())


def newest_revision() -> str | None:
    """Tell which schema this program needs."""
    return ScriptDirectory.from_config(settings()).get_current_head()


def differences(engine: Engine) -> list[Any]:
    """List what the models have and the database has not, or the reverse; empty when they agree."""
    with engine.connect() as connection:
        compare = connection.dialect.name != "sqlite"
        context = MigrationContext.configure(connection, opts={"compare_type": compare})
        return list(compare_metadata(context, Base.metadata))
