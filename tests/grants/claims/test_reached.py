"""Where claimed goods have come, and the self-audit's finding where their grant line is for other places."""

from __future__ import annotations

from sqlalchemy import select

from core.db import db, transaction
from grants.awards import services as awards
from grants.awards.rules import Condition, ConditionKind, Reached
from grants.claims.queries import reached
from grants.claims.rules.findings import FindingKind
from grants.spending.models import SpendingRow
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.stock.models import Lot
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from tests.conftest import kept
from tests.factories import World
from tests.grants.claims.conftest import CLAIM_2
from tests.grants.claims.story import OCTOBER, Story
from tests.grants.claims.test_services import draft
from tests.grants.registers.conftest import tell
from tests.inventory.shelves import carry, pack

told = kept(tell)


def test_goods_have_come_where_they_stand_loose_or_in_bags_and_where_they_were_issued(told: World) -> None:
    """
    towels of L-00001     | where                                              | counts as
    1 in a Go Bag         | issued from Salisbury                              | Salisbury
    1 in a Go Bag         | stands at Trowbridge                               | Trowbridge
    2 loose               | Trowbridge                                         | Trowbridge
    the rest              | at the store, written off, missing                 | nowhere yet
    """
    bag = pack(told)[0]
    carry(told, bag, "TROWBRIDGE")
    _carry_loose(told, "L-00001", "TROWBRIDGE", 2)
    row_id = db.session.scalars(select(SpendingRow.id).where(SpendingRow.reference == "INV-00001-1")).one()
    assert reached([row_id]) == {row_id: (Reached("SALISBURY", "Salisbury", 1), Reached("TROWBRIDGE", "Trowbridge", 3))}


def test_a_claim_is_held_against_the_places_its_goods_are_for(story: Story) -> None:
    """Of the towels line A paid for, 7 went to Salisbury by hand, and the line is for Trowbridge only."""
    words = "For the custody centre at Trowbridge"
    condition = Condition(ConditionKind.PLACES, "2.1", words, "A", admitted="TROWBRIDGE")
    assert _places(story) == []
    story.do(awards.record_condition, "GB2026", condition)
    assert _places(story) == []
    bought = select(Lot.code).join(DeliveryLine).join(Delivery).where(Delivery.delivery_note == "DN-3")
    lot = db.session.scalars(bought).one()
    _carry_loose(story.world, lot, "TROWBRIDGE", 5)
    assert _places(story) == []
    _carry_loose(story.world, lot, "SALISBURY", 7)
    (said,) = _places(story)
    assert said.endswith(
        "is for TROWBRIDGE only, and came elsewhere: 7 at Salisbury. Clause 2.1 of HO/MS/2026/017: "
        "“For the custody centre at Trowbridge”"
    )


def _places(story: Story) -> list[str]:
    failing = draft(story, CLAIM_2).failing
    return [each.words for each in failing if each.kind is FindingKind.CLAUSE and "came elsewhere" in each.words]


def _carry_loose(world: World, lot: str, place: str, count: int) -> None:
    with transaction():
        lot_id = db.session.scalars(select(Lot.id).where(Lot.code == lot)).one()
        post(
            PostingKind.DISPATCH, [Movement(lot_id, world.places["STORE"], world.places[place], count)],
            by=world.actor("storekeeper"), at=OCTOBER, happened_at=OCTOBER, document="D-90001",
        )  # fmt: skip
