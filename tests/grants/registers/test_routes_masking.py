"""No file that leaves shows the whole number of a phone: a register shows its last four digits, a report none of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.access import Scope
from core.figures import Figures, FileKind
from core.figures.answers import data_cut_off
from core.figures.files import csv_of, xlsx_of
from core.figures.paper import on_paper
from core.pdf import paint
from core.periods import named
from core.sheets import Column
from grants.awards.queries import award_by_code
from grants.closing.pdf import file_of as outturn_file
from grants.closing.report import freeze_outturn
from grants.reconciliation.pdf import file_of as reconciliation_file
from grants.reconciliation.report import freeze_reconciliation
from grants.registers.pdf import file_of as register_file
from grants.registers.report import freeze_items
from grants.reports.pdf import file_of as statement_file
from grants.reports.report import freeze_statement
from inventory.phones.rules import masked
from inventory.usage.pdf import file_of as usage_file
from inventory.usage.report import freeze_usage
from tests.core.pdf.samples import FRONT
from tests.factories import AT, PASSWORD, World
from tests.inventory.shelves import IMEIS
from tests.site import Site

ROWS = ((IMEIS[0], "here"), (masked(IMEIS[1]), "here"))
QUARTER = named(date(2026, 4, 1), date(2026, 6, 30))


def words_of(data: bytes, kind: FileKind) -> str:
    """Read everything a file says, what is attached to it too, without spaces."""
    if kind is FileKind.CSV:
        said = data.decode("utf-8-sig")
    elif kind is FileKind.XLSX:
        book = load_workbook(io.BytesIO(data), read_only=True)
        said = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    else:
        read = PdfReader(io.BytesIO(data))
        attached = [part.decode("utf-8-sig") for parts in read.attachments.values() for part in parts]
        said = "\n".join([*(page.extract_text() for page in read.pages), *attached])
    return "".join(said.split())


def whole_in(data: bytes, kind: FileKind) -> list[str]:
    """List the whole numbers of phones that a file shows."""
    said = words_of(data, kind)
    return [number for number in IMEIS if number in said]


def reports(kind: FileKind) -> Iterator[tuple[str, bytes]]:
    """Make each report that is frozen from records of phones, in one form: name, bytes."""
    at = data_cut_off()
    award = award_by_code("GB2026")
    usage = freeze_usage(QUARTER, scope=Scope.everywhere(), at=at)
    yield "usage", usage_file(usage, kind)
    yield "statement", statement_file(freeze_statement("GB2026", QUARTER, at=at), kind)
    yield "reconciliation", reconciliation_file(freeze_reconciliation(award, QUARTER, at=at), kind)
    yield "outturn", outturn_file(freeze_outturn(award, (), at=at), kind)
    yield "items", register_file(freeze_items(at=at), kind)


@pytest.mark.parametrize("kind", list(FileKind))
def test_a_whole_number_would_be_found_in_every_form(kind: FileKind) -> None:
    table = Figures("Phones", "Phones", (Column("Number"), Column("Now")), ROWS)
    data = {
        FileKind.CSV: lambda: csv_of([table], []),
        FileKind.XLSX: lambda: xlsx_of([table], [], title="Phones", marking="OFFICIAL", created_at=AT),
        FileKind.PDF: lambda: paint(on_paper(table), front=FRONT, at=AT),
    }[kind]()
    assert whole_in(data, kind) == [IMEIS[0]]
    assert "".join(masked(IMEIS[1]).split()) in words_of(data, kind)


def test_no_report_shows_the_whole_number_of_a_phone_in_any_form(told: World) -> None:
    leaks = [
        (name, kind, whole) for kind in FileKind for name, data in reports(kind) if (whole := whole_in(data, kind))
    ]
    assert leaks == []


def test_the_register_of_items_leaves_with_the_last_four_digits_alone(app: Flask, told: World) -> None:
    """The storekeeper sees whole numbers on her pages, and no file that leaves has them, whoever takes it."""
    data = Site(app, PASSWORD).sign_in("auditor@test.example").get("/registers/items.csv").response.data
    assert whole_in(data, FileKind.CSV) == []
    said = words_of(data, FileKind.CSV)
    assert [masked(number).replace(" ", "") in said for number in IMEIS[:4]] == [True] * 4
