"""The audit extract: every entry of a log and period, once, in order, as the log stood when it was begun."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from flask import Flask

from audit.trail import queries
from audit.trail.queries import Asked
from audit.trail.report import filters_of, freeze_extract, written
from core.db import db
from core.trail import Log
from core.trail.queries import head
from tests.audit.issued.taking import something_happens
from tests.factories import World
from tests.grants.reports.told import quarters

__all__ = ["quarters"]


def entries(data: bytes) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    return rows[rows.index([]) + 2 :]


def test_an_extract_has_every_entry_once_and_none_recorded_meanwhile(
    quarters: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_CHUNK", 7)
    reached, asked = head(), Asked(Log.CHANGES)
    made = freeze_extract(asked, filters_of(asked))
    db.session.rollback()
    chunks: list[int] = []

    def wrote(rows: int) -> None:
        chunks.append(rows)
        if len(chunks) == 1:
            something_happens(quarters)

    data = b"".join(written(made, wrote=wrote))
    assert [int(row[0]) for row in entries(data)] == list(range(1, reached.sequence + 1))
    assert (max(chunks), sum(chunks)) == (7, reached.sequence)
    assert entries(data)[-1][-1] == reached.chain_hash


def test_the_command_leaves_a_whole_file_or_none(app: Flask, quarters: World, tmp_path: Path) -> None:
    reached = head().sequence
    db.session.rollback()
    file = tmp_path / "log.csv"
    run = app.test_cli_runner().invoke(args=["audit", "extract", str(file)])
    assert f"log.csv: {reached:,} entries, GBR-" in run.output
    assert len(entries(file.read_bytes())) == reached
    none = app.test_cli_runner().invoke(args=["audit", "extract", str(tmp_path / "none.csv"), "--from", "2040-01-01"])
    assert "none.csv: 0 entries" in none.output
    wrong = app.test_cli_runner().invoke(args=["audit", "extract", str(tmp_path / "no.csv"), "--from", "1 May"])
    assert (wrong.exit_code, "Use YYYY-MM-DD" in wrong.output) == (1, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.csv", "none.csv"]
