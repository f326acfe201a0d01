"""The page that brings a spreadsheet in: look, confirm, and what is wrong in words."""

from __future__ import annotations

import io

from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site

STOCK = b"Place,Counted on,Item,Quantity,Use by,Edition,Numbers\nSTORE,01/05/2026,TOWEL,40,,,\n"


def test_a_file_is_looked_at_then_recorded_and_listed(app: Flask, stocked: World) -> None:
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    page = keeper.get("/spreadsheets/")
    labels = [label.get_text(strip=True) for label in page.html.select(".govuk-radios__label")]
    assert labels == ["Items", "Opening stock", "Par levels"]
    template = keeper.get("/spreadsheets/template-opening-stock.csv")
    assert template.response.get_data().decode("utf-8-sig").strip() == STOCK.decode().splitlines()[0]
    keeper.get("/spreadsheets/template-opening-stock.xlsx")
    keeper.get("/spreadsheets/template-people.csv", status=404)

    preview = keeper.submit(page, sort="opening-stock", file=(io.BytesIO(STOCK), "april.csv"), status=200)
    assert preview.heading == "Record 1 row of opening stock?"
    assert preview.table("The rows")[1] == ["2", "STORE", "01/05/2026", "TOWEL", "40", "", "", ""]
    assert "No spreadsheet has been brought in yet" in keeper.get("/spreadsheets/").text
    done = keeper.submit(preview)
    assert done.table("Brought in so far")[1][:4] == ["SH-00001", "Opening stock", "1", "april.csv"]
    assert "SH-00001: 1 row of opening stock has been recorded" in done.text

    again = keeper.submit(done, sort="opening-stock", file=(io.BytesIO(STOCK), "may.csv"), status=409)
    assert again.errors[0].startswith("This 1 row was brought in on ")
    wrong = STOCK.replace(b"40", b"4O")
    refused = keeper.submit(done, sort="opening-stock", file=(io.BytesIO(wrong), "may.csv"), status=422)
    assert refused.table("What to mend in the file")[1] == ["Row 2", "Quantity", "Enter a whole number, like 12"]
    assert keeper.submit(done, sort="places", file=(io.BytesIO(STOCK), "may.csv"), status=422).errors
    assert Site(app, PASSWORD).sign_in("sergeant@test.example").client.get("/spreadsheets/").status_code == 403
