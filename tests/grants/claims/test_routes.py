"""The pages of claims, read as the grant officer, the budget holder, the chief finance officer and the auditor."""

from __future__ import annotations

import csv
import io
from datetime import date

from flask import Flask

from core.db import db
from core.money import Pence
from core.trail.signing import CheckingKey
from grants.claims import queries
from grants.claims import services as claims
from grants.claims.rules.course import ClaimState
from grants.ledgers import services as ledgers
from grants.ledgers.models import LedgerLine
from grants.spending import services as spending
from grants.spending.rules import SpendingKind
from tests.audit.signing import signed_over
from tests.core.pdf.samples import faults, read
from tests.factories import PASSWORD, World
from tests.grants.claims.conftest import CLAIM_1, CLAIM_2
from tests.grants.claims.story import EARLY, JULY, Story, begin
from tests.site import Site

FORM = "Claim 2, Quarter 2 (July to September 2026), in pounds"


def site(app: Flask, name: str) -> Site:
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def test_the_page_is_the_worked_claim_and_says_that_nothing_fails(app: Flask, story: Story) -> None:
    page = site(app, "auditor").get(f"/claims/{CLAIM_2}")
    *_, d, _, _, total = page.table(FORM)
    assert d[1:] == [
        "4,300.00", "400.00", "4,700.00", "0.00", "1,890.00", "0.00", "640.00", "2,530.00", "2,530.00", "2,170.00",
    ]  # fmt: skip
    assert total[5:9] == ["6,136.00", "410.40", "952.00", "6,677.60"]
    assert "Nothing. What the self-audit found is cured or waived" in page.text
    walk = page.table("From the finance extract to the claim")
    assert [row[-1] for row in walk[1:]] == [
        "6,871.35", "−500.00", "−84.95", "−150.40", "6,136.00", "−410.40", "312.00", "640.00", "6,677.60",
    ]  # fmt: skip
    monitoring = page.table("Forecast outturn of each line")
    assert monitoring[-1][1:7] == ["22,460.00", "11,358.00", "10,600.00", "21,958.00", "502.00", "2.2%"]


def test_every_figure_of_a_line_leads_to_its_rows_and_each_row_to_its_record(app: Flask, story: Story) -> None:
    """Line D: 1,890.00 of the ledger and an accrual of 640.00 are 2,530.00."""
    auditor = site(app, "auditor")
    shown = auditor.get(f"/claims/{CLAIM_2}")
    assert {f"/claims/{CLAIM_2}/lines/D", "/claims/lines/GB2026/D", "/awards/GB2026#budget"} <= set(shown.links)
    page = auditor.get(f"/claims/{CLAIM_2}/lines/D")
    *rows, total = page.table("Every transaction of line D of the claim")
    assert {row[1] for row in rows[1:]} == {"D"}
    assert [total[at] for at in (7, 8, 9, 10)] == ["1,890.00", "0.00", "640.00", "2,530.00"]
    invoiced = next(row[0] for row in rows if row[0].startswith("INV-"))
    assert auditor.get(f"/find/?q={invoiced}").heading.endswith(invoiced)
    assert f"/find/?q={invoiced}" in page.links
    auditor.get(f"/claims/{CLAIM_2}/lines/X", status=404)


def test_three_people_take_a_claim_from_draft_to_certified_in_the_browser(
    app: Flask, story: Story, signing: CheckingKey
) -> None:
    officer = site(app, "grants")
    shown = officer.submit(officer.get(f"/claims/{CLAIM_2}/prepare"), containing="seen")
    assert "prepared for review" in shown.text
    refused = officer.client.get(f"/claims/{CLAIM_2}/review")
    assert refused.status_code == 403
    holder = site(app, "reviewer")
    assert "is reviewed" in holder.submit(holder.get(f"/claims/{CLAIM_2}/review"), containing="seen").text
    finance = site(app, "finance")
    page = finance.submit(finance.get(f"/claims/{CLAIM_2}/certify"), containing="seen")
    assert "is certified and its figures are frozen" in page.text
    assert "As submitted" in page.text
    assert signed_over() == "claim.certify"
    assert page.table(FORM)[-1][8] == "6,677.60"
    made = finance.get(f"/claims/{CLAIM_2}/pdf").response.data
    assert list(read(made).get_fields() or ()) == ["Certificate"]  # for the organisation's digital signature
    assert faults(made) == []


def test_a_claim_that_changed_under_the_certifier_is_refused(app: Flask, story: Story) -> None:
    story.do(claims.prepare_claim, CLAIM_2)
    story.do(claims.review_claim, CLAIM_2, who="reviewer")
    finance = site(app, "finance")
    page = finance.get(f"/claims/{CLAIM_2}/certify")
    story.do(claims.send_back, CLAIM_2, reason="Once more", who="reviewer")
    answer = finance.submit(page, containing="seen", status=409)
    assert answer.errors == ["CLM-00002 is a draft, so it cannot be certified. Look at the claim again"]


def test_the_page_the_csv_the_workbook_and_the_pdf_say_the_same(app: Flask, story: Story) -> None:
    reader = site(app, "finance")
    page = reader.get(f"/claims/{CLAIM_2}")
    data = reader.get(f"/claims/{CLAIM_2}/csv").response.get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(data)))
    eligible = [row[5] for row in rows if len(row) > 5 and row[1] == "total" and row[4] == "Eligible this period"]
    assert eligible == ["6677.60"]
    assert page.table(FORM)[-1][8] == "6,677.60"
    assert reader.get(f"/claims/{CLAIM_2}/xlsx").response.data[:2] == b"PK"
    draft = reader.get(f"/claims/{CLAIM_2}/pdf").response.data
    assert draft[:5] == b"%PDF-"
    assert not read(draft).get_fields()


def test_a_finding_is_waived_and_an_accrual_changed_on_their_pages(app: Flask, story: Story) -> None:
    officer = site(app, "grants")
    page = officer.get(f"/claims/{CLAIM_2}/accrue/typed-1")
    answer = officer.submit(page, pence="650.00", line="D", reason="", status=422)
    assert answer.errors == ["Say where the amount comes from, or why it is left out"]
    shown = officer.submit(page, pence="650.00", line="D", reason="Quotation MP-78")
    assert "£650.00 is accrued" in shown.text
    page = officer.get(f"/claims/{CLAIM_2}/forecast")
    shown = officer.submit(page, **{"lines-5-pence": "0.00"})
    assert "Line F Briefing ends £1,000.00 (100.0%) under its budget" in shown.text


def test_a_payment_takes_pounds_and_pence_only(app: Flask, story: Story) -> None:
    officer = site(app, "grants")
    page = officer.get(f"/claims/{CLAIM_1}/pay")
    for amount in ("1e9", "NaN", "0.005", "1,2,3", ""):
        answer = officer.submit(page, pence=amount, paid_on=["20", "7", "2026"], status=422)
        assert answer.errors == ["Enter an amount in pounds and pence, like 12.50"], amount


def test_what_a_claim_below_nothing_gives_back_is_recorded_with_a_minus_sign(app: Flask, world: World) -> None:
    """A journal takes 40.00 off line E in the first quarter, so its claim is for −40.00."""
    story = begin(world)
    row = story.do(
        spending.record_other_spending, kind=SpendingKind.JOURNAL, description="Carriage recharged",
        net_pence=Pence(-40_00), incurred_on=date(2026, 6, 20), reason="Journal 17",
    )  # fmt: skip
    story.split(row.reference, E=-40_00)
    story.book("JN17", date(2026, 6, 20), -40_00, says="")
    story.import_booked("extract-q1.csv")
    story.do(ledgers.match, db.session.query(LedgerLine).one().name, row.reference)
    claim = story.claim()
    story.forecast(claim, EARLY | {"A": 9_600_00, "B": 4_400_00, "C": 2_160_00, "E": 1_040_00})
    story.sign(claim)
    story.do(claims.submit_claim, claim, sent_on=JULY.date())
    officer = site(app, "grants")
    page = officer.get(f"/claims/{claim}/pay")
    assert "with a minus sign, like −£40.00" in page.text
    day = ["6", "7", "2026"]
    assert officer.submit(page, pence="40.00", paid_on=day, status=422).errors == [
        "The claim is for −£40.00. Enter an amount of the same sign, not £0.00"
    ]
    assert "The payment of −£40.00 is recorded" in officer.submit(page, pence="−40.00", paid_on=day).text
    assert queries.claim_by_reference(claim).state is ClaimState.PAID


def test_every_claim_is_listed_with_what_was_claimed_and_paid(app: Flask, story: Story) -> None:
    page = site(app, "auditor").get("/claims/")
    rows = page.table("Claims of GB2026")
    assert [row[0] for row in rows[1:]] == [CLAIM_2, CLAIM_1]
    assert rows[2][2:] == ["Submitted", "4 August 2026", "£4,680.40", "£0.00"]


def test_the_position_shows_what_is_claimed_and_forecast_and_leads_to_its_rows(app: Flask, story: Story) -> None:
    reader = site(app, "auditor")
    table = reader.get("/grants/GB2026").table("Position of each grant line")
    assert [row[6].partition(" ")[0] for row in table] == [
        "Claimed", "£2,310.40", "£980.00", "£1,240.00", "£0.00", "£150.00", "£0.00", "£4,680.40",
    ]  # fmt: skip
    assert table[1][8] == "£9,600.00 forecast outturn on line A"
    assert table[-1][8] == "£22,460.00"
    claimed = reader.get("/claims/lines/GB2026/A")
    assert f"With the £7,289.60 that {CLAIM_1} , the newest signed claim, forecasts" in claimed.text
    assert "the forecast outturn is £9,600.00." in claimed.text
    rows = claimed.table("Rows behind what is claimed")
    assert [row[2:] for row in rows[1:-1]] == [[CLAIM_1, "£1,900.00"], [CLAIM_1, "£410.40"]]
    assert rows[-1] == ["All rows", "£2,310.40"]
    assert "No signed claim asks for anything on this line" in reader.get("/claims/lines/GB2026/F").text
