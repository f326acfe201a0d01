"""The story of a recall through the pages: made at the store, answered by three places, closed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.db import db, transaction
from inventory.bags import services as bags
from inventory.bags.models import Issue
from inventory.bags.rules import Fate, PackedLine
from tests.factories import World
from tests.inventory.shelves import IMEIS, LATER, pack, who
from tests.site import Page, Site

SERGEANT, PARTNER = "sergeant@test.example", "partner@test.example"
STOREKEEPER, AUDITOR = "storekeeper@test.example", "auditor@test.example"


def recall(site: Site, code: str = "L-00002", **changed: str) -> Page:
    """Recall a lot as the storekeeper, and give its page."""
    site.sign_in(STOREKEEPER)
    said = {"code": code, "kind": "recall", "remedy": "destroy", "reason": "Caps crack"} | changed
    return site.submit(site.get("/recalls/make"), **said, status=200)


def test_a_recall_from_the_first_word_to_its_end(site: Site) -> None:
    """Told in one go, because each step takes up what the one before left.

    | what                                      | units |
    |-------------------------------------------|------:|
    | store: 3 on the shelf, 2 out of GB-00002  |     5 |
    | Salisbury: 2 on the shelf, 2 in GB-00001  |     4 |
    | Harbour House: 1 on the way, counted in   |     1 |
    """
    assert "Hold or recall this lot" in (site.sign_in(STOREKEEPER).get("/stock/lots/L-00002")).text
    page = recall(site)
    assert page.heading == "RC-00001: Soap, lot L-00002"
    assert "0 of 3 places have answered; chase: Devizes store, Harbour House, Salisbury." in page.text
    assert page.table("Where every unit is now")[1:] == [
        ["Devizes store", "On the shelf", "L-00002", "3"],
        ["Devizes store", "In GB-00002, sealed: take it out of GB-00002", "L-00002", "2"],
        ["Harbour House", "On the way there", "L-00002", "1"],
        ["Salisbury", "On the shelf", "L-00002", "2"],
        ["Salisbury", "In GB-00001, sealed", "L-00002", "2"],
    ]
    slip = db.session.scalars(select(Issue.slip)).one()
    assert page.table("Issued, by slip")[1][:2] == [slip, "Salisbury"]
    the_station_answers(site)
    the_store_answers(site)
    page = site.get("/recalls/RC-00001")
    assert "2 of 3 places have answered; chase: Harbour House." in page.text
    assert "1 unit on the way to Harbour House" in site.get("/recalls/RC-00001/close").text


def the_station_answers(site: Site) -> None:
    """The sergeant finds the task first of all, opens the bag, and answers for the shelf."""
    home = site.sign_in(SERGEANT).get("/station/SALISBURY")
    assert home.html.select_one(".app-tasks li") is not None
    assert "Recalled: Soap, lot L-00002 take it out and destroy it; 2 on the shelf, 2 in Go Bags, 1 issued" in home.text
    assert "Soap (lot L-00002) is recalled (RC-00001): take it out and destroy it" in site.get("/bags/GB-00001").text
    assert "Soap (lot L-00002) is recalled" in site.get("/bags/GB-00001/issue").text
    form = site.get("/recalls/RC-00001/bags/GB-00001")
    site.submit(form, seal="N-1", status=200)
    assert site.submit(form, seal="N-1", status=200).heading == "Answer RC-00001 for Salisbury"
    form = site.get("/recalls/RC-00001/answer/SALISBURY")
    too_many = site.submit(form, **{"found_L-00002": "9", "removed_L-00002": "9"}, status=422)
    assert too_many.errors[0].startswith("Soap (lot L-00002): 9 found, and the records have 2 on the shelf")
    answered = site.submit(form, told_count="1", status=200)
    (row,) = answered.table("Place by place")[1:]
    assert row[0] == "Salisbury"
    assert row[2:6] == ["2", "2", "0", "1 slip, 1 told"]
    assert "Recalled" not in site.get("/station/SALISBURY").text


def the_store_answers(site: Site) -> None:
    """The storekeeper swaps the soap of the bag in one go, and writes the shelf off."""
    desk = site.sign_in(STOREKEEPER).get("/store/STORE")
    assert "Recalled: Soap, lot L-00002" in desk.text
    site.submit(site.get("/bags/GB-00002/top-up"), seal="N-2", reason="RC-00001", status=200)
    assert "Ready" in site.get("/bags/GB-00002").text
    site.submit(site.get("/recalls/RC-00001/answer/STORE"), status=200)


def test_a_recall_is_made_from_the_catalogue_once(site: Site) -> None:
    site.sign_in(STOREKEEPER)
    (link,) = {each for each in site.get("/catalogue/items/BK-RO").links if each.startswith("/recalls/make")}
    said = {"kind": "hold", "remedy": "check", "reason": "A wrong number is printed in it"}
    page = site.submit(site.get(link), **said, status=200)
    assert page.heading == "RC-00001: Know your rights (Romanian), edition 2"
    again = site.submit(site.get(link), **said, status=409)
    assert again.errors[0].startswith("Know your rights (Romanian), edition 2 is on hold already: RC-00001")


def test_a_partner_sees_and_answers_for_its_own_place_alone(site: Site) -> None:
    recall(site)
    page = site.sign_in(PARTNER).get("/recalls/RC-00001")
    assert [row[0] for row in page.table("Place by place")[1:]] == ["Harbour House"]
    assert "Salisbury" not in page.text
    assert "Devizes" not in page.text
    site.get("/recalls/RC-00001/answer/SALISBURY", status=404)
    site.get("/recalls/make", status=403)


def test_what_is_sent_back_is_counted_in_from_the_store_desk(site: Site) -> None:
    recall(site, remedy="send back")
    site.sign_in(SERGEANT)
    site.submit(site.get("/recalls/RC-00001/answer/SALISBURY"), status=200)
    desk = site.sign_in(STOREKEEPER).get("/store/STORE")
    assert "Count in 2 sent back by Salisbury" in desk.text
    (link,) = [each for each in desk.links if "/recalls/sent-back/" in each]
    assert site.submit(site.get(link), status=200).heading == "RC-00001: Soap, lot L-00002"
    assert "It was counted in on" in site.get(link).text
    site.submit(site.get("/recalls/RC-00001/release"), reason="Wrong lot", status=200)
    released = site.get("/recalls/RC-00001")
    assert "Released: it may be used again" in released.text
    answered = {row[0]: row[1] for row in released.table("Place by place")[1:]}
    assert (answered["Harbour House"], "Not yet" in released.text) == ("No answer", False)


def test_the_lot_that_was_shown_is_taken_out_of_a_bag_and_no_other(site: Site, soap: World) -> None:
    """GB-00004 holds one of each lot of soap; while a page shows the first, somebody takes that one out."""
    pack(
        soap, contents=[*(PackedLine(f"L-0000{lot}", 1) for lot in (1, 2, 3, 5)), PackedLine("L-00004", 1, IMEIS[3:4])]
    )
    recall(site, "SOAP")
    page = site.get("/recalls/RC-00001/bags/GB-00004")
    assert "1 of Soap, lot L-00002, is inside" in page.text
    keeper = soap.actor("storekeeper")
    with transaction():
        bags.take_out(
            "GB-00004", "L-00002", 1, fate=Fate.DAMAGED, reason="RC-00001", seal_number="N-4", scope=keeper.scope,
            **who(keeper, LATER),
        )  # fmt: skip
    late = site.submit(page, seal="N-5", status=409)
    said = "The lot you were shown has been taken out of GB-00004 already. Nothing has been recorded"
    assert late.errors == [said]
    assert "1 of Soap, lot L-00003, is inside, under seal N-4" in late.text
    assert "Open the bag" not in site.submit(late, seal="N-5", status=200).text
    assert "Nothing in GB-00004 is held" in site.get("/recalls/RC-00001/bags/GB-00004").text


@pytest.mark.parametrize("path", ["/recalls/RC-99999", "/recalls/RC-99999/close", "/recalls/RC-99999/answer/STORE"])
def test_a_recall_that_there_is_not_is_not_found(site: Site, path: str) -> None:
    site.sign_in(STOREKEEPER).get(path, status=404)


def test_a_recall_is_found_by_its_reference(site: Site) -> None:
    recall(site)
    assert site.sign_in(PARTNER).get("/find/?q=rc1").heading == "RC-00001: Soap, lot L-00002"


def test_the_list_names_open_recalls_first(site: Site) -> None:
    recall(site)
    recall(site, "BK-RO", kind="hold", remedy="check")
    site.submit(site.get("/recalls/RC-00002/release"), reason="Misread", status=200)
    rows = site.sign_in(AUDITOR).get("/recalls/").table("2 holds and recalls")[1:]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("RC-00001", "0 of 3 places", "Recalled"),
        ("RC-00002", "0 of 2 places", "Released"),
    ]
