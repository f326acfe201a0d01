"""Setting par levels. A level is never overwritten: a new row counts from the moment it is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from core import trail
from core.access import Actor, Scope
from core.db import ask, db
from core.errors import RuleBroken, StaleEdit
from core.trail import Note
from inventory.catalogue.models import Item, KitRecipe
from inventory.pars.models import ParDecision, ParLevel
from inventory.pars.queries import Pars, pars_in_force
from inventory.pars.rules import Suggestion
from organisation.places.models import Place
from organisation.places.queries import chosen_place

MOST = 100_000

_ITEMS = select(Item.code, Item.id, Item.name).where(Item.code.in_(bindparam("codes", expanding=True)))
_RECIPES = select(KitRecipe.code, KitRecipe.id, KitRecipe.name).where(
    KitRecipe.code.in_(bindparam("codes", expanding=True))
)


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
    facts = _set_each(place, levels, note, by=by, at=at)
    trail.record(
        act="par.set",
        subject=place.code,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        levels=facts,
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
    facts = _set_each(place, [asked], note, by=by, at=at)
    thing = _things([asked])[0]
    db.session.add(
        ParDecision(
            place_id=place.id,
            item_id=thing.item_id,
            recipe_id=thing.recipe_id,
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
        thing=thing.name,
        suggested=suggestion.par_count,
        chosen=asked.level_count,
        changed=facts[0] if facts else None,
    )
    return place


def _set_each(
    place: Place, levels: Sequence[ParAsked], note: Note | None, *, by: Actor, at: datetime
) -> list[list[str | int]]:
    """Set levels; give of each that changes what it is of, what it was and what it is now."""
    before = pars_in_force(place.id)
    facts: list[list[str | int]] = []
    rows = []
    for asked, thing in zip(levels, _things(levels), strict=True):
        was = thing.in_force(before)
        if was == asked.level_count:
            continue
        if asked.was_count is not None and asked.was_count != was:
            raise StaleEdit(
                f"Someone set the par level of {thing.name} to {was} while you were working; it was {asked.was_count}. "
                "Check it and try again"
            )
        facts.append([asked.item_code or asked.recipe_code or "", was, asked.level_count])
        rows.append(
            {
                "place_id": place.id,
                "item_id": thing.item_id,
                "recipe_id": thing.recipe_id,
                "level_count": asked.level_count,
                "account_id": by.account_id,
                "set_at": at,
                "note_id": note.id if note else None,
            }
        )
    if rows:
        db.session.connection().execute(insert(ParLevel), rows)
    return facts


@dataclass(frozen=True)
class _Thing:
    """What a level is of: an item, or Go Bags of a recipe."""

    item_id: int | None
    recipe_id: int | None
    name: str

    def in_force(self, pars: Pars) -> int:
        """Give its level among those of a place."""
        return pars.items.get(self.item_id, 0) if self.item_id is not None else pars.recipes.get(self.recipe_id or 0, 0)


def _things(levels: Sequence[ParAsked]) -> list[_Thing]:
    """Find what each level is of.

    Raises:
        RuleBroken: a level is out of range, its thing is not in the catalogue, or both or neither are named.
    """
    items = ask(_ITEMS, codes=[each.item_code for each in levels if each.item_code is not None])
    recipes = ask(_RECIPES, codes=[each.recipe_code for each in levels if each.recipe_code is not None])
    known_items = {code: _Thing(key, None, name) for code, key, name in items}
    known_recipes = {code: _Thing(None, key, f"Go Bag, {name}") for code, key, name in recipes}
    found = []
    for each in levels:
        if not 0 <= each.level_count <= MOST:
            raise RuleBroken(f"Par level must be between 0 and {MOST:,}")
        if (each.item_code is None) == (each.recipe_code is None):
            raise RuleBroken("Select an item or a kind of Go Bag", "thing")
        if each.item_code is not None and each.item_code not in known_items:
            raise RuleBroken("Select an item from the list", "thing")
        if each.recipe_code is not None and each.recipe_code not in known_recipes:
            raise RuleBroken("Select a kind of Go Bag from the list", "thing")
        found.append(known_items[each.item_code] if each.item_code else known_recipes[each.recipe_code or ""])
    return found
