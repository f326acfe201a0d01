"""SQLite: copied by its own online backup, which sees one moment however busy the database is.

A copied file would not do: in WAL mode the newest rows lie in another file, in any mode a page may be half written.
The restored database is written over the present one by the same means, as one transaction of SQLite's: a kill in the
middle leaves the old one, and a process that has the file open sees the new one and cannot go on writing to the old.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from audit.backups.queries import demand_tables, facts_of
from audit.backups.rules import Facts, free_name, stamp, unusable
from audit.backups.services.archive import settle
from core.damage import damage
from core.errors import RuleBroken, Unavailable
from core.writers import writers_of


class SqliteStore:
    """The file of the service's database."""

    kind = "sqlite"

    def __init__(self, engine: Engine, patience_seconds: float = 15.0) -> None:
        self._engine = engine
        self._patience = patience_seconds
        self._file = Path(engine.url.database or "")

    def take(self, into: Path) -> Facts:
        """Copy the database at one moment.

        Raises:
            RuleBroken: there is none, or it is empty or damaged.
            Unavailable: it stayed busy, or the disk is full.
        """
        _demand_file(self._file)
        try:
            with closing(self._open(self._file)) as source, closing(self._open(into, new=True)) as copy:
                self._copy(source, copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            return _sound_facts(into)
        except sqlite3.OperationalError as problem:
            raise Unavailable(f"SQLite says: {problem}. No backup has been made") from problem
        except (sqlite3.DatabaseError, DatabaseError) as problem:
            raise RuleBroken(_damaged(str(getattr(problem, "orig", problem)))) from problem

    def readable(self, copy: Path) -> URL:
        """Give the address of the copy."""
        return URL.create("sqlite", database=str(copy))

    def present(self) -> Facts | None:
        """Read what the database holds, if it can be read."""
        if self._file.is_file() and self._file.stat().st_size:
            with suppress(DatabaseError), self._engine.connect() as connection:
                return facts_of(connection)
        return None

    def folder(self) -> Path:
        """Give the folder of the database."""
        return self._file.parent

    @contextmanager
    def scratch(self, folder: Path, name: str) -> Iterator[URL]:
        """Name a file in a folder that goes away by itself."""
        yield URL.create("sqlite", database=str(folder / f"{name}.sqlite3"))

    def load(self, file: Path, into: URL, *, trusted: bool) -> None:  # noqa: ARG002  (SQLite runs nothing of a file)
        """Take the file itself; refuse a damaged one.

        Raises:
            RuleBroken: what SQLite finds wrong with it.
        """
        assert into.database is not None
        file.rename(into.database)
        engine = _engine_of(Path(into.database))
        try:
            with engine.connect() as connection:
                found = damage(connection)
        except DatabaseError as problem:
            found = [f"SQLite says: {problem.orig}."]
        if found:
            raise unusable(f"the database in it is damaged: {found[0].removesuffix('.')}")

    def swap(self, restored: URL, *, at: datetime) -> str:
        """Keep the present database under a dated name and write the restored one over it."""
        assert restored.database is not None
        folder, end = self._file.parent, self._file.suffix
        name = free_name(f"{self._file.stem}-before-{stamp(at)}", lambda each: (folder / f"{each}{end}").exists())
        kept = folder / f"{name}{end}"
        self._engine.dispose()
        with writers_of(self._engine):
            if not self._file.exists():
                Path(restored.database).rename(self._file)
                return "nothing, since there was none"
            self._keep(kept)
            self._overwrite(Path(restored.database))
        settle(self._file.parent)
        return str(kept)

    def _open(self, file: Path, *, new: bool = False) -> sqlite3.Connection:
        mode = "rwc" if new else "rw"
        return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=self._patience)

    def _copy(self, source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        """Copy a database in one step, which is one moment; give up when it stays locked."""
        until = time.monotonic() + self._patience

        def patient(status: int, _left: int, _total: int) -> None:
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
                raise sqlite3.OperationalError("database is locked")

        source.backup(target, pages=-1, progress=patient, sleep=0.05)

    def _keep(self, kept: Path) -> None:
        """Copy the present database to a new name; byte by byte when it is too damaged to be read."""
        try:
            with closing(self._open(self._file)) as source, closing(self._open(kept, new=True)) as copy:
                self._copy(source, copy)
        except sqlite3.OperationalError as problem:
            kept.unlink(missing_ok=True)
            raise _in_use(problem) from problem
        except sqlite3.DatabaseError:
            kept.unlink(missing_ok=True)
            shutil.copyfile(self._file, kept)
        with kept.open("rb+") as written:
            os.fsync(written.fileno())

    def _overwrite(self, restored: Path) -> None:
        """Write the restored database over the present one, or put it in its place when that cannot be written over."""
        try:
            with closing(self._open(restored)) as source, closing(self._open(self._file)) as target:
                self._copy(source, target)
        except sqlite3.OperationalError as problem:
            raise _in_use(problem) from problem
        except sqlite3.DatabaseError:
            for left in ("-journal", "-wal", "-shm"):
                Path(f"{self._file}{left}").unlink(missing_ok=True)
            restored.replace(self._file)


def _in_use(problem: sqlite3.OperationalError) -> Unavailable:
    return Unavailable(f"SQLite says: {problem}. Stop the service and restore again. Nothing has been changed")


def _demand_file(file: Path) -> None:
    if not file.is_file():
        raise RuleBroken(f"There is no database {file}. See whether DATABASE_URL is right")


def _engine_of(file: Path) -> Engine:
    return create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)


def _sound_facts(file: Path) -> Facts:
    with _engine_of(file).connect() as connection:
        found = damage(connection)
        if found:
            raise RuleBroken(_damaged(found[0].removesuffix(".")))
        demand_tables(connection)
        return facts_of(connection)


def _damaged(words: str) -> str:
    return f"The database is damaged, so no backup of it has been made. {words}. Restore the last good backup"
