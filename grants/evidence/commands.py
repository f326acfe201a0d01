"""Looking after the evidence folder from the command line.

Exit codes: 0 every file is the one that was kept; 1 some are not.
"""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from core.commands import SchemaGroup
from core.db import now
from grants.evidence import queries, services

evidence = SchemaGroup("evidence", help="Look after the files kept as evidence.")


@evidence.command("check")
@click.option("--sweep", is_flag=True, help="Remove files that no paper names, once they are a day old.")
def check(sweep: bool) -> None:
    """Compare every kept file with the digest of its paper."""
    folder = services.Folder(Path(current_app.config["EVIDENCE_DIR"]))
    papers = list(queries.stored_names())
    looked = folder.look(papers)
    for reference in looked.missing:
        click.echo(f"{reference}: its file is missing. Restore it from a backup")
    for reference in looked.changed:
        click.echo(f"{reference}: its file is not the one that was kept. Restore it from a backup")
    swept = folder.sweep(looked.orphans, at=now()) if sweep else 0
    click.echo(
        f"Papers: {len(papers):,}. Missing: {len(looked.missing):,}. Changed: {len(looked.changed):,}. "
        f"Files of no paper: {len(looked.orphans) - swept:,}, swept: {swept:,}."
    )
    raise SystemExit(0 if looked.sound else 1)
