"""Receiving deliveries and counting in opening stock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core import trail
from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound, RuleBroken
from inventory.deliveries import queries, services
from inventory.deliveries.models import Delivery
from inventory.deliveries.rules import DeliveredLine
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.stock import queries as stock
from inventory.stock.models import Lot, Move
from inventory.stock.rules import LotSource, PostingKind
from organisation.places.rules import PlaceKind
from tests.conftest import kept
from tests.factories import AT, World, submission
from tests.inventory.shelves import IMEIS, NEXT_YEAR, TODAY, have_a_catalogue, receive

SOAP = DeliveredLine("SOAP", 12, expires_on=NEXT_YEAR)
BOOKLET = DeliveredLine("BK-RO", 30, edition_number=2)
PHONE = DeliveredLine("PHONE", 2, serial_numbers=IMEIS[:2])
TOWEL = DeliveredLine("TOWEL", 5)


force = kept(have_a_catalogue)
"""The small force, its catalogue, a supplier and a donor."""


def counts() -> tuple[int | None, ...]:
    """Count what a delivery would write."""
    tables = (Delivery, Lot, Move, SerialUnit, trail.AuditLeaf)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def test_each_line_becomes_a_lot_at_the_place(force: World) -> None:
    """
    | posting  | from      | to    | lot     | units |
    |----------|-----------|-------|---------|------:|
    | delivery | suppliers | store | L-00001 |    12 |
    | delivery | suppliers | store | L-00002 |    30 |
    | delivery | suppliers | store | L-00003 |     2 |
    """
    delivery = receive(force, SOAP, BOOKLET, PHONE)
    shown = queries.delivery_by_reference(delivery.reference, scope=Scope.everywhere())
    assert shown.reference == "DEL-00001"
    assert [
        (line.lot.code, line.item.code, line.unit_count, line.lot.source, line.lot.expires_on) for line in shown.lines
    ] == [
        ("L-00001", "SOAP", 12, LotSource.DELIVERY, date(2027, 5, 31)),
        ("L-00002", "BK-RO", 30, LotSource.DELIVERY, None),
        ("L-00003", "PHONE", 2, LotSource.DELIVERY, None),
    ]
    assert shown.lines[1].lot.edition is not None
    assert shown.lines[1].lot.edition.number == 2
    assert shown.posting.kind is PostingKind.DELIVERY
    assert shown.posting.happened_at == AT
    held = stock.lots_held(force.places["STORE"])
    assert {lot.code: lot.unit_count for lot in held} == {"L-00001": 12, "L-00002": 30, "L-00003": 2}
    assert stock.unexplained_balances() == []


def test_handsets_stand_where_they_were_received(force: World) -> None:
    receive(force, PHONE)
    asked = select(SerialUnit.number, UnitPosition.place_id)
    positions = db.session.execute(
        asked.join(UnitPosition, UnitPosition.unit_id == SerialUnit.id).order_by(SerialUnit.id)
    ).all()
    assert [tuple(row) for row in positions] == [(number, force.places["STORE"]) for number in IMEIS[:2]]


def test_a_donation_comes_from_the_donors_with_its_numbers(force: World) -> None:
    """
    | posting  | from   | to    | lot     | units |
    |----------|--------|-------|---------|------:|
    | donation | donors | store | L-00001 |     2 |
    """
    delivery = receive(force, PHONE, supplier_code="CHURCH")
    move = db.session.scalars(select(Move)).one()
    assert move.from_place_id == stock.outside(PlaceKind.DONORS)
    assert delivery.posting.kind is PostingKind.DONATION
    assert delivery.lines[0].lot.source is LotSource.DONATION


def test_goods_of_an_earlier_day_came_at_midday(force: World) -> None:
    delivery = receive(force, TOWEL, received_on=date(2026, 4, 30))
    assert delivery.posting.happened_at.isoformat() == "2026-04-30T11:00:00+00:00"
    assert delivery.posting.recorded_at == AT


@pytest.mark.parametrize(
    ("line", "message", "field"),
    [
        (replace(SOAP, expires_on=None), "Enter the expiry date of Soap", "lines-1-expires_on"),
        (
            replace(SOAP, expires_on=TODAY),
            "Soap expired on 4 May 2026, not after it was received on 4 May 2026. Check the date, or send it back",
            "lines-1-expires_on",
        ),
        (
            replace(TOWEL, expires_on=date(2027, 1, 1)),
            "Towel does not expire. Remove the expiry date",
            "lines-1-expires_on",
        ),
        (
            replace(BOOKLET, edition_number=None),
            "Enter the edition printed on Know your rights (Romanian)",
            "lines-1-edition_number",
        ),
        (
            replace(BOOKLET, edition_number=3),
            "Know your rights (Romanian) has no edition 3. Editions in the catalogue: 1, 2",
            "lines-1-edition_number",
        ),
        (replace(TOWEL, edition_number=1), "Towel has no editions. Remove the edition", "lines-1-edition_number"),
        (
            replace(PHONE, unit_count=3),
            "Enter 3 IMEI numbers for Basic phone, one for each. You entered 2",
            "lines-1-serial_numbers",
        ),
        (
            replace(PHONE, serial_numbers=(IMEIS[0], "356938035643808")),
            "356938035643808 is not a real IMEI: its check digit does not fit. Scan or type it again",
            "lines-1-serial_numbers",
        ),
        (
            replace(PHONE, serial_numbers=(IMEIS[0], "35-693803-564380-9")),
            "IMEI 356938035643809 is entered twice",
            "lines-1-serial_numbers",
        ),
        (
            replace(TOWEL, serial_numbers=IMEIS[:1]),
            "Towel is not counted by number. Remove the numbers",
            "lines-1-serial_numbers",
        ),
        (replace(TOWEL, unit_count=0), "Quantity must be 1 or more", "lines-1-unit_count"),
        (replace(TOWEL, unit_count=100_001), "Quantity must be 100,000 or fewer", "lines-1-unit_count"),
        (replace(TOWEL, item_code="HAT"), "Choose the item of line 2", "lines-1-item"),
    ],
)
def test_one_wrong_line_refuses_the_whole_delivery(force: World, line: DeliveredLine, message: str, field: str) -> None:
    before = counts()
    with pytest.raises(RuleBroken) as refused:
        receive(force, TOWEL, line)
    assert (refused.value.message, refused.value.field) == (message, field)
    assert counts() == before


def test_a_number_is_received_once_in_its_life(force: World) -> None:
    receive(force, PHONE)
    before = counts()
    with pytest.raises(RuleBroken, match="IMEI 356938035643809 is already known: it came with lot L-00001"):
        receive(force, replace(PHONE, serial_numbers=(IMEIS[2], IMEIS[0])), delivery_note="DN-2")
    assert counts() == before


def test_a_number_on_two_lines_is_refused(force: World) -> None:
    with pytest.raises(RuleBroken, match="356938035643809 is entered on line 1 as well"):
        receive(force, PHONE, replace(PHONE, serial_numbers=(IMEIS[2], IMEIS[0])))


def test_a_delivery_note_of_a_supplier_is_received_once(force: World) -> None:
    receive(force, TOWEL, delivery_note="DN-1")
    before = counts()
    with pytest.raises(
        RuleBroken, match=r"Delivery note dn-1 from Bulk Hygiene Ltd was received on 4 May 2026 as DEL-00001"
    ):
        receive(force, TOWEL, delivery_note="dn-1")
    assert counts() == before


def test_tomorrow_has_not_been_received_yet(force: World) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match="Enter a real date in the past") as refused:
        receive(force, TOWEL, received_on=TODAY + timedelta(days=1))
    assert refused.value.field == "received_on"
    assert counts() == before


def test_goods_cannot_be_received_at_somebody_elses_place(force: World) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match="Select a station you can use"):
        receive(force, TOWEL, place_code="SALISBURY")
    assert counts() == before


def test_the_same_form_sent_twice_is_one_delivery(force: World) -> None:
    key = submission()
    first = receive(force, TOWEL, delivery_note="DN-1", submission_id=key).reference
    before = counts()
    assert receive(force, TOWEL, delivery_note="DN-1", submission_id=key).reference == first
    assert counts() == before
    with pytest.raises(RuleBroken, match="This reference was used for something else"):
        receive(force, TOWEL, TOWEL, delivery_note="DN-1", submission_id=key)


def test_a_delivery_of_another_place_is_not_found(force: World) -> None:
    reference = receive(force, TOWEL).reference
    with pytest.raises(NotFound):
        queries.delivery_by_reference(reference, scope=force.actor("sergeant").scope)


def test_opening_stock_is_counted_in_with_what_has_expired(force: World) -> None:
    """
    | posting       | from      | to    | lot     | units | expires     |
    |---------------|-----------|-------|---------|------:|-------------|
    | opening stock | suppliers | store | L-00001 |     4 | 1 March 2026|
    | opening stock | suppliers | store | L-00002 |     5 |             |
    """
    keeper = force.actor("storekeeper")
    key = submission()
    for _ in range(2):
        with transaction():
            lots = services.record_opening_stock(
                place_code="STORE",
                counted_on=TODAY,
                lines=[replace(SOAP, unit_count=4, expires_on=date(2026, 3, 1)), TOWEL],
                scope=keeper.scope,
                by=keeper,
                at=AT,
                submission_id=key,
            )
        assert [(lot.code, lot.unit_count, lot.source) for lot in lots] == [
            ("L-00001", 4, LotSource.OPENING),
            ("L-00002", 5, LotSource.OPENING),
        ]
    assert sum(stock.on_hand(force.places["STORE"]).values()) == 9
