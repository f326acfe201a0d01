"""A store with goods and a station with par levels, for the tests of requests and of the desk.

| place     | thing                | units                                                       |
| --------- | -------------------- | ----------------------------------------------------------- |
| STORE     | Soap                 | 5 (expired 30 April 2026), 10 (to 31 August 2026), 20 (to 31 May 2027) |
| STORE     | Towel                | 12                                                          |
| STORE     | Romanian booklet     | 8                                                           |
| STORE     | Basic phone          | 3                                                           |
| STORE     | Go Bag, Adult M      | 3 (each 1 soap of the earliest lot in date, 1 towel)        |
| SALISBURY | par levels           | 6 soap, 6 Romanian booklets, 4 Go Bags                      |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from core.access import Scope
from core.db import transaction
from inventory.bags import services as bags
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.pars import services as pars
from inventory.requests import services
from inventory.requests.models import Dispatch, RestockRequest
from inventory.requests.services import AskedLine
from tests.factories import AT, World, submission

IMEIS = ("490154203237518", "356938035643809", "352099001761481")
STARTED = AT - timedelta(days=30)
"""When the store was filled: Saturday 4 April 2026."""

HOUR = timedelta(hours=1)
SOAP_IN_DATE, SOAP_LATER = date(2026, 8, 31), date(2027, 5, 31)


def act(world: World, person: str, **more: Any) -> dict[str, Any]:
    """Give what every service is told: who, where, when, and a fresh submission id."""
    actor = world.actor(person)
    return {"scope": actor.scope, "by": actor, "at": AT, "submission_id": submission(), **more}


def fill_store(world: World) -> None:
    """Put the goods of the table above where they belong."""
    with transaction():
        _goods(world)
        _bags(world)
        for code, level in (("SOAP", 6), ("BK-RO", 6)):
            pars.set_par("SALISBURY", item_code=code, level_count=level, **act(world, "approver", at=STARTED))
        pars.set_par("SALISBURY", recipe_code="ADULT-M", level_count=4, **act(world, "approver", at=STARTED))


def _goods(world: World) -> None:
    keeper: dict[str, Any] = {"by": world.actor("storekeeper"), "at": STARTED}
    for code, name, kind, facts in (
        ("SOAP", "Soap", ItemKind.CONTENT, {"expires": True}),
        ("TOWEL", "Towel", ItemKind.CONTENT, {}),
        ("BK-RO", "Know your rights (Romanian)", ItemKind.BOOKLET, {"language": "ro"}),
        ("PHONE", "Basic phone", ItemKind.PHONE, {}),
    ):
        catalogue.add_item(code=code, name=name, kind=kind, submission_id=submission(), **facts, **keeper)
    catalogue.publish_edition("BK-RO", number=1, published_on=date(2026, 1, 5), submission_id=submission(), **keeper)
    catalogue.write_recipe_version(
        "ADULT-M",
        name="Adult M",
        in_use_from=date(2026, 1, 5),
        lines=[NewLine(1, item_code="SOAP"), NewLine(1, item_code="TOWEL")],
        submission_id=submission(),
        **keeper,
    )
    deliveries.record_opening_stock(
        place_code="STORE",
        counted_on=STARTED.date(),
        lines=[
            DeliveredLine("SOAP", 5, expires_on=date(2026, 4, 30)),
            DeliveredLine("SOAP", 13, expires_on=SOAP_IN_DATE),
            DeliveredLine("SOAP", 20, expires_on=SOAP_LATER),
            DeliveredLine("TOWEL", 15),
            DeliveredLine("BK-RO", 8, edition_number=1),
            DeliveredLine("PHONE", 3, serial_numbers=IMEIS),
        ],
        **act(world, "storekeeper", at=STARTED),
    )


def _bags(world: World) -> None:
    bags.pack_run(
        "ADULT-M",
        place_code="STORE",
        seal_numbers=["S-1", "S-2", "S-3"],
        contents=[PackedLine("L-00002", 3), PackedLine("L-00004", 3)],
        happened_at=STARTED,
        **act(world, "storekeeper", at=STARTED),
    )


def ask(world: World, *lines: AskedLine, person: str = "sergeant", place: str = "SALISBURY") -> RestockRequest:
    """Ask as the sergeant of Salisbury."""
    with transaction():
        return services.ask(place, lines, **act(world, person))


def asked(code: str, count: int, *, sure: bool = False) -> AskedLine:
    """Name so many of an item, or Go Bags of the recipe ADULT-M."""
    confirmed = count if sure else None
    if code == "ADULT-M":
        return AskedLine(count, recipe_code=code, confirmed_count=confirmed)
    return AskedLine(count, item_code=code, confirmed_count=confirmed)


def approve(world: World, reference: str, *counts: int, **more: Any) -> RestockRequest:
    """Approve counts, line by line, as the approver."""
    with transaction():
        return services.approve(reference, dict(enumerate(counts, 1)), **act(world, "approver", **more))


def send(world: World, reference: str, *picks: Any, at: datetime = AT + HOUR, **more: Any) -> Dispatch:
    """Send picks as the storekeeper."""
    with transaction():
        return services.dispatch(reference, picks, **act(world, "storekeeper", at=at, **more))


def receive(
    world: World, reference: str, counted: Sequence[Any], at: datetime = AT + 2 * HOUR, **more: Any
) -> Dispatch:
    """Count a dispatch in as the sergeant."""
    with transaction():
        return services.receive(reference, counted, **act(world, "sergeant", at=at, **more))


EVERYWHERE = Scope.everywhere()
