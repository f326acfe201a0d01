"""The pages on which an award is amended."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.grants.factories import add_award, add_award_and_catalogue, add_invoice, split, towels
from tests.site import Site


def test_terms_are_amended_in_the_browser_and_a_line_takes_what_the_award_grew_by(app: Flask, world: World) -> None:
    add_award(world)
    grants = Site(app, PASSWORD).sign_in("grants@test.example")
    form, other = (grants.get("/awards/GB2026/amend") for _ in range(2))
    told = {"shown_by": "HO letter 21", "reason": "More languages", "amount_pence": "22,500.00"}
    shown = grants.submit(form, **told)
    assert shown.table("Terms amended")[1][:3] == ["Amount", "£22,460.00", "£22,500.00"]
    assert "£40.00 of the award of £22,500.00 stands on no line" in shown.text
    stale = grants.submit(other, status=409, **told, title="Another name")
    assert "Someone changed this while you were working" in stale.text
    line = {"code": "G", "heading": "Helplines", "purpose": "Cards with helplines"}
    refused = grants.submit(grants.get("/awards/GB2026/add-line"), **line, budget="40.01", status=422)
    assert "£40.00 of the award of £22,500.00 stands on no line" in refused.text
    added = grants.submit(refused, **line, budget="40.00")
    assert added.table("Grant lines")[-2] == [
        "G Helplines", "Cards with helplines Correct line G", "£40.00", "–", "£40.00",
    ]  # fmt: skip


def test_a_form_refused_for_a_slip_does_not_write_over_what_somebody_amended_meanwhile(
    app: Flask, world: World
) -> None:
    add_award(world)
    grants = Site(app, PASSWORD).sign_in("grants@test.example")
    form, other = (grants.get("/awards/GB2026/amend") for _ in range(2))
    told = {"shown_by": "HO letter 21", "reason": "More languages"}
    grants.submit(form, **told, amount_pence="22,500.00")
    slip = grants.submit(other, **told, amount_pence="a lot", status=422)
    stale = grants.submit(slip, **told, amount_pence="22,460.00", title="Another name", status=409)
    assert "Someone changed this while you were working" in stale.text
    assert "£22,500.00" in grants.get("/awards/GB2026").text


def test_only_a_line_on_which_nothing_hangs_is_offered_to_be_corrected(app: Flask, world: World) -> None:
    add_award_and_catalogue(world)
    split(world, add_invoice(world, towels(1, 50_00)).rows[0].reference, A=50_00)
    grants = Site(app, PASSWORD).sign_in("grants@test.example")
    offered = [
        line for line in "ABCDEF" if f"/awards/GB2026/lines/{line}/correct" in grants.get("/awards/GB2026").links
    ]
    assert offered == ["B", "C", "D", "E", "F"]
    page = grants.get("/awards/GB2026/lines/F/correct")
    told = {"heading": "Other", "shown_by": "Page 4", "reason": "Copied wrong"}
    assert grants.submit(page, **told, seen="9" * 5000, status=409).text
    grants.submit(page, **told)
    assert "F Other" in grants.get("/awards/GB2026").text
