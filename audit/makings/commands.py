"""What the service begins as a process beside itself: making a big report. And for a scheduler: tidying up."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import time
from hashlib import file_digest
from pathlib import Path
from typing import Any

import click
from flask import current_app

from audit.makings import queries, services
from audit.makings.report import SORTS, Sort, Surroundings, report_of
from audit.makings.rules import TooLong, problem_of
from audit.makings.services import Folder
from core.commands import SchemaGroup
from core.db import db, now, transaction
from core.errors import NotFound, StaleEdit
from core.figures.storing import text_of

makings = SchemaGroup("makings", help="Make big reports; the service begins this by itself.")
log = logging.getLogger("go_bags.makings")

NOTED_EVERY_SECONDS = 1.0
"""How often a process notes how far it is: each time is a transaction."""


@makings.command("make")
@click.argument("reference")
def make(reference: str) -> None:
    """Make the big report of a REFERENCE that somebody asked for on its page."""
    signal.signal(signal.SIGXCPU, _out_of_time)
    folder = Folder(Path(current_app.config["REPORTS_DIR"]))
    problem = None
    try:
        make_report(reference, folder)
    except NotFound:
        raise click.ClickException(f"No report of the reference {reference} was asked for.") from None
    except StaleEdit:
        raise click.ClickException(f"{reference} is not waiting to be made, or was cancelled.") from None
    except Exception as fault:
        problem = problem_of(fault) or _bug(fault)
    if problem is not None:
        # Not within the handler: while it stands, so does everything the fault was raised among.
        db.session.rollback()
        with transaction():
            services.fail(reference, problem, at=now())
        raise click.ClickException(f"{reference}: {problem}.")


def _out_of_time(*_: Any) -> None:
    raise TooLong


def _bug(fault: Exception) -> str:
    reference = secrets.token_hex(4)
    log.error("bug %s while a report was made", reference, exc_info=fault)
    return f"There is a problem with the service, reference {reference}. Tell whoever runs it"


def make_report(reference: str, folder: Folder) -> None:
    """Make a report that was asked for: its file is whole or not there.

    Raises:
        NotFound: nothing of this reference was asked for.
        StaleEdit: it is not waiting to be made, or was cancelled; what was written of it is removed.
    """
    making = queries.making_by_reference(reference)
    sort = SORTS[making.sort]
    report = sort.freeze(report_of(making))
    total, frozen = sort.count(report), text_of(report)
    with transaction():
        services.take_up(reference, frozen, total=total)
    try:
        _write(reference, folder, sort, report)
    except BaseException:
        folder.remove(reference)
        raise
    folder.sweep(at=now())  # an older one may be no longer kept for this


def _write(reference: str, folder: Folder, sort: Sort, report: Any) -> None:
    """Write the file of a report, and note that it is whole once it is on the disk."""
    progress, part = _Progress(reference), folder.part(reference)
    papers = current_app.config.get("EVIDENCE_DIR")
    with open(part, "wb", opener=_for_us_alone) as out:
        sort.write(report, out, progress.wrote, Surroundings(now(), Path(papers) if papers else None))
        out.flush()
        os.fsync(out.fileno())
    with part.open("rb") as whole:
        digest, size = file_digest(whole, "sha256").hexdigest(), part.stat().st_size
    part.replace(folder.file(reference, sort.ending(report)))
    with transaction():
        services.finish(reference, done=progress.done, sha256=digest, byte_count=size, at=now())


def _for_us_alone(path: str, flags: int) -> int:
    """Open a file that nobody else on the machine reads, whatever folder it is put in: it is the log."""
    return os.open(path, flags, 0o600)


class _Progress:
    """Notes how many rows are written, now and then. Where the report was cancelled, noting raises that."""

    def __init__(self, reference: str) -> None:
        self.reference, self.done, self.noted_at = reference, 0, time.monotonic()

    def wrote(self, rows: int) -> None:
        self.done += rows
        if time.monotonic() - self.noted_at >= NOTED_EVERY_SECONDS:
            with transaction():
                services.note_progress(self.reference, done=self.done)
            self.noted_at = time.monotonic()


@makings.command("sweep")
def sweep() -> None:
    """Remove the files of big reports whose days are over, and what broken-off ones left."""
    folder = Folder(Path(current_app.config["REPORTS_DIR"]))
    click.echo(f"Files removed: {folder.sweep(at=now()):,}.")
