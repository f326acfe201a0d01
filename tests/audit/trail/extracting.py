"""Extracts counted, written in each form, and read back by other programs."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from openpyxl.reader.excel import load_workbook

from audit.trail import pdf
from audit.trail.queries import Asked
from audit.trail.report import LogExtract, counted, csv_of, filters_of, freeze_extract, rows_of, writing
from core.db import db
from core.figures import Imprint
from core.figures.answers import imprinted
from core.trail import Log
from tests.core.pdf.samples import read

MARKED = Imprint("GBR-7K4M-Q2XD-9PBC", "https://gobags.example/verify/GBR-7K4M-Q2XD-9PBC", "None yet")


def entries(data: bytes) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    return rows[rows.index([]) + 2 :]


def made(asked: Asked | None = None) -> LogExtract:
    """Count an extract, as its process does before it writes."""
    wanted = asked or Asked(Log.CHANGES)
    found = imprinted(counted(freeze_extract(wanted, filters_of(wanted))), MARKED)
    db.session.rollback()
    return found


def as_csv(extract: LogExtract) -> bytes:
    return b"".join(csv_of(extract, rows_of(extract)))


def as_xlsx(extract: LogExtract) -> bytes:
    out = io.BytesIO()
    writing.write_xlsx_of(extract, rows_of(extract), out)
    return out.getvalue()


def as_pdf(extract: LogExtract) -> bytes:
    out = io.BytesIO()
    pdf.write_pdf(extract, rows_of(extract), out)
    return out.getvalue()


def sheets_of(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Read the rows of each sheet below its heading."""
    found = {}
    for sheet in load_workbook(io.BytesIO(data)):
        rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
        begins = next(at for at, row in enumerate(rows) if not any(row)) + 2
        found[sheet.title] = rows[begins:]
    return found


def attached(paper: bytes) -> list[bytes]:
    return [data for files in read(paper).attachments.values() for data in files]


def printed_numbers(paper: bytes) -> list[int]:
    """Read the numbers of the entries that the pages of a PDF list, each line by its beginning and its hash."""
    lines = "\n".join(page.extract_text() for page in read(paper).pages)
    found = re.findall(r"^([\d,]+) ?\d{1,2} \w+ 20\d\d at", lines, re.MULTILINE)
    return [int(number.replace(",", "")) for number in found]
