"""Reading unmet need: the newest entries of a place, and sums for usage and par levels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.unmet.models import UnmetNeed, UnmetNeedTakenBack
from inventory.unmet.rules import UnmetReason


@dataclass(frozen=True)
class Unmet:
    """Units asked for and not given.

    Attributes:
        item_id: the item, or None where a Go Bag or only a language was asked for.
        recipe_id: the kind of Go Bag, or None.
        language: the code of the language asked for, where it was not the thing's own.
    """

    place_id: int
    wanted_on: date
    item_id: int | None
    recipe_id: int | None
    language: str | None
    reason: UnmetReason
    unit_count: int


def _standing(at: datetime | None = None) -> ColumnElement[bool]:
    """Say, in SQL, that an entry was not taken back; with a moment, as known then."""
    taken_back = exists().where(UnmetNeedTakenBack.unmet_need_id == UnmetNeed.id)
    return ~(taken_back.where(UnmetNeedTakenBack.taken_back_at <= at) if at else taken_back)


def unmet(
    *, scope: Scope, since: date, until: date, place_id: int | None = None, at: datetime | None = None
) -> list[Unmet]:
    """List what was asked for and not given at places in scope, those taken back left out, by day.

    Args:
        since: first day, included.
        until: last day, included.
        at: as known at this moment; as known now without.
    """
    asked = select(
        UnmetNeed.place_id,
        UnmetNeed.wanted_on,
        UnmetNeed.item_id,
        UnmetNeed.recipe_id,
        UnmetNeed.language,
        UnmetNeed.reason,
        UnmetNeed.unit_count,
    ).where(UnmetNeed.wanted_on.between(since, until), _standing(at))
    if at is not None:
        asked = asked.where(UnmetNeed.recorded_at <= at)
    if scope.place_ids is not None:
        asked = asked.where(UnmetNeed.place_id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(UnmetNeed.place_id == place_id)
    rows = db.session.execute(asked.order_by(UnmetNeed.wanted_on, UnmetNeed.id))
    return [Unmet(*row) for row in rows]


def entries(place_id: int) -> Select[UnmetNeed]:
    """Select the entries of a place that stand, newest first, for a page of them."""
    return (
        select(UnmetNeed)
        .where(UnmetNeed.place_id == place_id, _standing())
        .order_by(UnmetNeed.wanted_on.desc(), UnmetNeed.id.desc())
        .options(joinedload(UnmetNeed.item), joinedload(UnmetNeed.recipe), joinedload(UnmetNeed.account))
    )


def entry(entry_id: int, *, scope: Scope) -> UnmetNeed:
    """Find an entry.

    Raises:
        NotFound: there is none at a place in scope.
    """
    found = db.session.get(UnmetNeed, entry_id)
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def is_taken_back(entry_id: int) -> bool:
    """Say whether an entry was a mistake."""
    asked = select(UnmetNeedTakenBack.id).where(UnmetNeedTakenBack.unmet_need_id == entry_id)
    return db.session.scalar(asked) is not None
