"""A CSV or XLSX becomes a table of exact texts, or is refused as a whole with the place and the remedy."""

import io
import time
import zipfile
from datetime import date, datetime

import pytest
from openpyxl.workbook.workbook import Workbook

from core.errors import RuleBroken
from core.sheets.reading import TOO_MUCH_DATA, WRONG_TYPE
from grants.ledgers.rules import RawTable, read_table

HEADER = "Transaction number,Date,Supplier,Net amount\n"
ROW = "100,05/04/2026,Acme Ltd,12.50\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def csv_table(text: str, encoding: str = "utf-8") -> RawTable:
    return read_table(text.encode(encoding), "ledger.csv")


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Replace one part of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes, filename: str = "ledger.csv") -> str:
    with pytest.raises(RuleBroken) as refused:
        read_table(data, filename)
    return refused.value.message


HEADINGS: list[object] = ["Transaction number", "Date", "Supplier", "Net amount"]


# ---- Encodings and delimiters -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "CSV, UTF-8, commas"),
        ("utf-8-sig", "CSV, UTF-8, commas"),
        ("cp1252", "CSV, Windows-1252, commas"),
    ],
)
def test_accents_and_pound_signs_survive_each_encoding(encoding: str, written: str) -> None:
    table = csv_table(HEADER + "100,05/04/2026,Café Zoë – £,£12.50\n", encoding)
    assert (table.rows[0][2], table.rows[0][3], table.written) == ("Café Zoë – £", "£12.50", written)
    assert table.header[0] == "Transaction number"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_the_remedy(encoding: str) -> None:
    assert refusal((HEADER + ROW).encode(encoding)) == (
        "The file is in UTF-16. Save it as 'CSV UTF-8' and upload it again"
    )


def test_bytes_of_no_known_encoding_are_refused_with_their_row() -> None:
    message = refusal((HEADER + ROW).encode() + b"101,05/04/2026,Caf\x81\xe9,1.00\n")
    assert message.startswith("Row 3 has characters that cannot be read")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_when_commas_stand_in_amounts(sign: str) -> None:
    rows = [["Transaction number", "Date", "Supplier", "Net"], ["100", "05/04/2026", "Bits, Bobs; Co", "1,234.50"]]
    text = "\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
    table = csv_table(text)
    assert list(table.rows[0]) == ["100", "05/04/2026", "Bits, Bobs; Co", "1,234.50"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_taken(line_end: str) -> None:
    assert len(csv_table((HEADER + ROW + ROW).replace("\n", line_end)).rows) == 2


# ---- Quotes -------------------------------------------------------------------------------------


def test_an_open_quote_is_refused_with_its_row_and_column() -> None:
    text = HEADER + ROW + '101,05/04/2026,"Acme Ltd,9.99\n' + ROW * 50
    assert refusal(text.encode()) == (
        "Row 3, column C has a quote mark that is not closed. Correct the cell and upload the file again"
    )


def test_an_open_quote_that_meets_a_later_quote_is_refused_at_the_row_it_was_opened() -> None:
    text = HEADER + ROW + '101,05/04/2026,"Acme Ltd,9.99\n' + ROW + '102,05/04/2026,"Beta, Co",1.00\n'
    assert refusal(text.encode()).startswith("Row 3, column C")


def test_a_quoted_line_break_keeps_the_row_numbers_of_a_spreadsheet() -> None:
    table = csv_table(HEADER + '100,05/04/2026,"Acme\nLtd",12.50\n' + ROW)
    assert (table.header_row, len(table.rows), table.rows[0][2]) == (1, 2, "Acme\nLtd")


# ---- The header row -----------------------------------------------------------------------------


def test_a_title_block_above_the_header_is_kept_apart() -> None:
    table = csv_table("Spending over £500,,,\nApril 2026,,,\n,,,\n" + HEADER + ROW)
    assert table.header == ("Transaction number", "Date", "Supplier", "Net amount")
    assert (table.header_row, table.titles) == (4, ("Spending over £500", "April 2026"))
    assert len(table.rows) == 1


def test_a_file_without_a_header_is_refused_with_the_place_of_the_figure() -> None:
    assert refusal((ROW * 3).encode()) == (
        "Row 1, column A holds a figure where a column name should be. "
        "Add a row with the names of the columns above it and upload the file again"
    )


def test_two_columns_of_one_name_are_refused_with_row_and_columns() -> None:
    assert refusal(b"Transaction number,Date,Amount,amount \n1,05/04/2026,1.00,2.00\n") == (
        "Row 1, columns C and D are both named 'amount'. Rename one and upload the file again"
    )


def test_two_columns_of_one_name_that_mean_nothing_are_only_noted() -> None:
    table = csv_table("Transaction number,Date,Amount,Colour,Colour\n1,05/04/2026,1.00,red,blue\n")
    assert table.notes == ("Row 1, columns D and E are both named 'Colour'",)


def test_codes_keep_their_exact_text() -> None:
    table = csv_table("Transaction number,Date,SKU,Net amount\n00123,05/04/2026,1E5,0012.50\n")
    assert list(table.rows[0]) == ["00123", "05/04/2026", "1E5", "0012.50"]


# ---- Types and sizes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
        (b"<html><body>1,2</body></html>", "a.csv"),
        (b"%PDF-1.7 1,2", "a.csv"),
        (b"MZ\x90\x00", "a.csv"),
        (b"PK\x03\x04abc", "a.csv"),
        (b"\xff\xd8\xff\xe0", "photo.jpg.txt"),
        ((HEADER + ROW).encode(), "a.txt"),
        ((HEADER + ROW).encode(), "a.xlsx"),
        ((HEADER + ROW).encode(), "a"),
        (b"PK\x03\x04 but no zip", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls"),
        (b"not a pdf", "a.pdf"),
    ],
)
def test_another_type_or_a_name_that_contradicts_the_bytes_is_refused(data: bytes, filename: str) -> None:
    assert refusal(data, filename) == WRONG_TYPE == "The file must be a PDF, JPG, PNG, CSV or XLSX"


def test_a_real_pdf_is_refused_as_a_ledger_in_words_that_help() -> None:
    assert refusal(b"%PDF-1.7\n", "extract.pdf").startswith("A ledger must be a CSV or XLSX file")


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "The file is empty. Export it again from the finance system"
    assert refusal(b"\xef\xbb\xbf \r\n") == "The file is empty. Export it again from the finance system"


def test_200_000_rows_are_read_and_one_more_is_refused() -> None:
    most = (HEADER + ROW * 200_000).encode()
    assert len(read_table(most, "ledger.csv").rows) == 200_000
    assert refusal(most + ROW.encode()) == (
        f"{TOO_MUCH_DATA}: a ledger can have 200,000 rows. Split it by month and import each part"
    )


def test_more_than_40_megabytes_are_refused_before_they_are_read() -> None:
    assert refusal(b"a" * (40 * 1024 * 1024 + 1)).startswith("The file has too much data: it is 40 MB")


# ---- XLSX ---------------------------------------------------------------------------------------


def test_a_workbook_gives_the_texts_a_person_sees() -> None:
    data = workbook(
        ["Spending in April"],
        [],
        HEADINGS,
        ["00123", datetime(2026, 4, 5), "Café £", 1234.5],  # noqa: DTZ001 - a workbook knows no time zones
        [46289405, date(2026, 4, 6), "1E5", 0.1 + 0.2],
        [46289406.0, datetime(2026, 4, 6, 9, 30), True, -7],  # noqa: DTZ001 - a workbook's time of day has no zone
    )
    table = read_table(data, "Ledger.XLSX")
    assert (table.header_row, table.titles, table.written) == (3, ("Spending in April",), "XLSX, sheet 'Sheet'")
    assert [list(row) for row in table.rows] == [
        ["00123", "2026-04-05", "Café £", "1234.5"],
        ["46289405", "2026-04-06", "1E5", "0.3"],
        ["46289406", "2026-04-06 09:30:00", "TRUE", "-7"],
    ]


def test_a_number_shown_with_leading_zeros_keeps_them() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    sheet.append([123, "05/04/2026", "Acme", 1])
    sheet["A2"].number_format = "000000"
    out = io.BytesIO()
    book.save(out)
    assert read_table(out.getvalue(), "a.xlsx").rows[0][0] == "000123"


def test_a_formula_is_refused_with_its_row_and_column() -> None:
    data = workbook(HEADINGS, ["100", "05/04/2026", "Acme", 1], ["101", "05/04/2026", "Acme", "=1+1"])
    assert refusal(data, "a.xlsx") == (
        "Row 3, column D holds a formula. Save the sheet with values only and upload it again"
    )


def test_a_text_that_only_looks_like_a_formula_is_kept() -> None:
    data = with_part(
        workbook(HEADINGS),
        "xl/worksheets/sheet1.xml",
        SHEET.format(
            "<row r='1'>"
            + "".join(
                f"<c r='{c}1' t='inlineStr'><is><t>{h}</t></is></c>" for c, h in zip("ABCD", HEADINGS, strict=True)
            )
            + "</row><row r='2'><c r='A2' t='inlineStr'><is><t>=1+1</t></is></c></row>"
        ).encode(),
    )
    assert read_table(data, "a.xlsx").rows[0][0] == "=1+1"


def test_only_the_first_filled_sheet_is_read_and_the_others_are_named() -> None:
    book = Workbook()
    book.create_sheet("Data").append(HEADINGS)
    book["Data"].append(["100", "05/04/2026", "Acme", 1])
    book.create_sheet("Notes").append(["hello"])
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), "a.xlsx")
    assert table.notes == ("Only sheet 'Data' is read. Further sheets: Notes",)


def test_a_cover_sheet_is_passed_over_and_named() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Cover"
    book.active.append(["Office of the Police and Crime Commissioner"])
    book.create_sheet("Data").append(HEADINGS)
    book["Data"].append(["100", "05/04/2026", "Acme", 1])
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), "a.xlsx")
    assert (table.header, table.written) == (tuple(HEADINGS), "XLSX, sheet 'Data'")
    assert table.notes == ("Only sheet 'Data' is read. Further sheets: Cover",)


def test_a_far_cell_is_refused_before_anything_is_parsed() -> None:
    far = SHEET.format("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>").encode()
    data = with_part(workbook(HEADINGS), "xl/worksheets/sheet1.xml", far)
    assert len(data) < 10_000
    started = time.perf_counter()
    assert refusal(data, "a.xlsx") == TOO_MUCH_DATA == "The file has too much data"
    assert time.perf_counter() - started < 1


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    bomb = SHEET.format("<row r='1'>" + "<c r='A1'><v>1</v></c>" * 9_500_000 + "</row>").encode()
    data = with_part(workbook(HEADINGS), "xl/worksheets/sheet1.xml", bomb)
    assert len(bomb) > 200_000_000
    assert len(data) < 1_000_000
    assert refusal(data, "a.xlsx") == TOO_MUCH_DATA


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_document_type_definition_is_refused_in_any_part(part: str) -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'
    assert refusal(with_part(workbook(HEADINGS), part, evil), "a.xlsx") == WRONG_TYPE


def test_a_macro_workbook_and_a_foreign_zip_are_refused() -> None:
    assert refusal(with_part(workbook(HEADINGS), "xl/vbaProject.bin", b"x"), "a.xlsx") == WRONG_TYPE
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as foreign:
        foreign.writestr("hello.txt", "hello")
    assert refusal(out.getvalue(), "a.xlsx") == WRONG_TYPE


def test_a_damaged_sheet_is_refused_in_words() -> None:
    sheet = SHEET.format("<row r='1'><c r='A1' t='s'><v>0</v></c></row><row r='2'").encode()
    data = with_part(workbook(HEADINGS), "xl/worksheets/sheet1.xml", sheet)
    assert refusal(data, "a.xlsx") == "The workbook is damaged. Open it, save it as XLSX again and upload it"
