"""The pages of what was asked for and not given, and of suggested levels."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site


def test_one_tap_notes_that_none_were_left_and_it_can_be_taken_back(app: Flask, stocked: World) -> None:
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "/asked-for-not-given/SALISBURY" in sergeant.get("/station/").links
    page = sergeant.get("/asked-for-not-given/SALISBURY")
    taps = [each.get_text() for each in page.html.select(".app-taps button")]
    assert taps == ["Go Bag, Adult M", "Know your rights (Romanian)", "Soap"]
    done = sergeant.submit(page, containing="submission_id", thing="item:BK-RO")
    assert done.table("Noted so far")[1][:3] == ["Know your rights (Romanian)", "1", "None were left"]
    back = next(link for link in done.links if link.endswith("/take-back"))
    gone = sergeant.submit(sergeant.get(back))
    assert "Noted so far" not in gone.text
    approver = Site(app, PASSWORD).sign_in("approver@test.example")
    assert approver.client.get("/asked-for-not-given/SALISBURY").status_code == 403


def test_other_reasons_have_a_form_of_choices(app: Flask, stocked: World) -> None:
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    page = sergeant.get("/asked-for-not-given/SALISBURY")
    refused = sergeant.submit(page, containing="reason", thing="", reason="closed", status=422)
    assert refused.errors == ["Select what was asked for"]
    for nothing in ("item:", "bag:"):
        assert sergeant.submit(page, containing="reason", thing=nothing, reason="closed", status=422).errors == [
            "Select what was asked for"
        ]
    done = sergeant.submit(
        page, containing="reason", thing="item:BK-RO", language="pl", reason="wrong language", unit_count="2"
    )
    assert done.table("Noted so far")[1][:3] == [
        "Know your rights (Romanian) in Polish",
        "2",
        "Not in the language asked for",
    ]
    assert not done.html.select("textarea")


def test_a_suggestion_is_taken_or_another_level_is_given_a_reason(app: Flask, stocked: World) -> None:
    approver = Site(app, PASSWORD).sign_in("approver@test.example")
    page = approver.get("/par-levels/SALISBURY/suggestions")
    assert page.heading == "What Salisbury should hold"
    rows = {row[0]: row for row in page.table("Suggested par levels")[1:]}
    assert rows["Go Bag, Adult M"][1:4] == ["0", "4", "1"]
    answer = approver.get("/par-levels/SALISBURY/suggestions/bag:ADULT-M")
    assert "1 stands ready all the same" in answer.text
    refused = approver.submit(answer, answer="other", level="3", status=422)
    assert refused.errors == ["1 is suggested. Say why Salisbury should hold 3"]
    done = approver.submit(answer, answer="take")
    rows = {row[0]: row for row in done.table("Suggested par levels")[1:]}
    assert rows["Go Bag, Adult M"][2:4] == ["1", "The same"]
    assert "1 suggested, Approver chose 1" in approver.get("/par-levels/SALISBURY/suggestions/bag:ADULT-M").text
    approver.get("/par-levels/SALISBURY/suggestions/bag:NOTHING", status=404)
