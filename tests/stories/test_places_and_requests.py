"""Places with a life, and a restock from the asking to the settled difference (docs/ARCHITECTURE.md, stock 1 and 6)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from core.dates import local_day
from inventory.deliveries.rules import DeliveredLine
from tests.factories import World
from tests.inventory.shelves import IMEIS, receive
from tests.stories.beginning import began
from tests.stories.beginning import force as force
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def with_phones(force: World) -> World:
    """Two loose phones came to Salisbury besides its two Go Bags."""
    came = DeliveredLine("PHONE", 2, serial_numbers=IMEIS[4:6])
    everywhere = force.actor("auditor").scope
    receive(force, came, place_code="SALISBURY", received_on=local_day(began()), at=began(), scope=everywhere)
    return force


def test_a_place_closes_and_says_what_is_left_until_its_stock_is_counted_in(app: Flask, with_phones: World) -> None:
    """Salisbury closes. The administrator is told what is left and who settles it; the sergeant sends everything
    back; the store finds it on its desk and counts it in, one phone of the two; then the place closes.
    """
    admin = Colleague(app, "admin").goes_to("Places").follows("close Salisbury")
    assert "2 units on its shelves. Sergeant can Send everything back to the store" in admin.text
    assert "2 Go Bags standing there." in admin.text
    assert "2 roles held there." in admin.text

    sergeant = Colleague(app, "sergeant").goes_to("Handovers of cupboards").follows("Salisbury")
    assert "Go Bag GB-00001, Adult M Go Bag GB-00002, Adult M 2 × Basic phone, lot L-00008" in sergeant.text
    sergeant.presses("Send everything back")
    assert "0 Go Bags ready" in sergeant.text

    keeper = Colleague(app, "storekeeper").follows("Count in SB-00001 from Salisbury")
    keeper.fills({IMEIS[4]: True}).presses("Count it in", refused=422)
    assert keeper.errors == ["Say what happened to what did not arrive: 1 Basic phone"]
    keeper.fills({"What happened to what did not arrive": "Not in the box"}).presses("Count it in")
    assert "Count in SB-00001" not in keeper.goes_home().text
    phones = {row[0].split()[-1]: row[2] for row in keeper.goes_to("Phones").table("9 phones and SIMs")}
    assert phones[IMEIS[4]] == "Devizes store"
    assert IMEIS[5] not in phones

    for name, role in (("Sergeant", "sergeant"), ("Approver", "approver")):
        admin.goes_to("Accounts").follows(name).follows(f"End the role {role}, Salisbury").fills({"Now": True}).presses(
            "Take the role away"
        )
    admin.goes_to("Places").follows("close Salisbury").presses("Close the place")
    (row,) = [row for row in admin.table("4 places") if row[0] == "Salisbury"]
    assert row[-1].startswith("Closed")


def test_the_reserve_waits_for_an_approver_and_a_partner_sees_its_own_place_alone(app: Flask, force: World) -> None:
    """The storekeeper keeps the last Go Bag back for a raid, so Harbour House's request finds none free. The approver
    releases it with a reason; the partner issues it with the day, the kind of bag and the booklet's language alone.
    """
    keeper = (
        Colleague(app, "storekeeper").follows("Surge reserve of Devizes store").follows("Put more into the reserve")
    )
    keeper.fills({"What": "Go Bag, Adult M", "How many more": 1, "Why?": "For a raid"}).presses(
        "Put it into the reserve"
    )
    assert keeper.table("In the reserve") == [["Go Bag, Adult M", "1", "0", "1", "0"]]

    partner = Colleague(app, "partner").follows("Request restock")
    partner.fills({"Ask for something else": "Go Bag, Adult M"}).presses("Add it")
    partner.fills({("Go Bag, Adult M", "Quantity"): 1}).presses("Send the request")
    assert "Approver can approve or refuse it." in partner.text

    approver = Colleague(app, "approver").follows("R-00001").follows("Approve")
    assert "0 free at Devizes store (besides 1 in the surge reserve ): 1 too few" in approver.text
    approver.fills({("Go Bag, Adult M", "Approve"): 1}).presses("Approve", refused=409)
    (told,) = approver.errors
    assert told == (
        "Only 0 of Go Bag, Adult M free at Devizes store (1 ready there, 1 in the surge reserve). Approve 0. "
        "Nothing has been recorded"
    )
    approver.follows("surge reserve").follows("Release some of it")
    approver.fills({"What": "Go Bag, Adult M", "How many": 1, "Why": "Harbour House has none"}).presses("Release it")
    approver.goes_home().follows("R-00001").follows("Approve").presses("Approve")

    keeper.goes_home().follows("R-00001 for Harbour House").follows("Pick and send").presses("Send it")
    partner.goes_home().follows("Receive a delivery")
    partner.fills({"Yes, and it can be issued": True}).presses("Confirm what arrived")
    partner.goes_home().follows("Issue a Go Bag").fills({"Tag on the bag": "3"}).presses("Continue")
    asked = {each.get("name") for each in partner.page.form("submission_id").iter("input", "select", "textarea")}
    assert asked == {"csrf_token", "submission_id", "route", "issued_on", "issued_time"}
    partner.presses("Issue GB-00003")
    assert "Go Bag GB-00003" in partner.text

    partner.goes_to("Go Bags")
    assert "No Go Bag stands here yet" in partner.text
    assert "Salisbury" not in partner.text
    partner.finds("GB-00001")
    assert "Nothing that you may see fits “GB-00001”" in partner.text
    assert "Harbour House" in Colleague(app, "auditor").finds("GB-00003").text


def test_a_restock_is_approved_in_part_sent_twice_and_its_differences_stay_open_until_settled(
    app: Flask, force: World
) -> None:
    """The sergeant asks for 2 Go Bags, 25 soaps and a phone. The approver gives 1, 22 and the phone. The store
    sends 9 soaps now and 13 later. Of the first parcel two soaps are missing, of the second one is damaged:
    everyone sees both until the store says how they ended.
    """
    sergeant = Colleague(app, "sergeant").follows("Request restock")
    for thing in ("Soap", "Basic phone"):
        sergeant.fills({"Ask for something else": thing}).presses("Add it")
    sergeant.fills({("Soap", "Quantity"): 25, ("Basic phone", "Quantity"): 1})
    sergeant.presses("Send the request", refused=422)
    assert "You asked for 25 of Soap. The shortage is 0, the par level is 0" in sergeant.errors[0]
    sergeant.fills({("Soap", "Yes, 25 is right"): True}).presses("Send the request")

    approver = Colleague(app, "approver").follows("R-00001").follows("Approve")
    assert "Far above the usual: Sergeant said that 25 is right." in approver.text
    approver.fills({("Go Bag, Adult M", "Approve"): 1, ("Soap", "Approve"): 22}).presses("Approve")

    keeper = Colleague(app, "storekeeper").follows("R-00001 for Salisbury").follows("Pick and send")
    keeper.fills({("Soap", "Lot L-00003"): 0}).presses("Send it")
    assert "Soap: 9 sent so far, 13 still to be sent." in keeper.text
    soap = "Soap Then: par 0, held 0"
    assert next(row for row in keeper.table("What was asked for") if row[0] == soap) == [
        soap, "25", "22", "13", "9", "0", "0",
    ]  # fmt: skip
    keeper.goes_home().follows("R-00001 for Salisbury").follows("Pick and send").presses("Send it")

    sergeant.goes_home().follows("Count in D-00001 from R-00001")
    here: dict[Any, Any] = {"Yes, and it can be issued": True, IMEIS[0]: True}
    sergeant.fills(here | {"Soap": 10}).presses("Confirm what arrived", refused=422)
    assert sergeant.errors == [
        "You counted 10 of Soap and 9 were sent. Enter 9, keep the other 1 apart and tell Devizes store, "
        "who can send them as a dispatch of their own"
    ]
    sergeant.fills({"Soap": 7, "Why did fewer of Soap arrive?": "Missing from the parcel"})
    sergeant.presses("Confirm what arrived")
    assert "9 × Soap, lot L-00002: 7 arrived, 2 short (missing from the parcel); not settled yet" in sergeant.text
    sergeant.goes_home().follows("Count in D-00002 from R-00001")
    sergeant.fills({"Soap": 12, "Why did fewer of Soap arrive?": "Damaged, not usable"}).presses("Confirm what arrived")

    desk = keeper.goes_home().text
    assert "D-00001 to Salisbury 2 short, not settled D-00002 to Salisbury 1 short, not settled" in desk
    keeper.follows("D-00001 to Salisbury").follows("settle this shortage: 2 of Soap from D-00001")
    keeper.fills({"They are back at the store, or never left it": True}).presses("Settle it")
    assert "Soap: 1 of the 22 sent did not arrive. Not settled yet." in keeper.text
    keeper.follows("settle this shortage: 1 of Soap from D-00002")
    keeper.fills({"It is lost or unusable: write it off": True, "What was found out": "Burst"})
    keeper.presses("Settle it")

    sergeant.goes_to("Requests").follows("All requests").follows("R-00001")
    assert "settled: back at the store" in sergeant.text
    assert "settled: written off (“Burst”)" in sergeant.text
    soap_lines = [row for row in sergeant.table("What was asked for") if row[0] == soap]
    assert soap_lines == [[soap, "25", "22", "0", "0", "19", "3"]]
    assert "Nothing: everything that was sent is accounted for." in sergeant.text
    assert "Nothing is late and no shortage is open" in keeper.goes_home().text
