"""Backups from the command line.

Exit codes: 0 done, and the books in it agree; 1 done, and they do not; 2 not done, and nothing has been changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app

from audit.backups.rules import Manifest, size
from core.beside import beside
from core.commands import DatabaseGroup
from core.dates import moment_text
from core.db import db, now, transaction
from core.errors import Refusal

backup = DatabaseGroup("backup", help="Back everything up, prove a backup, restore one.")

GOOD, BOOKS_DISAGREE, NOT_DONE = 0, 1, 2

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_any_key = click.option("--any-key", is_flag=True, help="Believe a file that another secret key made.")
_json = click.option("--json", "as_json", is_flag=True, help="Say it to a program.")


@backup.command("make")
@click.argument("target", type=click.Path(path_type=Path))
@_json
def make(target: Path, as_json: bool) -> None:
    """Back the database and the evidence up into TARGET: a folder, or the file to be written."""
    # Loaded by whoever makes or reads a backup: it takes the migrations and both drivers along.
    from audit.backups import services

    began = time.monotonic()
    with _refusals(as_json):
        made = services.make(target, **_where(), at=now())
    facts = {"file": str(made.file), "bytes": made.byte_count, **_told(made.manifest, made.findings)}
    _say(facts, [f"Backed up into {made.file} ({size(made.byte_count)}) in {time.monotonic() - began:.1f} seconds."],
         made.manifest, made.findings, as_json)  # fmt: skip
    raise SystemExit(BOOKS_DISAGREE if made.findings else GOOD)


@backup.command("check")
@_file
@_any_key
@_json
def check(file: Path, any_key: bool, as_json: bool) -> None:
    """Restore FILE beside the present database, compare it with what it says of itself, and leave nothing behind."""
    from audit.backups import services

    began, where = time.monotonic(), _where()
    with (
        _refusals(as_json),
        services.examined(
            file, store=where["store"], secret_key=where["secret_key"], at=now(), any_key=any_key
        ) as found,
    ):
        manifest, findings = found.manifest, found.findings
    _say(_told(manifest, findings), [f"{file} can be restored: tried in {time.monotonic() - began:.1f} seconds."],
         manifest, findings, as_json)  # fmt: skip
    raise SystemExit(BOOKS_DISAGREE if findings else GOOD)


@backup.command("restore")
@_file
@_any_key
@click.option("--despite-findings", is_flag=True, help="Restore books that did not agree when they were backed up.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, any_key: bool, despite_findings: bool, yes: bool) -> None:
    """Prove FILE, and put it in the place of the present database, which is kept under a dated name."""
    from audit.backups import services

    at = now()
    with (
        _refusals(as_json=False),
        services.restorable(file, **_where(), at=at, any_key=any_key, despite_findings=despite_findings) as ready,
    ):
        click.echo(ready.loss)
        if not (yes or click.confirm("Restore the backup in its place?")):
            click.echo("Nothing has been changed.")
            raise SystemExit(NOT_DONE)
        with beside(ready.database), transaction():
            services.note_restore(ready, at=at)
        done = services.take_place(ready, at=at)
    click.echo(f"Restored as backed up on {moment_text(done.manifest.made_at)}. Everybody must sign in again.")
    click.echo(f"What was there before is kept: {done.kept}.")
    if done.kept_evidence:
        click.echo(f"Its evidence is kept: {done.kept_evidence}.")


def _where() -> dict[str, Any]:
    """Give what is backed up: the store, the folder of evidence, and the key that vouches for the manifest."""
    from audit.backups import services

    folder = current_app.config.get("EVIDENCE_DIR")
    return {
        "store": services.store_of(db.engine),
        "evidence": Path(folder) if folder else None,
        "secret_key": current_app.config["SECRET_KEY"],
    }


@contextmanager
def _refusals(as_json: bool) -> Iterator[None]:
    """Say a refusal in words and leave with code 2."""
    try:
        yield
    except Refusal as refusal:
        if as_json:
            click.echo(json.dumps({"refused": refusal.message}))
        else:
            click.echo(f"{refusal.message.removesuffix('.')}.", err=True)
        raise SystemExit(NOT_DONE) from refusal


def _told(manifest: Manifest, findings: tuple[str, ...]) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "ledger_digest": manifest.facts.ledger_sha256,
        "rows": sum(manifest.facts.row_counts.values()),
        "evidence_files": len(manifest.evidence),
        "heads": {log: [head.sequence, head.chain_hash] for log, head in manifest.facts.heads.items()},
        "findings": list(findings),
    }


def _say(facts: dict[str, Any], lines: list[str], manifest: Manifest, findings: tuple[str, ...], as_json: bool) -> None:
    """Say what a backup holds."""
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    held, rows = manifest.facts, sum(manifest.facts.row_counts.values())
    lines.append(
        f"As of {moment_text(manifest.made_at)}: {rows:,} rows in {len(held.row_counts)} tables, "
        f"{len(manifest.evidence):,} files of evidence."
    )
    lines.append(f"Ledger digest: {held.ledger_sha256}")
    lines += [
        f"Log of {log}: entry {head.sequence:,}, chain hash {head.chain_hash}" for log, head in held.heads.items()
    ]
    lines += ["Its books agree."] if not findings else ["Its books DO NOT AGREE:", *(f"  {each}" for each in findings)]
    click.echo("\n".join(lines))
