"""Reports on the command line."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from core.db import db
from core.trail import AuditLeaf
from tests.factories import PASSWORD, World
from tests.site import Site

DAYS = ("--from", "2026-07-01", "--to", "2026-09-30")


def test_the_command_makes_the_same_file_as_the_page(app: Flask, quarters: World, tmp_path: Path) -> None:
    made = tmp_path / "statement.pdf"
    run = app.test_cli_runner().invoke(args=["reports", "statement", "GB2026", *DAYS, "--output", str(made)])
    assert run.exit_code == 0, run.output
    auditor = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert auditor.client.get("/reports/statement/GB2026/pdf?from=2026-07-01&to=2026-09-30").data == made.read_bytes()
    db.session.rollback()
    asked = select(AuditLeaf.account_id).where(AuditLeaf.act == "report.download").order_by(AuditLeaf.id)
    assert [each is None for each in db.session.scalars(asked)] == [True, False]


def test_a_csv_goes_to_standard_output(app: Flask, quarters: World) -> None:
    run = app.test_cli_runner().invoke(args=["reports", "usage", *DAYS, "--format", "csv"])
    assert run.exit_code == 0
    assert "USE-20260701-20260930" in run.stdout


def test_what_cannot_be_is_said_in_words(app: Flask, quarters: World) -> None:
    runner = app.test_cli_runner()
    no_award = runner.invoke(args=["reports", "statement", "NONE", *DAYS])
    assert (no_award.exit_code, "There is no award NONE." in no_award.output) == (1, True)
    no_day = runner.invoke(args=["reports", "usage", "--from", "2026-13-01", "--to", "2026-09-30"])
    assert (no_day.exit_code, "Use YYYY-MM-DD, like 2022-08-05." in no_day.output) == (1, True)
