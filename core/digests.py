r"""The ledger digest: one number for everything the database holds, so that two databases can be compared.

A backup keeps it in its manifest, a restored database must give the same, and a migration must not change it.
It is made of rows alone, read in the order of their keys and written down in one way, so that the same rows give
the same digest in SQLite and in PostgreSQL and an auditor can repeat it: each row as a line of JSON in the order
of the table's columns by name (moments as UTC text, bytes in hexadecimal digits after ``\x``, yes and no as 1 and
0), SHA-256 over a line that names the table and its columns and over its rows; then SHA-256 over the lines of all
tables. Sessions, attempts to sign in and the schema's own number are not the ledger's and stay out, and so does what
the database writes for both ends of every move.

The tables are asked of the database and not of the models: a backup of an older schema has a digest too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, String, inspect

from core.db import Base

NOT_THE_LEDGER = frozenset(
    {"alembic_version", "session_record", "sign_in_attempt", "verify_attempt", "past_balance", "place_act"}
)
"""Tables that say who is signed in, or what the schema is, and nothing of what was done; and the two with rows for both
ends of every move, which the database writes from the moves and the check of the books adds up again."""

MOST_ROWS_KEPT = 100_000
"""The longest table whose rows are remembered one by one, so that rows may join it in a migration."""

_CHUNK = 2_000


@dataclass(frozen=True)
class TableDigest:
    """The rows of one table.

    Attributes:
        columns: the columns that were read, by name.
        sha256: 64 hexadecimal digits.
        rows: key → first 16 bytes of the row's hash; empty unless asked for, or when the table is long.
    """

    name: str
    columns: tuple[str, ...]
    row_count: int
    sha256: str
    rows: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class LedgerDigest:
    """The rows of every table, by name."""

    tables: Mapping[str, TableDigest]

    @property
    def sha256(self) -> str:
        """Give the one number: 64 hexadecimal digits."""
        lines = (f"{each.name} {each.row_count} {each.sha256}\n" for each in self.tables.values())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class _Table:
    """How a table is read: its columns by name and its key in order, each with how it is written in SQL."""

    name: str
    columns: Mapping[str, str]
    key: Mapping[str, str]


def ledger_digest(connection: Connection, *, keep_rows: bool = False) -> LedgerDigest:
    """Digest every table of the ledger, in the connection's transaction.

    Args:
        keep_rows: remember each row of the tables that are not append-only, for ``changed_rows``.
    """
    found = {}
    for table in _tables(connection):
        keep = keep_rows and not _append_only(table.name)
        found[table.name] = _digest(connection, table, tuple(table.columns), keep=keep)
    return LedgerDigest(found)


def ledger_tables(connection: Connection) -> list[str]:
    """List the tables of the ledger, by name."""
    return sorted(set(inspect(connection).get_table_names()) - NOT_THE_LEDGER)


def changed_rows(before: LedgerDigest, connection: Connection) -> list[str]:
    """Say in words which rows are not what they were, in the columns they had; nothing when all are.

    Rows may have joined a table that is not append-only and not long. New tables and new columns say nothing.
    """
    now = {table.name: table for table in _tables(connection)}
    findings = []
    for old in before.tables.values():
        table = now.get(old.name)
        gone = [] if table is None else [name for name in old.columns if name not in table.columns]
        if table is None:
            findings.append(f"Table {old.name} with its {old.row_count:,} rows is gone.")
        elif gone:
            findings.append(f"Table {old.name} has lost {', '.join(gone)}.")
        else:
            new = _digest(connection, table, old.columns, keep=not _append_only(old.name))
            findings += [_difference(old, new)] if _changed(old, new) else []
    return findings


def _changed(old: TableDigest, new: TableDigest) -> bool:
    if old.sha256 == new.sha256:
        return False
    return not old.rows or not new.rows or any(new.rows.get(key) != row for key, row in old.rows.items())


def _difference(old: TableDigest, new: TableDigest) -> str:
    if old.row_count != new.row_count:
        return f"Table {old.name} had {old.row_count:,} rows and has {new.row_count:,}."
    return f"Table {old.name} still has {old.row_count:,} rows, and they are not the same."


def _append_only(name: str) -> bool:
    table = Base.metadata.tables.get(name)
    return table is not None and bool(table.info.get("append_only"))


def _tables(connection: Connection) -> Iterator[_Table]:
    """Find out how each table of the ledger is read, by name."""
    asked = inspect(connection)
    columns, keys = asked.get_multi_columns(), asked.get_multi_pk_constraint()
    for schema, name in sorted(columns, key=lambda each: each[1]):
        if name not in NOT_THE_LEDGER:
            kinds = {column["name"]: column["type"] for column in columns[schema, name]}
            key = keys[schema, name]["constrained_columns"] or sorted(kinds)
            yield _Table(
                name,
                {column: _read(connection, column, kinds[column]) for column in sorted(kinds)},
                {column: _ordered(connection, column, kinds[column]) for column in key},
            )


def _read(connection: Connection, column: str, kind: Any) -> str:
    """Write how a column is read: PostgreSQL's yes and no as SQLite's 1 and 0."""
    quoted = connection.dialect.identifier_preparer.quote(column)
    return f"{quoted}::integer" if isinstance(kind, Boolean) and connection.dialect.name == "postgresql" else quoted


def _ordered(connection: Connection, column: str, kind: Any) -> str:
    """Write how a key column is ordered: by bytes in either database, whatever its language."""
    quoted = connection.dialect.identifier_preparer.quote(column)
    return f'{quoted} COLLATE "C"' if isinstance(kind, String) and connection.dialect.name == "postgresql" else quoted


def _digest(connection: Connection, table: _Table, columns: Sequence[str], *, keep: bool) -> TableDigest:
    """Digest a table's rows in some of its columns."""
    total, count, rows = hashlib.sha256(f"{table.name} {','.join(columns)}\n".encode()), 0, dict[str, bytes]()
    places = [columns.index(column) for column in table.key if column in columns]
    for row in _rows(connection, table, columns):
        line = _as_line(row)
        total.update(line)
        count += 1
        if keep and count <= MOST_ROWS_KEPT:
            rows[repr([row[place] for place in places])] = hashlib.sha256(line).digest()[:16]
    kept = rows if count <= MOST_ROWS_KEPT else {}
    return TableDigest(table.name, tuple(columns), count, total.hexdigest(), kept)


def _rows(connection: Connection, table: _Table, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    read = ", ".join(table.columns[column] for column in columns)
    name = connection.dialect.identifier_preparer.quote(table.name)
    asked = f"SELECT {read} FROM {name} ORDER BY {', '.join(table.key.values())}"
    result = connection.exec_driver_sql(asked, execution_options={"stream_results": True})
    for rows in result.partitions(_CHUNK):
        yield from map(tuple, rows)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    raise TypeError(f"{type(value).__name__} has no place in a ledger")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def _as_line(row: tuple[Any, ...]) -> bytes:
    return (_encode(row) + "\n").encode()
