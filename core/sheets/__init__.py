"""Tables as files: CSV for machines and XLSX for people, painted from the same columns and rows.

The same data gives the same bytes, because a report's digest is registered; the caller says when the
report was made.
"""

from core.sheets.cells import Cell, Column, Kind, Money, Sheet
from core.sheets.delimited import csv_bytes, csv_chunks
from core.sheets.workbook import write_xlsx, xlsx_bytes

__all__ = ["Cell", "Column", "Kind", "Money", "Sheet", "csv_bytes", "csv_chunks", "write_xlsx", "xlsx_bytes"]
