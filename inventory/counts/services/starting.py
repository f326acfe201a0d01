"""Starting a count, and abandoning one. A place has one open count, which several people can work on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone, RuleBroken
from core.references import next_reference
from inventory.bags.models import BagPosition
from inventory.catalogue.models import Item
from inventory.catalogue.rules import KIND_WORDS, ItemKind
from inventory.counts import queries
from inventory.counts.models import CountLine, StockCount
from inventory.counts.rules import OPEN, CountExtent, CountState
from inventory.pars.queries import pars_in_force
from organisation.places.models import Place
from organisation.places.queries import chosen_place

BAGS = "go bags"
"""The part of a place that is its Go Bags; the other parts are kinds of item."""


def start(
    place_code: str,
    parts: Collection[str] = (),
    *,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Start counting a place, whole or in part. Nothing freezes: stock moves as it did before.

    Args:
        parts: kinds of item, and ``BAGS``; none for the whole place.

    Raises:
        RuleBroken: the place is not the person's, is closed, or has nothing of these parts.
        AlreadyDone: a count is going on there.
    """
    if done := trail.earlier(submission_id, by=by, act="count.start", body=[place_code, sorted(parts)]):
        return queries.count_by_reference(done, scope=scope)
    place = chosen_place(place_code, scope=scope, field="place")
    chosen = _parts(parts)
    items, bags = things_to_count(place, chosen)
    if not items and not bags:
        raise RuleBroken(f"{place.name} holds nothing of that. Choose more parts, or count the whole place", "parts")
    count = open_count(
        place,
        items,
        bags=bags,
        extent=CountExtent.PART if chosen else CountExtent.WHOLE,
        covers=_covers(chosen),
        by=by,
        at=at,
    )
    trail.record(
        act="count.start",
        subject=count.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        covers=count.covers,
        items=[item.code for item in items],
    )
    return count


def _parts(parts: Collection[str]) -> set[str]:
    known = {BAGS, *(kind.value for kind in ItemKind)}
    if unknown := sorted(set(parts) - known):
        raise RuleBroken(f"{unknown[0]} is no part of a place. Choose from the list", "parts")
    return set() if set(parts) == known else set(parts)


def _covers(parts: Collection[str]) -> str:
    """Name what is counted, such as "Booklet, Go Bags"; "Everything" for a whole place."""
    words = [KIND_WORDS[kind] for kind in ItemKind if kind.value in parts]
    return ", ".join([*words, *(["Go Bags"] if BAGS in parts else [])]) or "Everything"


def things_to_count(place: Place, parts: Collection[str] = ()) -> tuple[list[Item], bool]:
    """List what a count asks after: items that are loose there or should be, by name; and whether Go Bags too."""
    pars = pars_in_force(place.id)
    expected = [item_id for item_id, level in pars.items.items() if level]
    found = {item.id: item for item in queries.items_there(place.id)}
    found |= {item.id: item for item in db.session.scalars(select(Item).where(Item.id.in_(expected)))}
    items = [item for item in found.values() if not parts or item.kind.value in parts]
    order = list(ItemKind)
    bags = (not parts or BAGS in parts) and bool(any(pars.recipes.values()) or _any_bag(place.id))
    return sorted(items, key=lambda item: (order.index(item.kind), item.name)), bags


def _any_bag(place_id: int) -> bool:
    return db.session.scalar(select(BagPosition.bag_id).where(BagPosition.place_id == place_id).limit(1)) is not None


def open_count(
    place: Place, items: Sequence[Item], *, bags: bool, extent: CountExtent, covers: str, by: Actor, at: datetime
) -> StockCount:
    """Make a count with a line for each thing, Go Bags first.

    Raises:
        RuleBroken: the place is closed.
        AlreadyDone: another count is going on there.
    """
    # Two people who start one queue here; the second finds the first one's.
    db.session.execute(select(Place.id).where(Place.id == place.id).with_for_update(key_share=True)).all()
    if place.closed_on is not None and place.closed_on < local_day(at):
        raise RuleBroken(f"{place.name} closed on {day_text(place.closed_on)}. Choose a place that is open", "place")
    if going_on := queries.open_count(place.id):
        raise AlreadyDone(
            f"{place.name} is being counted already: {going_on.reference}. Go on with that count", "place"
        )
    count = StockCount(
        reference=next_reference("C"),
        place_id=place.id,
        extent=extent,
        covers=covers,
        state=CountState.COUNTING,
        version=1,
        started_by_id=by.account_id,
        started_at=at,
    )
    things: list[int | None] = [*([None] if bags else []), *(item.id for item in items)]
    count.lines = [
        CountLine(position=number, item_id=item_id, round_wanted=1) for number, item_id in enumerate(things, 1)
    ]
    db.session.add(count)
    db.session.flush()
    return count


def abandon(
    reference: str, *, reason: str | None, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> StockCount:
    """Give a count up. What was seen stays on record and changes nothing.

    Raises:
        NotFound: there is no such count for this person.
        AlreadyDone: it has ended.
        RuleBroken: there is no reason.
    """
    if done := trail.earlier(submission_id, by=by, act="count.abandon", body=[reference, reason]):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    if count.state not in OPEN:
        raise AlreadyDone(f"Count {reference} has ended already")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    count.state, count.ended_at, count.note_id = CountState.ABANDONED, at, note.id
    count.version += 1
    trail.record(
        act="count.abandon",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=count.place.code,
    )
    return count
