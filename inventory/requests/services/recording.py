"""What every act on a request shares: locking it, refusing a stale form, and telling its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.trail import Note
from inventory.requests.models import RequestEvent, RestockRequest
from inventory.requests.rules import Course, RequestAct

LONGEST_SUMMARY = 300

_TOLD = insert(RequestEvent)
_LOCKED = (
    select(RestockRequest)
    .where(RestockRequest.id == bindparam("request_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
"""Built once: preparing a statement costs more than running it."""


def lock(request: RestockRequest, version: int | None) -> None:
    """Hold the request until the commit, read it afresh, and refuse a form that showed an older one.

    Raises:
        StaleEdit: somebody acted on the request since the form was opened.
    """
    db.session.execute(_LOCKED, {"request_id": request.id}).one()
    if version is not None and version != request.version:
        raise StaleEdit("Someone changed this request while you were working. Check it and try again")


def tell(
    request: RestockRequest,
    course: Course | None,
    act: RequestAct,
    summary: str,
    *,
    by: Actor,
    at: datetime,
    note: Note | None,
) -> None:
    """Move the request on and add a sentence to its history.

    Args:
        course: what the request has become, or None when it only now begins.
    """
    if course is not None:
        request.state = course.state
        request.version += 1
    db.session.flush()
    event = {
        "request_id": request.id,
        "act": act,
        "at": at,
        "account_id": by.account_id,
        "note_id": note.id if note else None,
        "summary": shortened(summary),
    }
    db.session.connection().execute(_TOLD, event)
    db.session.expire(request, ["events", "dispatches"])


def demanded_note(words: str | None, *, field: str = "reason") -> Note:
    """Keep a person's own words where they must say why.

    Raises:
        RuleBroken: they said nothing, or something about a person.
    """
    note = trail.note(words, field=field)
    if note is None:
        raise RuleBroken("Enter a reason", field)
    return note


def shortened(summary: str) -> str:
    """Keep a sentence within what the history holds."""
    return summary if len(summary) <= LONGEST_SUMMARY else f"{summary[: LONGEST_SUMMARY - 1].rstrip()}…"


def counted_things(things: Iterable[tuple[int, str]]) -> str:
    """Write counts with their things, each once: "2 Go Bags (Adult M) and 4 of Soap"."""
    sums: Counter[str] = Counter()
    for count, name in things:
        sums[name] += count
    named = [_counted(count, name) for name, count in sums.items() if count]
    if len(named) > 6:
        named = [*named[:5], f"{len(named) - 5} more things"]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}" if named else "nothing"


def _counted(count: int, name: str) -> str:
    kind = name.removeprefix("Go Bag, ")
    return f"{count:,} of {name}" if kind == name else f"{count:,} Go Bag{'s' if count != 1 else ''} ({kind})"
