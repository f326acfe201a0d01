"""How suggestions were answered, and which level turned out to be nearer to what was needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.dates import local_day
from core.db import db
from inventory.pars.models import ParDecision
from inventory.pars.queries.wanted import Thing, wanted_at
from inventory.pars.rules import busiest_spell, nearer


@dataclass(frozen=True)
class Answered:
    """One answer to a suggestion.

    Attributes:
        needed_count: the most that any spell of ``protect_days`` has wanted since; None before the first has passed.
        nearer: "suggested", "chosen" or "both"; empty before that, or where they were the same.
    """

    suggested_count: int
    chosen_count: int
    protect_days: int
    words: str
    by: str
    at: datetime
    note: str | None
    needed_count: int | None
    nearer: str


def answered(place_id: int, *, scope: Scope, until: date) -> dict[Thing, list[Answered]]:
    """Give how each suggestion at a place was answered, newest first, with what came after it: thing → answers.

    Raises:
        NotFound: the place is outside the scope.
    """
    scope.demand(place_id)
    rows = list(
        db.session.scalars(
            select(ParDecision)
            .where(ParDecision.place_id == place_id)
            .order_by(ParDecision.id.desc())
            .options(joinedload(ParDecision.account), joinedload(ParDecision.note))
        )
    )
    wanted = wanted_at(place_id, scope=scope, until=until) if rows else {}
    found: dict[Thing, list[Answered]] = {}
    ended: dict[Thing, date] = {}
    for row in rows:
        thing: Thing = ("item", row.item_id) if row.item_id is not None else ("bag", row.recipe_id or 0)
        daily = wanted[thing].daily if thing in wanted else ()
        found.setdefault(thing, []).append(_answer(row, daily, until, ended.get(thing, until + timedelta(days=1))))
        ended[thing] = local_day(row.decided_at)
    return found


def _answer(row: ParDecision, daily: tuple[int, ...], until: date, ended: date) -> Answered:
    """Judge an answer by the days it was in force, as far as the last year is known."""
    days_since = (until - local_day(row.decided_at)).days
    days_after = (until - ended).days + 1
    in_force = (
        daily[max(0, len(daily) - days_since) : len(daily) - days_after]
        if daily
        else (0,) * max(0, days_since - days_after)
    )
    known = len(in_force) >= row.protect_days
    needed = busiest_spell(in_force, row.protect_days) if known else None
    same = row.suggested_count == row.chosen_count
    return Answered(
        row.suggested_count,
        row.chosen_count,
        row.protect_days,
        row.words,
        row.account.name,
        row.decided_at,
        str(row.note) if row.note else None,
        needed,
        ""
        if needed is None or same
        else nearer(suggested_count=row.suggested_count, chosen_count=row.chosen_count, needed_count=needed),
    )
