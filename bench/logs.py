"""The audit extract in each of its forms: entries a second, and memory at its highest, by the process that makes it.

A log of its own is filled with entries as people leave them. Each form is asked for and made as on the running service,
by a process beside it, start and counting included. The floor of the PDF is what anyone gets who draws each cell of the
same rows on a raw canvas: untagged, unshaped, without figures, volumes or the CSV inside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from app import ROOT, create_app
from audit.makings import services
from audit.makings.report import SORT_OF
from audit.makings.routes import HANDED_ON
from audit.trail.queries import Asked
from audit.trail.report import A_VOLUME, LogExtract, counted, filters_of, freeze_extract, rows_of
from bench import force as forces
from bench.force import AT
from bench.measure import in_a_process
from bench.papers import raw_canvas
from bench.rows import Row
from core import schema, trail
from core.access import Actor
from core.db import db, now, transaction, writing_connection
from core.figures import FileKind
from core.figures.storing import text_of
from core.trail import AuditLeaf, Log
from core.trail.queries import head
from core.trail.rules import canonical

ENTRIES = 50_000
MOST_MEGABYTES = 150
"""What the process of a big report may hold, however many entries there are (performance.md 8)."""

_ACTS = ("request.approve", "bag.issue", "delivery.receive", "spending.apportion", "count.record", "move.dispatch")


def measure() -> list[Row]:
    """Measure every form, and the floor of the one on paper."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        app = create_app(_settings(folder))
        with app.app_context():
            by = _fill()
        floor = ENTRIES / in_a_process(partial(_drawn, folder))[0]
        rows = [Row(f"audit extract: raw canvas, {ENTRIES:,} entries (floor)", 0, floor, "rows/s")]
        for form in FileKind:
            took, megabytes = _made(app, folder, form, by)
            words, anchor = f"audit extract: {form.upper()}", floor if form is FileKind.PDF else None
            rows.append(Row(f"{words}, {ENTRIES:,} entries", 0, ENTRIES / took, "rows/s", anchor=anchor))
            rows.append(Row(f"{words}, memory of its process", 0, megabytes, "MB", target=MOST_MEGABYTES))
    return rows


def _settings(folder: Path) -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'log.sqlite3'}",
        "SECRET_KEY": "only-for-the-benchmark-0123456789abcdef",
        "TRUSTED_HOSTS": ["localhost"],
        "SECURE_COOKIES": False,
        "CHECKPOINT_KEY": str(folder / "key"),
        "PUBLIC_ADDRESS": "https://bench.example",
        "REPORTS_DIR": str(folder),
    }


def _fill() -> Actor:
    """Make a log of so many entries, each half a minute after the one before; give somebody who may ask for it."""
    schema.upgrade(db.engine)
    by = forces.found().people["grants"]
    leaves = map(_leaf, range(head().sequence, ENTRIES))
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        while some := list(islice(leaves, 10_000)):
            connection.execute(insert(AuditLeaf), some)
            trail.seal(connection, Log.CHANGES)
    return by


def _leaf(number: int) -> dict[str, Any]:
    act, subject, at = _ACTS[number % len(_ACTS)], f"R-{number:06}", AT + timedelta(seconds=30 * number)
    facts = {"place": f"S{number % 60:02}", "units": number % 9 + 1, "lines": [number % 7, number % 5], "pence": number}
    leaf = {
        "act": act, "at": at, "by": None, "facts": facts, "reason": None, "role": "storekeeper", "subject": subject,
        "submission": None,
    }  # fmt: skip
    return {
        "log": Log.CHANGES, "recorded_at": at, "account_id": None, "act": act, "subject": subject,
        "text": canonical(leaf),
    }  # fmt: skip


def _made(app: Flask, folder: Path, form: FileKind, by: Actor) -> tuple[float, float]:
    """Ask for an extract of the whole log, and have a process make it: its seconds of the processor, and megabytes."""
    with app.app_context(), transaction():
        frozen, asked = text_of(_frozen()), str(uuid.uuid4())
        making, _ = services.ask(SORT_OF[form], frozen, form, gone=(), by=by, at=now(), submission_id=asked)
        reference = making.reference
    told = _settings(folder)
    own = {name: told[key] for name, key in HANDED_ON.items() if key in told}
    words = ["-m", "bench.child", "--app", "app:create_beside", "makings", "make", reference]
    run = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**os.environ, **own}, check=True, stdout=subprocess.PIPE, text=True
    )
    took, megabytes = run.stdout.split()
    return float(took), float(megabytes)


def _drawn(folder: Path) -> float:
    """Draw the same rows on a raw canvas: seconds of the processor."""
    with create_app(_settings(folder)).app_context():
        began = time.process_time()
        rows = rows_of(counted(_frozen()))
        for _ in range(0, ENTRIES, A_VOLUME):
            raw_canvas(islice(rows, A_VOLUME))
        return time.process_time() - began


def _frozen() -> LogExtract:
    asked = Asked(Log.CHANGES)
    return freeze_extract(asked, filters_of(asked))
