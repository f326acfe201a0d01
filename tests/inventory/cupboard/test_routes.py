"""The pages of cupboard sheets, and the sheet on paper."""

from __future__ import annotations

import io

import pypdf
from flask import Flask

from core.db import transaction
from inventory.cupboard import services
from tests.core.pdf.samples import faults
from tests.factories import AT, PASSWORD, World
from tests.inventory.cupboard.test_services import printed, told
from tests.site import Site


def test_a_sheet_is_printed_keyed_in_and_kept_with_its_slips(app: Flask, world: World) -> None:
    printed(world)
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "/cupboard-sheets/CS-00001" in sergeant.get("/station/").links  # printed in May, and asked for since
    refused = sergeant.submit(sergeant.get("/places/SALISBURY/cupboard-sheets"), status=422)
    assert refused.errors[0].startswith("No Go Bag at Salisbury can be issued")  # their soap has expired since
    assert refused.table("1 sheet")[1][0] == "CS-00001 as a PDF to print"
    paper = sergeant.get("/cupboard-sheets/CS-00001.pdf").response.get_data()
    assert faults(paper) == []
    words = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages).split())
    for expected in ("Cupboard sheet CS-00001: Salisbury", "GB-00001", "GB-00003", "Write nothing about the person"):
        assert expected in words
    assert sergeant.get("/cupboard-sheets/CS-00001.pdf").response.get_data() == paper

    page = sergeant.get("/cupboard-sheets/CS-00001")
    half = sergeant.submit(page, on_1=["4", "5", "2026"], status=422)
    assert half.errors == ["Enter the time of line A"]
    assert sergeant.submit(page, status=422).errors[0].startswith("Enter the date and time of each line")
    open_before = sergeant.get("/cupboard-sheets/CS-00001")
    written = {"on_1": ["4", "5", "2026"], "time_1": "11:30", "on_2": ["4", "5", "2026"], "time_2": "9pm"}
    done = sergeant.submit(page, **written)
    row = done.table("1 sheet")[1]
    assert row[3].startswith("A: ")
    assert "In the cupboard" in row[4]
    assert sergeant.submit(page, **written).table("1 sheet")[1] == row  # the same form again is the same act
    late = {"on_1": ["4", "5", "2026"], "time_1": "1pm", "on_3": ["4", "5", "2026"], "time_3": "10pm"}
    lost = sergeant.submit(open_before, finished="y", **late, status=409)  # from a page opened before line A was keyed
    assert lost.errors[0].startswith("Line A was keyed in before: slip ")
    again = sergeant.get("/cupboard-sheets/CS-00001")
    assert "handed over on 4 May 2026 at 9pm" in again.text
    open_elsewhere = sergeant.get("/cupboard-sheets/CS-00001")
    ended = sergeant.submit(again, finished="y")
    assert "Keyed in on" in ended.table("1 sheet")[1][4]
    assert "Nothing more can be keyed in" in sergeant.get("/cupboard-sheets/CS-00001").text
    assert sergeant.submit(open_elsewhere, on_3=["4", "5", "2026"], time_3="10pm", status=409).errors


def test_a_sheet_is_written_off_and_is_of_its_own_place_alone(app: Flask, world: World) -> None:
    printed(world)
    with transaction():
        services.print_sheet("SALISBURY", **told(world, at=AT))
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    page = sergeant.get("/cupboard-sheets/CS-00001/write-off")
    assert sergeant.submit(page, reason="", status=422).errors == ["Enter a reason"]
    done = sergeant.submit(page, reason="Soaked by a burst pipe")
    assert "Soaked by a burst pipe" in done.text
    other = Site(app, PASSWORD).sign_in("other.sergeant@test.example")
    for path in ("/cupboard-sheets/CS-00002", "/cupboard-sheets/CS-00002.pdf", "/places/SALISBURY/cupboard-sheets"):
        other.get(path, status=404)
    approver = Site(app, PASSWORD).sign_in("approver@test.example")
    assert "Make a new sheet" not in approver.get("/places/SALISBURY/cupboard-sheets").text
    approver.get("/cupboard-sheets/CS-00002", status=403)
