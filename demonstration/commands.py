"""Commands of the demonstration: load it, print who can sign in, serve it."""

from __future__ import annotations

import fcntl
import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import IO

import click
from sqlalchemy import Engine, event, inspect, select

from core import commands, revisions
from core.dates import local_day
from core.db import db, now, transaction
from core.errors import Refusal, RuleBroken
from core.trail import checkpoints
from core.trail.keys import key_file
from core.trail.queries import head
from demonstration import people
from organisation.accounts import queries as accounts
from organisation.accounts.models import Account

LOG = "demonstration.example/log"
"""Name of the demonstration's log and of the key that signs it."""

demonstration = commands.DatabaseGroup("demonstration", help="The demonstration year.")


@demonstration.command("load")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day after its last; today unless given.")
@click.option("--again", is_flag=True, help="Complain when it is loaded already, instead of leaving it.")
def load(today: datetime | None, again: bool) -> None:
    """Load the demonstration year into an empty database, brought to the newest schema first.

    A load that was broken off left a database that is no year: it is loaded from the beginning. A service that
    somebody works with is refused, and its schema left as it is.
    """
    last = today.date() if today else local_day(now())
    try:
        with _alone() as mark:
            if _is_real():
                raise RuleBroken(
                    "This database is a service that somebody works with. The demonstration year loads into an empty "
                    "one only. Nothing was changed"
                )
            if mark is not None and mark.read():
                _remove_database()
            if revisions.present(db.engine) != revisions.newest():
                _upgrade()
            if not _holds_accounts():
                _load_whole(last, mark)
            elif again:
                _show_progress(last)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal


@contextmanager
def _alone() -> Iterator[IO[str] | None]:
    """Keep every other load out of an SQLite database; give the file that holds a word while its load is not whole.

    Raises:
        RuleBroken: somebody loads it at this moment.
    """
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not file:
        yield None
        return
    path = Path(f"{file}.loading")
    with path.open("a+") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuleBroken("The demonstration year is being loaded already. Wait until that is done") from None
        mark.seek(0)
        try:
            yield mark
        finally:
            if not os.fstat(mark.fileno()).st_size:
                path.unlink(missing_ok=True)


def _load_whole(last: date, mark: IO[str] | None) -> None:
    """Load and sign; until both are done, the mark says that what lies there is no year."""
    if mark is not None:
        mark.truncate(0)
        mark.write("begun\n")
        mark.flush()
    with _disk_later() if mark is not None else nullcontext():
        _show_progress(last)
        _sign()
    if mark is not None:
        mark.truncate(0)


@contextmanager
def _disk_later() -> Iterator[None]:
    """Wait for the disk once, at the end, instead of at each commit: a load that is broken off is begun anew anyway."""

    def hurry(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    engine = db.engine
    _leave(engine)
    event.listen(engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(engine, "connect", hurry)
        _leave(engine)
    handle = os.open(str(engine.url.database), os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _leave(engine: Engine) -> None:
    """Close every connection, so that the next one is set up anew."""
    db.session.remove()
    engine.dispose()


def _remove_database() -> None:
    """Remove what a broken-off load left of its SQLite database; the key that signs stays and is used again."""
    _leave(db.engine)
    for ending in ("", "-journal", "-wal", "-shm"):
        Path(f"{db.engine.url.database}{ending}").unlink(missing_ok=True)


def _is_real() -> bool:
    """Say whether somebody works with the database: it has accounts and was never declared a demonstration.

    The load declares it together with its first account, so nothing it left looks like this.
    """
    if "account" not in inspect(db.engine).get_table_names() or not _holds_accounts():
        return False
    declared = accounts.is_demonstration()
    db.session.remove()
    return not declared


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


@demonstration.command("answers")
def answers() -> None:
    """Print the errors planted in the year, where each is in the books and how it is found: for an instructor."""
    if not accounts.is_demonstration():
        raise click.ClickException("This database is no demonstration. Load the year into an empty one first.")
    from demonstration import planting

    for number, each in enumerate(planting.answers(), start=1):
        click.echo(f"{number}. {each.row}: {each.planted.wrong}\n   {each.planted.way}")


@demonstration.command("pdfs")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def pdfs(folder: Path) -> None:
    """Make every report of the year into a FOLDER, as PDF and CSV."""
    from demonstration.printing import printed

    folder.mkdir(parents=True, exist_ok=True)
    for name, data in printed():
        (folder / name).write_bytes(data)
        click.echo(f"{name}: {len(data):,} bytes")


@demonstration.command("run")
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.option("--styles", type=click.File("r"), help="Serve once this ends with the word built: the styles are there.")
@click.pass_context
def run(context: click.Context, port: int, styles: IO[str] | None) -> None:
    """Load the year where there is none yet, and serve it: one process, so that the program is started once."""
    context.invoke(load)
    if styles is not None and not styles.read().endswith("built\n"):
        raise click.ClickException("The styles were not built, so no page can be shown. What is wrong stands above.")
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
