"""A report as CSV, for machines, and as XLSX, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from core.figures.tables import Figures
from core.money import Pence
from core.sheets import Cell, Column, Kind, Money, Sheet, csv_bytes, xlsx_bytes

_COLUMNS = (
    Column("Table"),
    Column("Part"),
    Column("Row", Kind.COUNT),
    Column("Name"),
    Column("Figure"),
    Column("Value"),
    Column("Unit"),
)
_UNITS = {Kind.MONEY: "pounds", Kind.COUNT: "count", Kind.PERCENT: "per cent"}


def csv_of(tables: Sequence[Figures], preface: Sequence[tuple[str, str]]) -> bytes:
    """Write every figure of a report as one row of one CSV table, totals marked as such.

    The columns never change, whatever the report, so that a program written for one report reads all of them.
    """
    return csv_bytes(_COLUMNS, _figures_of(tables), preface=preface)


def _figures_of(tables: Sequence[Figures]) -> Iterator[tuple[Cell, ...]]:
    for table in tables:
        rows: list[tuple[str, tuple[Cell, ...]]] = [("row", row) for row in table.rows]
        if table.total:
            rows.append(("total", table.total))
        for number, (part, row) in enumerate(rows, start=1):
            name = row[0]
            for cell, column in zip(row[1:], table.columns[1:], strict=True):
                if cell is not None:
                    yield table.name, part, number, name, column.heading, *_value(cell, column)


def _value(cell: Cell, column: Column) -> tuple[Cell, str]:
    """Give a cell its unit; a plain whole number of a money column becomes an amount."""
    if isinstance(cell, Money):
        return cell, "pounds"
    if isinstance(cell, int) and column.kind in (Kind.MONEY, Kind.PERCENT):
        return Money(Pence(cell)), _UNITS[column.kind]
    if isinstance(cell, int):
        return cell, "count"
    if isinstance(cell, datetime):
        return cell, "moment"
    return cell, "day" if isinstance(cell, date) else "text"


def xlsx_of(
    tables: Sequence[Figures],
    preface: Sequence[tuple[str, str]],
    *,
    title: str,
    marking: str,
    created_at: datetime,
) -> bytes:
    """Write a report as a workbook: one sheet for each table, its total in the last row."""
    return xlsx_bytes(sheets_of(tables, preface), title=title, marking=marking, created_at=created_at)


def sheets_of(tables: Sequence[Figures], preface: Sequence[tuple[str, str]]) -> list[Sheet]:
    """Give a sheet for each table of a report, its total in the last row."""
    return [
        Sheet(
            table.name,
            table.columns,
            [*table.rows, *([table.total] if table.total else [])],
            [("Table", table.caption), *preface, *([("Note", table.note)] if table.note else [])],
        )
        for table in tables
    ]
