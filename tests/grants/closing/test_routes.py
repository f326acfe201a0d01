"""The pages of an award's end, and the outturn as PDF, CSV and workbook."""

from __future__ import annotations

import csv
import io

import page as validator
import pytest
from flask import Flask

from core.db import db
from core.figures import FileKind
from core.money import Pence
from core.trail.signing import CheckingKey
from grants.claims import services as claims
from grants.closing import services as closing
from grants.closing.pdf import file_of
from tests.audit.signing import signed_over
from tests.factories import PASSWORD
from tests.grants.claims.story import Story
from tests.grants.closing.conftest import CLAIM, MAY
from tests.grants.closing.test_services import close, outturn
from tests.site import Site


def site(app: Flask, name: str) -> Site:
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def pay(story: Story, pence: int) -> None:
    """Have the funder pay on the claim."""
    story.do(claims.record_payment, CLAIM, Pence(pence), paid_on=MAY.date(), remittance="HO 2")


def test_the_finance_officer_closes_reopens_and_holds_in_the_browser(
    app: Flask, story: Story, signing: CheckingKey
) -> None:
    finance = site(app, "finance")
    page = finance.get("/closing/GB2026/")
    assert "Open, and ready to be closed" in page.text
    assert page.table("Budget to outturn, in pounds")[-1][1:9] == [
        "22,460.00", "0.00", "22,460.00", "17,650.00", "0.00", "17,650.00", "4,810.00", "21.4%",
    ]  # fmt: skip
    assert "/claims/CLM-00001" in page.links
    closed = finance.submit(finance.get("/closing/GB2026/close"), containing="seen")
    assert "Closed on" in closed.text
    assert signed_over() == "award.close"
    assert "kept until 31 March 2034" in closed.text
    held = finance.submit(finance.get("/closing/GB2026/hold"), reason="Audit of 2027")
    assert "They are held beyond that" in held.text
    opened = finance.submit(finance.get("/closing/GB2026/reopen"), reason="A late invoice was agreed")
    assert "Reopened on" in opened.text
    assert "A late invoice was agreed" in opened.text


def test_figures_that_changed_are_not_closed_and_the_page_then_carries_the_new_ones(app: Flask, story: Story) -> None:
    finance = site(app, "finance")
    page = finance.get("/closing/GB2026/close")
    pay(story, 50_00)
    db.session.remove()
    refused = finance.submit(page, containing="seen", status=409)
    assert "The figures have changed since you opened the page" in refused.text
    assert "£17,650.00 was claimed and £17,650.00 received" in refused.text
    assert "Closed on" in finance.submit(refused, containing="seen").text


def test_a_form_that_carries_no_figures_closes_nothing(app: Flask, story: Story) -> None:
    finance = site(app, "finance")
    finance.submit(finance.get("/closing/GB2026/close"), containing="seen", seen="", status=409)
    assert "Open, and ready to be closed" in finance.get("/closing/GB2026/").text


def test_what_was_received_and_given_back_since_the_close_stands_beside_what_was_closed(
    app: Flask, story: Story
) -> None:
    close(story)
    finance = site(app, "finance")
    assert "Since the close" not in finance.get("/closing/GB2026/").text
    pay(story, 50_00)
    story.do(closing.record_repayment, "GB2026", Pence(100_00), repaid_on=MAY.date(), outside_reference="BACS 1")
    db.session.remove()
    page = finance.get("/closing/GB2026/")
    assert "£17,650.00 was claimed and £17,600.00 received" in page.text
    known = {row[0]: row[1] for row in page.table("From the award to what is owed, as known now, in pounds")}
    assert (known["Received on claims"], known["Given back"]) == ("17,650.00", "100.00")
    assert [row[2:] for row in page.table("Grant given back to the funder, as known now, in pounds")[1:]] == [
        ["BACS 1", "100.00"], ["", "100.00"],
    ]  # fmt: skip


def test_the_grant_officer_records_a_repayment_and_closes_nothing(app: Flask, story: Story) -> None:
    officer = site(app, "grants")
    assert officer.client.get("/closing/GB2026/close").status_code == 403
    page = officer.get("/closing/GB2026/repay")
    for amount in ("1e9", "NaN", "0.005", "1,2,3", ""):
        answer = officer.submit(
            page, pence=amount, repaid_on=["10", "5", "2027"], outside_reference="BACS 1", status=422
        )
        assert answer.errors == ["Enter an amount in pounds and pence, like 12.50"], amount


def test_the_files_say_what_the_page_says(app: Flask, story: Story) -> None:
    reader = site(app, "auditor")
    rows = list(csv.reader(io.StringIO(reader.get("/closing/GB2026/csv").response.get_data(as_text=True))))
    totals = {row[4]: row[5] for row in rows if len(row) > 5 and row[0] == "Outturn" and row[1] == "total"}
    assert (totals["Claimed"], totals["Variance"]) == ("17650.00", "4810.00")
    assert reader.get("/closing/GB2026/xlsx").response.data[:2] == b"PK"
    assert reader.get("/closing/GB2026/pdf").response.data[:5] == b"%PDF-"


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_pdf_can_be_read_aloud_and_kept(story: Story, profile: str) -> None:
    made = outturn()
    data = file_of(made, FileKind.PDF)
    assert validator.validate_pdf_bytes(data, profile=profile).failures == []
    assert file_of(made, FileKind.PDF) == data
