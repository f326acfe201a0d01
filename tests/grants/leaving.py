"""Reads a report's totals back from each form it left in, written alike: "1,234.50", as on its page."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import page as validator
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.figures import FileKind
from tests.site import Site


def demand_same_everywhere(reader: Site, links: list[str], table: str, total: list[str]) -> None:
    """Demand that a report leaves in three forms, each with the totals of its page, and its PDF as the validators ask.

    Args:
        links: of the page, those that take the report away.
        table: whose total it is.
        total: its money, as the page shows it.
    """
    assert [link.partition("?")[0].rpartition(".")[2] for link in links] == ["pdf", "csv", "xlsx"]
    files = {kind: reader.get(link, strict=False).response.data for kind, link in zip(FileKind, links, strict=True)}
    assert "Total " + " ".join(total) in pdf_words(files[FileKind.PDF])
    assert csv_total(files[FileKind.CSV], table) == total
    assert sheet_total(files[FileKind.XLSX], table) == total
    for profile in ("ua1", "3a"):
        assert validator.validate_pdf_bytes(files[FileKind.PDF], profile=profile).failures == []


def pdf_words(data: bytes) -> str:
    """Give every word of a PDF, in order."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())


def csv_total(data: bytes, table: str) -> list[str]:
    """Give the money of a table's total row in a report's CSV."""
    rows = csv.reader(StringIO(data.decode("utf-8-sig")))
    return [f"{float(row[5]):,.2f}" for row in rows if row[:2] == [table, "total"] and row[6] == "pounds"]


def sheet_total(data: bytes, table: str) -> list[str]:
    """Give the money of the total row of a workbook's sheet."""
    sheet = load_workbook(BytesIO(data))[table]
    (row,) = [row for row in sheet.iter_rows(values_only=True) if row[0] == "Total"]
    return [f"{cell:,.2f}" for cell in row[1:] if cell is not None]
