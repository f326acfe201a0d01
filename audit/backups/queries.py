"""Reading what a database holds, so that another can be compared with it; in any schema this program ever made."""

from __future__ import annotations

import hashlib
import json

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

from audit.backups.rules import Facts, Head
from core.digests import ledger_digest
from core.errors import RuleBroken
from core.trail import Log, LogEntry
from core.trail.rules import START_OF_LOG

_SHAPES = {
    "sqlite": (
        "SELECT type, name, CASE WHEN type = 'trigger' THEN sql END FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
    ),
    # A check is told in other words after a dump and restore, so constraints count by their names.
    "postgresql": (
        "SELECT relkind::text, relname FROM pg_class "
        "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i', 'v')",
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace",
        "SELECT pg_get_triggerdef(t.oid), tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
    ),
}
"""Kind of database → what tells its tables, indexes, constraints and triggers."""


def facts_of(connection: Connection) -> Facts:
    """Read what a database holds, in the connection's transaction.

    Raises:
        DatabaseError: it is not a database of this program.
    """
    digest = ledger_digest(connection)
    return Facts(
        schema=MigrationContext.configure(connection).get_current_revision() or "none",
        row_counts={table.name: table.row_count for table in digest.tables.values()},
        ledger_sha256=digest.sha256,
        schema_sha256=shape(connection),
        heads={log.value: _head(connection, log) for log in Log},
        first_entry=_first_entry(connection),
    )


def demand_tables(connection: Connection) -> None:
    """Refuse to keep what nobody has begun yet.

    Raises:
        RuleBroken: the database has no tables of this program.
    """
    if not inspect(connection).has_table("alembic_version"):
        raise RuleBroken("The database is empty: there is nothing to back up. See whether DATABASE_URL is right")


def shape(connection: Connection) -> str:
    """Digest a database's tables, indexes and triggers: 64 hexadecimal digits."""
    told = [
        sorted([str(each) for each in row] for row in connection.execute(text(asked)))
        for asked in _SHAPES[connection.dialect.name]
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _head(connection: Connection, log: Log) -> Head:
    last = connection.execute(
        select(LogEntry.sequence, LogEntry.chain_hash)
        .where(LogEntry.log == log)
        .order_by(LogEntry.sequence.desc())
        .limit(1)
    ).first()
    return Head(last.sequence, last.chain_hash.hex()) if last else Head(0, START_OF_LOG.hex())


def _first_entry(connection: Connection) -> str:
    first = connection.scalar(
        select(LogEntry.chain_hash).where(LogEntry.log == Log.CHANGES).order_by(LogEntry.sequence).limit(1)
    )
    return first.hex() if first else ""
