"""The auditor's home. Calm: nothing here changes stock or money."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from audit.desk.report import LedgerCheck, check_ledger
from audit.trail import queries as trails
from core import trail
from core.access import Actor, Permission
from core.dates import day_bounds, local_day
from core.db import db, now
from core.trail import checkpoints
from core.trail.queries import head
from core.web import page, requires, signed_in

bp = Blueprint("auditor", __name__, url_prefix="/audit")

VISIT, CHECK = "auditor.visit", "ledger.check"


@bp.route("/")
@requires(Permission.SEE_TRAIL)
def home() -> ResponseReturnValue:
    """Show what an auditor comes for, and what changed since the last day they came."""
    me, at = signed_in(), now()
    today = day_bounds(local_day(at), local_day(at))[0]
    last = trails.visits(me.account_id, act=VISIT, before=today)
    answer = page(
        "audit/desk/home.html",
        head=head(),
        standing=checkpoints.standing(),
        unsealed=sum(trails.unsealed().values()),
        checked=trails.newest(CHECK),
        last_visit=last,
        changed=trails.changes_since(last) if last else None,
        since=local_day(last) if last else None,
    )
    _note_visit(me, today=today, at=at)
    return answer


def _note_visit(me: Actor, *, today: datetime, at: datetime) -> None:
    """Write the first visit of a day to the access log."""
    newest = trails.visits(me.account_id, act=VISIT, before=at)
    if newest is None or newest < today:
        db.session.rollback()  # a reader of its own would keep the log's short transaction waiting
        trail.record_access(act=VISIT, subject=url_for("auditor.home"), by=me, at=at)


@bp.route("/check")
@requires(Permission.SEE_TRAIL)
def check() -> ResponseReturnValue:
    """Check the ledger now, and show what was found."""
    found = check_ledger(at=now())
    answer = page("audit/desk/check.html", check=found)
    _note_check(found)
    return answer


def _note_check(found: LedgerCheck) -> None:
    db.session.rollback()  # what the check has read would keep the log waiting
    trail.record_access(
        act=CHECK,
        subject="ledger",
        by=signed_in(),
        at=found.at,
        findings=found.finding_count,
        entries={state.log.value: state.entry_count for state in found.logs},
    )
