"""Tables of a report: one cell, one meaning, in every form."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.figures import Figures, shown, summed
from core.figures.files import csv_of
from core.money import Pence
from core.sheets import Cell, Column, Kind, Money

MONEY, COUNT = Column("Amount", Kind.MONEY), Column("Bags", Kind.COUNT)


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        (1_234_50, MONEY, "1,234.50"),
        (-60_00, MONEY, "−60.00"),
        (-3, COUNT, "−3"),
        (12_345, COUNT, "12,345"),
        (18_50, Column("Share", Kind.PERCENT), "18.50%"),
        (Money(Pence(5)), Column("Value"), "0.05"),
        (date(2026, 8, 5), Column("Day", Kind.DATE), "5 August 2026"),
        (datetime(2026, 8, 5, 13, 5, tzinfo=UTC), Column("At", Kind.MOMENT), "5 August 2026 at 2:05pm"),
        (True, Column("Accrued"), "Yes"),
        (None, MONEY, ""),
    ],
)
def test_a_cell_is_written_as_a_person_reads_it(cell: Cell, column: Column, text: str) -> None:
    assert shown(cell, column) == text


def test_a_total_adds_counts_and_money_and_nothing_else() -> None:
    columns = (Column("Place"), COUNT, Column("Day", Kind.DATE), MONEY)
    rows = [("Salisbury", 2, date(2026, 5, 4), 10_00), ("Trowbridge", None, None, 5_00)]
    assert summed("Total", columns, rows) == ("Total", 2, None, 15_00)


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="A row of Bags has 1 cells for 2 columns"):
        Figures("Bags", "Bags", (Column("Place"), COUNT), (("Salisbury",),))


def test_the_csv_has_one_row_for_each_figure_and_marks_totals() -> None:
    table = Figures(
        "Bags", "Bags issued", (Column("Place"), COUNT, MONEY), (("=Salisbury", 2, 10_00),), ("Total", 2, 10_00)
    )
    lines = csv_of([table], [("Period", "May 2026")]).decode("utf-8-sig").split("\r\n")
    assert lines == [
        "Period,May 2026",
        "",
        "Table,Part,Row,Name,Figure,Value,Unit",
        "Bags,row,1,'=Salisbury,Bags,2,count",
        "Bags,row,1,'=Salisbury,Amount,10.00,pounds",
        "Bags,total,2,Total,Bags,2,count",
        "Bags,total,2,Total,Amount,10.00,pounds",
        "",
    ]
