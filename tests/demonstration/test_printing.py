"""Every report of the demonstration year, in a folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from audit.issued.report import SORTS
from core.db import db, transaction
from core.figures.answers import data_cut_off
from demonstration.printing import reports
from tests.core.pdf.samples import faults
from tests.demonstration.year import Demonstration
from tests.factories import World

EXTRACT = "log-changes-begin-end"


def test_every_report_goes_into_a_folder(app: Flask, quarters: World, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke(args=["demonstration", "pdfs", str(tmp_path / "new")])
    assert run.exit_code == 0, run.output
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert "SGU-GB2026-20260701-20260930.pdf" in names
    assert "USE-20260401-20270331.csv" in names
    assert {"OUT-GB2026.pdf", "OUT-GB2026.csv"} <= set(names)
    assert all(path.stat().st_size > 500 for path in (tmp_path / "new").iterdir())
    marked = {path.stem.rstrip("0123456789-"): path.read_text("utf-8-sig")[:40] for path in tmp_path.glob("new/*.csv")}
    assert {name for name, said in marked.items() if said.startswith("Marking,OFFICIAL-SENSITIVE")} == {
        "USE", "BID", "EXP-GB", "REG-ITEMS", EXTRACT,
    }  # fmt: skip
    assert set(marked) == {
        "SGU-GB", "OUT-GB", "USE", "BID", "POS-GB", "EXP-GB", "REG-ITEMS", "REG-LOSSES", "SPEND", EXTRACT,
    }  # fmt: skip
    assert faults((tmp_path / "new" / f"{EXTRACT}.pdf").read_bytes()) == []
    assert all(said.startswith("Marking,OFFICIAL") for said in marked.values())


def demand_said(sort: str, made: Any) -> None:
    """Demand of a report that its files say what it was asked for, what it rests on, and how figures are made."""
    said = dict(made.preface)
    assert {"Data cut-off", "Log checkpoint", "Chain hash"} <= said.keys(), sort
    assert [words for _, words in made.filters if not any(words in value for value in said.values())] == [], sort
    assert any(table.note or any(column.note for column in table.columns) for table in made.tables), sort


def test_every_sort_that_can_be_made_again_is_among_them_and_so_is_every_release(
    demonstration_year: Demonstration,
) -> None:
    """Of releases there are 63: more than the page that lists them shows."""
    columns = (
        "title, first_on, last_on, threshold, figure_count, hidden_count, cut_off, account_id, released_at, "
        "frozen_json, figures_json, witnesses_json"
    )
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
    copies = f"{numbers} SELECT 'PUB-9' || n.i, {columns} FROM usage_release, n WHERE reference = 'PUB-00001'"
    with transaction():
        db.session.execute(text(f"INSERT INTO usage_release (reference, {columns}) {copies}"))
    every = list(reports(at=data_cut_off()))
    found = Counter(sort for sort, _ in every)
    for sort, made in dict(every).items():
        demand_said(sort, made)
    db.session.rollback()
    demonstration_year.renew()
    assert set(found) == {sort for sort, each in SORTS.items() if each.again}
    assert (found["published"], found["partnership"], found["sample"], found["bid"]) == (63, 3, 1, 1)
