"""The pages of requests, read as each role reads them. Things without an expiry, since pages go by today's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.access import Role, Scope
from core.db import db, transaction
from inventory.requests import queries
from inventory.requests.models import RestockRequest
from inventory.requests.rules import RequestState
from inventory.requests.services import AskedLine, PickedBag, PickedLot
from organisation.accounts import services as accounts
from tests.factories import AT, OPENED, PASSWORD, World
from tests.inventory.restock import IMEIS, approve, ask, asked, send
from tests.site import Page, Site

EVERYWHERE = Scope.everywhere()


@dataclass
class Force:
    """Signed-in browsers by the name of the person."""

    app: Flask
    world: World
    sites: dict[str, Site]

    def __getitem__(self, name: str) -> Site:
        if name not in self.sites:
            self.sites[name] = Site(self.app, PASSWORD).sign_in(f"{name.replace(' ', '.')}@test.example")
        return self.sites[name]


@pytest.fixture
def force(app: Flask, stocked: World) -> Force:
    db.session.rollback()
    return Force(app, stocked, {})


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Name fields whose names are no Python words."""
    return values


def state(reference: str) -> RequestState:
    db.session.rollback()
    found = queries.request_by_reference(reference, scope=EVERYWHERE).state
    db.session.rollback()
    return found


def count_requests() -> int:
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(RestockRequest)) or 0
    db.session.rollback()
    return count


def make_request(force: Force, *lines: AskedLine, **more: str) -> str:
    reference = ask(force.world, *lines, **more).reference
    db.session.rollback()
    return reference


def test_a_request_runs_from_the_filled_in_form_to_the_settled_shortage(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")
    assert form.heading == "Request restock for Salisbury"
    assert "Par 6, held 0: 6 short" in form.text

    kept = [each["value"] for each in form.html.select('input[name="line"]')]
    assert kept == ["bag:ADULT-M", "item:BK-RO", "item:SOAP"]
    sent = force["sergeant"].submit(form, line=["item:BK-RO"], **typed({"count-1": "5", "note": "Two used last night"}))
    assert sent.heading == "Request R-00001 for Salisbury"
    assert "Request R-00001 has been sent" in sent.text
    assert "Approver can approve or refuse it." in sent.text

    decide = force["approver"].get("/requests/R-00001/approve")
    assert "Two used last night" in decide.text
    assert "8 free at Devizes store." in decide.text
    decided = force["approver"].submit(decide, **typed({"approved-1": "4"}))
    assert "4 of the 5 asked for were approved" in decided.text

    pick = force["storekeeper"].get("/requests/R-00001/dispatch")
    listed = force["storekeeper"].get("/requests/R-00001/picking-list").table("What to pick")
    assert listed[1][1:5] == ["L-00005, edition 1", "No date", "8", "4"]
    on_its_way = force["storekeeper"].submit(pick, **typed({"lot-1-L-00005": "4"}))
    assert "Dispatch D-00001 is on its way" in on_its_way.text

    count = force["sergeant"].get("/dispatches/D-00001/receive")
    uncounted = force["sergeant"].submit(count, status=422)
    assert uncounted.errors == ["Count Know your rights (Romanian) and enter how many are here, 0 if none"]
    refused = force["sergeant"].submit(count, **typed({"received-1": "3"}), status=422)
    assert refused.errors == ["Know your rights (Romanian): 1 of the 4 sent did not arrive. Say why"]
    counted = force["sergeant"].submit(
        refused, **typed({"received-1": "3", "reason-1": "damaged", "note-1": "Soaked in the van"})
    )
    assert "3 arrived, 1 short (damaged: “Soaked in the van”); not settled yet" in counted.text
    assert "Storekeeper can settle the shortage: 1 did not arrive." in counted.text

    open_ = force["storekeeper"].get("/requests/R-00001")
    assert "/dispatches/D-00001/1/settle" in open_.links
    settle = force["storekeeper"].get("/dispatches/D-00001/1/settle")
    unsaid = force["storekeeper"].submit(settle, outcome="written off", status=422)
    assert unsaid.errors == ["Say what was found out: nothing is written off without it"]
    assert "It is lost or unusable: write it off" in unsaid.text
    done = force["storekeeper"].submit(settle, outcome="written off", note="Pulped")
    assert "settled: written off (“Pulped”)" in done.text
    assert state("R-00001") is RequestState.CLOSED
    history = [" ".join(each.get_text().split()) for each in done.html.select(".app-history .govuk-body")]
    assert history == [
        "Sergeant asked for 5 of Know your rights (Romanian).",
        "Approver approved 4 of Know your rights (Romanian); asked for 5 of Know your rights (Romanian).",
        "Storekeeper sent 4 of Know your rights (Romanian).",
        "Sergeant counted 3 of Know your rights (Romanian) in from D-00001; "
        "1 of Know your rights (Romanian) short (damaged).",
        "Storekeeper settled a shortage: 1 of Know your rights (Romanian) written off.",
    ]


def test_numbered_units_are_ticked_out_and_in(force: Force) -> None:
    reference = make_request(force, asked("PHONE", 2))
    approve(force.world, reference, 2)
    db.session.rollback()

    pick = force["storekeeper"].get(f"/requests/{reference}/dispatch")
    ticked = [each["value"] for each in pick.html.select('input[name="units-1-L-00006"][checked]')]
    assert ticked == list(IMEIS[:2])
    force["storekeeper"].submit(pick, **typed({"units-1-L-00006": [IMEIS[0], IMEIS[2]]}), status=200)

    count = force["sergeant"].get("/dispatches/D-00001/receive")
    answer = force["sergeant"].submit(count, **typed({"received-1": [IMEIS[0], IMEIS[2]]}))
    assert "1481" in answer.text
    assert "8090" not in answer.text
    assert "all arrived" in answer.text
    assert state(reference) is RequestState.CLOSED


def test_a_go_bag_that_came_damaged_is_told_in_words_of_its_own(force: Force) -> None:
    make_request(force, asked("ADULT-M", 1))
    approve(force.world, "R-00001", 1)
    send(force.world, "R-00001", PickedBag(1, "GB-00001"))
    count = force["sergeant"].get("/dispatches/D-00001/receive")
    for facts, message in (
        ({}, "Say whether Go Bag GB-00001 arrived and can be issued"),
        ({"received-1": "0"}, "Say what is wrong with Go Bag GB-00001: it is missing, damaged or another one came"),
        (
            {"received-1": "1", "reason-1": "damaged"},
            "You say that Go Bag GB-00001 arrived and what is wrong with it. Choose one of the two",
        ),
    ):
        assert force["sergeant"].submit(count, **typed(facts), status=422).errors == [message]
    told = force["sergeant"].submit(count, **typed({"received-1": "0", "reason-1": "damaged"}))
    assert "1 short (damaged" in told.text
    assert "What happened to Go Bag GB-00001?" in force["storekeeper"].get("/dispatches/D-00001/1/settle").text


def test_a_slip_of_the_finger_is_questioned_and_a_tick_lets_it_through(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")

    questioned = force["sergeant"].submit(form, line=["item:BK-RO"], **typed({"count-1": "5,000"}), status=422)
    assert questioned.errors == [
        "You asked for 5,000 of Know your rights (Romanian). The shortage is 6, the par level is 6 and Salisbury has "
        "not been approved any before. Change the quantity, or tick to say that 5,000 is right"
    ]
    assert count_requests() == 0
    changed = force["sergeant"].submit(questioned, **typed({"count-1": "50,000", "sure-1": "5000"}), status=422)
    assert "You asked for 50,000" in changed.errors[0]

    sent = force["sergeant"].submit(changed, **typed({"count-1": "5000", "sure-1": "5000"}), status=200)
    assert sent.heading == "Request R-00001 for Salisbury"


NO_COUNTS = [
    ("1_000", "Enter a whole number, like 12"),
    ("１２", "Enter a whole number, like 12"),
    ("+5", "Enter a whole number, like 12"),
    ("5.0", "Enter a whole number, like 12"),
    ("1e3", "Enter a whole number, like 12"),
    ("0", "Quantity must be 1 or more"),
    ("-1", "Quantity must be 1 or more"),
    ("-0", "Quantity must be 1 or more"),
    ("", "Quantity must be 1 or more"),
    ("9" * 5_000, "Quantity must be 100,000 or fewer"),
]


def test_a_quantity_that_is_no_count_is_refused(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")

    for entered, words in NO_COUNTS:
        answer = force["sergeant"].submit(form, line=["item:BK-RO"], **typed({"count-1": entered}), status=422)
        assert answer.errors == [words]

    assert count_requests() == 0


def test_a_wrong_quantity_and_words_about_a_person_are_refused_together(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")
    wrong = typed({"count-1": "none", "note": "For the lady on 07700 900123"})
    refused = force["sergeant"].submit(form, line=["item:BK-RO"], **wrong, status=422)
    assert refused.errors == [
        "Enter a whole number, like 12",
        "Remove details that could identify a person: phone number",
    ]
    assert refused.element("note").text.strip() == "For the lady on 07700 900123"
    assert count_requests() == 0


def test_things_can_be_added_and_removed_without_losing_what_was_typed(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")
    kept = {"count-1": "1", "count-2": "3", "count-3": "4", "note": "For the weekend"}

    added = force["sergeant"].submit(form, thing="item:TOWEL", add="1", **typed(kept), status=200)
    names = [each.get_text() for each in added.html.select("fieldset.app-line > legend")]
    assert names == ["Go Bag, Adult M", "Know your rights (Romanian)", "Soap", "Towel"]
    removed = force["sergeant"].submit(added, remove="item:BK-RO", **typed({"count-4": "2"}), status=200)

    values = [each["value"] for each in removed.html.select('input[name^="count-"]')]
    assert values == ["1", "4", "2"]
    assert removed.fields()["note"] == "For the weekend"
    assert count_requests() == 0


def test_an_emergency_says_why_and_stands_before_the_others_until_somebody_approves_it(force: Force) -> None:
    earlier = make_request(force, asked("TOWEL", 2))
    desk = force["sergeant"].get("/station/SALISBURY")
    (link,) = [path for path in desk.links if "emergency=1" in path]
    form = force["sergeant"].get(link)
    assert form.heading == "Emergency request for Salisbury"

    refused = force["sergeant"].submit(form, **typed({"note": " "}), status=422)
    assert refused.errors == ["Enter why it cannot wait: whoever approves it decides by that"]
    assert (refused.heading, count_requests()) == ("Emergency request for Salisbury", 1)

    sent = force["sergeant"].submit(refused, note="An operation tonight, nine to be helped", status=200)
    assert "Emergency" in sent.text
    assert "asked in an emergency for" in sent.text
    reference = sent.heading.split()[1]
    assert state(reference) is RequestState.ASKED

    make_request(force, asked("SOAP", 1))
    rows = force["approver"].get("/requests/inbox").table("To approve")[1:]
    assert [(row[0], "Emergency" in row[1]) for row in rows][:1] == [(reference, True)]
    assert [row[0] for row in rows][-1] == earlier
    store = force["storekeeper"].get("/store/STORE")
    assert f"{reference} for Salisbury emergency, asked" in store.text


def test_more_rows_than_a_request_may_have_are_refused_and_none_is_left_out(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")
    fields = form.fields("note") | {"line": ["item:BK-RO"] * 201, "count-1": "2"}
    answer = force["sergeant"].client.post("/requests/new", data=fields)
    assert (answer.status_code, "Ask for 200 things or fewer at a time" in answer.text) == (422, True)
    assert count_requests() == 0


def test_a_place_of_somebody_else_is_refused_and_never_offered(force: Force) -> None:
    form = force["sergeant"].get("/requests/new")
    assert "Trowbridge" not in form.text

    answer = force["sergeant"].submit(
        form, place="TROWBRIDGE", line=["item:BK-RO"], **typed({"count-1": "2"}), status=422
    )

    assert answer.errors == ["Select a station you can use"]
    assert count_requests() == 0
    force["sergeant"].get("/requests/new?place=TROWBRIDGE", status=404)
    force["sergeant"].get("/requests/?place=TROWBRIDGE", status=422)


def plain(page: Page) -> str:
    """Give a page's bytes without what is random in every one."""
    text = page.response.get_data(as_text=True)
    return re.sub(r'(nonce|value)="[^"]+"', "", text)


def test_a_request_of_another_place_looks_exactly_like_none(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 2), person="other sergeant", place="TROWBRIDGE")

    for path in ("", "/approve", "/refuse", "/cancel", "/dispatch", "/picking-list", "/drop-rest"):
        missing = force["sergeant"].client.get(f"/requests/R-09999{path}")
        foreign = force["sergeant"].client.get(f"/requests/{reference}{path}")
        assert foreign.status_code == missing.status_code
        assert foreign.status_code == (404 if path in ("", "/cancel") else 403)
        texts = [re.sub(r'(nonce|value)="[^"]+"', "", each.get_data(as_text=True)) for each in (foreign, missing)]
        assert texts[0] == texts[1]


def test_nobody_sees_the_approval_form_of_their_own_request(force: Force) -> None:
    with transaction():
        accounts.open_account(
            "both@test.example",
            "Both Hats",
            [(Role.SERGEANT, "SALISBURY"), (Role.APPROVER, "SALISBURY")],
            OPENED,
            by=None,
            at=AT,
            password=PASSWORD,
        )
    db.session.rollback()
    site = Site(force.app, PASSWORD).sign_in("both@test.example")
    made = site.submit(site.get("/requests/new"), line=["item:BK-RO"], **typed({"count-1": "2"}))
    assert made.heading == "Request R-00001 for Salisbury"
    assert "/requests/R-00001/approve" not in made.links

    refused = site.get("/requests/R-00001/approve", status=403)

    assert "You cannot approve your own request" in refused.text
    assert state("R-00001") is RequestState.ASKED


def test_another_persons_request_cannot_be_cancelled(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 2))

    force["other sergeant"].get(f"/requests/{reference}/cancel", status=404)
    done = force["sergeant"].submit(force["sergeant"].get(f"/requests/{reference}/cancel"), reason="Found some")

    assert "cancelled the request" in done.text
    assert state(reference) is RequestState.CANCELLED


def test_a_stale_approval_is_refused_and_keeps_what_was_typed(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 6))
    form = force["approver"].get(f"/requests/{reference}/approve")
    approve(force.world, reference, 6)
    db.session.rollback()

    stale = force["approver"].submit(form, **typed({"approved-1": "2", "note": "Half for now"}), status=409)

    assert stale.errors == ["Someone changed this request while you were working. Check it and try again"]
    assert stale.fields()["approved-1"] == "2"
    assert stale.fields()["note"] == "Half for now"


def test_what_is_wrong_with_an_approval_is_listed_in_the_order_of_the_page(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 6))
    form = force["approver"].get(f"/requests/{reference}/approve")

    wrong = typed({"approved-1": "half", "note": "Ring 07700 900123"})
    refused = force["approver"].submit(form, **wrong, status=422)

    assert refused.errors == [
        "Enter a whole number, like 12",
        "Remove details that could identify a person: phone number",
    ]
    assert state(reference) is RequestState.ASKED


def test_a_refusal_needs_a_reason(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 6))
    form = force["approver"].get(f"/requests/{reference}/refuse")

    assert force["approver"].submit(form, reason=" ", status=422).errors == ["Enter a reason"]
    assert "refused the request" in force["approver"].submit(form, reason="Use Trowbridge's first").text


def test_whoever_only_reads_is_offered_nothing_and_may_do_nothing(force: Force) -> None:
    reference = make_request(force, asked("TOWEL", 6))

    page = force["auditor"].get(f"/requests/{reference}")

    assert [link for link in page.links if reference in link] == [f"/questions/ask/request/{reference}"]
    for path in ("approve", "refuse", "dispatch", "drop-rest", "cancel"):
        assert force["auditor"].client.post(f"/requests/{reference}/{path}").status_code in (400, 403)
        assert force["auditor"].client.get(f"/requests/{reference}/{path}").status_code == 403


def test_requests_are_found_by_reference_thing_state_and_place(force: Force) -> None:
    make_request(force, asked("TOWEL", 2))
    make_request(force, asked("BK-RO", 2), person="other sergeant", place="TROWBRIDGE")
    approve(force.world, "R-00001", 2)
    db.session.rollback()
    site = force["approver"]

    def found(query: str) -> list[str]:
        page = site.get(f"/requests/?{query}")
        return [each.get_text() for each in page.html.select("table th[scope=row] a")]

    assert found("") == ["R-00002", "R-00001"]
    assert found("q=towel") == ["R-00001"]
    assert found("q=r-00002") == ["R-00002"]
    assert found("q=%25") == found("q=_") == found("q=' OR 1=1--") == []
    assert found("show=to-approve") == ["R-00002"]
    assert found("place=SALISBURY") == ["R-00001"]
    site.get("/requests/?q=" + "x" * 101, status=422)
    site.get("/requests/?show=everything", status=422)
    site.get("/requests/?page=2", status=404)


def test_the_inbox_holds_what_waits_for_each_person(force: Force) -> None:
    make_request(force, asked("TOWEL", 2))
    reference = make_request(force, asked("BK-RO", 4))
    approve(force.world, reference, 4)
    send(force.world, reference, PickedLot(1, "L-00005", 3))
    db.session.rollback()

    def groups(name: str) -> dict[str, str]:
        page = force[name].get("/requests/inbox")
        headings = [each for each in page.html.select("h2.govuk-heading-m") if "(" in each.get_text()]
        firsts = [each.find_next("a") for each in headings]
        return {each.get_text(): first.get_text() for each, first in zip(headings, firsts, strict=True) if first}

    assert groups("approver") == {"To approve (1)": "R-00001"}
    assert groups("storekeeper") == {"Partly sent or on the way (1)": "R-00002"}
    assert groups("sergeant") == {"On the way to you (1)": "R-00002", "Asked by you (2)": "R-00002"}
    assert groups("other sergeant") == {}


def test_what_came_short_stands_before_all_concerned_while_the_rest_is_on_its_way(force: Force) -> None:
    reference = make_request(force, asked("BK-RO", 6))
    approve(force.world, reference, 6)
    send(force.world, reference, PickedLot(1, "L-00005", 3))
    send(force.world, reference, PickedLot(1, "L-00005", 3))
    db.session.rollback()
    count = force["sergeant"].get("/dispatches/D-00001/receive")
    force["sergeant"].submit(count, **typed({"received-1": "2", "reason-1": "damaged"}))
    assert state(reference) is RequestState.SENT

    def short(name: str) -> list[str]:
        page = force[name].get("/requests/inbox")
        return [each.get_text() for each in page.html.select("h2.govuk-heading-m") if "hort" in each.get_text()]

    assert short("storekeeper") == ["Shortages to settle (1)"]
    assert short("approver") == short("sergeant") == ["Came short, for the store to settle (1)"]
    assert short("other sergeant") == []
    assert "1 request" in force["approver"].get("/requests/?show=short").text

    settle = force["storekeeper"].get("/dispatches/D-00001/1/settle")
    force["storekeeper"].submit(settle, outcome="written off", note="Pulped")
    assert (short("storekeeper"), short("approver")) == (["Shortages to settle"], [])
    assert "R-00001" not in force["approver"].get("/requests/?show=short").text


def test_a_request_page_takes_no_more_statements_for_more_rows(force: Force) -> None:
    small = make_request(force, asked("TOWEL", 2))
    large = make_request(force, asked("TOWEL", 2), asked("BK-RO", 4), asked("PHONE", 2))
    approve(force.world, large, 2, 4, 2)
    for count in (1, 2):
        send(force.world, large, PickedLot(2, "L-00005", count))
    db.session.rollback()
    force["storekeeper"].get("/requests/")

    few, many = (len(force["storekeeper"].get(f"/requests/{each}").statements) for each in (small, large))
    assert many <= 16
    assert many - few <= 4  # selects that only follow where there are dispatches at all
    assert len(force["storekeeper"].get("/requests/").statements) <= 12


def test_a_lot_that_left_the_shelf_meanwhile_is_not_silently_dropped(force: Force) -> None:
    first = make_request(force, asked("BK-RO", 8))
    approve(force.world, first, 8)
    db.session.rollback()
    form = force["storekeeper"].get(f"/requests/{first}/dispatch")

    answer = force["storekeeper"].submit(form, **typed({"lot-1-L-00005": "5", "lot-1-L-00099": "3"}), status=422)

    assert answer.errors == ["Lot L-00099 is not Know your rights (Romanian). Pick another"]
    assert state(first) is RequestState.APPROVED
