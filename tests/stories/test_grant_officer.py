"""A morning at quarter end: an invoice becomes grant spending, and the finance extract agrees with it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXTRACTS = Path(__file__).resolve().parent.parent / "data" / "ledgers"
INVOICED_ON = date(2026, 11, 18)

BOOKED = """Transaction No,Line,Transaction Date,Supplier,Invoice Number,Description,Project,Account Code,Net,VAT,Gross
300009001,1,20/11/2026,AVON HYGIENE SUPPLIES,AVO-77120,Towel,PX4471,R4410,410.40,82.08,492.48
300009001,2,20/11/2026,AVON HYGIENE SUPPLIES,AVO-77120,Courier,PX4471,R4410,25.00,5.00,30.00
300009001,3,20/11/2026,AVON HYGIENE SUPPLIES,AVO-77120,Rights booklet, PX4471,R4410,120.00,0.00,120.00
"""
"""What the finance system booked of the invoice, in the columns of the force's own extract."""


def test_an_invoice_is_split_to_the_penny_and_found_in_the_extract(browser: Browser, site: str, tmp_path: Path) -> None:
    """Told in one go, as one officer does it.

    | row of AVO-77120   |    net |   VAT |   A    |   D    |   E   |
    |--------------------|-------:|------:|-------:|-------:|------:|
    | 100 towels, 20%    | 410.40 | 82.08 | 410.40 |        |       |
    | courier, 20%       |  25.00 |  5.00 |  12.50 |        | 12.50 |
    | 50 booklets, 0%    | 120.00 |  0.00 |        | 120.00 |       |
    """
    with Person(browser, site, DESK) as officer:
        officer.signs_in_by_password("grants")
        before = position(officer)
        reference = records_the_invoice(officer)
        splits_it(officer, reference)
        imports_a_real_extract(officer)
        imports_what_was_booked(officer, tmp_path)
        matches_what_is_sure(officer)
        officer.opens("/grants/MSVF")
        after = position(officer)
    assert gained(before, after, "Apportioned") == {"A": 422_90, "D": 120_00, "E": 12_50}
    assert gained(before, after, "In the ledger") == {"A": 422_90, "D": 120_00, "E": 12_50}
    assert gained(before, after, "Remaining") == {"A": -422_90, "D": -120_00, "E": -12_50}


def pence(shown: str) -> int:
    """Read an amount as a page shows it."""
    found = re.match(r"([-−]?)£([\d,]+)\.(\d\d)", shown)
    assert found, shown
    return int(found[2].replace(",", "") + found[3]) * (-1 if found[1] else 1)


def position(officer: Person) -> dict[str, dict[str, int]]:
    """Read the position of each grant line: code → heading of the column → pence."""
    headings, *rows = officer.table("Position of each grant line")
    return {row[0].split()[0]: dict(zip(headings[1:], map(pence, row[1:]), strict=True)) for row in rows}


def gained(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]], what: str) -> dict[str, int]:
    """Tell by how much a column of the position changed, line by line: code → pence."""
    changed = {code: after[code][what] - before[code][what] for code in before if code != "Total"}
    return {code: by for code, by in changed.items() if by}


def records_the_invoice(officer: Person) -> str:
    """Record the invoice row by row, its total a penny out at first; give its reference."""
    officer.opens("/invoices/record")
    officer.main.get_by_label("Supplier").select_option(label="Avon Hygiene Supplies")
    officer.main.get_by_label("Invoice number").fill("AVO-77120")
    for part, figure in (("Day", INVOICED_ON.day), ("Month", INVOICED_ON.month), ("Year", INVOICED_ON.year)):
        officer.main.get_by_label(part, exact=True).fill(str(figure))
    fills_row(officer, 0, what="item:TOWEL", units="100", net="410.40", vat="20%, recovered")
    fills_row(officer, 1, what="service", description="Courier", net="25.00", vat="20%, recovered")
    fills_row(officer, 2, what="item:BOOK-PL", units="50", net="120.00", vat="0%")
    officer.main.get_by_label("Invoice total, VAT included (£)").fill("642.47")
    officer.presses("Record invoice", refused=422)
    assert "£642.48" in officer.text
    officer.main.get_by_label("Invoice total, VAT included (£)").fill("642.48")
    officer.presses("Record invoice")
    assert "£555.40 of £555.40 remains to apportion" in officer.text
    found = re.search(r"INV-\d+", officer.heading)
    assert found, officer.heading
    return found[0]


def fills_row(
    officer: Person, place: int, *, what: str, net: str, vat: str, units: str = "", description: str = ""
) -> None:
    """Fill in one row of the invoice."""
    row = officer.main.locator("fieldset.app-row").nth(place)
    row.get_by_label("What it is").select_option(value=what)
    row.get_by_label("Description").fill(description)
    row.get_by_label("Units").fill(units)
    row.get_by_label("Net £").fill(net)
    row.get_by_label("VAT rate").select_option(label=vat)


def sees_what_would_be_left(officer: Person) -> None:
    """Of £410.40: what the page says while amounts are typed is what the server would leave of them."""
    left = officer.main.locator("output")
    for measure, amount, said in (
        ("Pounds and pence", "310.40", "£100.00 would be left to apportion"),
        ("Pounds and pence", "410.41", "This is £0.01 more than is left to apportion"),
        ("Pounds and pence", "410.40", "Nothing would be left to apportion"),
        ("Pounds and pence", "12.345", ""),
        ("Percentage of the whole row", "33.33", "£273.61 would be left to apportion"),
        ("Percentage of the whole row", "100.01", "This is more than the whole row"),
    ):
        officer.main.get_by_label(measure).check()
        officer.main.get_by_label("MSVF/A").fill(amount)
        assert left.inner_text() == said, (measure, amount)


def splits_it(officer: Person, reference: str) -> None:
    """Split by pounds, in two goes, and by percentage; what remains is shown each time."""
    officer.opens(f"/spending/{reference}-1/apportion")
    sees_what_would_be_left(officer)
    shares(officer, "Pounds and pence", A="310.40")
    assert "£100.00" in officer.text
    officer.opens(f"/spending/{reference}-1/apportion")
    assert "£100.00 remains to apportion" in officer.text
    shares(officer, "Pounds and pence", refused=True, A="100.01")
    assert "£100.00" in officer.text
    shares(officer, "Pounds and pence", A="100.00")
    officer.opens(f"/spending/{reference}-2/apportion")
    shares(officer, "Percentage of the whole row", A="50", E="50")
    officer.opens(f"/spending/{reference}-3/apportion")
    shares(officer, "Percentage of the whole row", D="100")
    officer.opens(f"/invoices/{reference}")
    assert "Apportioned in full" in officer.text


def shares(officer: Person, by: str, *, refused: bool = False, **amounts: str) -> None:
    """Send a split: code of the grant line → what is typed."""
    officer.main.get_by_label(by).check()
    for code, amount in amounts.items():
        officer.main.get_by_label(f"MSVF/{code}").fill(amount)
    officer.presses("Apportion", refused=409 if refused else None)


def imports_a_real_extract(officer: Person) -> None:
    """Bring a council's purchase cards into a ledger of their own; the same file adds nothing again."""
    officer.opens("/ledgers/add")
    officer.main.get_by_label("Name").fill("Purchase cards")
    officer.main.get_by_label("Short code").fill("CARDS")
    officer.presses("Open")
    uploads(officer, "CARDS", EXTRACTS / "calderdale-card-2019-05.csv")
    if officer.heading == "What do the columns mean?":
        officer.presses("Check the rows")
    assert officer.heading == "Check before importing"
    assert "208 new lines" in officer.text
    officer.presses("Import 208 lines")
    assert "208 lines imported" in officer.text
    uploads(officer, "CARDS", EXTRACTS / "calderdale-card-2019-05.csv")
    assert "208 in the ledger already" in officer.text
    officer.presses("Record that nothing is new")
    assert "no line was added" in officer.text


def uploads(officer: Person, ledger: str, file: Path) -> None:
    """Upload an extract."""
    officer.opens(f"/ledgers/{ledger}/upload")
    officer.main.get_by_label("Finance extract").set_input_files(file)
    officer.presses("Upload")


def imports_what_was_booked(officer: Person, folder: Path) -> None:
    """Bring in the force's own extract, whose columns are remembered."""
    file = folder / "project-extract-2026-11-20.csv"
    file.write_text(BOOKED.replace("Rights booklet, PX", "Rights booklet,PX"))
    uploads(officer, "FORCE-GL", file)
    assert officer.heading == "Check before importing"
    officer.presses("Import 3 lines")
    assert "3 lines imported" in officer.text


def matches_what_is_sure(officer: Person) -> None:
    """Let the machine match what it is sure of, and see why it was."""
    officer.opens("/ledgers/FORCE-GL/reconcile")
    officer.follows(re.compile("Make the .* sure"))
    with officer.page.expect_navigation():
        officer.main.get_by_role("button", name=re.compile("^Make ")).click()
    officer.looks()
    officer.opens("/ledgers/FORCE-GL/lines?q=AVO-77120&show=explained")
    assert len(officer.table("3 lines")) == 4
