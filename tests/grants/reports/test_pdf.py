"""The statement on paper and as files: the same figures everywhere, to the penny, and the same bytes."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import page as validator
import pytest
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.figures import FileKind
from core.money import plain_pounds
from grants.reports.pdf import file_of
from grants.reports.report import Statement, freeze_statement
from tests.factories import World
from tests.grants.reports.story import LATE, QUARTER_2


@pytest.fixture
def statement(quarters: World) -> Statement:
    """The statement of the second quarter."""
    return freeze_statement("GB2026", QUARTER_2, at=LATE)


def words(data: bytes) -> str:
    """Read a PDF's text as a person would: single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())


def bookmarks(outline: Any) -> list[str]:
    """Name every bookmark, whatever its level."""
    return [name for each in outline for name in (bookmarks(each) if isinstance(each, list) else [str(each.title)])]


def rows_of(data: bytes) -> list[dict[str, str]]:
    """Read the table of a CSV, below its preface."""
    lines = data.decode("utf-8-sig").split("\r\n")
    return list(csv.DictReader(StringIO("\r\n".join(lines[lines.index("") + 1 :]))))


def test_the_totals_are_the_same_in_the_pdf_the_csv_and_the_workbook(statement: Statement) -> None:
    total = statement.budget_table.written_total
    assert total is not None
    assert " ".join(total) in words(file_of(statement, FileKind.PDF))
    in_csv = {
        row["Figure"]: row["Value"]
        for row in rows_of(file_of(statement, FileKind.CSV))
        if (row["Table"], row["Part"]) == ("Budget to actual", "total")
    }
    assert in_csv["Eligible this period"] == plain_pounds(statement.total.eligible) == "343.66"
    assert in_csv["Remaining"] == plain_pounds(statement.remaining)
    sheet = load_workbook(BytesIO(file_of(statement, FileKind.XLSX)))["Budget to actual"]
    cells = [cell.value for cell in list(sheet.rows)[-1]]
    assert cells[0] == "Total"
    assert [round(cell * 100) for cell in cells[1:]] == list(statement.budget_table.total or ())[1:]


def test_each_figure_of_the_walk_is_printed(statement: Statement) -> None:
    printed = words(file_of(statement, FileKind.PDF))
    for row in (*statement.walk_table.written, statement.walk_table.written_total or ()):
        assert row[-1] in printed, row


def test_the_csv_inside_the_pdf_is_the_csv(statement: Statement) -> None:
    reader = PdfReader(BytesIO(file_of(statement, FileKind.PDF)))
    assert reader.attachments[f"{statement.reference}.csv"] == [file_of(statement, FileKind.CSV)]


def test_the_pdf_has_what_a_chief_finance_officer_signs(statement: Statement) -> None:
    data = file_of(statement, FileKind.PDF)
    reader = PdfReader(BytesIO(data))
    assert reader.metadata is not None
    assert reader.metadata.title == "Statement of grant usage"
    assert str(reader.root_object["/Lang"]) == "en-GB"
    assert "Reconciliation walk" in bookmarks(reader.outline)
    for page in reader.pages:
        text = page.extract_text()
        assert text.count("OFFICIAL") >= 2
        assert f"of {len(reader.pages)}" in text
    certificate = next(page.extract_text() for page in reader.pages if "Signature" in page.extract_text())
    assert "Certificate of the Chief Finance Officer" in certificate
    assert "Signed for the recipient" in certificate
    assert statement.checkpoint.chain_hash[:8] in words(data)


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_pdf_can_be_read_aloud_and_kept(statement: Statement, profile: str) -> None:
    assert validator.validate_pdf_bytes(file_of(statement, FileKind.PDF), profile=profile).failures == []


@pytest.mark.parametrize("kind", list(FileKind))
def test_the_same_data_gives_the_same_bytes(statement: Statement, kind: FileKind) -> None:
    again = freeze_statement("GB2026", QUARTER_2, at=LATE)
    assert file_of(again, kind) == file_of(statement, kind)
