"""The pages of card numbers, once from the delivery to a card that somebody found."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.inventory.cards.test_services import force
from tests.site import Site

__all__ = ["force"]


def test_a_storekeeper_records_numbers_and_a_sergeant_finds_the_lot_of_a_card(app: Flask, force: World) -> None:
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    lot = keeper.get("/stock/lots/L-00002")
    assert "None on record" in lot.text
    assert "<a" not in lot.text
    assert "/stock/lots/L-00002/cards" in lot.links
    empty = keeper.get("/stock/lots/L-00002/cards")
    assert "5 cards. None has a number on record yet." in empty.text
    form = keeper.get(next(link for link in empty.links if link.endswith("/record")))
    refused = keeper.submit(form, containing="ranges", ranges="SC-004003", status=422)
    assert refused.errors == ["SC-004003 is already known: it came with lot L-00001. Each number is on one card"]
    shown = keeper.submit(form, containing="ranges", ranges="SC-009001 to SC-009004")
    assert "1 card has no number on record yet." in shown.text
    assert shown.table("Where the cards are")[1] == ["Devizes store", "5", "SC-009001 to SC-009004"]
    found = keeper.get("/find/?q=sc-9002")
    assert found.heading == "Card numbers of lot L-00002"
    assert (
        "SC-009002 is a card of this lot: Card (sq). All cards of the lot are in one place: Devizes store. "
        "You typed SC-9002: noughts in front make no difference" in found.text
    )
    back = keeper.get("/stock/card-numbers/CR-00003/take-back")
    assert keeper.submit(back, containing="reason", reason="", status=422).errors == ["Enter a reason"]
    again = keeper.submit(back, containing="reason", reason="The box was another one")
    assert "None has a number on record yet." in again.text
    assert "Taken back on" in again.text
    keeper.get("/stock/lots/L-00003/cards", status=404)
    assert "SC-004001 to SC-004006" in keeper.get("/deliveries/DEL-00001").text
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    sergeant.get("/stock/lots/L-00001/cards", status=404)
    sergeant.get("/stock/card-numbers/CR-00001/take-back", status=403)
