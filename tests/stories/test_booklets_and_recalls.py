"""Booklets that are current, cards with numbers, and a recall of a model (docs/ARCHITECTURE.md, stock 4 and 5)."""

from __future__ import annotations

import re

from flask import Flask

from core.dates import local_day
from core.db import now
from tests.factories import World
from tests.stories.beginning import force as force
from tests.stories.beginning import ringing as ringing
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite

ROMANIAN = "Know your rights (Romanian)"


def test_a_new_edition_is_swapped_into_sealed_bags_and_gaps_in_languages_show(app: Flask, force: World) -> None:
    """A second Romanian edition comes to the store. The sergeant gets one task for both bags, asks the store, opens
    GB-00001, swaps and seals it. Somebody asked for a booklet in Tigrinya: the place has a gap.
    """
    today = local_day(now())
    keeper = Colleague(app, "storekeeper").goes_to("Catalogue").follows(ROMANIAN).follows("Publish an edition")
    keeper.fills({"Edition": 2, "In use from": today}).presses("Publish this edition")
    keeper.goes_to("Deliveries").follows("Receive a delivery")
    keeper.fills({"Who did it come from?": "Bulk", "Delivery note number": "DN-7", "When did it come?": today})
    keeper.fills({("Item 1", "Item"): ROMANIAN, ("Item 1", "How many"): 6}).presses("Continue")
    keeper.fills({"Edition": 2}).presses("Receive this delivery")
    keeper.goes_to("Editions")
    assert [row[-1] for row in keeper.table("Know your rights")] == [
        "The Albanian edition is one version behind the Romanian",
        "Current",
    ]

    sergeant = Colleague(app, "sergeant").follows(f"Swap {ROMANIAN}: a newer edition is in use")
    assert [row[0] for row in sergeant.table("Superseded editions at Salisbury")] == [
        "Salisbury, in GB-00001",
        "Salisbury, in GB-00002",
    ]
    sergeant.follows(f"Ask the store first: {ROMANIAN}, GB-00001").presses("Send the request")
    Colleague(app, "approver").follows("R-00001").follows("Approve").presses("Approve")
    keeper.goes_home().follows("R-00001 for Salisbury").follows("Pick and send").presses("Send it")
    sergeant.goes_home().follows("Receive a delivery")
    sergeant.fills({ROMANIAN: 1}).presses("Confirm what arrived")

    sergeant.goes_home().follows(f"Swap {ROMANIAN}: a newer edition is in use")
    sergeant.follows(f"Open, swap and seal: {ROMANIAN}, GB-00001")
    sergeant.fills({"Number of the new seal": "N-1"}).presses("Put these in and seal the bag")
    assert "Ready at Salisbury" in sergeant.text
    assert [ROMANIAN, "1", "L-00008", "Edition 2"] in sergeant.table("What is inside")
    assert f"Swap {ROMANIAN}: a newer edition is in use GB-00002" in sergeant.goes_home().text

    sergeant.goes_home().follows("Note what somebody needed and could not be given")
    sergeant.fills({"In which language?": "Tigrinya", "Not in the language asked for": True}).presses("Note it")
    assert sergeant.goes_to("Languages held and asked for").table("1 gap") == [
        ["Salisbury", "Tigrinya", "0", "0", "1", "Gap: asked for once, none held"],
        ["Salisbury", "Romanian", "2", "0", "0", "Held, not asked for"],
    ]


def test_cards_come_with_their_numbers_and_one_that_is_found_leads_to_its_lot(app: Flask, force: World) -> None:
    """The storekeeper adds a security card, receives five with the numbers printed on them, and looks one up that was
    handed in; the sergeant, whose place has none of them, is told nothing of it.
    """
    today = local_day(now())
    keeper = Colleague(app, "storekeeper").goes_to("Catalogue").follows("Add an item")
    keeper.fills({"Name": "Safety card (Polish)", "Code": "CARD-PL", "Security card": True})
    keeper.fills({"Language it is printed in": "Polish", "What is one of it called?": "card"}).presses("Add this item")
    assert "None yet. A delivery of it needs one." in keeper.text
    keeper.goes_to("Catalogue").follows("Safety card (Polish)").follows("Publish an edition")
    keeper.fills({"Edition": 1, "In use from": today}).presses("Publish this edition")
    keeper.goes_to("Deliveries").follows("Receive a delivery")
    keeper.fills({"Who did it come from?": "Bulk", "Delivery note number": "DN-8", "When did it come?": today})
    keeper.fills({("Item 1", "Item"): "Safety card", ("Item 1", "How many"): 5}).presses("Continue")
    keeper.fills({"Edition": 1, "Card numbers": "SC-004001 to SC-004005"}).presses("Receive this delivery")
    keeper.finds("sc-4003")
    assert keeper.heading == "Card numbers of lot L-00008"
    assert "SC-004003 is a card of this lot: Safety card (Polish). All cards of the lot are in one place" in keeper.text
    assert "You typed SC-4003: noughts in front make no difference" in keeper.text
    assert "Nothing that you may see fits “SC-004003”" in Colleague(app, "sergeant").finds("SC-004003").text


def test_a_model_of_handset_is_recalled_wherever_it_is(app: Flask, ringing: World) -> None:
    """One phone was issued, one is in a Go Bag at Salisbury, two are at the store. The recall stops the bag, lists
    the slip, and closes once both places have answered.
    """
    sergeant = Colleague(app, "sergeant").goes_to("Go Bags").follows("GB-00004").follows("Issue this Go Bag")
    sergeant.presses("Issue GB-00004")
    slip = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", sergeant.text)[0]
    keeper = Colleague(app, "storekeeper").goes_to("Recalls").follows("Hold or recall something")
    keeper.fills({"Lot or item": "PHONE", "Recall: every place takes it out": True})
    keeper.fills({"Take it out and send it back to the store": True, "Why?": "Batteries swell"})
    keeper.presses("Hold or recall it")
    assert "0 of 2 places have answered; chase: Devizes store, Salisbury." in keeper.text
    assert keeper.table("Where every unit is now") == [
        ["Devizes store", "On the shelf", "L-00006", "2"],
        ["Salisbury", "In GB-00005, sealed", "L-00006", "1"],
    ]
    assert [row[:2] for row in keeper.table("Issued, by slip")] == [[slip, "Salisbury"]]

    sergeant.goes_to("Go Bags").follows("GB-00005")
    assert (
        "Basic phone (lot L-00006) is recalled (RC-00001): take it out and send it back to the store" in sergeant.text
    )
    assert not sergeant.has_link("Issue this Go Bag")
    sergeant.goes_home().follows("Recalled: Basic phone, every lot").follows("Open GB-00005")
    sergeant.fills({"Number of the new seal": "N-5"}).presses("It is out, and the bag is sealed")
    sergeant.fills({"How many of them could you tell so far?": 1}).presses("Send the answer")
    assert "Salisbury has answered RC-00001" in sergeant.text

    keeper.goes_home().follows("Count in 1 sent back by Salisbury").presses("Count it in")
    keeper.goes_home().follows("Recalled: Basic phone, every lot").presses("Send the answer")
    assert "2 of 2 places have answered." in keeper.text
    assert [row[:5] for row in keeper.table("Place by place")] == [
        ["Devizes store", keeper.table("Place by place")[0][1], "3", "3", "0"],
        ["Salisbury", keeper.table("Place by place")[1][1], "1", "1", "0"],
    ]
    keeper.follows("Close it").presses("Close it")
    assert keeper.goes_to("Recalls").table("1 hold")[0][4] == "Closed"
