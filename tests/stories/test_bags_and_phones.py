"""Living Go Bags and phones that ring (points 2 and 3 of stock that tells the truth)."""

from __future__ import annotations

from flask import Flask

from core.dates import day_text, local_day
from core.db import now
from tests.factories import World
from tests.inventory.phones.phones import ICCIDS, NUMBERS
from tests.inventory.shelves import IMEIS
from tests.stories.beginning import DAY, began
from tests.stories.beginning import force as force
from tests.stories.beginning import ringing as ringing
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite


def test_a_sealed_bag_is_opened_for_one_thing_and_restocked_with_that_thing_alone(app: Flask, force: World) -> None:
    """At night the sergeant takes the soap out of GB-00001 and seals it again. The bag lacks that soap and nothing
    else; the restock asks for one soap; with it the bag is ready again, and its history tells all of it.
    """
    sergeant = Colleague(app, "sergeant").goes_to("Go Bags").follows("GB-00001").follows("Take one thing out")
    begins = next(each for each in sergeant.labels() if each.startswith("Soap, lot L-00002"))
    sergeant.fills({begins: True, "How many?": 1, "It was used: write it off": True})
    sergeant.fills({"Why was the bag opened?": "Soap asked for at the desk", "Number of the new seal": "S-1"})
    sergeant.presses("Take it out and seal the bag", refused=422)
    sergeant.fills({"Number of the new seal": "N-1"}).presses("Take it out and seal the bag")
    assert "Something is missing at Salisbury Soap is missing" in sergeant.text
    assert [row[:3] for row in sergeant.table("What is inside")] == [
        ["Know your rights (Romanian)", "1", "L-00004"],
        ["Towel", "1", "L-00001"],
    ]
    assert "1 Go Bag ready 1 needs something" in sergeant.goes_home().text

    sergeant.follows("See to Go Bag GB-00001").follows("Ask the store for 1 Soap")
    assert "Par 0, held 0, 1 to put back into Go Bags here: 1 short" in sergeant.text
    sergeant.presses("Send the request")
    Colleague(app, "approver").follows("R-00001").follows("Approve").presses("Approve")
    Colleague(app, "storekeeper").follows("R-00001 for Salisbury").follows("Pick and send").presses("Send it")
    sergeant.goes_home().follows("Receive a delivery").fills({"Soap": 1}).presses("Confirm what arrived")

    sergeant.goes_home().follows("See to Go Bag GB-00001").follows("Put in 1 Soap from the shelf at Salisbury")
    sergeant.fills({"Number of the new seal": "N-2"}).presses("Put these in and seal the bag")
    assert "Ready at Salisbury" in sergeant.text
    assert ["Soap", "1", "L-00002"] in [row[:3] for row in sergeant.table("What is inside")]
    history = sergeant.text.partition("What happened to it")[2]
    told = (
        "sealed again: Soap put in",
        "sealed again: Soap taken out, used",
        "Received at Salisbury",
        "Packed at Devizes",
    )
    assert sorted(told, key=history.index) == list(told)


def test_a_phone_is_kept_ringing_and_a_lapsed_sim_makes_its_bag_not_ready(app: Flask, ringing: World) -> None:
    """The sergeant texts from the phone whose SIM lapses soon, and finds that the other's has lapsed: that bag is
    not ready until another SIM, asked for and sent, is put into it. Old pairings stay on record; a number handed
    out is used no more.
    """
    sergeant = Colleague(app, "sergeant")
    task = next(each for each in sergeant.links() if each.startswith("Text from this phone by Friday "))
    assert "3 Go Bags ready 1 needs something" in sergeant.text
    sergeant.follows(task).presses(f"Texted from the phone with IMEI ending {IMEIS[0][-4:]}")
    assert "Recorded: a text from 1 phone" in sergeant.text
    assert not [each for each in sergeant.goes_home().links() if each.startswith("Text from")]

    sergeant.follows("See to Go Bag GB-00005")
    lapsed = day_text(local_day(began()) + 90 * DAY)
    assert f"Do not issue at Salisbury The SIM ending {ICCIDS[1][-4:]} lapsed on {lapsed}." in sergeant.text
    sergeant.follows("Try its phone: record a text that went")
    assert f"GB-00005 Phone with IMEI ending {IMEIS[1][-4:]} , SIM ending {ICCIDS[1][-4:]}. Lapsed on" in sergeant.text
    sergeant.goes_to("Go Bags").follows("GB-00005").follows("Open and top up")
    sergeant.follows("Ask the store for 1 SIM with £10 credit").presses("Send the request")
    Colleague(app, "approver").follows("R-00001").follows("Approve").presses("Approve")

    keeper = Colleague(app, "storekeeper").goes_to("Phones").follows("Record phones and SIMs")
    today = local_day(now())
    keeper.fills({"Phones, one a line": f"{ICCIDS[3]}, {today:%d/%m/%Y}", "Whose SIMs are they?": "Northway Mobile"})
    keeper.presses("Record them").goes_home().follows("R-00001 for Salisbury").follows("Pick and send")
    keeper.fills({ICCIDS[2]: False, ICCIDS[3]: True}).presses("Send it")

    sergeant.goes_home().follows("Receive a delivery").fills({ICCIDS[3]: True}).presses("Confirm what arrived")
    sergeant.goes_home().follows("See to Go Bag GB-00005").follows("Open and top up")
    assert "Take out SIM with £10 credit, lot L-00007, which has lapsed" in sergeant.text
    sergeant.fills({"Number of the new seal": "R-9"}).presses("Put these in and seal the bag")
    assert "Ready at Salisbury" in sergeant.text
    assert ["SIM with £10 credit", "1", "L-00007", ICCIDS[3]] in sergeant.table("What is inside")
    assert "4 Go Bags ready 0 need something" in sergeant.goes_home().text

    sergeant.goes_to("Go Bags").follows("GB-00005").follows(ICCIDS[3]).follows("Say which phone it is in").fills(
        {"IMEI of the phone it is in": IMEIS[1]}
    )
    sergeant.presses("Record the pairing")
    sergeant.finds(IMEIS[1])
    assert (
        f"This phone had the SIM {ICCIDS[1]} from {day_text(local_day(began()))} to {day_text(today)}" in sergeant.text
    )
    assert f"This phone has had the SIM {ICCIDS[3]} since {day_text(today)}" in sergeant.text

    sergeant.goes_to("Go Bags").follows("GB-00004").follows("Issue this Go Bag").presses("Issue GB-00004")
    keeper.finds(ICCIDS[2]).follows("Give it another number").fills({"Phone number of this SIM": NUMBERS[0]})
    keeper.presses("Record the pairing", refused=422)
    (told_off,) = keeper.errors
    assert f"the number ending {NUMBERS[0][-4:]} was handed out in a Go Bag on {day_text(today)}" in told_off
