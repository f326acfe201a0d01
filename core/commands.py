"""Commands of the service itself, its database and its server, and the kind of group that slices put theirs in.

``core`` is an area, not a slice, so ``app.py`` registers these by name.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import DatabaseError, OperationalError

from core import revisions, trail
from core.damage import demand_sound
from core.db import db, writing_connection
from core.errors import Refusal


class AnotherSchema(click.ClickException):
    """Say that the database is of another schema than this program's: the command could not run."""

    exit_code = 2


class Unreachable(click.ClickException):
    """Say that there was no database to work with: the command could not run, or could not go on."""

    exit_code = 2

    def __init__(self, said: str) -> None:
        """Keep the first line of what was said; the rest of what a driver says is a hint for programmers."""
        line = said.strip().partition("\n")[0].removesuffix(".")
        super().__init__(f"The database cannot be used: {line}. Is DATABASE_URL right, and does its server run?")


class DatabaseGroup(AppGroup):
    """A group of commands that work with the database, and say in words that it is out of reach."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command that ends in words where the database does not answer."""
        assert cmd.callback is not None
        cmd.callback = with_appcontext(_in_reach(cmd.callback))
        super().add_command(cmd, name)


class SchemaGroup(DatabaseGroup):
    """A group of commands that work with the database as this program knows it, and refuse one of another schema."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command that asks for the schema first."""
        assert cmd.callback is not None
        cmd.callback = _on_newest(cmd.callback)
        super().add_command(cmd, name)


def _in_reach(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command say in words that there is no database to be reached, or no folder for its file."""

    @wraps(function)
    def asked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except OperationalError as problem:
            raise Unreachable(str(problem.orig)) from problem
        except FileNotFoundError as problem:
            # Of the files beside an SQLite database, a lock is opened before the database itself.
            folder = Path(str(problem.filename)).parent
            if folder.exists() or folder != Path(db.engine.url.database or "").parent:
                raise
            raise Unreachable(f"there is no folder {folder}") from problem

    return asked


def _on_newest(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command refuse a database of another schema; one that cannot be read at all is the command's to say."""

    @wraps(function)
    def asked(*args: Any, **options: Any) -> Any:
        try:
            revisions.demand_newest(db.engine)
        except Refusal as refusal:
            raise AnotherSchema(f"{refusal.message}.") from refusal
        except DatabaseError:
            db.engine.dispose()
        return function(*args, **options)

    return asked


database = DatabaseGroup("database", help="Keep the database.")


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema, and seal what a crash left unsealed.

    A damaged database, one of a newer version, and a migration that would change what is held are refused.
    """
    # Alembic takes longer to import than all the rest, and nothing but this needs it.
    from core import schema

    try:
        demand_sound(db.engine)
        kept = schema.upgrade(db.engine)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    with writing_connection(db.engine) as connection:
        sealed = sum(trail.seal(connection, log, sweep=True) for log in trail.Log)
    click.echo(f"The database has schema {schema.current_revision(db.engine)}. Leaves sealed: {sealed}.")
    if kept is not None:
        click.echo(f"Every row it held is as it was: ledger digest {kept.sha256} before and after.")


@click.command("serve")
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.option("--threads", default=8, show_default=True, help="Requests answered at once.")
@with_appcontext
@_in_reach
def serve(port: int, threads: int) -> None:
    """Serve the application on this machine; a database of another schema than the program's is refused."""
    import waitress

    try:
        revisions.demand_newest(db.engine)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # typed as the Flask it stands for
    try:
        waitress.serve(app, host="127.0.0.1", port=port, threads=threads, ident=None)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"Port {port} is taken by another program. Name another") from problem
