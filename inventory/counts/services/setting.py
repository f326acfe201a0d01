"""Setting how a place is counted. A setting is never overwritten: a new row counts from the moment it is set."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import RuleBroken
from inventory.counts.models import CountSetting
from organisation.places.models import Place
from organisation.places.queries import chosen_place

MOST_UNITS = 1_000
MOST_DAYS = 400


def set_counting(
    place_code: str,
    *,
    recount_above_count: int,
    every_days: int,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Place:
    """Set by how many units a line may differ before a second person counts it, and how often a place is counted.

    Raises:
        RuleBroken: the place is not the person's, or a figure is out of range.
    """
    body = [place_code, recount_above_count, every_days]
    done = trail.earlier(submission_id, by=by, act="count.set", body=body)
    place = chosen_place(place_code, scope=scope, field="place")
    if done:
        return place
    if not 0 <= recount_above_count <= MOST_UNITS:
        raise RuleBroken(f"Difference must be between 0 and {MOST_UNITS:,}", "recount_above")
    if not 1 <= every_days <= MOST_DAYS:
        raise RuleBroken(f"Days must be between 1 and {MOST_DAYS}", "every_days")
    db.session.add(
        CountSetting(
            place_id=place.id,
            recount_above_count=recount_above_count,
            every_days=every_days,
            account_id=by.account_id,
            set_at=at,
        )
    )
    db.session.flush()
    trail.record(
        act="count.set",
        subject=place.code,
        by=by,
        at=at,
        submission_id=submission_id,
        recount_above=recount_above_count,
        every_days=every_days,
    )
    return place
