"""Handsets and SIMs for tests: a store that holds some, a kind of Go Bag with both, and an operator."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from core.db import transaction
from inventory.bags import services as bags
from inventory.bags.models import Bag
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import NewLine
from inventory.deliveries.rules import DeliveredLine
from inventory.phones import services as phones
from inventory.phones.models import PhoneOperator
from inventory.phones.rules import PhoneLine, UseKind
from tests.factories import AT, World, submission
from tests.inventory.shelves import IMEIS, TODAY, have_a_catalogue, receive, who

ICCIDS = (
    "8944500102198304826",
    "8944500102198304834",
    "8944500102198304842",
    "8944500102198304859",
)
NUMBERS = ("447700900101", "447700900102", "447700900103", "447700900104")


def have_phones(world: World, *, received_on: date = TODAY, at: datetime = AT) -> None:
    """Receive four handsets (L-00001) and four SIMs (L-00002), and write the recipe of a bag with one of each."""
    have_a_catalogue(world)
    with transaction():
        catalogue.write_recipe_version(
            "RING",
            name="Phone bag",
            in_use_from=date(2025, 6, 1),
            lines=[NewLine(1, item_code="PHONE"), NewLine(1, item_code="SIM")],
            **who(world.actor("storekeeper")),
        )
    lines = (DeliveredLine("PHONE", 4, serial_numbers=IMEIS[:4]), DeliveredLine("SIM", 4, serial_numbers=ICCIDS))
    receive(world, *lines, received_on=received_on, at=at)


def operator(world: World, days: int = 90, *, at: datetime = AT, **changed: Any) -> PhoneOperator:
    """Record an operator whose SIMs lapse after so many days without a text or a top-up."""
    asked: dict[str, Any] = {
        "days_to_lapse": days,
        "counts": [UseKind.TEXT, UseKind.TOP_UP],
        "first_day": date(2024, 1, 1),
        **who(world.actor("storekeeper"), at),
    } | changed
    with transaction():
        return phones.add_operator("Northway Mobile", **asked)


def line(number: int, *, row: int = 1, activated_on: date | None = None, **changed: Any) -> PhoneLine:
    """Give the line that pairs the nth handset, SIM and phone number."""
    facts = {"imei": IMEIS[number], "iccid": ICCIDS[number], "number": NUMBERS[number]} | changed
    return PhoneLine(row, activated_on=activated_on, **facts)


def record(world: World, *lines: PhoneLine, at: datetime = AT, **changed: Any) -> int:
    """Record lines as the storekeeper, in a transaction of its own."""
    keeper = world.actor("storekeeper")
    asked: dict[str, Any] = {"paired_on": TODAY, "scope": keeper.scope, **who(keeper, at)} | changed
    with transaction():
        return phones.record_phones(lines, **asked)


def ring_bag(world: World, number: int, *, at: datetime = AT, **changed: Any) -> Bag:
    """Pack the nth handset and SIM into a bag at the store."""
    keeper = world.actor("storekeeper")
    asked: dict[str, Any] = {
        "place_code": "STORE",
        "seal_number": f"S-{submission()[:8]}",
        "contents": [PackedLine("L-00001", 1, (IMEIS[number],)), PackedLine("L-00002", 1, (ICCIDS[number],))],
        "happened_at": at,
        "scope": keeper.scope,
        **who(keeper, at),
    } | changed
    with transaction():
        return bags.pack_bag("RING", **asked)


def days(count: int) -> timedelta:
    """Give so many days."""
    return timedelta(days=count)
