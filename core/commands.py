"""Commands of the service itself: its database and its server.

``core`` is an area, not a slice, so ``app.py`` registers these by name.
"""

from __future__ import annotations

import errno

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from core import revisions, trail
from core.damage import demand_sound
from core.db import db, writing_connection
from core.errors import Refusal

database = AppGroup("database", help="Keep the database.")


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
