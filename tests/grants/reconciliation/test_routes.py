"""The pages of reconciliation, and the same figures as PDF, CSV and workbook."""

from __future__ import annotations

import csv
import io

import page as validator
import pytest
from flask import Flask
from pypdf import PdfReader

from core.db import db
from core.figures import FileKind
from core.trail.signing import CheckingKey
from grants.awards.queries import award_by_code
from grants.reconciliation import queries
from grants.reconciliation.pdf import file_of
from grants.reconciliation.report import Hand, freeze_reconciliation
from tests.audit.signing import signed_over
from tests.factories import PASSWORD
from tests.grants.claims.story import Story
from tests.grants.reconciliation.test_services import FIRST
from tests.site import Site

PERIOD = "/reconciliation/GB2026/2026-07-01"
TABLE = "Bought, apportioned, received and in the ledger, Quarter 2 (July to September 2026), in pounds"


def site(app: Flask, name: str) -> Site:
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def test_two_people_sign_a_period_off_in_the_browser(app: Flask, story: Story, signing: CheckingKey) -> None:
    officer = site(app, "grants")
    page = officer.get(PERIOD)
    rows = page.table(TABLE)
    assert [cell.partition(" ")[0] for cell in rows[1][1:]] == [
        "£3,118.00", "£0.00", "£3,118.00", "−£410.40", "£2,707.60", "£98.40", "£2,806.00",
    ]  # fmt: skip
    assert rows[-1][1:] == ["£6,448.00", "£0.00", "£6,448.00", "−£410.40", "£6,037.60", "£98.40", "£6,136.00"]
    shown = officer.submit(officer.get(f"{PERIOD}/prepare"), containing="seen")
    assert "Prepared, to be signed off" in shown.text
    assert officer.client.get(f"{PERIOD}/sign").status_code == 403
    finance = site(app, "finance")
    shown = finance.submit(finance.get(f"{PERIOD}/sign"), containing="seen")
    assert "is signed off and its figures are frozen" in shown.text
    assert signed_over() == "reconciliation.sign"
    assert "Nothing is known now that was not known when it was signed" in shown.text
    listed = finance.get("/reconciliation/").table("Periods of GB2026")
    assert [row[0] for row in listed[1:]] == [
        "1 October 2026 to 31 December 2026", "1 July 2026 to 30 September 2026", "1 April 2026 to 30 June 2026",
    ][-len(listed) + 1:]  # fmt: skip
    assert any(row[2].startswith("Finance, ") for row in listed)


def test_each_figure_leads_to_its_rows_and_each_row_to_its_page(app: Flask, story: Story) -> None:
    reader = site(app, "auditor")
    assert f"{PERIOD}/lines/A#step-in-the-ledger" in reader.get(PERIOD).links
    page = reader.get(f"{PERIOD}/lines/A")
    assert "In the ledger: £2,806.00" in page.text
    assert [row[-1] for row in page.table("Rows: In the ledger")[1:]] == ["£410.40", "£2,455.60", "−£60.00"]
    assert "/spending/INV-00008-1" in page.links
    reader.get(f"{PERIOD}/lines/Z", status=404)
    reader.get("/reconciliation/GB2026/2026-07-02", status=404)
    reader.get("/reconciliation/GB2026/2027-01-01", status=404)


def test_the_files_say_what_the_page_says(app: Flask, story: Story) -> None:
    reader = site(app, "auditor")
    rows = list(csv.reader(io.StringIO(reader.get(f"{PERIOD}/csv").response.get_data(as_text=True))))
    totals = {
        row[4]: row[5] for row in rows if len(row) > 5 and row[0] == "Reconciliation by line" and row[1] == "total"
    }
    assert (totals["Bought"], totals["Received"], totals["In the ledger"]) == ("6448.00", "6037.60", "6136.00")
    assert reader.get(f"{PERIOD}/xlsx").response.data[:2] == b"PK"
    data = reader.get(f"{PERIOD}/pdf").response.data
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    assert "6,448.00 0.00 6,448.00 −410.40 6,037.60 98.40 6,136.00" in words
    assert "This is not signed off." in words


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_pdf_can_be_read_aloud_and_kept(story: Story, profile: str) -> None:
    db.session.rollback()
    award = award_by_code("GB2026")
    made = freeze_reconciliation(award, queries.period_beginning(award, FIRST), at=story.at)
    data = file_of(made, FileKind.PDF)
    assert validator.validate_pdf_bytes(data, profile=profile).failures == []
    assert file_of(made, FileKind.PDF) == data


def test_the_sign_off_is_whole_on_one_page_and_the_chain_hash_in_groups(story: Story) -> None:
    db.session.rollback()
    made = freeze_reconciliation(
        award_by_code("GB2026"), queries.period_beginning(award_by_code("GB2026"), FIRST), at=story.at
    )
    hands = (Hand("prepared", "Grant officer", story.at), Hand("signed off", "Chief Finance Officer", story.at))
    pages = [
        page.extract_text()
        for page in PdfReader(io.BytesIO(file_of(made.signed_by(*hands, note=""), FileKind.PDF))).pages
    ]
    (page,) = [text for text in pages if "Sign-off" in text]
    assert page.index("Sign-off") < page.index("Prepared by") < page.index("Signed off by")
    digest = made.checkpoint.chain_hash
    assert f"{digest[:8]} {digest[8:16]}" in pages[0]
    assert digest not in pages[0]
