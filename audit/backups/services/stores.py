"""Where a database is kept: what making and restoring a backup ask of SQLite and of PostgreSQL alike."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from audit.backups.rules import Facts
from audit.backups.services.postgresql import PostgresqlStore
from audit.backups.services.sqlite import SqliteStore


class Store(Protocol):
    """The service's own database, and databases beside it."""

    kind: str

    def take(self, into: Path) -> Facts:
        """Copy the database into a file as it stands at one moment, while it is in use; give what it holds then."""

    def readable(self, copy: Path) -> URL:
        """Give the address under which what was copied can be read: the copy's own, or the present database's."""

    def present(self) -> Facts | None:
        """Read what the database holds, or nothing when there is none or it cannot be read."""

    def folder(self) -> Path:
        """Give a folder with room for copies."""

    def scratch(self, folder: Path, name: str) -> AbstractContextManager[URL]:
        """Make an empty database beside it; whatever becomes of it, it is gone in the end."""

    def load(self, file: Path, into: URL, *, trusted: bool) -> None:
        """Load a file that ``take`` wrote into an empty database.

        Args:
            trusted: whether this service's secret key vouches for the file.
        """

    def swap(self, restored: URL, *, at: datetime) -> str:
        """Put a database in the service's place, all or nothing; give the name the old one is kept under."""


def store_of(engine: Engine) -> Store:
    """Give the store of the service's database."""
    return SqliteStore(engine) if engine.dialect.name == "sqlite" else PostgresqlStore(engine)
