"""The command line imports and matches as a named officer, and its exit code says what became of the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from core.trail import AuditLeaf
from grants.ledgers.models import LedgerImport, LedgerLine
from tests.factories import World
from tests.grants.factories import add_catalogue, add_invoice, courier, towels
from tests.grants.ledgers.factories import FILES, REAL_FILES, extract, open_ledger

TOWELS = "100,1,22/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,60.00,12.00"
COURIER = "100,2,22/04/2026,BULK HYGIENE LTD,SI-1001,Carriage,P4471,R4410,10.00,2.00"
GRANTS = ("--as", "grants@test.example")


def run(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["ledgers", *arguments])


def answer(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    kept = tmp_path / "april.csv"
    kept.write_bytes(extract(TOWELS, COURIER))
    return kept


def test_a_ledger_is_opened_and_an_extract_imported_in_words(app: Flask, world: World, file: Path) -> None:
    opened = run(app, "open", "GL", "Force general ledger", *GRANTS)
    assert (opened.exit_code, opened.stdout) == (0, "Ledger GL (Force general ledger) is open.\n")
    result = run(app, "import", str(file), "--ledger", "GL", *GRANTS)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Imported as LI-00001.\n")
    assert "Rows read           2\n  Imported          2  £70.00\n  Duplicate         0  £0.00\n" in result.stdout
    assert "Control total £70.00 (7000 pence)" in result.stdout
    leaf = db.session.scalars(select(AuditLeaf).where(AuditLeaf.act == "ledger.import")).one()
    assert leaf.account_id == world.actor("grants").account_id


@pytest.mark.parametrize(("name", "lines", "net_pence"), REAL_FILES[:1])
def test_json_says_what_became_of_every_row(app: Flask, world: World, name: str, lines: int, net_pence: int) -> None:
    open_ledger(world)
    arguments = ("import", str(FILES / name), "--ledger", "GL", "--json", *GRANTS)
    first = run(app, *arguments)
    assert first.exit_code == 0
    told = answer(first)
    assert (told["rows_read"], told["imported"], told["duplicate"], told["refused"]) == (lines, lines, 0, [])
    assert (told["control_pence"], told["imported_pence"]) == (net_pence, net_pence)
    again = answer(run(app, *arguments))
    assert (again["imported"], again["duplicate"], again["duplicate_rows"]) == (0, lines, f"2-{lines + 1}")
    assert again["same_file_imported_before"] == ["LI-00001"]
    assert again["duplicate_pence"] == net_pence


def test_a_preview_changes_nothing(app: Flask, world: World, file: Path) -> None:
    open_ledger(world)
    before = db.session.scalar(select(func.count()).select_from(AuditLeaf))
    result = run(app, "import", str(file), "--ledger", "GL", "--preview", *GRANTS)
    assert result.exit_code == 0
    assert result.stdout.startswith("Preview only: nothing was imported.\n")
    assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == 0
    assert db.session.scalar(select(func.count()).select_from(AuditLeaf)) == before


def test_a_preview_needs_neither_a_name_nor_the_only_ledger_s_code(app: Flask, world: World, file: Path) -> None:
    assert run(app, "import", str(file), "--preview").stderr == (
        "Nothing was done. No ledger is open yet. Open one first: ledgers open CODE NAME --as EMAIL\n"
    )
    open_ledger(world)
    told = answer(run(app, "import", str(file), "--preview", "--json"))
    assert (told["import"], told["rows_read"], told["imported"], told["control_pence"]) == (None, 2, 2, 7000)
    assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == 0


def test_an_import_says_who_and_where_several_are_open_which(app: Flask, world: World, file: Path) -> None:
    open_ledger(world)
    nobody = run(app, "import", str(file))
    assert (nobody.exit_code, nobody.stderr) == (
        2,
        "Nothing was done. Say who imports it: --as and the e-mail address of a grant officer\n",
    )
    assert run(app, "open", "CARDS", "Purchase cards", *GRANTS).exit_code == 0
    neither = run(app, "import", str(file), *GRANTS)
    assert (neither.exit_code, neither.stderr) == (
        2,
        "Nothing was done. Say which ledger: --ledger and one of CARDS, GL\n",
    )
    assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == 0


def test_refused_rows_give_exit_code_1_and_the_others_go_in(app: Flask, world: World, tmp_path: Path) -> None:
    open_ledger(world)
    kept = tmp_path / "april.csv"
    kept.write_bytes(extract(TOWELS, COURIER, *(TOWELS.replace("100,1", f"20{n},1") for n in range(5)), ",2,x,,,,,,1,"))
    result = run(app, "import", str(kept), "--ledger", "GL", *GRANTS)
    assert result.exit_code == 1, result.output
    assert "Refused rows\n  Row 9, column 'Transaction number': There is no transaction number\n" in result.stdout
    assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == 7


@pytest.mark.parametrize(
    ("email", "ledger", "words"),
    [
        ("auditor@test.example", "GL", "Nothing was done. You do not have permission to do this\n"),
        ("finance@test.example", "GL", "Nothing was done. You do not have permission to do this\n"),
        ("nobody@test.example", "GL", "Nothing was done. Nobody signs in as nobody@test.example\n"),
        ("grants@test.example", "NONE", "Nothing was done. There is no such ledger\n"),
    ],
)
def test_whoever_may_not_import_changes_nothing(
    app: Flask, world: World, file: Path, email: str, ledger: str, words: str
) -> None:
    open_ledger(world)
    result = run(app, "import", str(file), "--ledger", ledger, "--as", email)
    assert (result.exit_code, result.stderr, result.stdout) == (2, words, "")
    assert db.session.scalar(select(func.count()).select_from(LedgerImport)) == 0


def test_a_file_of_another_kind_is_refused(app: Flask, world: World, tmp_path: Path) -> None:
    open_ledger(world)
    kept = tmp_path / "april.exe"
    kept.write_bytes(b"MZ")
    result = run(app, "import", str(kept), "--ledger", "GL", "--json", *GRANTS)
    assert (result.exit_code, answer(result)) == (2, {"error": "The file must be a PDF, JPG, PNG, CSV or XLSX"})


def test_certain_matches_are_made(app: Flask, world: World, file: Path) -> None:
    add_catalogue(world)
    add_invoice(world, towels(10, 60_00), courier(10_00))
    open_ledger(world)
    run(app, "import", str(file), "--ledger", "GL", *GRANTS)
    result = run(app, "match", "--ledger", "GL", "--json", *GRANTS)
    assert result.exit_code == 0
    assert answer(result) == {
        "matches": ["M-00001", "M-00002"],
        "unexplained_lines": 0,
        "unexplained_pence": 0,
        "booked_pence": 7_000,
    }
    words = run(app, "match", *GRANTS)
    assert words.stdout == "0 matches made.\n£0.00 of £70.00 unexplained.\n"
