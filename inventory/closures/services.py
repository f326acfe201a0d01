"""Closing a place."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.errors import RuleBroken
from inventory.closures import queries
from organisation.places.models import Place


def close_place(code: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> Place:
    """Close a place today. Its past stays as it was; nothing new can be opened at it.

    Raises:
        NotFound: there is no such place in scope.
        RuleBroken: it is closed already, or something keeps it open.
    """
    if trail.earlier(submission_id, by=by, act="place.close", body=code):
        return queries.place_to_close(code, scope=scope)
    place = queries.place_to_close(code, scope=scope, lock=True)
    today = local_day(at)
    if place.closed_on is not None:
        raise RuleBroken(f"{place.name} was closed on {day_text(place.closed_on)}")
    if place.opened_on is not None and place.opened_on > today:
        raise RuleBroken(f"{place.name} opens only on {day_text(place.opened_on)}")
    keeping = queries.kept_open_by(place, on=today)
    if keeping:
        raise RuleBroken(f"{place.name} cannot close yet: {', '.join(keeping)}. Settle these first")
    place.closed_on = today
    trail.record(act="place.close", subject=code, by=by, at=at, submission_id=submission_id, closed_on=today)
    return place
