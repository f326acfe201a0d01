"""Commands of the demonstration: load it, print who can sign in, serve it."""

from __future__ import annotations

import gc
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from core import commands, revisions
from core.dates import local_day
from core.db import db, now, transaction
from core.errors import Refusal
from core.trail import checkpoints
from core.trail.keys import key_file
from core.trail.queries import head
from demonstration import people
from organisation.accounts import queries as accounts
from organisation.accounts.models import Account

LOG = "demonstration.example/log"
"""Name of the demonstration's log and of the key that signs it."""

demonstration = AppGroup("demonstration", help="The demonstration year.")


@demonstration.command("load")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day after its last; today unless given.")
@click.option("--again", is_flag=True, help="Complain when it is loaded already, instead of leaving it.")
def load(today: datetime | None, again: bool) -> None:
    """Load the demonstration year into an empty database, brought to the newest schema first.

    A load that was broken off left a database that is no year: it is loaded from the beginning.
    """
    unfinished = _unfinished()
    if unfinished is not None and unfinished.exists():
        _remove_database()
    try:
        if revisions.present(db.engine) != revisions.newest():
            _upgrade()
        held = _holds_accounts()
        if held and not again:
            return
        if unfinished is not None and not held:
            unfinished.touch()
        _show_progress(today.date() if today else local_day(now()))
        _sign()
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    if unfinished is not None:
        unfinished.unlink(missing_ok=True)


def _unfinished() -> Path | None:
    """Name the file that stands beside an SQLite database while the year is loaded into it."""
    file = db.engine.url.database
    return Path(f"{file}.loading") if db.engine.dialect.name == "sqlite" and file else None


def _remove_database() -> None:
    """Remove what a broken-off load left of its SQLite database; the key that signs stays and is used again."""
    db.session.remove()
    db.engine.dispose()
    for ending in ("", "-journal", "-wal", "-shm"):
        Path(f"{db.engine.url.database}{ending}").unlink(missing_ok=True)


def _upgrade() -> None:
    # Alembic is slow to import, and nothing but this needs it.
    from core import schema

    schema.upgrade(db.engine)


def _holds_accounts() -> bool:
    held = db.session.scalar(select(Account.id).limit(1)) is not None
    # A read left open would keep every writer of an SQLite database out.
    db.session.remove()
    return held


def _show_progress(today: date) -> None:
    # Loaded here, so that a service which is no demonstration never imports it.
    from demonstration.load import load as load_year

    usual = gc.get_threshold()
    # Most of what is made stays until the end: collecting rubbish early only costs time.
    gc.set_threshold(200_000)
    try:
        with click.progressbar(length=365, label="Demonstration year", item_show_func=lambda each: each) as bar:
            reached = 0
            for done, number in load_year(today):
                bar.update(max(0, number - reached), done)
                reached = max(reached, number)
            bar.update(365 - reached, "Done")
    finally:
        gc.set_threshold(*usual)


def _sign() -> None:
    """Begin to sign the demonstration's log as of its last change, where the service has a file for the key."""
    at = head().newest_at
    if key_file() is None or at is None:
        return
    with transaction():
        checkpoints.begin_key(LOG, at=at)
    checkpoints.checkpoint_now(at=at, occasion="key.begin")


@demonstration.command("sign-ins")
def sign_ins() -> None:
    """Print who can sign in to the demonstration, and the password."""
    roles = {name: role for name, _, role, _ in people.ACCOUNTS}
    click.echo("Demonstration sign-ins:")
    for name in people.SHOWN:
        click.echo(f"  {people.address(name):<28} {roles[name]}")
    click.echo(f"Password for all of them: {people.PASSWORD}")


@demonstration.command("run")
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.pass_context
def run(context: click.Context, port: int) -> None:
    """Load the year where there is none yet, and serve it: one process, so that the program is started once."""
    context.invoke(load)
    context.invoke(serve, port=port)


@demonstration.command("serve")
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.pass_context
def serve(context: click.Context, port: int) -> None:
    """Print who can sign in and where, and serve the demonstration on this machine."""
    if not accounts.is_demonstration():
        raise click.ClickException("This database is no demonstration. Load the year into an empty one first.")
    context.invoke(sign_ins)
    # A read left open would keep every writer of an SQLite database out.
    db.session.remove()
    click.echo(f"\nOpen http://127.0.0.1:{port}/ (press Ctrl+C to stop)")
    context.invoke(commands.serve, port=port)
