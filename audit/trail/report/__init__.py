"""The audit extract: what it freezes, how its entries are counted, and how they are written, however many there are."""

from audit.trail.report.counting import counted
from audit.trail.report.frozen import A_VOLUME, MARKING, Counted, LogExtract, filters_of, freeze_extract
from audit.trail.report.writing import csv_of, rows_of, write_xlsx_of

__all__ = [
    "A_VOLUME",
    "MARKING",
    "Counted",
    "LogExtract",
    "counted",
    "csv_of",
    "filters_of",
    "freeze_extract",
    "rows_of",
    "write_xlsx_of",
]
