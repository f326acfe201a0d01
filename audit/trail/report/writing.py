"""Writing the entries of an extract as CSV and as a workbook, a chunk at a time: it may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO

from audit.trail import queries
from audit.trail.report.frozen import MARKING, LogExtract
from core.figures.files import sheets_of
from core.sheets import Column, Kind, Sheet, csv_chunks, write_xlsx

COLUMNS = (
    Column("Entry", Kind.COUNT, note="Its number in its log. Numbers begin with 1 and have no gap."),
    Column("Recorded", Kind.MOMENT, note="When it was recorded, by London’s clock."),
    Column("Who", note="Under the name they had when the extract was counted."),
    Column("Role", note="The role they acted in."),
    Column("What was done", note="The entry as a sentence.", width=48),
    Column("Act", note="The same as the log’s own word."),
    Column("Record", note="The reference of what it was done to."),
    Column("Reason", note="In the person’s own words; “(erased)” where these were erased since.", width=32),
    Column("Leaf hash", note="SHA-256 of a zero byte and the entry’s text (RFC 6962).", width=66),
    Column(
        "Chain hash",
        note="SHA-256 of the chain hash before it, the entry’s number in eight bytes, and its leaf hash.",
        width=66,
    ),
)
A_SHEET = 1_000_000
"""Entries on one sheet of a workbook; Excel holds 1,048,576 rows."""

Row = tuple[int | None, datetime, str, str | None, str, str, str, str, str, str]
"""An entry, a cell for each column."""


def rows_of(extract: LogExtract, *, wrote: Callable[[int], object] = lambda _: None) -> Iterator[Row]:
    """Give the entries of an extract as rows, oldest first, read a chunk at a time.

    Args:
        wrote: told how many entries were given, after each chunk.
    """
    names = {each.account_id: each.name for each in extract.figures.people}
    for chunk in queries.extracted(extract.asked, upto=extract.upto):
        for each in chunk:
            yield (
                each.sequence, each.at, names.get(each.account_id, each.who), each.role, each.said, each.act,
                each.subject, each.reason, each.leaf_hash, each.chain_hash,
            )  # fmt: skip
        wrote(len(chunk))


def csv_of(extract: LogExtract, rows: Iterable[Row], *, volume: Sequence[tuple[str, str]] = ()) -> Iterator[bytes]:
    """Write rows of an extract as CSV, some hundred at a time.

    Args:
        volume: label and words that say which of them these are, where they are not all.
    """
    return csv_chunks(COLUMNS, rows, preface=(("Marking", MARKING), *extract.preface, *volume))


def write_xlsx_of(extract: LogExtract, rows: Iterable[Row], out: IO[bytes]) -> None:
    """Write an extract as a workbook: its figures, a table on a sheet, then its entries on as many as they need."""
    left, count = iter(rows), extract.figures.entry_count
    whole = max(1, -(-count // A_SHEET))
    entries = [
        Sheet(f"Entries {number}" if whole > 1 else "Entries", COLUMNS, islice(left, A_SHEET), extract.preface)
        for number in range(1, whole + 1)
    ]
    sheets = [*sheets_of(extract.tables, extract.preface), *entries]
    write_xlsx(out, sheets, title=extract.title, marking=MARKING, created_at=extract.checkpoint.cut_off)
