"""A hidden figure is hidden in every form, and so is the money that would give it back."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask, render_template_string
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.figures import Figures, is_figure, summed
from core.figures.files import csv_of, xlsx_of
from core.figures.hiding import WHY, Counted, crossed_atoms, part
from core.figures.paper import on_paper
from core.pdf import Bar, BarChart, Front, Marking, chart, h2, page_break, paint
from core.sheets import Column, Kind
from core.suppression import decide

AT = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
COLUMNS = (Column("Place"), Column("Q1", Kind.COUNT), Column("Q2", Kind.COUNT), Column("Total", Kind.COUNT))
ROWS = (
    ("Gablecross", 1_114, 1_112, 2_226),
    ("Salisbury", 16, 17, 33),
    ("Tidworth", 0, 0, 0),
    ("Trowbridge", 3, 15, 18),
)
BAGS = Figures("Bags", "Go Bags issued", COLUMNS, ROWS, summed("Total", COLUMNS, ROWS), "Undone issues are left out.")
SECRET = ("16", "17", "3", "15")


def counted() -> Counted:
    """Say what each count of the worked example adds up: its inner cells are the atoms."""
    cells = {(row[0], heading): [(row[0], heading)] for row in ROWS for heading in ("Q1", "Q2")}
    return Counted(BAGS, crossed_atoms(BAGS, cells), {})


def published() -> Figures:
    """Hide what must be hidden."""
    counts: dict[tuple[str, ...], int] = {(row[0], f"Q{at}"): int(row[at]) for row in ROWS for at in (1, 2)}
    found = decide(counted().totals, counts, threshold=5)
    return counted().without(found.hidden)


def test_the_block_is_marked_and_nought_and_totals_stand() -> None:
    table = published()
    assert table.rows[1:] == (("Salisbury", "[c]", "[c]", 33), ("Tidworth", 0, 0, 0), ("Trowbridge", "[c]", "[c]", 18))
    assert table.total == ("Total", 1_133, 1_144, 2_277)
    assert table.note == f"Undone issues are left out. {WHY}"


def test_every_form_hides_the_same_cells() -> None:
    table = published()
    lines = csv_of([table], []).decode("utf-8-sig").splitlines()
    assert [line.split(",")[3:6] for line in lines if "[c]" in line] == [
        [place, quarter, "[c]"] for place in ("Salisbury", "Trowbridge") for quarter in ("Q1", "Q2")
    ]
    sheet = load_workbook(BytesIO(xlsx_of([table], [], title="Usage", marking="OFFICIAL", created_at=AT)))["Bags"]
    cells = [[cell.value for cell in row] for row in sheet.rows]
    assert ["Salisbury", "[c]", "[c]", 33] in cells
    assert ["Tidworth", 0, 0, 0] in cells
    assert not {16, 17, 3, 15} & {cell for row in cells for cell in row}


def test_the_pdf_and_the_words_of_its_chart_hide_them_too() -> None:
    table = published()
    bars = tuple(Bar(str(row[0]), (part(row[1]), part(row[2]))) for row in table.rows)
    drawn = BarChart("Go Bags issued", ("Q1", "Q2"), bars)
    assert "Salisbury: Q1 withheld, Q2 withheld" in drawn.words()
    front = Front(
        title="Usage", reference="USE-1", version="1", organisation="Wiltshire Police", author="Stock records",
        period="2026", cut_off="1 July 2026", foi_disclosable=True, marking=Marking.OFFICIAL, subject="Usage",
    )  # fmt: skip
    data = paint([*page_break(), h2("Go Bags"), chart(drawn), *on_paper(table)], front=front, at=AT)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())
    assert "Salisbury [c] [c] 33" in text
    assert "Trowbridge [c] [c] 18" in text


def test_the_page_hides_them_too() -> None:
    app = Flask(__name__, template_folder="../../templates")
    with app.test_request_context():
        html = render_template_string(
            '{% from "components/figures.html" import figures %}{{ figures(table, is_figure) }}',
            table=published(),
            is_figure=is_figure,
        )
    assert html.count(">[c]</td>") == 4
    assert not any(f">{figure}</td>" in html for figure in SECRET)


def test_money_is_hidden_where_its_count_is() -> None:
    columns = (Column("Place"), Column("Bags", Kind.COUNT), Column("Cost", Kind.MONEY))
    table = Figures("Cost", "Cost of bags", columns, (("Amesbury", 2, 156_40), ("Devizes", 0, 0)))
    found = Counted(table, {(0, 1): frozenset("a"), (1, 1): frozenset("d")}, {2: 1})
    hidden = decide(found.totals, {"a": 2}, threshold=5).hidden
    assert found.without(hidden).rows == (("Amesbury", "[c]", "[c]"), ("Devizes", 0, 0))


def test_a_figure_nobody_looked_at_is_refused() -> None:
    table = Figures("Cost", "Cost", (Column("Place"), Column("Cost", Kind.MONEY)), (("Amesbury", 156_40),))
    with pytest.raises(ValueError, match="What Cost of row 1 of Cost adds up is not said"):
        Counted(table, {}, {})
