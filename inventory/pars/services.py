"""Setting par levels. A level is never overwritten: a new row counts from the moment it is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.trail import Note
from inventory.catalogue.models import Item, KitRecipe
from inventory.pars.models import ParDecision, ParLevel
from inventory.pars.queries import Pars, pars_in_force
from inventory.pars.rules import Suggestion
from organisation.places.models import Place
from organisation.places.queries import chosen_place

MOST = 100_000


@dataclass(frozen=True)
class ParAsked:
    """A level somebody wants in force: of an item or of a kit recipe.

    Attributes:
        was_count: the level the person saw when deciding, or None when it does not matter.
    """

    level_count: int
    item_code: str | None = None
    recipe_code: str | None = None
    was_count: int | None = None


def set_par(
    place_code: str,
    *,
    level_count: int,
    item_code: str | None = None,
    recipe_code: str | None = None,
    reason: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Place:
    """Set one par level of a place.

    Args:
        level_count: units of the item, or Go Bags of the recipe; zero for none expected.

    Raises:
        RuleBroken: the place is not the person's, or the thing is not in the catalogue.
    """
    asked = ParAsked(level_count, item_code, recipe_code)
    return set_pars(place_code, [asked], reason=reason, scope=scope, by=by, at=at, submission_id=submission_id)


def set_pars(
    place_code: str,
    levels: Sequence[ParAsked],
    *,
    reason: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Place:
    """Set several par levels of a place; those that already are so stay untouched.

    Raises:
        RuleBroken: the place is not the person's, a thing is not in the catalogue, or a level is out of range.
        StaleEdit: somebody set one of the changed levels since the person looked.
    """
    body = [(each.item_code, each.recipe_code, each.level_count) for each in levels]
    done = trail.earlier(submission_id, by=by, act="par.set", body=[place_code, body, reason])
    place = chosen_place(place_code, scope=scope, field="place")
    if done is not None:
        return place
    # Two people setting levels of one place queue here, so that each sees what the other set.
    db.session.execute(select(Place.id).where(Place.id == place.id).with_for_update(key_share=True))
    note = trail.note(reason, field="reason")
    before = pars_in_force(place.id)
    facts = [_set_one(place, asked, before, note, by=by, at=at) for asked in levels]
    trail.record(
        act="par.set",
        subject=place.code,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        levels=[fact for fact in facts if fact is not None],
    )
    return place


def answer_suggestion(
    place_code: str,
    asked: ParAsked,
    suggestion: Suggestion,
    *,
    reason: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Place:
    """Take a suggested level as it is, or set another one and say why. Both figures are kept, to be judged later.

    Args:
        asked: the level wanted, with the one the person saw in force.
        suggestion: as the person saw it.

    Raises:
        RuleBroken: the place is not the person's, the thing is unknown, or another level has no reason.
        StaleEdit: somebody set the level since the person looked.
    """
    body = [place_code, asked.item_code, asked.recipe_code, asked.level_count, suggestion.par_count, reason]
    done = trail.earlier(submission_id, by=by, act="par.answer", body=body)
    place = chosen_place(place_code, scope=scope, field="place")
    if done is not None:
        return place
    db.session.execute(select(Place.id).where(Place.id == place.id).with_for_update(key_share=True))
    note = trail.note(reason, field="reason")
    if note is None and asked.level_count != suggestion.par_count:
        raise RuleBroken(
            f"{suggestion.par_count} is suggested. Say why {place.name} should hold {asked.level_count}", "reason"
        )
    fact = _set_one(place, asked, pars_in_force(place.id), note, by=by, at=at)
    item_id, recipe_id, name = _thing(asked)
    db.session.add(
        ParDecision(
            place_id=place.id,
            item_id=item_id,
            recipe_id=recipe_id,
            suggested_count=suggestion.par_count,
            chosen_count=asked.level_count,
            protect_days=suggestion.protect_days,
            words=suggestion.words,
            account_id=by.account_id,
            decided_at=at,
            note_id=note.id if note else None,
        )
    )
    db.session.flush()
    trail.record(
        act="par.answer",
        subject=place.code,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        thing=name,
        suggested=suggestion.par_count,
        chosen=asked.level_count,
        changed=fact,
    )
    return place


def _set_one(
    place: Place, asked: ParAsked, before: Pars, note: Note | None, *, by: Actor, at: datetime
) -> list[str | int] | None:
    """Set one level; give what it is of, what it was and what it is now, or None when nothing changes."""
    if not 0 <= asked.level_count <= MOST:
        raise RuleBroken(f"Par level must be between 0 and {MOST:,}")
    item_id, recipe_id, name = _thing(asked)
    now = before.items.get(item_id, 0) if item_id is not None else before.recipes.get(recipe_id or 0, 0)
    if now == asked.level_count:
        return None
    if asked.was_count is not None and asked.was_count != now:
        raise StaleEdit(
            f"Someone set the par level of {name} to {now} while you were working; it was {asked.was_count}. "
            "Check it and try again"
        )
    db.session.add(
        ParLevel(
            place_id=place.id,
            item_id=item_id,
            recipe_id=recipe_id,
            level_count=asked.level_count,
            account_id=by.account_id,
            set_at=at,
            note_id=note.id if note else None,
        )
    )
    db.session.flush()
    return [asked.item_code or asked.recipe_code or "", now, asked.level_count]


def _thing(asked: ParAsked) -> tuple[int | None, int | None, str]:
    """Find what a level is of: (item id, recipe id, its name).

    Raises:
        RuleBroken: it is not in the catalogue, or both or neither are named.
    """
    if (asked.item_code is None) == (asked.recipe_code is None):
        raise RuleBroken("Select an item or a kind of Go Bag", "thing")
    if asked.item_code is not None:
        item = db.session.scalar(select(Item).where(Item.code == asked.item_code))
        if item is None:
            raise RuleBroken("Select an item from the list", "thing")
        return item.id, None, item.name
    recipe = db.session.scalar(select(KitRecipe).where(KitRecipe.code == asked.recipe_code))
    if recipe is None:
        raise RuleBroken("Select a kind of Go Bag from the list", "thing")
    return None, recipe.id, f"Go Bag, {recipe.name}"
