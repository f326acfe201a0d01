"""Tables keep every figure whole, carry their structure and repeat their header for the eye alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.pdf import Column, ListColumn, h2, listing, money_table, note, pounds, table
from core.pdf.columns import cell_text, fitted
from core.pdf.lines import single_line
from core.pdf.rows import Row, RowTable
from core.pdf.text import spans_of
from tests.core.pdf.samples import LINES, code_of, faults, painted, read, structure, tags, text_of


@pytest.mark.parametrize(
    ("pence", "shown"),
    [(0, "0.00"), (5, "0.05"), (123_450, "1,234.50"), (-40_000, "−400.00"), (-1, "−0.01"), (90_447_384, "904,473.84")],
)
def test_pence_are_written_as_pounds(pence: int, shown: str) -> None:
    assert pounds(pence) == cell_text(pence) == shown


def test_nothing_is_blank_and_text_is_itself() -> None:
    assert cell_text(None) == ""
    assert cell_text("12") == "12"


def test_a_money_table_has_caption_scopes_row_headers_and_a_foot() -> None:
    data = painted([money_table(["Line", "Budget £"], [("A", 100), ("B", None)], ("Total", 100), caption="Position")])
    row = ["TR", ["TH"], ["TD"]]
    assert structure(data)[-1] == [
        "Table",
        ["Caption"],
        ["THead", ["TR", ["TH"], ["TH"]]],
        ["TBody", row, row],
        ["TFoot", row],
    ]
    assert "Position Line Budget £ A 1.00 B Total 1.00" in text_of(data)


def test_header_cells_say_what_they_head() -> None:
    grid = tags(painted([money_table(["Line", "Budget £"], [("A", 100)])]), "Table")[-1]
    scopes = [
        cell.get_object()["/A"].get_object()["/Scope"]
        for part in grid["/K"]
        for row in part.get_object()["/K"]
        for cell in row.get_object()["/K"]
        if cell.get_object()["/S"] == "/TH"
    ]
    assert scopes == ["/Column", "/Column", "/Row"]


def test_a_table_over_pages_is_one_table_whose_header_is_read_once() -> None:
    data = painted([table(["Reference", "Note"], [(f"D-{count}", "Item") for count in range(80)])])
    reader = read(data)
    assert len(reader.pages) == 4
    assert [sheet.extract_text().count("Reference") for sheet in reader.pages][1:] == [1, 1, 1]
    assert [part[0] for part in structure(data)[-1][1:]] == ["THead", "TBody"]
    assert len(structure(data)[-1][2]) == 81
    assert "/Artifact<</Type/Pagination/Subtype/Header/Attached[/Top]>>BDC" in code_of(data, 1)
    assert faults(data) == []


def test_every_row_is_painted_once_and_in_order() -> None:
    data = painted([table(["Reference"], [(f"D-{count:03}",) for count in range(200)])])
    assert [word for word in text_of(data).split() if word.startswith("D-")] == [
        f"D-{count:03}" for count in range(200)
    ]


def test_a_total_never_stands_alone_on_a_page() -> None:
    for rows in range(11, 17):
        data = painted(
            [money_table(["Line", "Net £"], [(f"L{row}", 100) for row in range(rows)], ("Total", rows * 100))]
        )
        last = read(data).pages[-1].extract_text()
        assert f"L{rows - 1}" in last
        assert "Total" in last


def test_fourteen_columns_of_money_fit_across_and_no_figure_is_broken() -> None:
    rows: list[Row] = [(f"{name} and a long description of it", *[pence * 997] * 13) for name, pence, _, _ in LINES]
    data = painted([money_table(["Line", *[f"Column {count}" for count in range(13)]], rows)], landscape=True)
    assert text_of(data).count(pounds(960_000 * 997)) == 13
    assert faults(data) == []


def test_figures_end_at_the_same_place() -> None:
    """Both sums are set in 10.5 points; what differs in width differs in where they begin."""
    code = code_of(painted([money_table(["Line", "Net £"], [("A", 5), ("B", 123_456_789)])])).split()
    begins = [float(code[at - 2]) for at, part in enumerate(code) if part == "Tm"]
    widths = [single_line(pounds(pence), False).width * 10.5 / 1000 for pence in (5, 123_456_789)]
    assert {round(483.276 - wide, 1) for wide in widths} <= {round(begin, 1) for begin in begins}


def test_type_shrinks_until_the_figures_fit() -> None:
    columns = [Column("Line"), *[Column("Net £", figures=True)] * 9]
    texts = [[spans_of(text, 99) for text in ("Line", *["9,999,999.99"] * 9)]] * 2
    assert fitted(columns, texts, 483, 10.5) == []
    widths = fitted(columns, texts, 483, 6.5)
    assert round(sum(widths), 3) == 483


def test_a_table_without_rows_says_so() -> None:
    assert "There is nothing to show." in text_of(painted([table(["A", "B"], [])]))
    data = painted([listing([ListColumn("A"), ListColumn("B")], [])])
    assert "There is nothing to show." in text_of(data)
    assert faults(data) == []


# Listings


def listed(count: int) -> bytes:
    columns = [ListColumn("Move"), ListColumn("Item", 3), ListColumn("Cost £", 1, figures=True)]
    rows = ((f"M{number:05}", "Blankets ŵ" if number % 2 else "بطانية", number) for number in range(count))
    return painted([h2("Moves"), listing(columns, rows)])


def test_a_listing_paints_every_row_once_and_in_order() -> None:
    data = listed(300)
    assert [word for word in text_of(data).split() if word.startswith("M0")] == [f"M{count:05}" for count in range(300)]
    assert faults(data) == []


def test_a_listing_is_one_table_with_row_headers() -> None:
    grid = structure(listed(120))[-1]
    assert grid[1] == ["THead", ["TR", ["TH"], ["TH"], ["TH"]]]
    assert grid[2] == ["TBody", *[["TR", ["TH"], ["TD"], ["TD"]]] * 120]


def test_a_value_that_is_too_wide_is_cut_with_an_ellipsis() -> None:
    data = painted([listing([ListColumn("A"), ListColumn("B")], [("W" * 500, "ب" * 500)])])
    [latin, _] = [word for word in text_of(data).split() if "…" in word][:2]
    assert latin.startswith("WWWW")
    assert len(latin) < 60
    assert faults(data) == []


def test_a_listing_reads_its_rows_a_page_at_a_time() -> None:
    taken = []

    def rows() -> Iterator[tuple[str]]:
        for number in range(10_000):
            taken.append(number)
            yield (str(number),)

    flowable = RowTable([ListColumn("A")], rows())
    flowable.wrap(480, 600)
    flowable.split(480, 600)
    assert len(taken) < 60


def test_a_long_listing_passes_in_flat_space() -> None:
    data = listed(3_000)
    assert len(data) < 1_000_000
    assert faults(data, "ua1") == []


@pytest.mark.parametrize("count", range(13, 19))
def test_neither_one_row_nor_the_remark_begins_a_page_alone_and_no_page_has_the_header_twice(count: int) -> None:
    """Whichever row the page ends at: two rows go along with the total and what is said below it."""
    rows = [(f"R-{number}", 100) for number in range(count)]
    grid = money_table(["Reference", "Cost £"], rows, ("Total", 100 * count))
    pages = [sheet.extract_text() for sheet in read(painted(grid.with_remark(note("Said below.")))).pages]
    found = [(text.count("R-"), text.count("Reference R-") + text.count("Cost £")) for text in pages if "R-" in text]
    assert sum(of_page for of_page, _ in found) == count
    assert all(of_page >= 2 and headers == 1 for of_page, headers in found), found
    assert "Said below." in pages[-1]
    assert "Total" in pages[-1]
