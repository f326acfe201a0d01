"""Numbers of cards: recorded with a delivery or later, each once, taken back, found, and never with a Go Bag."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from core.access import Scope
from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, RuleBroken
from inventory.bags import services as bags
from inventory.bags.rules import PackedLine
from inventory.cards import queries, services
from inventory.cards.models import CardRange
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.deliveries import services as deliveries
from inventory.deliveries.models import Delivery
from inventory.deliveries.rules import DeliveredLine
from inventory.finding.queries import find
from inventory.finding.rules import sought
from inventory.stock.models import Lot
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from tests.conftest import kept
from tests.factories import AT, OPENED, World, submission
from tests.inventory.at_once import at_once
from tests.inventory.shelves import TODAY, carry, fill_catalogue, issue, receive, who

TEN = DeliveredLine("CARD-RO", 10, edition_number=1, card_numbers=("SC-004001 to SC-004006", "SC-004101 to SC-004103"))


def fill_with_cards(world: World) -> None:
    """Receive ten Romanian cards with nine numbers (L-00001), five Albanian ones without (L-00002) and a towel."""
    keeper = world.actor("storekeeper")
    with transaction():
        fill_catalogue(world)
        for code, language in (("CARD-RO", "ro"), ("CARD-SQ", "sq")):
            catalogue.add_item(
                code=code, name=f"Card ({language})", kind=ItemKind.SECURITY_CARD, language=language, **who(keeper)
            )
            catalogue.publish_edition(code, number=1, published_on=OPENED, **who(keeper))
    receive(world, TEN, DeliveredLine("CARD-SQ", 5, edition_number=1), DeliveredLine("TOWEL", 1))


force = kept(fill_with_cards)
"""The small force with two lots of cards at its store."""


def told(world: World, name: str = "storekeeper") -> dict[str, Any]:
    actor = world.actor(name)
    return {"scope": actor.scope, "by": actor, "at": AT, "submission_id": submission()}


def record(world: World, lot: str, *written: str, **changed: Any) -> list[CardRange]:
    with transaction():
        return services.record_numbers(lot, written, **(told(world) | changed))


def numbers(lot_code: str) -> list[str]:
    lot_id = db.session.scalars(select(Lot.id).where(Lot.code == lot_code)).one()
    return [str(each) for each in queries.ranges_of([lot_id]).get(lot_id, [])]


def ranges() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CardRange)) or 0


def test_numbers_come_with_a_delivery_or_later_and_one_form_counts_once(force: World) -> None:
    assert numbers("L-00001") == ["SC-004001 to SC-004006", "SC-004101 to SC-004103"]
    one = told(force)
    for _ in range(2):
        made = record(force, "L-00002", "SC-004007 to SC-004009", **one)
        assert [each.reference for each in made] == ["CR-00003"]
    record(force, "L-00002", "SC-004104")
    assert numbers("L-00002") == ["SC-004007 to SC-004009", "SC-004104"]
    with transaction():
        (lot,) = deliveries.record_opening_stock(
            place_code="STORE", counted_on=TODAY,
            lines=[DeliveredLine("CARD-RO", 2, edition_number=1, card_numbers=("SC-1 to SC-2",))], **told(force),
        )  # fmt: skip
    assert numbers(lot.code) == ["SC-1 to SC-2"]


@pytest.mark.parametrize(
    ("lot", "written", "message"),
    [
        ("L-00002", ["SC-004006"], "SC-004006 is already known: it came with lot L-00001. Each number is on one card"),
        (
            "L-00002",
            ["SC-4100 to SC-4102"],
            "SC-4101 to SC-4102 are already known: they came with lot L-00001. Each number is on one card",
        ),
        (
            "L-00001",
            ["SC-005001 to SC-005002"],
            "The lot has 10 cards, of which 9 have a number, and you entered 2 numbers. Enter 1 or fewer",
        ),
        ("L-00002", [], "Enter the numbers as printed, like SC-004001 to SC-004250"),
        ("L-00003", ["SC-9"], "Towel is no security card, and has no card numbers"),
    ],
)
def test_what_cannot_be_is_refused_with_its_numbers_and_nothing_is_recorded(
    force: World, lot: str, written: list[str], message: str
) -> None:
    with pytest.raises(RuleBroken) as broken:
        record(force, lot, *written)
    assert broken.value.message == message
    assert ranges() == 2


def test_a_delivery_with_a_known_or_doubled_number_is_refused_whole(force: World) -> None:
    line = DeliveredLine("CARD-SQ", 3, edition_number=1)
    for first, second, message in (
        ("SC-7", "SC-004103", "SC-004103 is already known: it came with lot L-00001"),
        ("SC-7 to SC-9", "SC-9", "SC-9: entered on line 1 as well"),
    ):
        both = [DeliveredLine(line.item_code, 3, edition_number=1, card_numbers=(each,)) for each in (first, second)]
        with pytest.raises(RuleBroken, match=message) as broken:
            receive(force, *both)
        assert broken.value.field == "lines-1-card_numbers"
    with pytest.raises(RuleBroken, match=r"Towel is no security card\. Remove the card numbers"):
        receive(force, DeliveredLine("TOWEL", 1, card_numbers=("SC-7",)))
    assert ranges() == 2
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_a_range_is_taken_back_once_with_a_reason_and_its_numbers_are_free_again(force: World) -> None:
    with pytest.raises(RuleBroken, match="Enter a reason"), transaction():
        services.take_back("CR-00001", reason=" ", **told(force))
    with pytest.raises(NotFound), transaction():
        services.take_back("CR-00001", reason="Read wrongly", **told(force, "sergeant"))
    with transaction():
        services.take_back("CR-00001", reason="Read wrongly", **told(force))
    with pytest.raises(AlreadyDone), transaction():
        services.take_back("CR-00001", reason="Read wrongly", **told(force))
    assert numbers("L-00001") == ["SC-004101 to SC-004103"]
    record(force, "L-00002", "SC-004001 to SC-004005")
    kept_ranges = queries.recorded(db.session.scalars(select(Lot.id).where(Lot.code == "L-00001")).one())
    assert [(str(each.numbers), each.taken_back is not None) for each in kept_ranges] == [
        ("SC-004001 to SC-004006", True),
        ("SC-004101 to SC-004103", False),
    ]


def test_two_people_never_record_the_same_number(app: Flask, force: World) -> None:
    came = at_once(
        app,
        lambda: services.record_numbers("L-00002", ["SC-8 to SC-10"], **told(force)),
        lambda: services.record_numbers("L-00001", ["SC-10"], **told(force)),
    )
    assert came == {"done": 1, "RuleBroken": 1}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"first_number": 4003, "last_number": 4003}, "a card number belongs to one range"),
        ({"first_number": 1, "last_number": 6}, "a lot has no more numbers than cards"),
        ({"lot_id": 3, "last_number": 1}, "only security cards have numbers in ranges"),
    ],
)
def test_the_database_refuses_what_a_program_gone_wrong_might_write(
    force: World, wrong: dict[str, int], words: str
) -> None:
    row: dict[str, Any] = {
        "reference": "CR-99999", "lot_id": 2, "prefix": "SC-", "first_number": 1, "last_number": 2, "digit_count": 6,
        "account_id": force.actor("storekeeper").account_id, "recorded_at": AT,
    }  # fmt: skip
    with pytest.raises(Exception, match=words), transaction():
        db.session.execute(insert(CardRange).values(row | wrong))
    assert ranges() == 2
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(CardRange).values(row | {"last_number": 0}))


def test_where_cards_are_is_counted_and_a_number_leads_to_its_lot_alone(force: World) -> None:
    """Of ten Romanian cards two went to Salisbury loose, and of two packed at the store one was issued there.

    | cards of L-00001 | from | to |
    |---|---|---|
    | 2 | store | GB-00001, GB-00002 |
    | 2 | store | Salisbury |
    | 1 | GB-00001 at Salisbury | issued |
    """
    keeper, store, salisbury = force.actor("storekeeper"), force.places["STORE"], force.places["SALISBURY"]
    with transaction():
        catalogue.write_recipe_version(
            "CARD-ONLY", name="Card", in_use_from=TODAY, lines=[NewLine(1, item_code="CARD-RO")], **who(keeper)
        )
        packed = bags.pack_run(
            "CARD-ONLY", place_code="STORE", seal_numbers=["S-1", "S-2"], contents=[PackedLine("L-00001", 2)],
            happened_at=AT, scope=keeper.scope, **who(keeper),
        )  # fmt: skip
        post(PostingKind.DISPATCH, [Movement(1, store, salisbury, 2)], by=keeper, at=AT, happened_at=AT, document="D-1")
    carry(force, packed[0], "SALISBURY")
    issue(force, "GB-00001")
    everywhere = queries.spots(1, scope=Scope.everywhere())
    assert [(spot.words, spot.count) for spot in everywhere] == [
        ("Devizes store", 6),
        ("Salisbury", 2),
        ("1 Go Bag at Devizes store", 1),
        ("Issued", 1),
    ]
    sergeant = force.actor("sergeant").scope
    assert [spot.words for spot in queries.spots(1, scope=sergeant) if spot.shown] == ["Salisbury"]
    for scope in (Scope.everywhere(), sergeant):
        (found,) = find(sought("sc-4002"), scope=scope)
        assert (found.kind, found.key, found.title, found.detail) == (
            "Security cards", "L-00001/SC-4002", "SC-4002", "Card (ro), lot L-00001",
        )  # fmt: skip
    assert find(sought("sc-4002"), scope=force.actor("other sergeant").scope) == []
    assert find(sought("SC-004007"), scope=Scope.everywhere()) == []
