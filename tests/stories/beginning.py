"""Where the stories of stock begin: what stands where, told through the services.

| place     | thing                        | units                                                  |
| --------- | ---------------------------- | ------------------------------------------------------ |
| STORE     | Towel (L-00001)              | 20, less 3 in Go Bags                                  |
| STORE     | Soap (L-00002, L-00003)      | 12, 3 of them in Go Bags (60 days left); 20 (300 days) |
| STORE     | Romanian booklet (L-00004)   | 8, less 3 in Go Bags                                   |
| STORE     | Albanian booklet (L-00005)   | 3                                                      |
| STORE     | Basic phone, SIM             | 4 and 4 (L-00006, L-00007)                             |
| SALISBURY | Go Bags GB-00001, GB-00002   | a towel, a soap and a booklet each; par level 4        |
| STORE     | Go Bag GB-00003              | the same                                               |

Relief is a second storekeeper at the store. Days count from today, since pages ask today's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.access import Role
from core.dates import local_day
from core.db import db, now, transaction
from inventory.bags import services as bags
from inventory.bags.models import Bag
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.deliveries.rules import DeliveredLine
from inventory.pars import services as pars
from inventory.phones import services as phones
from inventory.phones.rules import UseKind
from inventory.stock.queries import transit_to
from inventory.stock.rules import BagMovement, PostingKind
from inventory.stock.services import post
from organisation.accounts import services as accounts
from organisation.suppliers.models import Supplier
from tests.conftest import kept
from tests.factories import OPENED, PASSWORD, World, submission
from tests.inventory.phones.phones import ICCIDS, line, record
from tests.inventory.shelves import IMEIS, ITEMS, receive, who

DAY = timedelta(days=1)


def began() -> datetime:
    """The moment everything below came: 100 days ago, so that it was there when the last whole quarter ended."""
    return now() - 100 * DAY


def carry(world: World, tag: str, place: str, at: datetime) -> None:
    """Bring a Go Bag from the store to a place."""
    bag = db.session.query(Bag).filter_by(tag=tag).one()
    coming = transit_to(world.places[place])
    steps = (
        (PostingKind.DISPATCH, world.places["STORE"], coming),
        (PostingKind.RECEIPT, coming, world.places[place]),
    )
    with transaction():
        for kind, came_from, went_to in steps:
            moved = [BagMovement(bag.id, came_from, went_to)]
            keeper = world.actor("storekeeper")
            post(kind, [], by=keeper, at=at, happened_at=at, document="D-0", bag_movements=moved)


def _catalogue(world: World, at: datetime) -> None:
    told: dict[str, Any] = {"by": world.actor("storekeeper"), "at": at}
    for code, name, kind, facts in ITEMS:
        catalogue.add_item(code=code, name=name, kind=kind, submission_id=submission(), **facts, **told)
    for code in ("BK-RO", "BK-SQ"):
        catalogue.publish_edition(
            code, number=1, published_on=local_day(at) - 90 * DAY, submission_id=submission(), **told
        )
    for code, name, lines in (
        ("ADULT-M", "Adult M", [*(NewLine(1, item_code=item) for item in ("TOWEL", "SOAP")),
                                NewLine(1, any_of_kind=ItemKind.BOOKLET)]),
        ("RING", "Phone bag", [NewLine(1, item_code=item) for item in ("PHONE", "SIM")]),
    ):  # fmt: skip
        catalogue.write_recipe_version(
            code, name=name, in_use_from=local_day(at), lines=lines, submission_id=submission(), **told
        )
    db.session.add(Supplier(code="BULK", name="Bulk Hygiene Ltd"))
    db.session.add(Supplier(code="CHURCH", name="St Mark's", donor=True))


def begin(world: World) -> None:
    """Put everything where the table above has it."""
    at = began()
    today, keeper = local_day(now()), world.actor("storekeeper")
    with transaction():
        _catalogue(world, at)
        accounts.open_account(
            "relief@test.example", "Relief", [(Role.STOREKEEPER, "STORE")], OPENED, by=None, at=at, password=PASSWORD
        )
        level: dict[str, Any] = who(world.actor("approver"), at) | {"scope": world.actor("approver").scope}
        pars.set_par("SALISBURY", recipe_code="ADULT-M", level_count=4, **level)
    receive(
        world,
        DeliveredLine("TOWEL", 20),
        DeliveredLine("SOAP", 12, expires_on=today + 60 * DAY),
        DeliveredLine("SOAP", 20, expires_on=today + 300 * DAY),
        DeliveredLine("BK-RO", 8, edition_number=1),
        DeliveredLine("BK-SQ", 3, edition_number=1),
        DeliveredLine("PHONE", 4, serial_numbers=IMEIS[:4]),
        DeliveredLine("SIM", 4, serial_numbers=ICCIDS),
        received_on=local_day(at),
        at=at,
    )
    with transaction():
        bags.pack_run(
            "ADULT-M",
            place_code="STORE",
            seal_numbers=["S-1", "S-2", "S-3"],
            contents=[PackedLine(lot, 3) for lot in ("L-00001", "L-00002", "L-00004")],
            happened_at=at,
            scope=keeper.scope,
            **who(keeper, at),
        )
    for tag in ("GB-00001", "GB-00002"):
        carry(world, tag, "SALISBURY", at)


force = kept(begin)
"""The small force as the stories find it."""


def ring(world: World) -> None:
    """Record three phones: in a Go Bag at Salisbury whose SIM lapses in ten days (GB-00004), in one there whose SIM
    lapsed ten days ago (GB-00005), and loose at the store.
    """
    at = began()
    day = local_day(at)
    keeper = world.actor("storekeeper")
    with transaction():
        terms: dict[str, Any] = {"counts": [UseKind.TEXT], "first_day": day} | who(keeper, at)
        codes = [phones.add_operator("Northway Mobile", days_to_lapse=110, **terms).code]
        terms["submission_id"] = submission()
        codes.append(phones.add_operator("Pennant Talk", days_to_lapse=90, **terms).code)
    for number, code in enumerate((codes[0], codes[1], codes[0])):
        record(world, line(number, activated_on=day), operator_code=code, paired_on=day, at=at)
    for number, tag in enumerate(("GB-00004", "GB-00005")):
        with transaction():
            bags.pack_bag(
                "RING", place_code="STORE", seal_number=f"R-{number}", happened_at=at, scope=keeper.scope,
                contents=[PackedLine("L-00006", 1, (IMEIS[number],)), PackedLine("L-00007", 1, (ICCIDS[number],))],
                **who(keeper, at),
            )  # fmt: skip
        carry(world, tag, "SALISBURY", at)


ringing = kept(ring, after="force")
"""The same with phones that are recorded."""
