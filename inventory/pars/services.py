"""Setting par levels. A level is never overwritten: a new row counts from the moment it is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class _Thing:
    """What a level is of: an item, or Go Bags of a recipe."""

    item_id: int | None
    recipe_id: int | None
    name: str

    def in_force(self, pars: Pars) -> int:
        """Give its level among those of a place."""
        return pars.items.get(self.item_id, 0) if self.item_id is not None else pars.recipes.get(self.recipe_id or 0, 0)


_Known = Mapping[tuple[str | None, str | None], _Thing]
"""(item code, recipe code), one of them None → what it names."""


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
    facts = _set_each(place, levels, _known(levels), note, by=by, at=at)
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
    known = _known([asked])
    thing = _thing(asked, known)
    facts = _set_each(place, [asked], known, note, by=by, at=at)
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
    place: Place,
    levels: Sequence[ParAsked],
    known: _Known,
    note: Note | None,
    *,
    by: Actor,
    at: datetime,
) -> list[list[str | int]]:
    """Set levels; give of each that changes what it is of, what it was and what it is now."""
    before = pars_in_force(place.id)
    facts: list[list[str | int]] = []
    rows = []
    for asked in levels:
        thing = _thing(asked, known)
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


def _known(levels: Sequence[ParAsked]) -> _Known:
    """Find what of the catalogue levels are of: (item code, recipe code) → thing, what is not there left out."""
    codes = [each.item_code for each in levels if each.item_code is not None]
    recipe_codes = [each.recipe_code for each in levels if each.recipe_code is not None]
    items = ask(_ITEMS, codes=codes) if codes else ()
    recipes = ask(_RECIPES, codes=recipe_codes) if recipe_codes else ()
    return {
        **{(code, None): _Thing(key, None, name) for code, key, name in items},
        **{(None, code): _Thing(None, key, f"Go Bag, {name}") for code, key, name in recipes},
    }


def _thing(asked: ParAsked, known: _Known) -> _Thing:
    """Give what a level is of.

    Raises:
        RuleBroken: it is out of range, its thing is not in the catalogue, or both or neither are named.
    """
    if not 0 <= asked.level_count <= MOST:
        raise RuleBroken(f"Par level must be between 0 and {MOST:,}")
    if (asked.item_code is None) == (asked.recipe_code is None):
        raise RuleBroken("Select an item or a kind of Go Bag", "thing")
    thing = known.get((asked.item_code, asked.recipe_code))
    if thing is None:
        what = "an item" if asked.item_code is not None else "a kind of Go Bag"
        raise RuleBroken(f"Select {what} from the list", "thing")
    return thing
