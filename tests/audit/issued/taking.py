"""Taking statements of two quarters away, and what the register then holds."""

from __future__ import annotations

from sqlalchemy import select

from core import trail
from core.access import Actor
from core.db import db, transaction
from core.figures import FileKind
from core.figures.answers import issued
from core.register import IssuedReport
from grants.reports.pdf import file_of
from grants.reports.report import Statement, freeze_statement
from tests.factories import World
from tests.grants.reports.story import LATE, QUARTER_2


def statement() -> Statement:
    return freeze_statement("GB2026", QUARTER_2, at=LATE)


def take(report: Statement, kind: FileKind = FileKind.CSV, by: Actor | None = None) -> bytes:
    """Take a statement away."""
    return issued(report, kind, file_of, sort="statement", filters=report.filters, by=by)


def only() -> IssuedReport:
    (found,) = db.session.scalars(select(IssuedReport)).all()
    return found


def something_happens(world: World) -> None:
    """Record a change, so that the next statement is another version."""
    with transaction():
        trail.record(act="test.change", subject="T-1", by=world.actor("grants"), at=LATE)
