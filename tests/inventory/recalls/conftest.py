"""A force in which a lot of soap (L-00002) is everywhere that a unit can be.

| where                          | units of L-00002 |
| ------------------------------ | ---------------: |
| Devizes store, on the shelf    |                3 |
| Devizes store, in GB-00002     |                2 |
| Salisbury, on the shelf        |                2 |
| Salisbury, in GB-00001         |                2 |
| on the way to Harbour House    |                1 |
| issued from Salisbury, GB-00003 |               2 |
"""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from core.db import transaction
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.queries import transit_to
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from tests.conftest import kept
from tests.factories import AT, PASSWORD, World
from tests.inventory.shelves import IMEIS, carry, have_a_catalogue, issue, pack, receive
from tests.site import Site

SOAP = 2
"""Id of lot L-00002."""


def _everywhere(world: World) -> None:
    have_a_catalogue(world)
    receive(
        world,
        DeliveredLine("TOWEL", 10),
        DeliveredLine("SOAP", 12, expires_on=date(2099, 9, 30)),
        DeliveredLine("SOAP", 10, expires_on=date(2099, 12, 31)),
        DeliveredLine("PHONE", 6, serial_numbers=IMEIS),
        DeliveredLine("BK-RO", 5, edition_number=2),
        DeliveredLine("BK-SQ", 3, edition_number=2),
    )
    first, _, third = pack(world, 3, seal_numbers=["S-1001", "S-1002", "S-1003"])
    carry(world, first, "SALISBURY")
    carry(world, third, "SALISBURY")
    send_loose(world, SOAP, 2, "SALISBURY")
    send_loose(world, SOAP, 1, "HARBOUR", arrive=False)
    issue(world, "GB-00003")


def send_loose(world: World, lot_id: int, count: int, place: str, *, arrive: bool = True) -> None:
    """Send loose units from the store to a place, and receive them there unless told not to."""
    store, coming = world.places["STORE"], transit_to(world.places[place])
    steps = [(PostingKind.DISPATCH, store, coming)]
    if arrive:
        steps.append((PostingKind.RECEIPT, coming, world.places[place]))
    with transaction():
        for kind, came_from, went_to in steps:
            post(
                kind,
                [Movement(lot_id, came_from, went_to, count)],
                by=world.actor("storekeeper"),
                at=AT,
                happened_at=AT,
                document="DS-2",
            )


soap = kept(_everywhere)
"""The force of the table above."""


@pytest.fixture
def site(app: Flask, soap: World) -> Site:
    """The strict browser over that force."""
    return Site(app, PASSWORD)
