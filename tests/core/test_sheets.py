"""CSV and XLSX: typed cells, nothing a spreadsheet program would run, the same bytes each time."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from openpyxl.reader.excel import load_workbook
from openpyxl.workbook.workbook import Workbook

from core.money import Pence
from core.sheets import Cell, Column, Kind, Money, Sheet, csv_bytes, csv_chunks, xlsx_bytes

COLUMNS = (
    Column("Item"),
    Column("Units", Kind.COUNT),
    Column("Cost", Kind.MONEY, note="Net of VAT that can be recovered"),
    Column("Share", Kind.PERCENT),
    Column("Bought", Kind.DATE),
    Column("Counted", Kind.MOMENT),
)
ROWS: tuple[tuple[Cell, ...], ...] = (
    ("Blanket, blue", 12, 123_450, 1750, date(2022, 8, 5), datetime(2022, 8, 5, 13, 5, tzinfo=UTC)),
    ('6" torch', -3, -6_000, 0, None, None),
)
MADE = datetime(2026, 8, 5, 13, 5, 7, 999, tzinfo=UTC)
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u200b=1",
    "＝1",
    "=cmd|' /C calc'!A0",
]


def workbook(*sheets: Sheet) -> Workbook:
    """Write sheets and read them again."""
    written = xlsx_bytes(sheets, title="Stock at cost", marking="OFFICIAL", created_at=MADE)
    book: Workbook = load_workbook(io.BytesIO(written))
    return book


def part(written: bytes, name: str) -> str:
    """Give one of the files a workbook is made of."""
    with zipfile.ZipFile(io.BytesIO(written)) as files:
        return files.read(name).decode()


def test_csv_is_utf_8_with_a_mark_and_windows_line_ends_and_numbers_stay_numbers() -> None:
    """The second row is a credit: negative units and pence keep a bare minus."""
    assert csv_bytes(COLUMNS, ROWS) == (
        b"\xef\xbb\xbfItem,Units,Cost,Share,Bought,Counted\r\n"
        b'"Blanket, blue",12,1234.50,17.50,2022-08-05,2022-08-05T14:05:00+01:00\r\n'
        b'"6"" torch",-3,-60.00,0.00,,\r\n'
    )


def test_a_preface_stands_above_the_table_and_apart_from_it() -> None:
    written = csv_bytes([Column("Item")], [["Card"]], preface=[("Marking", "OFFICIAL"), ("Filter", "=all")])
    assert written == b"\xef\xbb\xbfMarking,OFFICIAL\r\nFilter,'=all\r\n\r\nItem\r\nCard\r\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_disarmed_in_csv_wherever_it_stands(text: str) -> None:
    written = csv_bytes([Column(text)], [[text]], preface=[(text, text)]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert cells == [f"'{text}"] * 4


def test_a_text_with_a_semicolon_is_quoted_so_that_no_cell_starts_inside_it() -> None:
    assert csv_bytes([Column("Note")], [["a;=1+1"]]).endswith(b'\r\n"a;=1+1"\r\n')


def test_csv_keeps_markup_and_other_scripts_as_typed_and_drops_what_no_file_can_hold() -> None:
    texts = ["<script>", "{{7*7}}", "O'Neill", "ትግርኛ", "\u2212£60.00", "nul\x00", "half \ud800"]
    written = csv_bytes([Column("Note")], [[text] for text in texts]).decode("utf-8-sig")
    assert written.split("\r\n")[1:-1] == [
        "<script>",
        "{{7*7}}",
        "O'Neill",
        "ትግርኛ",
        "\u2212£60.00",
        "nul",
        "half ?",
    ]


def test_chunks_are_the_same_bytes_and_are_made_while_rows_are_read() -> None:
    read: list[int] = []

    def counted() -> Iterator[list[Cell]]:
        for number in range(2000):
            read.append(number)
            yield [number]

    columns = [Column("Units", Kind.COUNT)]
    chunks = csv_chunks(columns, counted())
    first = next(chunks)
    assert len(read) < 600
    assert first + b"".join(chunks) == csv_bytes(columns, [[number] for number in range(2000)])


@pytest.mark.parametrize("row", [[], ["a", "b"]])
def test_a_row_that_does_not_fit_its_columns_is_refused(row: list[Cell]) -> None:
    with pytest.raises(ValueError, match=f"A row has {len(row)} cells for 1 columns"):
        csv_bytes([Column("Item")], [row])
    with pytest.raises(ValueError, match=f"A row has {len(row)} cells for 1 columns"):
        workbook(Sheet("Stock", [Column("Item")], [row]))


def test_a_workbook_holds_typed_cells_under_its_marking_title_and_preface() -> None:
    paper = workbook(Sheet("Stock", COLUMNS, ROWS, preface=[("Filter", "All stations")]))["Stock"]
    rows = [[cell.value for cell in row] for row in paper.iter_rows()]
    assert [row[:2] for row in rows[:3]] == [
        ["OFFICIAL", None],
        ["Stock at cost", None],
        ["Filter", "All stations"],
    ]
    assert rows[4] == ["Item", "Units", "Cost", "Share", "Bought", "Counted"]
    assert rows[5] == ["Blanket, blue", 12, 1234.5, 0.175, datetime(2022, 8, 5), datetime(2022, 8, 5, 14, 5)]  # noqa: DTZ001 (no zones in Excel)
    assert rows[6] == ['6" torch', -3, -60, 0, None, None]
    assert paper["C6"].number_format == "£#,##0.00;-£#,##0.00"


def test_a_workbook_is_set_for_paper_and_screen() -> None:
    paper = workbook(Sheet("Stock", COLUMNS, ROWS))["Stock"]
    assert paper.freeze_panes == "A5"
    assert paper.print_title_rows == "$4:$4"
    assert paper.auto_filter.ref == "A4:F6"
    assert paper.oddHeader.center.text == "OFFICIAL"
    assert paper.oddFooter.center.text == "OFFICIAL"
    assert paper.oddFooter.right.text == "Page &P of &N"
    assert paper["C4"].comment.text == "Net of VAT that can be recovered"


@pytest.mark.parametrize("text", [*FORMULAS, "https://example.org", "{=1}", "<b>5 < 6</b>"])
def test_a_workbook_holds_no_formula_and_no_link(text: str) -> None:
    written = xlsx_bytes(
        [Sheet("Stock", [Column(text)], [[text]], preface=[(text, text)])],
        title=text,
        marking="OFFICIAL",
        created_at=MADE,
    )
    sheet = part(written, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert re.findall(r'<c r="A6"[^>]* t="(\w+)"', sheet) == ["inlineStr"]


def test_a_text_that_looks_like_a_formula_stays_text_when_it_is_edited() -> None:
    paper = workbook(Sheet("Stock", [Column("Note")], [["=1+1"], ["plain"]]))["Stock"]
    assert [paper["A5"].quotePrefix, paper["A6"].quotePrefix] == [True, False]


def test_the_same_data_gives_the_same_bytes_and_another_moment_others() -> None:
    def written(made: datetime) -> bytes:
        return xlsx_bytes([Sheet("Stock", COLUMNS, ROWS)], title="Stock", marking="OFFICIAL", created_at=made)

    assert written(MADE) == written(MADE)
    assert written(MADE) != written(MADE.replace(year=2027))
    assert "2026-08-05T13:05:07Z" in part(written(MADE), "docProps/core.xml")


def test_sheet_names_are_made_acceptable_and_different() -> None:
    names = ["A/B: [stock]", "a b  stock", "x" * 40, "X" * 40, "'", "History"]
    book = workbook(*(Sheet(name, [Column("Item")], []) for name in names))
    assert book.sheetnames == ["A B   stock", "a b  stock", "x" * 31, "X" * 29 + " 2", "Sheet", "History 2"]


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    value = workbook(Sheet("Stock", [Column("Note")], [["x" * 40_000]]))["Stock"]["A5"].value
    assert len(value) == 32_767
    assert value.endswith("x [cut short: the whole text is in the CSV]")


def test_money_in_a_mixed_column_and_a_yes_or_no_keep_their_kinds() -> None:
    columns = [Column("Figure"), Column("Done")]
    rows: list[list[Cell]] = [[Money(Pence(-5)), True], [7, False], ["n/a", None]]
    assert csv_bytes(columns, rows).endswith(b"\r\n-0.05,Yes\r\n7,No\r\nn/a,\r\n")
    paper = workbook(Sheet("Stock", columns, rows))["Stock"]
    assert [[cell.value for cell in row] for row in paper["A5:B7"]] == [
        [-0.05, "Yes"],
        [7, "No"],
        ["n/a", None],
    ]


def test_a_marking_with_an_ampersand_is_printed_as_it_stands_and_a_long_one_refused() -> None:
    sheets = [Sheet("Stock", [Column("Item")], [])]
    written = xlsx_bytes(sheets, title="Stock", marking="OFFICIAL - A&E", created_at=MADE)
    assert "OFFICIAL - A&amp;&amp;E&amp;R" in part(written, "xl/worksheets/sheet1.xml")
    with pytest.raises(ValueError, match="at most 100 characters"):
        xlsx_bytes(sheets, title="Stock", marking="X" * 101, created_at=MADE)


def test_a_workbook_needs_a_sheet_and_a_moment_with_a_time_zone() -> None:
    with pytest.raises(ValueError, match="at least one sheet"):
        xlsx_bytes([], title="Stock", marking="OFFICIAL", created_at=MADE)
    with pytest.raises(ValueError, match="no time zone"):
        xlsx_bytes([Sheet("A", COLUMNS, [])], title="Stock", marking="OFFICIAL", created_at=MADE.replace(tzinfo=None))
