"""The usage report on paper and as files."""

from __future__ import annotations

from io import BytesIO

import page as validator
import pytest
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.access import Scope
from core.figures import FileKind
from inventory.usage.pdf import file_of
from inventory.usage.report import UsageReport, freeze_usage
from tests.factories import World
from tests.inventory.usage.story import AFTER, MAY


@pytest.fixture
def report(month: World) -> UsageReport:
    """Usage in May."""
    return freeze_usage(MAY, scope=Scope.everywhere(), at=AFTER)


def test_totals_are_the_same_in_every_form(report: UsageReport) -> None:
    printed = " ".join(
        " ".join(page.extract_text() for page in PdfReader(BytesIO(file_of(report, FileKind.PDF))).pages).split()
    )
    total = report.by_route.written_total
    assert total is not None
    assert " ".join(total) in printed
    text = file_of(report, FileKind.CSV).decode("utf-8-sig")
    assert "Issued by route,total,5,Total,Issued,2,count" in text
    sheet = load_workbook(BytesIO(file_of(report, FileKind.XLSX)))["Issued by route"]
    assert [cell.value for cell in list(sheet.rows)[-1]] == list(report.by_route.total or ())


def test_every_page_bears_its_marking(report: UsageReport) -> None:
    reader = PdfReader(BytesIO(file_of(report, FileKind.PDF)))
    assert all(page.extract_text().count("OFFICIAL-SENSITIVE") >= 2 for page in reader.pages)


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_pdf_can_be_read_aloud_and_kept(report: UsageReport, profile: str) -> None:
    assert validator.validate_pdf_bytes(file_of(report, FileKind.PDF), profile=profile).failures == []


def test_the_same_data_gives_the_same_bytes(report: UsageReport) -> None:
    again = freeze_usage(MAY, scope=Scope.everywhere(), at=AFTER)
    assert [file_of(again, kind) for kind in FileKind] == [file_of(report, kind) for kind in FileKind]
