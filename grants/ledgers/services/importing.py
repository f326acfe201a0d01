"""Importing an extract: each line once, every row accounted for, to the penny.

Reading the file needs no database and may take seconds, so a page reads it first and then changes everything in
one short transaction (``import_read``); ``import_extract`` does both for commands and loaders.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.money import Pence, pounds
from core.references import next_reference
from grants.ledgers import queries
from grants.ledgers.models import FinanceLedger, LedgerImport, LedgerLayout, LedgerLine, Outcome, UnimportedRow
from grants.ledgers.rules import Layout, ParsedLine, Reading
from grants.ledgers.rules.extracts import Extract, read_extract
from grants.ledgers.rules.repeats import SortedLines, ranges
from grants.ledgers.services.waiting import drop_waiting, written

_AT_ONCE = 2_000
"""Rows written in one statement."""

_encode = json.JSONEncoder(ensure_ascii=False).encode


def import_extract(
    ledger_code: str,
    data: bytes,
    filename: str,
    layout: Layout,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
    expected_pence: Pence | None = None,
) -> LedgerImport:
    """Import a file into a ledger; lines it has already are counted and not added again.

    Args:
        layout: what the columns mean; it is remembered for the next file with the same header row.
        expected_pence: the net total the finance system gives for the file, when it gives one.

    Raises:
        NotFound: there is no such ledger.
        RuleBroken: the file cannot be read, or its lines do not add up to ``expected_pence``.
    """
    extract = read_extract(data, filename, layout)
    return import_read(ledger_code, extract, by=by, at=at, submission_id=submission_id, expected_pence=expected_pence)


def confirm_waiting(
    slip: str,
    extract: Extract,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
    expected_pence: Pence | None = None,
) -> LedgerImport:
    """Import a file that was waiting, as its owner has seen it, and let go of the copy.

    Raises:
        NotFound: there is no such file of this person.
        StaleEdit: its columns were mapped otherwise since the page was shown.
        RuleBroken: as ``import_extract``.
    """
    body = _body(slip, extract, expected_pence)
    made = trail.earlier(submission_id, by=by, act="ledger.import", body=body)
    if made is not None:
        return queries.import_by_reference(made)
    waiting = queries.waiting_by_slip(slip, account_id=by.account_id, at=at)
    if (waiting.file_hash, waiting.layout_json) != (extract.file_hash, written(extract.reading.layout)):
        raise StaleEdit
    ledger = waiting.ledger
    drop_waiting(slip, by=by, at=at)
    return _import(ledger, extract, expected_pence, by=by, at=at, submission_id=submission_id)


def import_read(
    ledger_code: str,
    extract: Extract,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
    expected_pence: Pence | None = None,
) -> LedgerImport:
    """Import a file that has been read already; see ``import_extract``."""
    body = _body(ledger_code, extract, expected_pence)
    made = trail.earlier(submission_id, by=by, act="ledger.import", body=body)
    if made is not None:
        return queries.import_by_reference(made)
    ledger = queries.ledger_by_code(ledger_code)
    return _import(ledger, extract, expected_pence, by=by, at=at, submission_id=submission_id)


def _body(where: str, extract: Extract, expected_pence: Pence | None) -> dict[str, object]:
    layout = extract.reading.layout.to_plain()
    return {"into": where, "file": extract.file_hash, "layout": layout, "expected": expected_pence}


def _import(
    ledger: FinanceLedger,
    extract: Extract,
    expected_pence: Pence | None,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> LedgerImport:
    """Write what an extract adds to a ledger, and what became of the rest of its rows."""
    reading = extract.reading
    _demand_total(reading, expected_pence)
    db.session.execute(select(FinanceLedger.id).where(FinanceLedger.id == ledger.id).with_for_update()).all()
    found = queries.sorted_lines(ledger.id, reading.lines)
    layout = _remembered(ledger, reading.layout, by=by, at=at)
    made = _record_of(ledger, layout, extract, found, by=by, at=at)
    db.session.add(made)
    db.session.flush()
    _write(LedgerLine, _line_rows(made, found.new, {row.row_number: row.reason for row in reading.flagged}))
    _write(UnimportedRow, _unimported_rows(made, reading, found))
    _check(made)
    trail.record(
        act="ledger.import", subject=made.reference, by=by, at=at, submission_id=submission_id,
        ledger=ledger.code, file=extract.file_hash, read=made.read_count, imported=made.imported_count,
        duplicate=made.duplicate_count, changed=made.changed_count, refused=made.refused_count,
        skipped=made.skipped_count, control_pence=made.control_pence, imported_pence=made.imported_pence,
    )  # fmt: skip
    return made


def _demand_total(reading: Reading, expected_pence: Pence | None) -> None:
    """Refuse a file whose lines do not add up to what the finance system says."""
    total = reading.totals.net_pence
    if expected_pence is not None and expected_pence != total:
        apart = pounds(abs(expected_pence - total))
        refused = f". {reading.totals.refused_count:,} rows are refused" if reading.refused else ""
        raise RuleBroken(
            f"The lines of the file add up to {pounds(total)} and you entered {pounds(expected_pence)}: they are "
            f"{apart} apart{refused}",
            "expected",
        )


def _remembered(ledger: FinanceLedger, layout: Layout, *, by: Actor, at: datetime) -> LedgerLayout:
    """Keep a confirmed layout for the next file with this header row, unless it is the one kept."""
    confirmed = written(replace(layout, doubts=()))
    kept = queries.remembered_layout(ledger.id, layout.signature)
    if kept is None or kept.layout_json != confirmed:
        kept = LedgerLayout(
            ledger_id=ledger.id, signature=layout.signature, layout_json=confirmed, account_id=by.account_id,
            confirmed_at=at,
        )  # fmt: skip
        db.session.add(kept)
        db.session.flush()
    return kept


def _record_of(
    ledger: FinanceLedger, layout: LedgerLayout, extract: Extract, found: SortedLines, *, by: Actor, at: datetime
) -> LedgerImport:
    """Make the record of an import with its counts and totals."""
    totals = extract.reading.totals
    return LedgerImport(
        reference=next_reference("LI"), ledger_id=ledger.id, layout_id=layout.id, filename=extract.filename,
        file_hash=extract.file_hash, read_count=totals.rows_read, imported_count=len(found.new),
        duplicate_count=len(found.duplicates), changed_count=len(found.changed),
        refused_count=totals.refused_count, skipped_count=totals.skipped_count, control_pence=totals.net_pence,
        imported_pence=found.new_pence, duplicate_pence=found.duplicate_pence, changed_pence=found.changed_pence,
        vat_pence=totals.vat_pence, gross_pence=totals.gross_pence, earliest_on=totals.earliest_on,
        latest_on=totals.latest_on, duplicate_rows=ranges(line.row_number for line in found.duplicates),
        account_id=by.account_id, imported_at=at,
    )  # fmt: skip


def _line_rows(made: LedgerImport, lines: Sequence[ParsedLine], flags: dict[int, str]) -> Iterator[dict[str, Any]]:
    """Give ledger lines as the table takes them."""
    ledger_id, import_id = made.ledger_id, made.id
    for line in lines:
        yield {
            "ledger_id": ledger_id,
            "import_id": import_id,
            "row_number": line.row_number,
            "transaction_number": line.transaction_number,
            "line_number": line.line_number or "",
            "occurrence": line.occurrence,
            "dated_on": line.dated_on,
            "supplier_name": line.supplier,
            "supplier_code": line.supplier_code,
            "reference": line.reference,
            "order_reference": line.order_reference,
            "description": line.description,
            "cost_centre": line.cost_centre,
            "project": line.project,
            "account_code": line.account_code,
            "kind": line.kind,
            "is_vat": line.is_vat,
            "net_pence": line.net_pence,
            "vat_pence": line.vat_pence,
            "gross_pence": line.gross_pence,
            "irrecoverable_vat_pence": line.irrecoverable_vat_pence,
            "flag": flags.get(line.row_number, ""),
            "raw_json": _cells(line.raw),
        }


def _unimported_rows(made: LedgerImport, reading: Reading, found: SortedLines) -> Iterator[dict[str, Any]]:
    """Give the rows that were not imported as the table takes them."""
    for refused in reading.refused:
        yield _unimported(made, refused.row_number, Outcome.REFUSED, refused.reason, refused.raw, refused.column)
    for skipped in reading.skipped:
        yield _unimported(made, skipped.row_number, Outcome.SKIPPED, skipped.reason, skipped.raw)
    for changed in found.changed:
        row = _unimported(made, changed.line.row_number, Outcome.CHANGED, changed.differences, changed.line.raw)
        yield {**row, "line_id": changed.known_id}


def _unimported(
    made: LedgerImport, row_number: int, outcome: Outcome, reason: str, raw: Sequence[str], heading: str = ""
) -> dict[str, Any]:
    return {
        "import_id": made.id,
        "row_number": row_number,
        "outcome": outcome,
        "heading": heading,
        "reason": reason,
        "raw_json": _cells(raw),
        "line_id": None,
    }


def _cells(raw: Sequence[str]) -> str:
    """Write the cells of a row as they are kept; a database takes no nil character."""
    return _encode(raw).replace("\\u0000", "")


def _write(table: type[LedgerLine] | type[UnimportedRow], rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows, some thousands at a time."""
    connection = db.session.connection()
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), batch)


def _check(made: LedgerImport) -> None:
    """Compare the record of an import with what the database now holds of it.

    Raises:
        RuntimeError: they differ, which only a fault in this program can cause.
    """
    held = queries.lines_imported(made.id)
    if held != (made.imported_count, made.imported_pence):
        raise RuntimeError(f"{made.reference} says {made.imported_count} lines, {made.imported_pence}; held are {held}")
