"""A day of the audit: two reports are taken away and add up, and one pound is followed to a hand and back."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PERIOD = "from=2026-04-01&to=2026-11-21"


def test_reports_say_the_same_on_screen_on_paper_and_in_the_file(browser: Browser, site: str, tmp_path: Path) -> None:
    with Person(browser, site, DESK) as auditor:
        auditor.signs_in("auditor")
        assert auditor.heading == "Auditor’s home"
        auditor.page.get_by_role("link", name="Reports", exact=True).click()
        auditor.page.wait_for_load_state()
        auditor.looks()
        assert auditor.heading == "Reports"
        for path, heading in (
            (f"/reports/statement/MSVF?{PERIOD}", "Statement of grant usage"),
            (f"/usage/?{PERIOD}&part=places", "Usage by station"),
        ):
            auditor.opens(path)
            assert auditor.heading == heading
            on_screen = totals(auditor)
            assert on_screen.total() > 10
            assert on_screen - in_csv(auditor.downloads("CSV", tmp_path)) == Counter()
            assert on_screen - on_paper(auditor.downloads("PDF", tmp_path), heading) == Counter()


def totals(auditor: Person) -> Counter[Decimal]:
    """Read every figure in a total row of the page."""
    cells = auditor.page.locator("tfoot tr.app-total td").all_text_contents()
    return Counter(figure for cell in cells for figure in figures(cell))


def figures(text: str) -> list[Decimal]:
    """Read the figures in a text, however they are written."""
    found = re.findall(r"(?<![\w.])[-−]?£?\d[\d,]*(?:\.\d+)?", text)
    return [Decimal(re.sub("[£,]", "", each).replace("−", "-")) for each in found]


def in_csv(file: Path) -> Counter[Decimal]:
    """Read every figure of a CSV."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return Counter(figure for row in csv.reader(opened) for cell in row for figure in figures(cell))


def on_paper(file: Path, title: str) -> Counter[Decimal]:
    """Read every figure of a PDF, having looked at what makes it a document."""
    paper = pypdf.PdfReader(file)
    assert paper.metadata is not None
    assert (paper.metadata.title or "").startswith(title)
    assert str(paper.root_object["/Lang"]) == "en-GB"
    assert paper.outline
    pages = [page.extract_text() for page in paper.pages]
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in " ".join(text.split())
        assert text.count("OFFICIAL") >= 2
    return Counter(figure for text in pages for figure in figures(text))


def test_a_pound_is_followed_from_a_grant_line_to_an_issued_bag_and_back(browser: Browser, site: str) -> None:
    with Person(browser, site, DESK) as auditor:
        auditor.signs_in("auditor")
        auditor.opens("/grants/MSVF/lines/A")
        apportioned = amount(auditor.table("How")[-1][-1])
        assert amount(auditor.table("Invoices and other spending")[-1][-2]) == apportioned
        auditor.follows(re.compile(r"^Issued Go Bags \("))
        _, newest, *_ = auditor.table("Issued Go Bags")
        tag, paid = newest[0], amount(newest[-1])
        auditor.follows(tag)
        assert auditor.heading == f"Who paid for Go Bag {tag}"
        things, lines = auditor.table("Each thing"), auditor.table("The same by grant line")
        assert sum(amount(row[-1]) for row in things[1:-1]) == amount(things[-1][-1])
        assert sum(amount(row[-1]) for row in lines[1:-1]) == amount(lines[-1][-1]) == amount(things[-1][-1])
        assert {row[0]: amount(row[-1]) for row in lines[1:-1]}["MSVF/A"] == paid
        auditor.follows("MSVF/A")
        assert auditor.path.startswith("/grants/MSVF/lines/A")
        auditor.follows(re.compile(r"^INV-"))
        assert auditor.heading.startswith("Invoice INV-")


def amount(shown: str) -> Decimal:
    """Read an amount as a page shows it."""
    (found,) = figures(shown)
    return found


def test_the_auditor_finds_no_way_to_change_anything(browser: Browser, site: str) -> None:
    with Person(browser, site, DESK) as auditor:
        auditor.signs_in("auditor")
        for path in (
            "/grants/MSVF",
            "/invoices/",
            "/ledgers/FORCE-GL/reconcile",
            "/bags/",
            "/requests/",
            "/audit/trail/",
        ):
            auditor.opens(path)
            assert auditor.main.locator("form[method=post]").count() == 0, path
        auditor.opens("/audit/check")
        assert "wrong" not in auditor.heading.lower()
