"""One spreadsheet, one change: refused as a whole with every wrong cell named, or recorded as a whole, once."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor
from core.dates import day_text, local_day
from core.db import db
from core.errors import AlreadyDone
from core.references import next_reference
from inventory.spreadsheets import queries
from inventory.spreadsheets.models import Spreadsheet
from inventory.spreadsheets.rules import NEEDS, WORDS, SheetRead, SheetRefused, Sort, fingerprint_of
from inventory.spreadsheets.services.writing import Bringing, items, opening_stock, par_levels, places

_WRITERS = {
    Sort.ITEMS: items,
    Sort.PLACES: places,
    Sort.OPENING_STOCK: opening_stock,
    Sort.PAR_LEVELS: par_levels,
}


def bring_in(sheet: SheetRead, *, by: Actor, at: datetime, submission_id: str) -> str:
    """Record every row of a spreadsheet.

    Returns:
        The reference under which it is on record.

    Raises:
        NotPermitted: the person may not do one by one what the spreadsheet does at once.
        AlreadyDone: the same rows were brought in before.
        SheetRefused: rows or cells are wrong; nothing has been recorded.
    """
    rows_hash = fingerprint_of(sheet)
    body = [sheet.sort, rows_hash, len(sheet.problems)]
    if done := trail.earlier(submission_id, by=by, act="spreadsheet.bring_in", body=body):
        return done
    acting = by.acting_under(NEEDS[sheet.sort])
    _refuse_again(sheet.sort, rows_hash)
    bringing = Bringing(acting, at, submission_id, list(sheet.problems))
    _WRITERS[sheet.sort](sheet.rows, bringing)
    if bringing.problems:
        raise SheetRefused(bringing.problems)
    kept = Spreadsheet(
        reference=next_reference("SH"), sort=sheet.sort, rows_hash=rows_hash, file_title=sheet.filename,
        row_count=len(sheet.rows), account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    trail.record(
        act="spreadsheet.bring_in", subject=kept.reference, by=acting, at=at, submission_id=submission_id,
        sort=WORDS[sheet.sort], row_count=kept.row_count, rows_hash=rows_hash,
    )  # fmt: skip
    return kept.reference


def _refuse_again(sort: Sort, rows_hash: str) -> None:
    earlier = queries.same_rows(sort, rows_hash)
    if earlier is not None:
        raise AlreadyDone(
            f"{_these(earlier.row_count)} brought in on {day_text(local_day(earlier.recorded_at))} as "
            f"{earlier.reference}. Nothing has been recorded. Take out the rows that are on record, and send the rest",
            "file",
        )


def _these(count: int) -> str:
    return "This 1 row was" if count == 1 else f"These {count:,} rows were"
