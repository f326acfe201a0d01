"""Ledgers from the command line: import an extract, match what is certain.

Each command acts as a member of staff (``--as``), so the trail names a person, and only as one who may import
ledgers. Exit codes: 0 all is in the ledger; 1 it is, but rows were refused or contradict the ledger; 2 nothing
was done.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from core.access import Actor, Permission
from core.commands import SchemaGroup
from core.dates import local_day
from core.db import db, now, transaction
from core.errors import Refusal, RuleBroken
from core.money import pounds
from grants.ledgers import queries, services
from grants.ledgers.models import FinanceLedger, LedgerImport
from grants.ledgers.rules import Layout, Role
from grants.ledgers.rules.extracts import Extract, open_table, read_extract
from grants.ledgers.rules.repeats import SortedLines, ranges
from organisation.accounts.queries import account_by_email, actor_of

ledgers = SchemaGroup("ledgers", help="Import finance extracts and match their lines.")

_ALL_IN, _LOOK, _NOTHING_DONE = 0, 1, 2
_SHOWN = 20
"""Rows listed in words; --json lists all."""

as_option = click.option("--as", "email", required=True, help="E-mail of the grant officer who does this.")
json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@ledgers.command("open")
@click.argument("code")
@click.argument("name")
@as_option
def open_ledger(code: str, name: str, email: str) -> None:
    """Open a ledger under a short CODE, e.g. FORCE-GL "Force general ledger"."""
    with _refusals(as_json=False), transaction():
        made = services.open_ledger(code, name, by=_officer(email), at=now(), submission_id=_submission())
        click.echo(f"Ledger {made.code} ({made.name}) is open.")


@ledgers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ledger", "code", help="Code of the ledger; needed where several are open.")
@click.option("--preview", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--as", "email", help="E-mail of the grant officer who does this; needed for all but a preview.")
@json_option
def import_file(file: Path, code: str | None, preview: bool, email: str | None, as_json: bool) -> None:
    """Import FILE through the layout remembered for its columns, or else guessed."""
    with _refusals(as_json=as_json):
        officer, data = _importer(email, preview=preview), file.read_bytes()
        ledger = queries.ledger_by_code(code) if code else _only_ledger()
        layout = queries.layout_for(ledger.code, open_table(data, file.name))
        extract = read_extract(data, file.name, layout)
        before = [earlier.reference for earlier in queries.earlier_imports_of(ledger.id, extract.file_hash)]
        if officer is None or preview:
            found = queries.sorted_lines(ledger.id, extract.reading.lines)
            answer = _answer(extract, found, None, before)
        else:
            found, answer = _import(ledger.code, extract, officer, before)
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else _in_words(answer, layout))
    raise SystemExit(_LOOK if extract.reading.refused or found.changed else _ALL_IN)


def _importer(email: str | None, *, preview: bool) -> Actor | None:
    """Give who imports; None for a preview in nobody's name, which only reads.

    Raises:
        RuleBroken: an import in nobody's name.
    """
    if email is None and not preview:
        raise RuleBroken("Say who imports it: --as and the e-mail address of a grant officer")
    return _officer(email) if email is not None else None


def _only_ledger() -> FinanceLedger:
    """Give the ledger that is open where nobody named one.

    Raises:
        RuleBroken: none is open, or several are.
    """
    found = queries.ledgers()
    if not found:
        raise RuleBroken("No ledger is open yet. Open one first: ledgers open CODE NAME --as EMAIL")
    if len(found) > 1:
        raise RuleBroken(f"Say which ledger: --ledger and one of {', '.join(sorted(each.code for each in found))}")
    return found[0]


def _import(code: str, extract: Extract, officer: Actor, before: list[str]) -> tuple[SortedLines, dict[str, Any]]:
    with transaction():
        found = queries.sorted_lines(queries.ledger_by_code(code).id, extract.reading.lines)
        made = services.import_read(code, extract, by=officer, at=now(), submission_id=_submission())
        return found, _answer(extract, found, made, before)


@ledgers.command("match")
@click.option("--ledger", "code", help="Code of the ledger; all of them unless given.")
@as_option
@json_option
def match(code: str | None, email: str, as_json: bool) -> None:
    """Match ledger lines to invoice rows where the evidence is certain."""
    with _refusals(as_json=as_json), transaction():
        run = services.match_automatically(code, by=_officer(email), at=now(), submission_id=_submission())
        left = queries.progress(queries.LineFilter(ledger_code=code or ""))
    if as_json:
        answer = {
            "matches": list(run.references),
            "unexplained_lines": left.unexplained_count,
            "unexplained_pence": left.unexplained_pence,
            "booked_pence": left.booked_pence,
        }
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo(f"{len(run.references):,} matches made.")
    click.echo(f"{pounds(left.unexplained_pence)} of {pounds(left.booked_pence)} unexplained.")


def _officer(email: str) -> Actor:
    """Give the person a command acts as, narrowed to importing ledgers.

    Raises:
        RuleBroken: nobody signs in with this address.
        NotPermitted: they may not import ledgers.
    """
    account = account_by_email(email)
    if account is None or account.disabled_at is not None:
        raise RuleBroken(f"Nobody signs in as {email}")
    return actor_of(account.id, on=local_day(now())).acting_under(Permission.KEEP_LEDGERS)


def _submission() -> str:
    return str(uuid.uuid4())


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    """Say a refusal in words and end with the code that says nothing was done."""
    try:
        yield
    except Refusal as refusal:
        db.session.rollback()
        _give_up(refusal.message if refusal.status != 404 else "There is no such ledger", as_json=as_json)


def _give_up(message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": message}, ensure_ascii=False))
    else:
        click.echo(f"Nothing was done. {message}", err=True)
    raise SystemExit(_NOTHING_DONE)


def _answer(extract: Extract, found: SortedLines, made: LedgerImport | None, before: list[str]) -> dict[str, Any]:
    """Give what became of every row, as JSON takes it."""
    reading, totals = extract.reading, extract.reading.totals
    return {
        "import": made.reference if made else None,
        "at": made.imported_at.isoformat() if made else None,
        "file": extract.filename,
        "sha256": extract.file_hash,
        "same_file_imported_before": before,
        "columns": [
            {"heading": heading, "role": role.value}
            for heading, role in zip(reading.layout.headings, reading.layout.roles, strict=True)
        ],
        "doubts": list(reading.layout.doubts),
        "rows_read": totals.rows_read,
        "imported": len(found.new),
        "duplicate": len(found.duplicates),
        "duplicate_rows": ranges(line.row_number for line in found.duplicates),
        "changed": [{"row": each.line.row_number, "reason": each.differences} for each in found.changed],
        "refused": [{"row": row.row_number, "column": row.column, "reason": row.reason} for row in reading.refused],
        "skipped": [{"row": row.row_number, "reason": row.reason} for row in reading.skipped],
        "flagged": [{"row": row.row_number, "reason": row.reason} for row in reading.flagged],
        "control_pence": totals.net_pence,
        "imported_pence": found.new_pence,
        "duplicate_pence": found.duplicate_pence,
        "changed_pence": found.changed_pence,
        "vat_pence": totals.vat_pence,
        "gross_pence": totals.gross_pence,
        "earliest_on": totals.earliest_on.isoformat() if totals.earliest_on else None,
        "latest_on": totals.latest_on.isoformat() if totals.latest_on else None,
    }


def _in_words(answer: dict[str, Any], layout: Layout) -> str:
    """Write what became of every row for a person to read."""
    done = f"Imported as {answer['import']}." if answer["import"] else "Preview only: nothing was imported."
    words = [done]
    if answer["same_file_imported_before"]:
        words.append(f"This very file was imported before as {', '.join(answer['same_file_imported_before'])}.")
    words += ["", "Columns"]
    words += [
        f"  {heading}: {role.label}"
        for heading, role in zip(layout.headings, layout.roles, strict=True)
        if role is not Role.OTHER
    ]
    words += [f"  Check: {doubt}" for doubt in answer["doubts"]]
    words += ["", f"Rows read  {answer['rows_read']:>10,}"]
    words += [_counted("Imported", answer["imported"], answer["imported_pence"])]
    words += [_counted("Duplicate", answer["duplicate"], answer["duplicate_pence"])]
    words += [_counted("Changed", len(answer["changed"]), answer["changed_pence"])]
    words += [_counted("Refused", len(answer["refused"])), _counted("Skipped", len(answer["skipped"]))]
    words += [f"Control total {pounds(answer['control_pence'])} ({answer['control_pence']} pence)"]
    for outcome in ("changed", "refused", "skipped", "flagged"):
        words += _listed(outcome, answer[outcome])
    return "\n".join(words)


def _counted(name: str, count: int, pence: int | None = None) -> str:
    return f"  {name:<9}{count:>10,}" + (f"  {pounds(pence)}" if pence is not None else "")


def _listed(outcome: str, rows: list[dict[str, Any]]) -> list[str]:
    """Write the first rows of an outcome with their reasons."""
    if not rows:
        return []
    lines = ["", f"{outcome.title()} rows"]
    for row in rows[:_SHOWN]:
        column = f", column '{row['column']}'" if row.get("column") else ""
        lines.append(f"  Row {row['row']}{column}: {row['reason']}")
    if len(rows) > _SHOWN:
        lines.append(f"  and {len(rows) - _SHOWN:,} more (--json lists all)")
    return lines
