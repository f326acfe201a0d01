"""Putting stock into a store's surge reserve, and releasing it."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.trail import Note
from inventory.bags.services.locking import queue_for_bags
from inventory.requests.queries import free_at
from inventory.reserve import queries
from inventory.reserve.queries import Thing
from inventory.stock.models import ReserveLevel
from inventory.stock.services import lock_items
from organisation.places.models import Place

MOST = 100_000


def keep_back(
    place_code: str,
    key: str,
    unit_count: int,
    *,
    reason: str | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> int:
    """Put free stock of a store into its surge reserve.

    Keeps: INV-16 (what is promised and kept back never exceeds what is there).

    Args:
        key: "item:SOAP" or "bag:ADULT-M".

    Returns:
        How many are in the reserve now.

    Raises:
        NotFound: it is no store of the person's.
        RuleBroken: the thing is unknown, or the number is none.
        NotEnoughStock: fewer are free there.
    """
    body = [place_code, key, unit_count, reason]
    done = trail.earlier(submission_id, by=by, act="reserve.keep", body=body)
    store, thing, before = _held(place_code, key, scope=scope)
    if done is not None:
        return before
    _demand_count(unit_count)
    free = _free_count(store, thing, at)
    if unit_count > free:
        raise NotEnoughStock(
            f"Only {free:,} of {thing.name} free at {store.name}. Put {free:,} or fewer into the reserve. "
            "Nothing has been recorded",
            "unit_count",
        )
    note = trail.note(reason, field="reason")
    return _set(store, thing, before, unit_count, note, by=by, at=at, submission_id=submission_id)


def release(
    place_code: str,
    key: str,
    unit_count: int,
    *,
    reason: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> int:
    """Release stock from a store's surge reserve, so that requests can be approved from it.

    Returns:
        How many are in the reserve still.

    Raises:
        NotFound: it is no store of the person's.
        RuleBroken: no reason is given, the thing is unknown, or the number is none.
        NotEnoughStock: fewer are in the reserve.
    """
    body = [place_code, key, unit_count, reason]
    done = trail.earlier(submission_id, by=by, act="reserve.release", body=body)
    store, thing, before = _held(place_code, key, scope=scope)
    if done is not None:
        return before
    _demand_count(unit_count)
    if unit_count > before:
        raise NotEnoughStock(
            f"Only {before:,} of {thing.name} in the reserve of {store.name}. Nothing has been recorded", "unit_count"
        )
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    return _set(store, thing, before, -unit_count, note, by=by, at=at, submission_id=submission_id)


def _held(place_code: str, key: str, *, scope: Scope) -> tuple[Place, Thing, int]:
    """Find a store and a thing, and hold both, so that nobody promises or takes what is being decided on."""
    store = queries.store_by_code(place_code, scope=scope)
    thing = queries.thing_named(key)
    if thing is None:
        raise RuleBroken("Select what it is from the list", "thing")
    queue_for_bags(store.id)
    if thing.item_id is not None:
        lock_items(store.id, [thing.item_id])
    return store, thing, queries.reserved_count(store.id, thing)


def _demand_count(unit_count: int) -> None:
    if not 1 <= unit_count <= MOST:
        raise RuleBroken(f"Quantity must be between 1 and {MOST:,}", "unit_count")


def _free_count(store: Place, thing: Thing, at: datetime) -> int:
    items, recipes = free_at(
        store.id,
        item_ids=[thing.item_id] if thing.item_id is not None else [],
        recipe_ids=[thing.recipe_id] if thing.recipe_id is not None else [],
        on=local_day(at),
        scope=Scope.of([store.id]),
    )
    return next(each.free_count for each in (*items.values(), *recipes.values()))


def _set(
    store: Place,
    thing: Thing,
    before: int,
    change: int,
    note: Note | None,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> int:
    """Write the new level of a reserve, and who changed it by how many."""
    level = ReserveLevel(
        place_id=store.id, item_id=thing.item_id, recipe_id=thing.recipe_id, level_count=before + change,
        change_count=change, released=change < 0, account_id=by.account_id, recorded_at=at,
        note_id=note.id if note else None,
    )  # fmt: skip
    db.session.add(level)
    db.session.flush()
    trail.record(
        act="reserve.release" if change < 0 else "reserve.keep", subject=thing.key, by=by, at=at,
        submission_id=submission_id, reason=note, place=store.code, units=abs(change), left=level.level_count,
    )  # fmt: skip
    return level.level_count
