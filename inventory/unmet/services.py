"""Recording what was asked for and not given, and taking a mistaken entry back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.languages import language as language_of
from inventory.catalogue.models import Item, KitRecipe
from inventory.unmet import queries
from inventory.unmet.models import UnmetNeed, UnmetNeedTakenBack
from inventory.unmet.rules import UnmetReason, check_count, check_day
from organisation.places.queries import chosen_place


def record_unmet(
    place_code: str,
    *,
    reason: UnmetReason,
    wanted_on: date,
    unit_count: int = 1,
    item_code: str | None = None,
    recipe_code: str | None = None,
    language: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> UnmetNeed:
    """Record that something was asked for and could not be given. Nothing about a person is recorded.

    Args:
        language: the language asked for, where no item of the catalogue is in it or another was wanted.

    Raises:
        RuleBroken: the place is not the person's, nothing or nothing known is named, or a figure is out of range.
    """
    body = [place_code, item_code, recipe_code, language, reason, unit_count, wanted_on]
    if done := trail.earlier(submission_id, by=by, act="unmet.record", body=body):
        return queries.entry(int(done.rpartition(" ")[2]), scope=scope)
    place = chosen_place(place_code, scope=scope, field="place")
    check_day(wanted_on, today=local_day(at))
    check_count(unit_count)
    item, recipe = _thing(item_code, recipe_code, language)
    made = UnmetNeed(
        place_id=place.id,
        item_id=item.id if item else None,
        recipe_id=recipe.id if recipe else None,
        language=language,
        reason=reason,
        unit_count=unit_count,
        wanted_on=wanted_on,
        account_id=by.account_id,
        recorded_at=at,
    )
    db.session.add(made)
    db.session.flush()
    trail.record(
        act="unmet.record",
        subject=f"unmet need {made.id}",
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        thing=item_code or recipe_code or f"something in {language}",
        language=language,
        why=reason,
        units=unit_count,
        wanted_on=wanted_on,
    )
    return made


def _thing(
    item_code: str | None, recipe_code: str | None, language: str | None
) -> tuple[Item | None, KitRecipe | None]:
    """Find what was asked for.

    Raises:
        RuleBroken: nothing is named, two things are, or one that does not exist.
    """
    if "" in (item_code, recipe_code) or (item_code and recipe_code) or not (item_code or recipe_code or language):
        raise RuleBroken("Select what was asked for", "thing")
    if language is not None:
        language_of(language, field="language")
    item = db.session.scalar(select(Item).where(Item.code == item_code)) if item_code else None
    recipe = db.session.scalar(select(KitRecipe).where(KitRecipe.code == recipe_code)) if recipe_code else None
    if (item_code and item is None) or (recipe_code and recipe is None):
        raise RuleBroken("Select what was asked for from the list", "thing")
    return item, recipe


def take_back(entry_id: int, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> UnmetNeed:
    """Take back an entry that was a mistake.

    Raises:
        NotFound: there is no such entry for this person.
        AlreadyDone: it was taken back before.
    """
    done = trail.earlier(submission_id, by=by, act="unmet.take_back", body=[entry_id])
    entry = queries.entry(entry_id, scope=scope)
    if done:
        return entry
    db.session.execute(select(UnmetNeed.id).where(UnmetNeed.id == entry_id).with_for_update(key_share=True)).all()
    if queries.is_taken_back(entry_id):
        raise AlreadyDone("This entry has been taken back already")
    db.session.add(UnmetNeedTakenBack(unmet_need_id=entry_id, account_id=by.account_id, taken_back_at=at))
    db.session.flush()
    trail.record(
        act="unmet.take_back",
        subject=f"unmet need {entry_id}",
        by=by,
        at=at,
        submission_id=submission_id,
        place=entry.place.code,
    )
    return entry
