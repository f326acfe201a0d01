"""A catalogue and a stocked store for the tests of deliveries, bags and phones, built through the services.

An "Adult M" Go Bag holds a towel, two soaps, a phone and a booklet in any language.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from core.access import Actor
from core.db import db, transaction
from inventory.bags import queries as bag_queries
from inventory.bags import services as bags
from inventory.bags.models import Bag, Issue, IssueRoute
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.deliveries import services as deliveries
from inventory.deliveries.models import Delivery
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.queries import transit_to
from inventory.stock.rules import BagMovement, PostingKind
from inventory.stock.services import post
from organisation.suppliers.models import Supplier
from tests.factories import AT, World, submission

TODAY = date(2026, 5, 4)
LATER = AT + timedelta(hours=2)
NEXT_YEAR = date(2027, 5, 31)

IMEIS = tuple(
    base + str(check)
    for base, check in (
        ("35693803564380", 9),
        ("35209900176148", 1),
        ("49015420323751", 8),
        ("35693803564381", 7),
        ("35693803564382", 5),
        ("35693803564383", 3),
    )
)
ICCID = "8944500102198304826"

ITEMS: tuple[tuple[str, str, ItemKind, dict[str, Any]], ...] = (
    ("TOWEL", "Towel", ItemKind.CONTENT, {}),
    ("SOAP", "Soap", ItemKind.CONTENT, {"expires": True}),
    ("PHONE", "Basic phone", ItemKind.PHONE, {}),
    ("SIM", "SIM with £10 credit", ItemKind.SIM, {}),
    ("BK-RO", "Know your rights (Romanian)", ItemKind.BOOKLET, {"language": "ro"}),
    ("BK-SQ", "Know your rights (Albanian)", ItemKind.BOOKLET, {"language": "sq"}),
)
RECIPE = (
    NewLine(1, item_code="TOWEL"),
    NewLine(2, item_code="SOAP"),
    NewLine(1, item_code="PHONE"),
    NewLine(1, any_of_kind=ItemKind.BOOKLET),
)


def who(actor: Actor, at: datetime = AT) -> dict[str, Any]:
    """Give the arguments that say who acts and when."""
    return {"by": actor, "at": at, "submission_id": submission()}


def fill_catalogue(world: World) -> None:
    """Add the items, two editions of each booklet, the recipe, a supplier and a donor."""
    keeper = world.actor("storekeeper")
    for code, name, kind, facts in ITEMS:
        catalogue.add_item(code=code, name=name, kind=kind, **facts, **who(keeper))
    for code in ("BK-RO", "BK-SQ"):
        for number, day in ((1, date(2025, 6, 1)), (2, date(2026, 2, 1))):
            catalogue.publish_edition(code, number=number, published_on=day, **who(keeper))
    catalogue.write_recipe_version("ADULT-M", name="Adult M", in_use_from=date(2025, 6, 1), lines=RECIPE, **who(keeper))
    db.session.add(Supplier(code="BULK", name="Bulk Hygiene Ltd"))
    db.session.add(Supplier(code="CHURCH", name="St Mark's", donor=True))


def have_a_catalogue(world: World) -> None:
    """Fill the catalogue in a transaction of its own."""
    with transaction():
        fill_catalogue(world)


def receive(world: World, *lines: DeliveredLine, **changed: Any) -> Delivery:
    """Receive lines at the store, as its storekeeper, today, in a transaction of its own."""
    asked: dict[str, Any] = {
        "supplier_code": "BULK",
        "place_code": "STORE",
        "delivery_note": f"DN-{submission()[:8]}",
        "received_on": TODAY,
        "lines": lines,
        **who(world.actor("storekeeper")),
    } | changed
    asked.setdefault("scope", asked["by"].scope)
    with transaction():
        return deliveries.receive_delivery(**asked)


SHELVES = (
    DeliveredLine("TOWEL", 10),
    DeliveredLine("SOAP", 6, expires_on=date(2026, 9, 30)),
    DeliveredLine("SOAP", 10, expires_on=NEXT_YEAR),
    DeliveredLine("PHONE", 4, serial_numbers=IMEIS[:4]),
    DeliveredLine("BK-RO", 5, edition_number=2),
    DeliveredLine("BK-SQ", 3, edition_number=2),
)
"""What the store receives first: lots L-00001 to L-00006, in this order."""


def fill_shelves(world: World) -> None:
    """Fill the catalogue and the store: lots L-00001 to L-00006."""
    have_a_catalogue(world)
    receive(world, *SHELVES)


def one_bag() -> list[PackedLine]:
    """Give what goes into one bag, from the lots of ``SHELVES``."""
    return [
        PackedLine("L-00001", 1),
        PackedLine("L-00002", 2),
        PackedLine("L-00004", 1, IMEIS[:1]),
        PackedLine("L-00005", 1),
    ]


def pack(world: World, bag_count: int = 1, **changed: Any) -> list[Bag]:
    """Pack a run of bags at the store as proposed, in a transaction of its own."""
    keeper = world.actor("storekeeper")
    with transaction():
        proposal = bag_queries.proposed_contents(
            "ADULT-M", world.places["STORE"], bag_count=bag_count, on=TODAY, scope=keeper.scope
        )
        asked: dict[str, Any] = {
            "place_code": "STORE",
            "seal_numbers": [f"S-{submission()[:8]}" for _ in range(bag_count)],
            "contents": proposal.packed_lines(),
            "happened_at": AT,
            "scope": keeper.scope,
            **who(keeper),
        } | changed
        return bags.pack_run("ADULT-M", **asked)


def towel_bags(world: World, count: int) -> list[str]:
    """Pack Go Bags with a towel each at the store, 50 at a time; give their tags."""
    keeper = world.actor("storekeeper")
    with transaction():
        fill_catalogue(world)
        catalogue.write_recipe_version(
            "TOWEL-ONLY", name="Towel", in_use_from=TODAY, lines=[NewLine(1, item_code="TOWEL")], **who(keeper)
        )
    receive(world, DeliveredLine("TOWEL", count))
    tags: list[str] = []
    while len(tags) < count:
        run = min(50, count - len(tags))
        with transaction():
            packed = bags.pack_run(
                "TOWEL-ONLY",
                place_code="STORE",
                seal_numbers=[f"S-{len(tags) + number}" for number in range(run)],
                contents=[PackedLine("L-00001", run)],
                happened_at=AT,
                scope=keeper.scope,
                **who(keeper),
            )
            tags += [bag.tag for bag in packed]
    return tags


def carry(world: World, bag: Bag, place: str, *, arrive: bool = True) -> None:
    """Send a bag from the store to a place, and receive it there unless told not to."""
    keeper, coming = world.actor("storekeeper"), transit_to(world.places[place])
    steps = [(PostingKind.DISPATCH, world.places["STORE"], coming)]
    if arrive:
        steps.append((PostingKind.RECEIPT, coming, world.places[place]))
    with transaction():
        for kind, came_from, went_to in steps:
            post(
                kind,
                [],
                by=keeper,
                at=AT,
                happened_at=AT,
                document="DS-1",
                bag_movements=[BagMovement(bag.id, came_from, went_to)],
            )


def issue(world: World, tag: str, name: str = "sergeant", **changed: Any) -> Issue:
    """Issue a bag two hours later, in a transaction of its own."""
    actor = world.actor(name)
    asked: dict[str, Any] = {
        "route": IssueRoute.OFFICER,
        "issued_at": LATER,
        "scope": actor.scope,
        **who(actor, LATER),
    } | changed
    with transaction():
        return bags.issue_bag(tag, **asked)
