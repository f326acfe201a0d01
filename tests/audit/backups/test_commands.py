"""Backups from the command line: words for people, JSON for programs, exit codes for schedulers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from core.db import db
from tests.audit.backups.keeper import on_sqlite
from tests.audit.tampering import tamper
from tests.conftest import settings
from tests.factories import World

pytestmark = on_sqlite


def test_a_backup_is_made_checked_and_restored_by_command(app: Flask, month: World, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    db.session.remove()
    made = run(args=["backup", "make", str(tmp_path), "--json"])
    told = json.loads(made.output)
    file = Path(told["file"])
    assert (made.exit_code, told["findings"], file.parent) == (0, [], tmp_path)
    checked = run(args=["backup", "check", str(file)])
    assert checked.exit_code == 0
    assert "can be restored: tried in" in checked.output
    assert f"Ledger digest: {told['ledger_digest']}" in checked.output
    assert checked.output.endswith("Its books agree.\n")
    refused = run(args=["backup", "restore", str(file)], input="n\n")
    assert (refused.exit_code, refused.output.splitlines()[-1]) == (2, "Nothing has been changed.")
    restored = run(args=["backup", "restore", str(file), "--yes"])
    assert restored.exit_code == 0
    assert "Everybody must sign in again." in restored.output
    assert "What was there before is kept: " in restored.output
    assert run(args=["audit", "verify"]).exit_code == 0


def test_refusals_and_findings_have_codes_of_their_own(app: Flask, month: World, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    (tmp_path / "letter.zip").write_text("A letter")
    refused = run(args=["backup", "check", str(tmp_path / "letter.zip")])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("This backup cannot be used: it is not a backup of this program")
    db.session.remove()
    tamper("bag", "SELECT 1")
    tamper("bag_position", "UPDATE bag_position SET place_id = 1 WHERE bag_id = 1")
    db.session.remove()
    made = run(args=["backup", "make", str(tmp_path / "bent.zip")])
    assert made.exit_code == 1
    assert "Its books DO NOT AGREE:\n  Go Bags: Go Bag GB-00001 is not where its moves say." in made.output


@pytest.mark.usefixtures("databases")
def test_no_backup_is_made_of_an_empty_database(tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    run = create_app(settings(f"sqlite:///{empty}")).test_cli_runner().invoke
    refused = run(args=["backup", "make", str(tmp_path / "kept.zip")])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "The database is empty: there is nothing to back up. See whether DATABASE_URL is right.\n"
    assert [file.name for file in tmp_path.iterdir()] == [empty.name]
