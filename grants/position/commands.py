"""Keeping the sums of grant lines up: by the way after a change, and by command after a large import."""

from __future__ import annotations

import logging
import time

import click
from flask import Flask, has_request_context, request

from core.commands import SchemaGroup
from core.db import CHANGED, db, transaction
from grants.position import services
from grants.position.queries.sums import rows_since

position = SchemaGroup("position", help="Keep the sums of grant lines, so that a position is quick to read.")

_LOOK_EVERY_SECONDS = 60.0
_WORTH_KEEPING, _MOST_AT_A_CHANGE = 100, 20_000
"""Rows since the mark from which on a change keeps the sums up on its way, and above which it leaves that alone."""

_looked: dict[str, float] = {}
_log = logging.getLogger(__name__)


@position.command("keep")
@click.option("--afresh", is_flag=True, help="Fold everything from the first row on, as after the check found fault.")
def keep(*, afresh: bool) -> None:
    """Keep the sums of every grant line up to now."""
    click.echo(f"Sums made: {keep_up(afresh=afresh):,}.")


def prepare(_: Flask) -> None:
    """Keep the sums up by the way, whatever was changed."""
    CHANGED.connect(keep_up_when_due)


def keep_up(*, afresh: bool = False) -> int:
    """Keep the sums of every grant line up to now; give how many were made."""
    found = services.fold(afresh=afresh)
    if found is None:
        return 0
    with transaction():
        return services.keep(found)


def keep_up_when_due(_: object) -> None:
    """Keep the sums up once enough has happened; a change that is committed is not troubled.

    The database is asked once a minute at most, so that a change costs nothing more. What a page notes while it is only
    read, such as that it was, is no occasion.
    """
    if has_request_context() and request.method in ("GET", "HEAD"):
        return
    name = str(db.engine.url)
    if time.monotonic() - _looked.get(name, float("-inf")) < _LOOK_EVERY_SECONDS:
        return
    _looked[name] = time.monotonic()
    try:
        if _WORTH_KEEPING <= rows_since() <= _MOST_AT_A_CHANGE:
            keep_up()
    except Exception:
        # The change is saved, and what is kept only makes reading quick: nothing here must make it look refused.
        _log.exception("The sums of grant lines were not kept up")
    finally:
        db.session.rollback()


def forget_looking() -> None:
    """Let the next change look again whether the sums are worth keeping up."""
    _looked.clear()
