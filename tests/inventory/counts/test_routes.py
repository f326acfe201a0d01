"""The pages of counts, as each person meets them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from core.access import Role
from core.db import db, transaction
from organisation.accounts import services as accounts
from tests.factories import AT, OPENED, PASSWORD, World
from tests.inventory.counts.counting import held
from tests.inventory.restock import IMEIS
from tests.site import Page, Site


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Name fields whose names are no Python words."""
    return values


def person(app: Flask, name: str) -> Site:
    """Sign somebody in."""
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def second_storekeeper() -> None:
    """Open an account for a colleague at the store."""
    with transaction():
        accounts.open_account(
            "relief@test.example", "Relief", [(Role.STOREKEEPER, "STORE")], OPENED, by=None, at=AT, password=PASSWORD
        )


def begin(site: Site, *parts: str) -> Page:
    """Start a count of parts of the store."""
    return site.submit(site.get("/counts/start"), **typed({"parts": list(parts)}))


def test_a_count_from_the_phone_to_the_approval(app: Flask, stocked: World) -> None:
    """9 of 12 towels are seen, so a colleague counts them again: 10. The approver books 2 as missing."""
    second_storekeeper()
    keeper = person(app, "storekeeper")
    shown = begin(keeper, "bag content")
    assert shown.heading == "Count C-00001 of Devizes store"
    assert "0 of 2 counted" in shown.text
    soap = keeper.get("/counts/C-00001/things/1")
    assert soap.heading == "Soap"
    assert "35" not in soap.text  # blind
    wrong = keeper.submit(soap, counted="1_000", status=422)
    assert wrong.errors == ["Enter a whole number, like 12"]
    towel = keeper.submit(soap, counted="35")
    assert towel.heading == "Towel"
    shown = keeper.submit(towel, counted="9")
    assert "2 of 2 counted" in shown.text
    again = keeper.submit(keeper.get("/counts/C-00001/finish"), containing="version")
    assert "A second person counts 1 of these now, without seeing your figures" in str(again.html)
    assert "/counts/C-00001/things/2" not in again.links
    assert "Relief can sign in and count it without seeing your figures: it stands in their inbox." in again.text
    assert "To count again" not in keeper.get("/requests/inbox").text
    assert "To count again (1)" in person(app, "relief").get("/requests/inbox").text
    refused = keeper.submit(keeper.get("/counts/C-00001/things/2"), counted="9", status=403)
    assert "Somebody else counts it this time" in refused.text

    relief = person(app, "relief")
    page = relief.get("/counts/C-00001/things/2")
    assert "9" not in page.text.replace("1 of 2 counted", "")
    assert "2 of 2 counted" in relief.submit(page, counted="10").text
    relief.submit(relief.get("/counts/C-00001/finish"), containing="version")

    assert "/counts/C-00001" not in keeper.get("/requests/inbox").links
    assert "It waits for Approver, who did not count" in keeper.get("/counts/C-00001").text
    approver = person(app, "approver")
    waiting = approver.get("/requests/inbox")
    assert ("Counts to approve (1)" in waiting.text, "/counts/C-00001" in waiting.links) == (True, True)
    form = approver.get("/counts/C-00001/approve")
    assert "Towel: 2 short" in form.text
    assert "Counted before: 9 by Storekeeper" in form.text
    no_reason = approver.submit(form, containing="version", status=422)
    assert no_reason.errors == ["Towel: say why it is 2 short"]
    done = approver.submit(form, **typed({"reason-2": "missing, nobody knows why"}))
    assert done.table("What was seen")[1][:4] == ["Towel", "10", "12", "2 short Missing, nobody knows why"]
    db.session.rollback()
    assert held(stocked)["TOWEL"] == 10
    assert approver.get("/counts/?place=STORE").table("1 count so far")[1][:3] == [
        "C-00001",
        "Devizes store",
        "Bag content",
    ]


def test_whoever_counted_is_not_asked_to_approve_and_a_place_without_a_second_person_says_so(
    app: Flask, stocked: World
) -> None:
    """The only approver counts again what the only storekeeper counted wrongly, so that nobody is left to approve."""
    keeper, approver = person(app, "storekeeper"), person(app, "approver")
    begin(keeper, "bag content")
    keeper.submit(keeper.get("/counts/C-00001/things/1"), counted="35")
    keeper.submit(keeper.get("/counts/C-00001/things/2"), counted="9")
    again = keeper.submit(keeper.get("/counts/C-00001/finish"), containing="version")
    assert "Approver can sign in and count it" in again.text
    approver.submit(approver.get("/counts/C-00001/things/2"), counted="10")
    done = approver.submit(approver.get("/counts/C-00001/finish"), containing="version")
    assert (
        "Nobody who did not count may approve counts at Devizes store yet. Ask the service administrator" in done.text
    )
    assert "Counts to approve" not in approver.get("/requests/inbox").text


def test_go_bags_and_phones_are_typed_or_ticked_one_by_one(app: Flask, stocked: World) -> None:
    keeper = person(app, "storekeeper")
    begin(keeper, "go bags", "phone")
    bags = keeper.get("/counts/C-00001/things/1")
    assert "GB-00001" not in bags.text
    assert keeper.submit(bags, numbers="", status=422).errors == ["Enter what is there, or tick that there are none"]
    assert keeper.submit(bags, numbers="rubbish", status=422).errors == ["Enter the tag on the bag, like GB-00007"]
    phones = keeper.submit(bags, numbers="1\n2\nGB-00003")
    assert phones.heading == "Basic phone"
    listed = keeper.get("/counts/C-00001/things/2?shown=1")
    shown = keeper.submit(listed, **typed({"ticked": list(IMEIS)}))
    assert "2 of 2 counted" in shown.text
    assert "Finish the count" in shown.text
    done = keeper.submit(keeper.get("/counts/C-00001/finish"), containing="version")
    rows = done.table("What was seen")
    assert [row[:4] for row in rows[1:]] == [["Go Bags", "3", "3", "Agrees"], ["Basic phone", "3", "3", "Agrees"]]
    assert "with the list in view" in rows[2][4]


def test_something_else_is_counted_or_described_and_a_count_can_be_abandoned(app: Flask, stocked: World) -> None:
    keeper = person(app, "storekeeper")
    begin(keeper, "phone")
    added = keeper.submit(keeper.get("/counts/C-00001/add"), thing="TOWEL")
    assert added.heading == "Towel"
    keeper.submit(added, counted="12")
    described = keeper.get("/counts/C-00001/describe")
    refused = keeper.submit(described, words="For A. Smith, NHS 943 476 5919", counted="1", status=422)
    assert "Remove details that could identify a person" in refused.errors[0]
    assert (
        "Not in the catalogue: Two red blankets" in keeper.submit(described, words="Two red blankets", counted="2").text
    )
    unfinished = keeper.submit(keeper.get("/counts/C-00001/finish"), containing="version", status=422)
    assert unfinished.errors == ["Not counted yet: Basic phone. Enter 0 for what is not there"]
    assert "C-00001" in keeper.submit(keeper.get("/counts/start"), containing="parts", status=409).errors[0]
    gone = keeper.submit(keeper.get("/counts/C-00001/abandon"), reason="The shelf is being moved")
    assert "“The shelf is being moved”" in gone.text


def test_counts_are_seen_and_made_only_at_one_s_own_places(app: Flask, stocked: World) -> None:
    begin(person(app, "storekeeper"), "phone")
    sergeant = person(app, "sergeant")
    for path in ("", "/things/1", "/add", "/finish", "/abandon"):
        sergeant.get(f"/counts/C-00001{path}", status=404)
    assert "Devizes store" not in sergeant.get("/counts/").text
    assert sergeant.client.get("/counts/C-00001/approve").status_code == 403
    auditor = person(app, "auditor")
    assert auditor.get("/counts/C-00001").heading == "Count C-00001 of Devizes store"
    assert auditor.client.get("/counts/C-00001/things/1").status_code == 403


def test_how_a_place_is_counted_is_set_and_what_is_due_is_said(app: Flask, stocked: World) -> None:
    approver = person(app, "approver")
    assert approver.get("/counts/").table("When each place was last counted")[1][1] == (
        "Never First count due since 30 June 2025"
    )
    desk = person(app, "storekeeper").get("/store/").text
    assert "Never counted Devizes store, Harbour House, Salisbury, Trowbridge" in desk
    assert "overdue by" not in desk
    page = approver.get("/counts/places/SALISBURY")
    assert approver.submit(page, every_days="401", status=422).errors == ["Days must be 400 or fewer"]
    approver.submit(page, recount_above="5", every_days="400")
    assert approver.get("/counts/places/SALISBURY").fields("recount_above")["recount_above"] == "5"


def test_a_cupboard_is_handed_over_by_two_signatures(app: Flask, stocked: World) -> None:
    second_storekeeper()
    keeper = person(app, "storekeeper")
    page = keeper.get("/handovers/new?place=STORE")
    assert page.heading == "Hand the cupboard of Devizes store over"
    value = str(page.html.select("[name=incoming]")[0]["value"])
    begun = keeper.submit(page, incoming=value)
    assert "Storekeeper hands over to Relief" in begun.text
    assert "The sample has not been counted yet" in begun.text
    entries = {"Go Bags": "1\n2\n3", "Basic phone": "\n".join(IMEIS), "Soap": "35", "Towel": "12"}
    for number in range(1, 6):
        thing = keeper.get(f"/counts/C-00001/things/{number}")
        name = "numbers" if thing.html.select("[name=numbers]") else "counted"
        keeper.submit(thing, **{name: entries.get(thing.heading, "8")})
    keeper.submit(keeper.get("/counts/C-00001/finish"), containing="version")
    assert "everything in the sample agrees" in keeper.get("/handovers/H-00001").text
    keeper.submit(keeper.get("/handovers/H-00001/sign"))
    relief = person(app, "relief")
    done = relief.submit(relief.get("/handovers/H-00001/sign"))
    assert done.text.count("signed on") == 2
    assert "By both" in relief.get("/handovers/").text
