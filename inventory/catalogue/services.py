"""Keeping the catalogue: items, editions and kit recipes.

Nothing here is edited in a way that would change what an earlier record meant: an item keeps its kind, an
edition its day, and a recipe gets a new version while old bags keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from core import languages, parse, trail
from core.access import Actor
from core.dates import day_text
from core.db import db
from core.errors import NotFound, RuleBroken
from inventory.catalogue import queries
from inventory.catalogue.models import Edition, Item, KitRecipe, RecipeLine, RecipeVersion
from inventory.catalogue.rules import PRINTED, SERIAL, ItemKind, NewLine, check_lines


def add_item(
    *,
    code: str,
    name: str,
    kind: ItemKind,
    unit: str = "each",
    language: str | None = None,
    expires: bool = False,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Item:
    """Add a thing that is counted to the catalogue.

    A phone or SIM is counted by number, which follows from its kind. A booklet or security card needs the
    language it is printed in; nothing else has one.

    Raises:
        RuleBroken: the code is taken, or the language is missing, unknown or out of place.
    """
    body = (code, name, kind, unit, language, expires)
    if done := trail.earlier(submission_id, by=by, act="item.add", body=body):
        return queries.item_by_code(done)
    code = parse.reference(code, noun="Item code", most=20, field="code")
    _refuse_taken_item(code)
    item = Item(
        code=code,
        name=parse.one_line(name, most=120, field="name", required="Enter the name of the item"),
        kind=kind,
        unit=parse.one_line(unit, most=20, field="unit", required="Enter what one of it is called"),
        language=_language_of(kind, language),
        serial=kind in SERIAL,
        expires=expires,
    )
    db.session.add(item)
    db.session.flush()
    trail.record(
        act="item.add",
        subject=item.code,
        by=by,
        at=at,
        submission_id=submission_id,
        name=item.name,
        kind=item.kind,
        language=item.language,
        expires=item.expires,
    )
    return item


def _refuse_taken_item(code: str) -> None:
    taken = db.session.scalar(select(Item).where(func.upper(Item.code) == code))
    if taken is not None:
        raise RuleBroken(f"{code} is already the code of {taken.name}. Choose another", "code")


def _language_of(kind: ItemKind, code: str | None) -> str | None:
    """Give the language an item is printed in, by its code.

    Raises:
        RuleBroken: a printed item without one, one the product does not know, or one on something unprinted.
    """
    if kind not in PRINTED:
        if code:
            raise RuleBroken("Only booklets and security cards have a language", "language")
        return None
    if not code:
        raise RuleBroken("Choose the language it is printed in", "language")
    return languages.language(code, field="language").code


def retire_item(code: str, *, on: date, by: Actor, at: datetime, submission_id: str) -> Item:
    """Say that an item is no longer bought. What is held of it stays and can still be used.

    Raises:
        NotFound: there is no such item.
        RuleBroken: it has been retired already.
    """
    if done := trail.earlier(submission_id, by=by, act="item.retire", body=(code, on)):
        return queries.item_by_code(done)
    item = queries.item_by_code(code)
    if item.retired_on is not None:
        raise RuleBroken(f"{item.name} was retired on {day_text(item.retired_on)}")
    item.retired_on = on
    db.session.flush()
    trail.record(act="item.retire", subject=code, by=by, at=at, submission_id=submission_id, retired_on=on)
    return item


def publish_edition(
    item_code: str,
    *,
    number: int,
    published_on: date,
    review_on: date | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Edition:
    """Publish an edition of a booklet or security card.

    From its day on it is current; earlier ones are superseded.

    Raises:
        NotFound: there is no such item.
        RuleBroken: the item is not printed, or the number or day does not follow the edition before.
    """
    body = (item_code, number, published_on, review_on)
    item = queries.item_by_code(item_code)
    if trail.earlier(submission_id, by=by, act="edition.publish", body=body):
        return _edition_made(item, number)
    if item.kind not in PRINTED:
        raise RuleBroken(f"{item.name} is not printed, so it has no editions")
    _check_follows(item, number, published_on)
    if review_on is not None and review_on <= published_on:
        raise RuleBroken("The review date must be after the day it was published", "review_on")
    edition = Edition(item_id=item.id, number=number, published_on=published_on, review_on=review_on)
    db.session.add(edition)
    db.session.flush()
    trail.record(
        act="edition.publish",
        subject=item_code,
        by=by,
        at=at,
        submission_id=submission_id,
        number=number,
        published_on=published_on,
        review_on=review_on,
    )
    return edition


def _edition_made(item: Item, number: int) -> Edition:
    edition = queries.edition(item.id, number)
    if edition is None:
        raise NotFound
    return edition


def _check_follows(item: Item, number: int, published_on: date) -> None:
    """Refuse an edition whose number or day does not follow the newest one."""
    if number < 1:
        raise RuleBroken("Edition must be 1 or more", "number")
    newest = queries.newest_edition(item.id)
    if newest is None:
        return
    if number <= newest.number:
        raise RuleBroken(f"Edition {newest.number} exists. Enter {newest.number + 1} or more", "number")
    if published_on < newest.published_on:
        raise RuleBroken(
            f"Edition {newest.number} was published on {day_text(newest.published_on)}. Enter that day or a later one",
            "published_on",
        )


def write_recipe_version(
    recipe_code: str,
    *,
    name: str,
    in_use_from: date,
    lines: Sequence[NewLine],
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RecipeVersion:
    """Write the next version of a kit recipe; the first one makes the recipe.

    Bags packed to an earlier version keep it. The name may be improved with a version; the code stays.

    Raises:
        RuleBroken: a line is wrong, an item is unknown or retired, or the day is before the last version's.
    """
    body = (recipe_code, name, in_use_from, [(x.unit_count, x.item_code, x.any_of_kind) for x in lines])
    if done := trail.earlier(submission_id, by=by, act="recipe.write", body=body):
        code, _, number = done.rpartition(" version ")
        return _version_made(code, int(number))
    check_lines(lines)
    recipe = _recipe(recipe_code, name)
    version = _next_version(recipe, in_use_from)
    version.lines = _recipe_lines(lines)
    db.session.add(version)
    db.session.flush()
    trail.record(
        act="recipe.write",
        subject=f"{recipe.code} version {version.number}",
        by=by,
        at=at,
        submission_id=submission_id,
        name=recipe.name,
        in_use_from=in_use_from,
        lines=[[x.item_code or x.any_of_kind, x.unit_count] for x in lines],
    )
    return version


def _version_made(code: str, number: int) -> RecipeVersion:
    recipe = queries.recipe_by_code(code)
    return next(each for each in queries.versions_of(recipe.id) if each.number == number)


def _recipe(code: str, name: str) -> KitRecipe:
    """Give the recipe of a code under its new name, made when there is none."""
    code = parse.reference(code, noun="Recipe code", most=20, field="code")
    name = parse.one_line(name, most=120, field="name", required="Enter the name of the recipe")
    recipe = db.session.scalar(select(KitRecipe).where(KitRecipe.code == code).with_for_update())
    if recipe is None:
        recipe = KitRecipe(code=code, name=name)
        db.session.add(recipe)
    recipe.name = name
    db.session.flush()
    return recipe


def _next_version(recipe: KitRecipe, in_use_from: date) -> RecipeVersion:
    """Number the next version; its day may not be before the newest one's, so that no past day changes."""
    earlier = queries.versions_of(recipe.id)
    if earlier and in_use_from < earlier[0].in_use_from:
        raise RuleBroken(
            f"Version {earlier[0].number} is in use from {day_text(earlier[0].in_use_from)}. "
            f"Enter that day or a later one",
            "in_use_from",
        )
    number = earlier[0].number + 1 if earlier else 1
    return RecipeVersion(recipe_id=recipe.id, number=number, in_use_from=in_use_from)


def _recipe_lines(lines: Sequence[NewLine]) -> list[RecipeLine]:
    """Turn what was written into lines that name items.

    Raises:
        RuleBroken: an item is unknown or retired.
    """
    known = queries.items_by_code(line.item_code for line in lines if line.item_code)
    made = []
    for position, line in enumerate(lines, start=1):
        item = known.get(line.item_code) if line.item_code else None
        if line.item_code and item is None:
            raise RuleBroken(f"There is no item with the code {line.item_code} (line {position})")
        if item is not None and item.retired_on is not None:
            raise RuleBroken(f"{item.name} was retired on {day_text(item.retired_on)} (line {position})")
        made.append(
            RecipeLine(
                position=position,
                item_id=item.id if item else None,
                any_of_kind=line.any_of_kind,
                unit_count=line.unit_count,
            )
        )
    return made
