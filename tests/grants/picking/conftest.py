"""A store with lots of several payers.

| lot     | thing | units | expires      | paid by                              |
| ------- | ----- | ----- | ------------ | ------------------------------------ |
| L-00001 | Soap  |    10 | 31 May 2027  | a donor                              |
| L-00002 | Soap  |    10 | 31 July 2028 | GB2026/A, which ends 31 March 2027   |
| L-00003 | Towel |     5 | none         | a donor                              |
| L-00004 | Towel |     5 | none         | GB2026/A and GB2026/E                |
"""

from __future__ import annotations

from datetime import date

import pytest

from inventory.deliveries.rules import DeliveredLine
from tests.factories import World
from tests.grants.factories import add_award_and_catalogue, add_invoice, bill, deliver, split, towels


@pytest.fixture
def store(world: World) -> World:
    """The store with the lots of the table above."""
    add_award_and_catalogue(world)
    early, late = date(2027, 5, 31), date(2028, 7, 31)
    deliver(world, DeliveredLine("SOAP", 10, expires_on=early), supplier="CHURCH", note="G-1")
    bought = deliver(world, DeliveredLine("SOAP", 10, expires_on=late), note="DN-1")
    deliver(world, DeliveredLine("TOWEL", 5), supplier="CHURCH", note="G-2")
    more = deliver(world, DeliveredLine("TOWEL", 5), note="DN-2")
    soap, towel = add_invoice(world, towels(10, 30_00, item_code="SOAP"), towels(5, 25_00)).rows
    bill(world, soap.reference, bought, 10)
    bill(world, towel.reference, more, 5)
    split(world, soap.reference, A=30_00)
    split(world, towel.reference, A=20_00, E=5_00)
    return world
