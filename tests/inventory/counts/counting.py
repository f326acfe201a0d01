"""Acts of counting for the tests, each in a transaction of its own.

The store counts; its second counter is the approver, who then cannot approve, so another approver does. Times are
minutes after ``AT`` (Monday 4 May 2026, 10:00 in London).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.access import Actor, Appointment, Role, Scope
from core.db import db, transaction
from inventory.catalogue.models import Item
from inventory.counts import queries, services
from inventory.counts.models import StockCount
from inventory.counts.rules import CountReason, Decision
from inventory.stock.queries import on_hand, outside
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import AT, World, submission

MINUTE = timedelta(minutes=1)


def after(minutes: int) -> datetime:
    """Give the moment so many minutes after the tests begin."""
    return AT + minutes * MINUTE


def act(world: World, person: str, minutes: int, **more: Any) -> dict[str, Any]:
    """Give what every service is told."""
    actor = world.actor(person)
    return {"scope": actor.scope, "by": actor, "at": after(minutes), "submission_id": submission(), **more}


def second_keeper(world: World) -> Actor:
    """Give a second storekeeper of the store: another account that holds the same role."""
    return replace(world.actor("other sergeant"), appointments=(Appointment(Role.STOREKEEPER, world.places["STORE"]),))


def start(world: World, *parts: str, minutes: int = 0, place: str = "STORE", person: str = "storekeeper") -> str:
    """Start a count; give its reference."""
    with transaction():
        return services.start(place, parts, **act(world, person, minutes)).reference


def count_of(reference: str) -> StockCount:
    """Read a count."""
    return queries.count_by_reference(reference, scope=Scope.everywhere())


def position(reference: str, thing: str) -> int:
    """Find the line of an item's code, or of "bags"."""
    for line in count_of(reference).lines:
        if (thing == "bags" and line.is_bags) or (line.item is not None and line.item.code == thing):
            return line.position
    raise AssertionError(f"{reference} does not count {thing}")


def see(
    world: World,
    reference: str,
    thing: str,
    counted: int | None = None,
    *numbers: str,
    minutes: int = 10,
    seen: int | None = None,
    by: Actor | None = None,
    person: str = "storekeeper",
) -> None:
    """Enter what was seen of an item at a minute."""
    told = act(world, person, minutes)
    if by is not None:
        told |= {"by": by, "scope": by.scope}
    with transaction():
        services.see(
            reference,
            position(reference, thing),
            counted_count=counted,
            numbers=numbers,
            seen_at=after(minutes if seen is None else seen),
            **told,
        )


def finish(world: World, reference: str, minutes: int = 20, person: str = "storekeeper") -> StockCount:
    """Finish counting."""
    with transaction():
        return services.finish(reference, **act(world, person, minutes))


def decided(world: World, reference: str, reason: CountReason | None, **more: Any) -> list[Decision]:
    """Decide every difference as it stands, for one reason."""
    scope = world.actor("approver").scope
    reviews = queries.review(count_of(reference), scope=scope)
    return [
        Decision(position, each.difference.short_count, each.difference.over_count, reason, **more)
        for position, each in reviews.items()
        if each.difference.any
    ]


def approve(
    world: World, reference: str, reason: CountReason | None = CountReason.MISSING, minutes: int = 60, **more: Any
) -> StockCount:
    """Approve a count, every difference for one reason."""
    decisions = decided(world, reference, reason, **more)
    with transaction():
        return services.approve(reference, decisions, **act(world, "approver", minutes))


def take_out(world: World, lot_id: int, units: int, *, happened: int, recorded: int, place: str = "STORE") -> None:
    """Record units as issued: they left at one minute and were recorded at another."""
    with transaction():
        post(
            PostingKind.ISSUE,
            [Movement(lot_id, world.places[place], outside(PlaceKind.ISSUED), units)],
            by=world.actor("storekeeper"),
            at=after(recorded),
            happened_at=after(happened),
            document="SLIP",
        )


def held(world: World, place: str = "STORE") -> dict[str, int]:
    """Give loose units at a place: item code → units."""
    return {db.session.get_one(Item, item_id).code: units for item_id, units in on_hand(world.places[place]).items()}
