"""Giving the reason for which order, delivery and invoice of a row differ."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from grants.spending.queries import row_by_reference
from grants.threeway import queries
from grants.threeway.models import MatchReason


def explain(row_reference: str, words: str, *, reason: str, by: Actor, at: datetime, submission_id: str) -> MatchReason:
    """Record why an exception of a row's three-way match is in order.

    Args:
        words: how the row differed on the page; the reason counts for exactly these.

    Raises:
        NotFound: there is no such row.
        StaleEdit: it differs in other words now, or no longer; both are said.
        RuleBroken: no reason.
    """
    body = {"row": row_reference, "words": words, "reason": reason}
    row = row_by_reference(row_reference)
    made = trail.earlier(submission_id, by=by, act="spending.explain", body=body)
    if made is not None:
        newest = select(MatchReason).where(MatchReason.row_id == row.id).order_by(MatchReason.id.desc()).limit(1)
        return db.session.scalars(newest).one()
    found = queries.row_that_differs(row_reference)
    if found is None or found.words != words:
        raise StaleEdit(_moved(row_reference, words, found))
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter the reason", "reason")
    given = MatchReason(row_id=row.id, words=words, note_id=note.id, account_id=by.account_id, recorded_at=at)
    db.session.add(given)
    db.session.flush()
    trail.record(
        act="spending.explain", subject=row.reference, by=by, at=at, submission_id=submission_id, reason=note,
        differs=words,
    )  # fmt: skip
    return given


def _moved(row_reference: str, words: str, found: queries.Difference | None) -> str:
    """Say how a row differed when its page was opened, and how it does now."""
    was = f"When you opened the page, it was: {words}. " if words else ""
    if found is None:
        return f"{was}Now order, delivery and invoice of {row_reference} agree, so no reason is needed"
    return f"{was}Now it is: {found.words}. Say why that is in order"
