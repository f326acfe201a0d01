"""Bringing a database to the newest schema, and comparing it with the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from core.db import Base, writing_connection

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def settings(connection: Connection | None = None) -> Config:
    """Give Alembic's settings, over a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema, all or nothing."""
    with writing_connection(engine) as connection:
        command.upgrade(settings(connection), "head")


def current_revision(engine: Engine) -> str | None:
    """Tell which schema the database has, or None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Tell which schema this program needs."""
    return ScriptDirectory.from_config(settings()).get_current_head()


def differences(engine: Engine) -> list[Any]:
    """List what the models have and the database has not, or the reverse; empty when they agree."""
    with engine.connect() as connection:
        compare = connection.dialect.name != "sqlite"
        context = MigrationContext.configure(connection, opts={"compare_type": compare})
        return list(compare_metadata(context, Base.metadata))
