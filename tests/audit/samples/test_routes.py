"""An auditor draws a sample, follows a row to its papers, writes down what is found, and takes the paper home."""

from __future__ import annotations

import page as validator
import pytest
from flask import Flask

from audit.samples.pdf import file_of
from audit.samples.rules import Outcome
from core.figures import FileKind
from tests.audit.samples.test_services import SPENDING, drawn, found, paper
from tests.factories import PASSWORD, World
from tests.site import Site


def test_a_sample_from_drawing_to_its_working_paper(app: Flask, quarters: World) -> None:
    site = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert "No sample has been drawn yet." in site.get("/audit/samples/").text
    asked = {
        "population": "SPENDING:GB2026",
        "method": "by value",
        "count": "2",
        "confidence": "95",
        "seed": "dice 4261",
    }
    refused = site.submit(site.get("/audit/samples/draw"), **{**asked, "seed": "dice?", "count": "1"})
    assert refused.status == 422
    assert refused.errors == ["How many must be 2 or more"]
    shown = site.submit(site.get("/audit/samples/draw"), **asked)
    assert shown.heading == "Sample SMP-00001"
    assert "Seed DICE 4261" in shown.text
    rows = [link for link in shown.links if "/rows/" in link]
    row = site.get(rows[0])
    assert {"/evidence/invoice/", "/audit/trail/record", "/spending/"} <= {_folder(link) for link in row.links}
    wrong = {"outcome": "error", "right": "", "note": "The invoice says less"}
    assert site.submit(row, **wrong).errors == ["Enter the amount that is right, like 12.50; 0 when nothing of it is"]
    site.submit(row, **{**wrong, "right": "0"})
    for link in rows[1:]:
        site.submit(site.get(link), outcome="agreed", right="", note="")
    done = site.get("/audit/samples/SMP-00001")
    assert "The most likely error of the whole is" in done.text
    for kind, begins in (("pdf", b"%PDF-1.7"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        taken = site.get(f"/audit/samples/SMP-00001/{kind}")
        assert taken.response.data.startswith(begins)
    assert "Working paper of a sample" in site.get("/issued-reports/").text


def _folder(link: str) -> str:
    for known in ("/evidence/invoice/", "/audit/trail/record", "/spending/"):
        if link.startswith(known):
            return known
    return link


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_working_paper_can_be_read_aloud_and_kept(quarters: World, profile: str) -> None:
    reference = drawn(quarters, SPENDING)
    found(
        quarters,
        reference,
        1,
        Outcome.NOT_CHECKED,
        None,
        "<b>The paper</b> & its copy are lost: \u05d0\u05d1 \u202e txt",
    )
    found(quarters, reference, 2, Outcome.AGREED)
    data = file_of(paper(reference), FileKind.PDF)
    assert validator.validate_pdf_bytes(data, profile=profile).failures == []
