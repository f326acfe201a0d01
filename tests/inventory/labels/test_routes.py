"""Labels of bags, shelves and boxes, on paper and by their codes."""

from __future__ import annotations

import io

import pypdf
from flask import Flask

from core.pdf import labels
from inventory.labels import rules
from tests.core.pdf.samples import faults
from tests.factories import PASSWORD, World
from tests.inventory.shelves import fill_shelves, pack
from tests.site import Site


def test_labels_are_asked_for_and_come_as_a_tagged_sheet(app: Flask, world: World) -> None:
    fill_shelves(world)
    pack(world, 2)
    keeper = Site(app, PASSWORD).sign_in("storekeeper@test.example")
    page = keeper.get("/labels/")
    assert keeper.get("/labels/?kind=&place=STORE&first=1", status=422).errors == ["Select what the labels are for"]
    assert keeper.get("/labels/?kind=bags&place=STORE&first=22", status=422).errors == [
        "First label must be 21 or fewer"
    ]
    assert page.form("kind").method == "GET"
    words = {}
    for kind in ("bags", "shelves", "boxes"):
        data = keeper.get(f"/labels/?kind={kind}&place=STORE&first=20").response.get_data()
        reader = pypdf.PdfReader(io.BytesIO(data))
        assert len(reader.pages) == (2 if kind != "bags" else 1)
        words[kind] = " ".join(" ".join(each.extract_text() for each in reader.pages).split())
        if kind == "boxes":
            assert faults(data) == []
    assert "GB-00001" in words["bags"]
    assert "Adult M" in words["bags"]
    assert "Towel TOWEL Devizes store" in words["shelves"]
    assert "L-00003" in words["boxes"]
    assert "Use by 31 May 2027" in words["boxes"]
    keeper.get("/labels/SALISBURY/bags.pdf", status=404)
    keeper.get("/labels/STORE/bags.pdf?first=0", status=422)
    empty = Site(app, PASSWORD).sign_in("sergeant@test.example").get("/labels/SALISBURY/boxes.pdf", status=422)
    assert "Nothing at Salisbury can bear such a label today" in empty.text


def test_a_form_counts_as_many_labels_on_a_sheet_as_the_sheet_has() -> None:
    assert (labels.ACROSS * labels.DOWN, labels.ON_A_SHEET) == (rules.ON_A_SHEET, rules.ON_A_SHEET)
