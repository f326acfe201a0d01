"""A short grant from its offer letter to the statement of its use, by the five people it takes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator
from pypdf import PdfReader

from core.dates import local_day
from core.db import now
from tests.browser import DESK, Person
from tests.stories.test_grant_officer import fills_row, uploads

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)

BOOKED = """Transaction No,Line,Transaction Date,Supplier,Invoice Number,Description,Project,Account Code,Net,VAT,Gross
300009101,1,15/09/2026,AVON HYGIENE SUPPLIES,AVO-91001,Towel,PX9100,R4410,410.40,82.08,492.48
300009101,2,15/09/2026,AVON HYGIENE SUPPLIES,AVO-91001,Courier,PX9100,R4410,25.00,5.00,30.00
"""


def test_a_grant_is_taken_from_its_offer_letter_to_the_statement_of_its_use(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    """
    | line       | budget | 100 towels | courier | claimed | left    |
    |------------|-------:|-----------:|--------:|--------:|--------:|
    | A Contents | 500.00 |     410.40 |         |  410.40 |   89.60 |
    | B Delivery | 100.00 |            |   25.00 |   25.00 |   75.00 |
    """
    with Person(browser, site, DESK) as officer:
        officer.signs_in("grants")
        records_the_offer(officer)
        invoice = records_an_invoice(officer)
        splits(officer, f"{invoice}-1", A="410.40")
        splits(officer, f"{invoice}-2", B="25.00")
        receives(browser, site, invoice)
        imports(officer, tmp_path)
        claim = prepares_a_claim(officer)
        review_and_certify(browser, site, claim)
        is_sent_and_paid(officer, claim)
        is_signed_off(browser, site, officer)
        closes(browser, site)
        statement_says_so(officer, tmp_path)


def on(group: Locator, day: date) -> None:
    """Fill in a date."""
    for part, figure in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part, exact=True).fill(str(figure))


def dated(person: Person, legend: str, day: date) -> None:
    """Fill in the date with this legend."""
    on(person.main.get_by_role("group", name=legend), day)


def records_the_offer(officer: Person) -> None:
    """Record the award as its offer letter has it; lines beyond its amount are refused first."""
    officer.opens("/awards/record")
    for label, words in {
        "Name of the grant": "Summer towels",
        "Short code": "SUMMER",
        "Funder": "Home Office",
        "Reference of the agreement": "HO/SUM/2026",
        "Project code": "PX9100",
        "Amount of the award (£)": "600.00",
    }.items():
        officer.main.get_by_label(label, exact=True).fill(words)
    assert officer.main.get_by_label("Held by").input_value() == "OPCC"
    dated(officer, "Date of the offer", date(2026, 6, 10))
    dated(officer, "Funding period starts", FIRST)
    dated(officer, "Funding period ends", LAST)
    for place, (code, heading, budget) in enumerate((("A", "Contents", "500.01"), ("B", "Delivery", "100.00"))):
        row = officer.main.locator("fieldset.app-row").nth(place)
        row.get_by_label("Code").fill(code)
        row.get_by_label("Heading").fill(heading)
        row.get_by_label("Purpose").fill(f"{heading} of Go Bags for victims, as in schedule 1")
        row.get_by_label("Budget").fill(budget)
    officer.presses("Record award", refused=422)
    assert "£600.01" in officer.text
    officer.main.locator("fieldset.app-row").nth(0).get_by_label("Budget").fill("500.00")
    officer.presses("Record award")
    assert "Summer towels" in officer.text


def records_an_invoice(officer: Person) -> str:
    """Record the supplier's invoice; give its reference."""
    officer.opens("/invoices/record")
    officer.main.get_by_label("Supplier").select_option(label="Avon Hygiene Supplies")
    officer.main.get_by_label("Invoice number").fill("AVO-91001")
    on(officer.main, date(2026, 9, 8))
    fills_row(officer, 0, what="item:TOWEL", units="100", net="410.40", vat="20%, recovered")
    fills_row(officer, 1, what="service", description="Courier", net="25.00", vat="20%, recovered")
    officer.main.get_by_label("Invoice total, VAT included (£)").fill("522.48")
    officer.presses("Record invoice")
    found = re.search(r"INV-\d+", officer.heading)
    assert found, officer.heading
    return found[0]


def splits(officer: Person, row: str, **amounts: str) -> None:
    """Charge a row to lines of the grant."""
    officer.opens(f"/spending/{row}/apportion")
    officer.main.get_by_label("Pounds and pence").check()
    for code, amount in amounts.items():
        officer.main.get_by_label(f"SUMMER/{code}").fill(amount)
    officer.presses("Apportion")


def receives(browser: Browser, site: str, invoice: str) -> None:
    """Count the towels in, as the storekeeper."""
    with Person(browser, site, DESK) as keeper:
        keeper.signs_in("storekeeper")
        keeper.opens(f"/invoices/{invoice}/receive")
        keeper.main.get_by_label("Delivery note number").fill("DN-91001")
        dated(keeper, "Received on", date(2026, 9, 10))
        keeper.presses("Receive into stock")
        (row,) = keeper.table("What came")[1:]
        assert row[:2] == ["Towel", "100"]


def imports(officer: Person, folder: Path) -> None:
    """Bring in what the finance system booked, and let the machine match it."""
    file = folder / "extract-2026-09.csv"
    file.write_text(BOOKED)
    uploads(officer, "FORCE-GL", file)
    officer.presses("Import 2 lines")
    officer.opens("/ledgers/FORCE-GL/reconcile")
    officer.follows(re.compile("Make the .* sure"))
    with officer.page.expect_navigation():
        officer.main.get_by_role("button", name=re.compile("^Make ")).click()
    officer.looks()


def prepares_a_claim(officer: Person) -> str:
    """Open the claim of the quarter, explain the variances, waive what fails by name, prepare; give its reference."""
    officer.opens("/claims/SUMMER/open")
    officer.presses("Open the claim")
    found = re.search(r"CLM-\d+", officer.heading)
    assert found, officer.heading
    assert "4 things fail" in officer.text
    officer.opens(f"/claims/{found[0]}/forecast")
    for place in range(2):
        officer.main.get_by_label("Forecast to the end of the award (£)").nth(place).fill("0.00")
        officer.main.get_by_label("Explanation of the variance").nth(place).fill("Fewer were needed than planned")
    officer.presses("Save forecasts")
    for _ in range(2):
        officer.follows("Waive it")
        officer.main.get_by_label("Reason").fill("Agreed with the funder by letter of 4 September 2026")
        officer.presses("Waive the finding")
    assert "0 things fail" in officer.text
    officer.follows("Prepare for review")
    officer.presses("Prepare for review")
    return found[0]


def review_and_certify(browser: Browser, site: str, claim: str) -> None:
    """Review as the budget holder, certify as the Chief Finance Officer."""
    for name, step, button in (("reviewer", "review", "It is reviewed"), ("finance", "certify", "Certify the claim")):
        with Person(browser, site, DESK) as person:
            person.signs_in(name)
            person.opens(f"/claims/{claim}/{step}")
            assert "£435.40" in person.text
            person.presses(button)


def is_sent_and_paid(officer: Person, claim: str) -> None:
    """Record that the claim was sent, and paid in full."""
    today = local_day(now())
    officer.opens(f"/claims/{claim}/submit")
    dated(officer, "Sent to the funder on", today)
    officer.presses("Record it")
    officer.opens(f"/claims/{claim}/pay")
    officer.main.get_by_label("Amount paid (£)").fill("435.40")
    dated(officer, "Paid on", today)
    officer.presses("Record the payment")
    assert "£435.40 paid" in officer.text


def is_signed_off(browser: Browser, site: str, officer: Person) -> None:
    """Reconcile the quarter, which the budget holder signs off: the award is not closed before."""
    officer.opens(f"/reconciliation/SUMMER/{FIRST}/prepare")
    officer.presses("Prepare for sign-off")
    with Person(browser, site, DESK) as holder:
        holder.signs_in("reviewer")
        holder.opens(f"/reconciliation/SUMMER/{FIRST}/sign")
        holder.presses("Sign the period off")


def closes(browser: Browser, site: str) -> None:
    """Close the grant as the Chief Finance Officer, its underspend in words."""
    with Person(browser, site, DESK) as finance:
        finance.signs_in("finance")
        finance.opens("/closing/SUMMER/close")
        assert "£164.60" in finance.text
        finance.presses("Close the award")
        assert "closed" in finance.text.lower()


def statement_says_so(officer: Person, folder: Path) -> None:
    """Read the statement of grant usage of the whole grant, on the page and on paper."""
    officer.opens(f"/reports/statement/SUMMER?from={FIRST}&to={LAST}")
    shown = {row[0]: row[-3:] for row in officer.table("Budget to actual")}
    assert shown["A Contents"] == ["410.40", "410.40", "89.60"]
    assert shown["Total"] == ["435.40", "435.40", "164.60"]
    paper = PdfReader(officer.downloads("PDF", folder))
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "A Contents" in words
    assert "164.60" in words
