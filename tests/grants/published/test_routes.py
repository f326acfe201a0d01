"""Published usage on pages, and the same figures hidden in every form."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import page as validator
import pytest
from flask import Flask
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.suppression import HIDDEN
from tests.factories import PASSWORD, World
from tests.site import Page, Site

ASKED = "period=2026-q1&times=months&by_language=y&by_recipe=y&price=78"


@pytest.fixture
def officer(app: Flask, month: World) -> Site:
    """The grant officer, signed in, after a month of Go Bags."""
    return Site(app, PASSWORD).sign_in("grants@test.example")


def publish(site: Site) -> Page:
    """Read what would be published, and publish it."""
    page = site.get(f"/published-usage/publish?{ASKED}")
    return site.submit(page, sure="y", containing="seen")


def test_a_release_is_chosen_read_and_published(officer: Site) -> None:
    assert "Nothing has been published yet." in officer.get("/published-usage/").text
    page = officer.get(f"/published-usage/publish?{ASKED}")
    assert page.heading == "Prepare a release"
    assert "figures are hidden" in page.text
    assert page.table("Go Bags issued, by place and time")[-1] == ["Total", "0", HIDDEN, "0", HIDDEN]
    assert len(page.statements) <= 12
    shown = publish(officer)
    assert shown.heading == "Go Bags issued"
    assert "PUB-00001 is published" in shown.html.get_text()
    assert shown.table("Go Bags issued, by place and time") == page.table("Go Bags issued, by place and time")
    listed = officer.get("/published-usage/")
    assert listed.table("1 release")[1][0] == "PUB-00001"
    assert len(officer.get("/published-usage/PUB-00001").statements) <= 12


def test_without_the_tick_and_without_a_choice_nothing_is_published(officer: Site) -> None:
    page = officer.get(f"/published-usage/publish?{ASKED}")
    refused = officer.submit(page, containing="seen")
    assert refused.errors == ["Tick the box when you have read the figures"]
    assert officer.get("/published-usage/publish?period=2026-q1", status=422).errors == ["Choose how the time is cut"]
    assert officer.get("/published-usage/publish?period=2026-q9&times=months", status=422).errors
    assert "Nothing has been published yet." in officer.get("/published-usage/").text


def test_what_cannot_be_proved_is_said_on_the_form(officer: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.suppression.witness.MOST_STATES", 0)
    page = officer.get(f"/published-usage/publish?{ASKED}", status=422)
    assert "cannot be worked out from these figures and those published before" in page.errors[0]
    assert not page.html.select('[name="seen"]')


def test_every_form_hides_the_same_figures(officer: Site) -> None:
    publish(officer)
    files = {kind: officer.client.get(f"/published-usage/PUB-00001/{kind}").data for kind in ("pdf", "csv", "xlsx")}
    lines = files["csv"].decode("utf-8-sig").split("\r\n")
    rows = list(csv.DictReader(StringIO("\r\n".join(lines[lines.index("") + 1 :]))))
    values = {row["Value"] for row in rows}
    assert values == {"0", "0.00", HIDDEN}
    hidden = sum(row["Value"] == HIDDEN for row in rows)
    assert hidden > 10
    book = load_workbook(BytesIO(files["xlsx"]))
    assert sum(cell.value == HIDDEN for sheet in book for row in sheet.rows for cell in row) == hidden
    printed = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(files["pdf"])).pages).split())
    assert "Salisbury 0 [c] 0 [c]" in printed
    assert printed.count("OFFICIAL-SENSITIVE") == 0
    assert "Register reference GBR-" in printed
    assert lines[0].endswith("Marking,OFFICIAL")


def test_the_pdf_can_be_read_aloud_and_kept_and_its_chart_says_nothing_hidden(app: Flask, officer: Site) -> None:
    publish(officer)
    data = officer.client.get("/published-usage/PUB-00001/pdf").data
    for profile in ("ua1", "3a"):
        assert validator.validate_pdf_bytes(data, profile=profile).failures == []
    stranger = Site(app, PASSWORD)
    assert stranger.get("/verify").heading == "Verify a document"
    (reference,) = {line[-18:] for line in data.decode("latin-1").split("<dc:identifier>")[1].split("</")[:1]}
    proved = officer.get(f"/issued-reports/{reference}/prove")
    assert "Every file came out of the frozen figures again, byte for byte." in proved.text


def test_all_but_the_administrator_read_it_and_the_grant_officer_alone_publishes(app: Flask, officer: Site) -> None:
    publish(officer)
    for name, status in (("sergeant", 200), ("partner", 200), ("auditor", 200), ("admin", 403)):
        reader = Site(app, PASSWORD).sign_in(f"{name}@test.example").client
        assert reader.get("/published-usage/PUB-00001").status_code == status, name
        assert reader.get("/published-usage/PUB-00001/csv").status_code == status, name
        assert reader.get("/published-usage/publish").status_code == 403, name
    officer.get("/published-usage/PUB-99999", status=404)
