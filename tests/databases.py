"""The two kinds of database of the tests, and how each begins again from a template.

A test finds the database as the template was kept: no other test's rows, numbers or tables.

* SQLite: a template is the bytes of a file, and beginning again writes them over the file in use while nobody else
  can. Connections stay open: to open one and read a hundred tables' definitions takes as long as most tests. They hear
  of it as they do of another process's change, by the count of changes in the file's header. A test that changed the
  tables themselves, or put another file in place of this one, or left somebody in the middle of a change, is noticed,
  and the file made anew.
* PostgreSQL: copying a database of a hundred tables takes a quarter of a second, so its rows are put back instead. A
  template is every row there was; beginning again deletes what a test left and copies those in, and connections stay
  open. A test that changed the tables themselves is noticed (by an event trigger), and the database made anew.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
from flask import has_app_context
from sqlalchemy import Engine, QueuePool, create_engine, event

from core import schema
from core.db import db, prepare_engine
from tests.postgres import Server


class Databases:
    """A template of each kind of database, and how to begin again from it."""

    def __init__(self) -> None:
        self.kept: set[str] = set()

    def url(self, name: str) -> str:
        """Give the address of the database the tests of this process use."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the template ``empty``: every table, and no row but what the migrations bring."""
        raise NotImplementedError

    def renew(self, template: str = "empty") -> None:
        """Make the database in use what a template is."""
        raise NotImplementedError

    def keep(self, template: str) -> None:
        """Keep the database in use as a further template."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is open."""


def careless(engine: Engine) -> None:
    """Let an SQLite database not wait for the disk: nothing in it outlives the run."""

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA synchronous = OFF")


def leave() -> None:
    """Close every connection of the application to the database."""
    if has_app_context():
        db.session.remove()
        db.engine.dispose()


CHANGES_AT = (24, 92)
"""Where the header of an SQLite file counts changes: whoever finds another number than before forgets what it read."""

SHAPED_BY = (slice(16, 20), slice(40, 44))
"""Where it says how the file is written (size of a page, kind of journal), and counts changes of the tables."""

WITH_A_JOURNAL = b"\1\1"
"""What the kind of journal is where a file holds all there is once nobody writes; in another kind, it does not."""


def _leave_one() -> None:
    """End the application's transaction; where it has more connections than the one every test uses, close them."""
    if has_app_context():
        db.session.remove()
        if cast("QueuePool", db.engine.pool).checkedin() > 1:
            db.engine.dispose()


class SqliteDatabases(Databases):
    """A file in a folder, over which a template is written."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file = folder / "used.sqlite3"
        self.templates: dict[str, bytes] = {}
        self._own: sqlite3.Connection | None = None
        self._made: os.stat_result | None = None

    def url(self, name: str = "used") -> str:
        return f"sqlite:///{self.file.with_name(name)}.sqlite3"

    def prepare(self) -> None:
        engine = create_engine(self.url())
        prepare_engine(engine)
        careless(engine)
        schema.upgrade(engine)
        engine.dispose()
        self.keep("empty")

    def renew(self, template: str = "empty") -> None:
        _leave_one()
        whole = self.templates[template]
        if not self._written_over(whole):
            self._begin_anew(whole)

    def _written_over(self, whole: bytes) -> bool:
        """Write a template over the file in use, unless that is another file, of another shape, or held by somebody."""
        if self._own is None or whole[18:20] != WITH_A_JOURNAL or not self._is_ours():
            return False
        try:
            self._own.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        try:
            with self.file.open("r+b") as file:
                header = file.read(100)
                if any(header[part] != whole[part] for part in SHAPED_BY):
                    return False
                _write(whole, file, changes=int.from_bytes(header[24:28]) + 1)
        finally:
            self._own.execute("ROLLBACK")
        self._clear(beside=True)
        return True

    def _is_ours(self) -> bool:
        """Say whether the file in use is the one that was made here, and not one that a test put in its place."""
        try:
            return self._made is not None and os.path.samestat(self.file.stat(), self._made)
        except FileNotFoundError:
            return False

    def _begin_anew(self, whole: bytes) -> None:
        """Make the file anew; whoever still has the old one open keeps that."""
        leave()
        self.close()
        self._clear()
        self.file.write_bytes(whole)
        self._own = sqlite3.connect(self.file, isolation_level=None, timeout=0)
        self._made = self.file.stat()

    def _clear(self, *, beside: bool = False) -> None:
        """Remove what lies under the file's name, or only what lies beside it (a key, a lock)."""
        for left in self.file.parent.glob(f"{self.file.name}*"):
            if not beside or left != self.file:
                left.unlink()

    def keep(self, template: str) -> None:
        leave()
        self.close()
        self.templates[template] = self.file.read_bytes()
        self.kept.add(template)

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
        self._own = None


def _write(whole: bytes, file: BinaryIO, *, changes: int) -> None:
    """Write a template over an open file, its count of changes one that nobody has seen."""
    file.seek(0)
    file.write(whole)
    for at in CHANGES_AT:
        file.seek(at)
        file.write((changes % 2**32).to_bytes(4))
    file.truncate(len(whole))


BESIDE = """
CREATE SCHEMA beside;
CREATE TABLE beside.changed (what text);
CREATE FUNCTION beside.notice() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO beside.changed VALUES (tg_tag); END $$;
CREATE FUNCTION beside.sweep() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {sweep} END $$;
CREATE EVENT TRIGGER notice ON ddl_command_end EXECUTE FUNCTION beside.notice();
ALTER EVENT TRIGGER notice ENABLE ALWAYS;
TRUNCATE beside.changed;
"""
"""What stands beside the tables: a note of each change to them, and a function that empties them."""

TABLES = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attgenerated = '')
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY relname ORDER BY relname
"""
NUMBERS = """
SELECT 'SELECT ' || string_agg(
    format('setval(%L, %s, %L)', format('public.%I', sequencename), coalesce(last_value, start_value),
        last_value IS NOT NULL), ', ')
FROM pg_sequences WHERE schemaname = 'public'
"""
"""Writes the SQL that puts every sequence where it stands now."""

BUSY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""
"""Ends whoever is in the middle of something: a thread or a process that a test left behind."""

VACUUM_EVERY = 40
"""Deleted rows lie about until they are swept; done so often, sweeping costs less than it saves."""


@cache
def _template_of(server: Server) -> str:
    """Create the database that others are copied from, and name it: the migrations take ten times as long as a copy."""
    engine = create_engine(server.create("migrated"))
    schema.upgrade(engine)
    engine.dispose()
    return "migrated"


def migrated(server: Server, database: str) -> str:
    """Create a database with every table, and no row but what the migrations bring; give its address."""
    return server.create(database, template=_template_of(server))


@dataclass(frozen=True)
class Rows:
    """The rows of a database: what each COPY is to be fed with, and where the sequences stand."""

    tables: dict[str, bytes]
    numbers: str


class PostgresqlDatabases(Databases):
    """One database of a server, whose rows are put back."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.templates: dict[str, Rows] = {}
        self.renewed = 0
        self._own: psycopg.Connection[Any] | None = None

    def url(self, name: str = "used") -> str:
        return self.server.url(name)

    @property
    def own(self) -> psycopg.Connection[Any]:
        """The connection over which rows are put back; no trigger and no key looks at what it does."""
        if self._own is None:
            self._own = psycopg.connect(
                host=str(self.server.socket_folder), user="postgres", dbname="used", autocommit=True
            )
            self._own.execute("SET session_replication_role = replica")
        return self._own

    def prepare(self) -> None:
        migrated(self.server, "used")
        sweep = " ".join(f"DELETE FROM public.{table};" for table, _ in self._tables())
        self.own.execute(BESIDE.format(sweep=sweep).encode())
        self.keep("empty")
        self.close()
        self.server.create("whole", template="used")

    def renew(self, template: str = "empty") -> None:
        if has_app_context():
            db.session.remove()
        if self.own.execute(BUSY).fetchall():
            leave()
        if self.own.execute("SELECT EXISTS (SELECT FROM beside.changed)").fetchone() == (True,):
            self._begin_anew()
        rows = self.templates[template]
        with self.own.transaction(), self.own.cursor() as cursor:
            cursor.execute("SELECT beside.sweep()")
            for feed, data in rows.tables.items():
                with cursor.copy(feed.encode()) as copy:
                    copy.write(data)
            cursor.execute(rows.numbers.encode())
        self.renewed += 1
        if self.renewed % VACUUM_EVERY == 0:
            self.own.execute("VACUUM")

    def _begin_anew(self) -> None:
        """Replace the database by the one that the migrations made."""
        leave()
        self.close()
        self.server.drop("used")
        self.server.create("used", template="whole")

    def keep(self, template: str) -> None:
        if has_app_context():
            db.session.remove()
        tables = {}
        with self.own.transaction(), self.own.cursor() as cursor:
            for table, columns in self._tables():
                with cursor.copy(f"COPY public.{table} ({columns}) TO STDOUT".encode()) as copy:
                    data = b"".join(copy)
                if data:
                    tables[f"COPY public.{table} ({columns}) FROM STDIN"] = data
            numbers = cursor.execute(NUMBERS).fetchone()
        assert numbers is not None
        self.templates[template] = Rows(tables, numbers[0])
        self.kept.add(template)

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
        self._own = None

    def _tables(self) -> list[tuple[str, str]]:
        """List the tables, each with its columns."""
        return self.own.execute(TABLES).fetchall()
