"""What an import did to every row of its file."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission
from core.db import db, now
from core.errors import NotFound
from core.paging import Paged, page_number, paged
from core.sheets import Column, Kind, csv_bytes
from core.web import asks_for_head, download, page, requires, signed_in
from grants.ledgers import queries
from grants.ledgers.models import LedgerImport, Outcome, UnimportedRow
from grants.ledgers.queries import LineFilter, Shown
from grants.ledgers.routes.blueprint import bp

NEW, FLAGGED = "imported", "flagged"


@bp.route("/imports/<reference>")
@requires(Permission.SEE_MONEY)
def show_import(reference: str) -> ResponseReturnValue:
    """Show what became of every row of a file."""
    made = queries.import_by_reference(reference)
    counts = _counts(made)
    shown = request.args.get("show") or next((name for name in _ORDER if counts[name]), NEW)
    if shown not in counts:
        raise NotFound
    return page(
        "grants/ledgers/show_import.html",
        made=made,
        importer=queries.importer_of(made),
        counts=counts,
        shown=shown,
        found=_rows(made, shown),
        cells=json.loads,
        layout=queries.layout_of(made.layout.layout_json),
        me=signed_in(),
    )


_ORDER = (Outcome.REFUSED, Outcome.CHANGED, NEW)
"""What is looked at first: what went wrong."""


def _counts(made: LedgerImport) -> dict[str, int]:
    """Count the rows of each list of the page."""
    return {
        NEW: made.imported_count,
        FLAGGED: queries.count_of(LineFilter(import_id=made.id), Shown.FLAGGED),
        Outcome.REFUSED: made.refused_count,
        Outcome.CHANGED: made.changed_count,
        Outcome.SKIPPED: made.skipped_count,
    }


def _rows(made: LedgerImport, shown: str) -> Paged[Any]:
    """Give one page of lines or rows."""
    number = page_number(request.args.get("page"))
    if shown in (NEW, FLAGGED):
        flagged = Shown.FLAGGED if shown == FLAGGED else Shown.ALL
        return paged(queries.lines_of_import(made.id, flagged), number=number)
    return paged(queries.unimported_rows(made.id, Outcome(shown)), number=number)


@bp.route("/imports/<reference>/not-imported.csv")
@requires(Permission.SEE_MONEY)
def not_imported(reference: str) -> ResponseReturnValue:
    """Download the rows that were refused, changed or skipped, as they stood in the file, with the reasons."""
    made = queries.import_by_reference(reference)
    layout = queries.layout_of(made.layout.layout_json)
    rows = list(db.session.scalars(queries.unimported_rows(made.id)))
    cells = [json.loads(row.raw_json) for row in rows]
    width = max([len(layout.headings), *map(len, cells)])
    headings = [*layout.headings, *(f"Column {place + 1}" for place in range(len(layout.headings), width))]
    columns = [Column("Row", Kind.COUNT), Column("What happened"), Column("Column"), Column("Reason")]
    columns += [Column(heading or f"Column {place + 1}") for place, heading in enumerate(headings)]
    data = csv_bytes(columns, [_csv_row(row, raw, width) for row, raw in zip(rows, cells, strict=True)])
    name = f"{made.reference}-not-imported.csv"
    me = signed_in()
    db.session.rollback()
    if not asks_for_head():
        trail.record_access(act="ledger.export", subject=reference, by=me, at=now(), rows=len(rows))
    return download(data, filename=name, content_type="text/csv; charset=utf-8")


def _csv_row(row: UnimportedRow, raw: list[str], width: int) -> list[Any]:
    return [row.row_number, row.outcome.value, row.heading, row.reason, *raw, *[""] * (width - len(raw))]
