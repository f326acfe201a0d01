"""A store whose goods an award paid for: a handset given away, towels lost, a dear printer."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.db import db, transaction
from core.money import Pence
from grants.awards import services as awards
from grants.spending.rules import NewRow, SpendingKind
from inventory.stock.models import Lot
from inventory.stock.queries import outside
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.conftest import kept
from tests.factories import AT, World
from tests.grants.factories import acting, add_award, add_invoice, bill, courier, split, towels
from tests.inventory.shelves import SHELVES, carry, have_a_catalogue, issue, pack, receive

ON = date(2026, 5, 4)


def tell(world: World) -> None:
    """Tell what the registers list.

    | invoice | row                        | cost      | line | what became of it                              |
    |---------|----------------------------|----------:|------|------------------------------------------------|
    | SI-1001 | 10 towels                  |     10.00 | A    | 1 in an issued bag, 3 written off, 1 missing   |
    | SI-1001 | 4 phones                   |    100.03 | B    | 1 in an issued bag                             |
    | SI-1002 | a printer (a service row)  | 10,000.01 | C    | above the award's threshold of 10,000.00       |
    | SI-1003 | carriage, 500.00 with VAT  |    416.67 |      | not published                                  |
    """
    have_a_catalogue(world)
    add_award(world)
    delivery = receive(world, *SHELVES)
    phones = NewRow("Phones", Pence(100_03), item_code="PHONE", unit_count=4)
    add_invoice(world, towels(10, 10_00), phones, number="SI-1001")
    bill(world, "INV-00001-1", delivery, 10, position=1)
    bill(world, "INV-00001-2", delivery, 4, position=4)
    split(world, "INV-00001-1", A=10_00)
    split(world, "INV-00001-2", B=100_03)
    add_invoice(world, courier(10_000_01), number="SI-1002")
    with transaction():
        awards.change_budget(
            from_line="GB2026/A", to_line="GB2026/C", pence=Pence(9_000_00), agreed_on=ON, consent_reference="HO 9",
            reason=None, **acting(world),
        )  # fmt: skip
    split(world, "INV-00002-1", C=10_000_01)
    add_invoice(world, NewRow("Carriage", Pence(416_67), kind=SpendingKind.SERVICE), number="SI-1003")
    bag = pack(world)[0]
    carry(world, bag, "SALISBURY")
    issue(world, bag.tag)
    _lose(world, PostingKind.WRITE_OFF, PlaceKind.WRITTEN_OFF, 3, "WO-1")
    _lose(world, PostingKind.COUNT, PlaceKind.LOST_AND_FOUND, 1, "C-00001")


def _lose(world: World, kind: PostingKind, where: PlaceKind, count: int, document: str) -> None:
    with transaction():
        lot_id = db.session.scalars(select(Lot.id).where(Lot.code == "L-00001")).one()
        post(
            kind, [Movement(lot_id, world.places["STORE"], outside(where), count)], by=world.actor("storekeeper"),
            at=AT, happened_at=AT, document=document,
        )  # fmt: skip


told = kept(tell)
"""The store of the table above."""
