"""PostgreSQL: copied and restored by its own programs, pg_dump and pg_restore.

One transaction that reads one moment (REPEATABLE READ) counts and hashes what is there and lends its snapshot to
pg_dump, so the manifest and the dump speak of the same moment. A restored database stands beside the present one on
the same server and takes its place by two renames in one transaction.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from audit.backups.queries import demand_tables, facts_of
from audit.backups.rules import Facts, free_name, stamp, unusable
from core.errors import RuleBroken, Unavailable

MENDED = {15: 20, 16: 16, 17: 12, 18: 7}
"""Version of PostgreSQL → the first release whose programs do not run what a hostile dump tells them to.

Source: SEC-5
"""
_MAINTENANCE = "postgres"
_ADDRESS = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "service")


class PostgresqlStore:
    """The service's database on its server."""

    kind = "postgresql"

    def __init__(self, engine: Engine, patience_seconds: float = 5.0) -> None:
        self._engine = engine
        self._patience = patience_seconds
        self._name = engine.url.database or ""

    def take(self, into: Path) -> Facts:
        """Dump the database at one moment.

        Raises:
            RuleBroken: the database is empty, or pg_dump is missing, too old, or said no.
        """
        with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            demand_tables(connection)
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            program = program_of("pg_dump", _major(connection))
            _run(program, connection, f"--snapshot={snapshot}", "--format=custom", "--compress=0", f"--file={into}")
            return facts_of(connection)

    def readable(self, copy: Path) -> URL:  # noqa: ARG002  (a dump is read by restoring it, as a check does)
        """Give the address of the present database."""
        return self._engine.url

    def present(self) -> Facts | None:
        """Read what the database holds, if there is one.

        Raises:
            Unavailable: the server does not answer.
        """
        with self._server() as server:
            if server.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": self._name}) is None:
                return None
        try:
            with self._engine.connect() as connection:
                return facts_of(connection)
        except DatabaseError:
            return None

    def folder(self) -> Path:
        """Give the folder for temporary files."""
        return Path(tempfile.gettempdir())

    @contextmanager
    def scratch(self, folder: Path, name: str) -> Iterator[URL]:
        """Make an empty database on the same server, and drop it in the end unless it was renamed.

        Raises:
            RuleBroken: the role may not make databases.
        """
        with self._server() as server:
            named = f"{self._name[:24]}_{name}_{folder.name[-8:]}"
            quoted = _quoted(server, named)
            try:
                server.execute(text(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'{self._like(server)}"))
            except ProgrammingError as problem:
                raise RuleBroken(
                    f"The role {self._engine.url.username} may not make a database to try the backup in. Run this as "
                    "the owner of the tables, with the right to make databases (ALTER ROLE … CREATEDB)"
                ) from problem
            try:
                yield self._engine.url.set(database=named)
            finally:
                server.execute(text(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)"))

    def _like(self, server: Connection) -> str:
        """Write the language settings of the present database, for one that is to take its place."""
        asked = text("SELECT datcollate, datctype FROM pg_database WHERE datname = :name")
        present = server.execute(asked, {"name": self._name}).first()
        return f" LC_COLLATE '{present.datcollate}' LC_CTYPE '{present.datctype}'" if present else ""

    def load(self, file: Path, into: URL, *, trusted: bool) -> None:
        """Restore a dump into an empty database.

        Raises:
            RuleBroken: pg_restore is missing or cannot read the dump, or would run what a stranger's tells it to.
        """
        engine = create_engine(into, poolclass=NullPool)
        with engine.connect() as connection:
            program = program_of("pg_restore", _major(connection))
            if not trusted and unmended(version_of(program)):
                raise unusable(
                    f"nothing vouches for it, and {program} is of a release that a hostile dump can make run programs. "
                    "Install the newest release of PostgreSQL's programs"
                )
            try:
                _run(program, connection, "--no-owner", "--exit-on-error", "--single-transaction", str(file))
            except RuleBroken as problem:
                raise unusable(f"pg_restore cannot restore it: {problem.message}") from problem

    def swap(self, restored: URL, *, at: datetime) -> str:
        """Rename the present database and the restored one in one transaction.

        Raises:
            Unavailable: somebody is connected.
        """
        self._engine.dispose()
        with self._server() as server:
            names = set(server.scalars(text("SELECT datname FROM pg_database")))
            kept = free_name(f"{self._name[:36]}_before_{stamp(at)}", names.__contains__)
            was = self._name in names
            self._demand_nobody(server, str(restored.database))
            steps = [(str(restored.database), self._name)]
            if was:
                steps.insert(0, (self._name, kept))
            renames = "; ".join(
                f"ALTER DATABASE {_quoted(server, name)} RENAME TO {_quoted(server, to)}" for name, to in steps
            )
            # Sent as one text, PostgreSQL takes both for one transaction.
            server.exec_driver_sql(renames, execution_options={"no_parameters": True})
        return kept if was else "nothing, since there was none"

    def _demand_nobody(self, server: Connection, restored: str) -> None:
        """Wait a little for connections that are ending; refuse when one stays."""
        asked = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname IN (:old, :new) AND backend_type = 'client backend'"
        )
        until = time.monotonic() + self._patience
        while busy := server.scalar(asked, {"old": self._name, "new": restored}):
            if time.monotonic() > until:
                raise Unavailable(f"Somebody is connected to the database ({busy}). Stop the service and restore again")
            time.sleep(0.1)

    @contextmanager
    def _server(self) -> Iterator[Connection]:
        """Connect to the server's own database."""
        address = self._engine.url.set(database=_MAINTENANCE)
        engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            connection = engine.connect()
        except OperationalError as problem:
            raise Unavailable(f"PostgreSQL does not answer: {problem.orig}. Nothing has been changed") from problem
        with connection:
            yield connection


def program_of(name: str, server: int) -> Path:
    """Find one of PostgreSQL's programs for a server: of its own version, else of a newer one.

    It is looked for in the folder PG_BIN names, else on the path and where Debian keeps its versions.

    Raises:
        RuleBroken: it is not there, or too old, and what to install.
    """
    named = os.environ.get("PG_BIN")
    folders = [Path(named)] if named else [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]
    there = [folder / name for folder in folders if os.access(folder / name, os.X_OK)]
    versions = {version_of(program): program for program in reversed(there)}
    fit = sorted(version for version in versions if version[0] >= server)
    if fit:
        return versions[max(version for version in fit if version[0] == fit[0][0])]
    have = f" ({max(versions)[0]} is there, and it cannot)" if versions else ""
    raise RuleBroken(
        f"{name} of PostgreSQL {server} or newer is missing{have}. Install PostgreSQL's client programs (Debian: "
        f"apt-get install postgresql-client-{server}) or name the folder that holds them with PG_BIN"
    )


def version_of(program: Path) -> tuple[int, int]:
    """Give a program's version, such as (15, 18)."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def unmended(version: tuple[int, int]) -> bool:
    """Say whether a version of the programs could run what a hostile dump tells it to."""
    return version[0] < min(MENDED) or version[1] < MENDED.get(version[0], 0)


def _major(connection: Connection) -> int:
    return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000


def _run(program: Path, connection: Connection, *options: str) -> None:
    """Run a program on a connection's database; the password goes by the environment, where nobody can list it.

    Raises:
        RuleBroken: what the program said.
    """
    asked = connection.dialect.create_connect_args(connection.engine.url)[1]
    address = make_conninfo(**{name: str(value) for name, value in asked.items() if name in _ADDRESS})
    environment = {**os.environ, "LC_ALL": "C"}
    if "password" in asked:
        environment["PGPASSWORD"] = asked["password"]
    command: list[str | Path] = [program, "--no-password", f"--dbname={address}", *options]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise RuleBroken((said[-1] if said else f"{program.name} failed").removesuffix("."))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
