"""The check of the ledger for a scheduler: exit 0 when all agrees, 1 when it does not, 2 when it could not run."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from audit.desk.report import LedgerCheck, check_ledger
from core.dates import moment_text
from core.db import now

audit = AppGroup("audit", help="Check the books.")

AGREES, DOES_NOT_AGREE, COULD_NOT_RUN = 0, 1, 2


@audit.command("verify")
@click.option(
    "--checkpoint", "checkpoints", type=(int, str), multiple=True, help="Entry and chain hash printed on a report."
)
@click.option("--json", "as_json", is_flag=True, help="Say it to a program.")
def verify(checkpoints: tuple[tuple[int, str], ...], as_json: bool) -> None:
    """Check both logs from their first entry, and the books against what explains them."""
    try:
        found = check_ledger(at=now(), checkpoints=checkpoints)
    except SQLAlchemyError as problem:
        click.echo(json.dumps({"agrees": None, "problem": type(problem).__name__}) if as_json else _could_not(problem))
        sys.exit(COULD_NOT_RUN)
    click.echo(json.dumps(_plain(found), indent=2) if as_json else "\n".join(_lines(found)))
    sys.exit(AGREES if found.agrees else DOES_NOT_AGREE)


def _could_not(problem: SQLAlchemyError) -> str:
    return f"The check could not run: the database cannot be read ({type(problem).__name__}). Is DATABASE_URL right?"


def _lines(found: LedgerCheck) -> list[str]:
    lines = [f"Checked on {moment_text(found.at)}."]
    for each in found.checks:
        lines += [f"{each.name}: {each.agrees}"] if not each.findings else [f"{each.name}: DOES NOT AGREE"]
        lines += [f"  {words}" for words in each.findings]
    for state in found.logs:
        lines.append(f"Log of {state.log.value}: entry {state.entry_count:,}, chain hash {state.chain_hash}")
    if found.unsealed_count:
        lines.append(f"Recorded and not yet in a log: {found.unsealed_count:,}")
    lines.append("Everything agrees." if found.agrees else f"{found.finding_count:,} things do not agree.")
    return lines


def _plain(found: LedgerCheck) -> dict[str, Any]:
    return {
        "agrees": found.agrees,
        "checked_at": found.at.isoformat(),
        "checks": [{"name": each.name, "findings": list(each.findings)} for each in found.checks],
        "logs": {
            state.log.value: {
                "entries": state.entry_count,
                "chain_hash": state.chain_hash,
                "unsealed": state.unsealed_count,
            }
            for state in found.logs
        },
    }
