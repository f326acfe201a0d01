"""The two kinds of database of the tests, and how each begins again from a template.

A test finds the database as the template was kept: no other test's rows, numbers or tables.

* SQLite: a template is a file, and beginning again copies it. No connection outlives the copying.
* PostgreSQL: copying a database of a hundred tables takes a quarter of a second, so its rows are put back instead. A
  template is every row there was; beginning again deletes what a test left and copies those in, and connections stay
  open. A test that changed the tables themselves is noticed (by an event trigger), and the database made anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import has_app_context
from sqlalchemy import Engine, create_engine, event

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

    def renew_or_build(self, template: str, build: Callable[[], object]) -> None:
        """Make the database in use what ``build`` makes of it, which is done once and then kept."""
        if template in self.kept:
            self.renew(template)
        else:
            build()
            self.keep(template)

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


class SqliteDatabases(Databases):
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def url(self, name: str = "used") -> str:
        return f"sqlite:///{self.folder / name}.sqlite3"

    def prepare(self) -> None:
        engine = create_engine(self.url("empty"))
        prepare_engine(engine)
        careless(engine)
        schema.upgrade(engine)
        engine.dispose()

    def renew(self, template: str = "empty") -> None:
        leave()
        for leftover in self.folder.glob("used.sqlite3*"):
            leftover.unlink()
        shutil.copyfile(self.folder / f"{template}.sqlite3", self.folder / "used.sqlite3")

    def keep(self, template: str) -> None:
        leave()
        shutil.copyfile(self.folder / "used.sqlite3", self.folder / f"{template}.sqlite3")
        self.kept.add(template)


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
        engine = create_engine(self.server.create("used"))
        schema.upgrade(engine)
        engine.dispose()
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
        leave()
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
