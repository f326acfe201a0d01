"""The audit extract: every entry of a log and period, once, in order, the same in every form, as the log stood then."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from audit.trail import queries
from audit.trail.queries import Asked
from audit.trail.report import LogExtract, counted, csv_of, filters_of, freeze_extract, rows_of
from core import trail
from core.db import db, transaction
from core.figures.storing import frozen_of, text_of
from core.trail import Log
from core.trail.queries import head
from inventory.requests.models import RestockRequest
from inventory.requests.rules import RequestState
from organisation.accounts.models import Account
from tests.audit.issued.taking import something_happens
from tests.audit.trail.extracting import as_csv, entries, made
from tests.factories import World
from tests.grants.reports.story import LATE


def test_an_extract_has_every_entry_once_and_none_recorded_meanwhile(quarters: World, small: None) -> None:
    reached, asked = head(), Asked(Log.CHANGES)
    extract = made(asked)
    chunks: list[int] = []

    def wrote(rows: int) -> None:
        chunks.append(rows)
        if len(chunks) == 1:
            something_happens(quarters)

    data = b"".join(csv_of(extract, rows_of(extract, wrote=wrote)))
    assert [int(row[0]) for row in entries(data)] == list(range(1, reached.sequence + 1))
    assert (max(chunks), sum(chunks)) == (7, reached.sequence)
    assert entries(data)[-1][-1] == reached.chain_hash
    assert counted(freeze_extract(asked, filters_of(asked))).figures.entry_count == reached.sequence + 1


def test_a_place_counts_what_the_filter_by_place_gives(quarters: World) -> None:
    """An entry of a request names no place in its own words, and is of the place that asked."""
    by, at_salisbury = quarters.actor("storekeeper"), quarters.places["SALISBURY"]
    with transaction():
        request = RestockRequest(
            reference="R-00001", place_id=at_salisbury, supplied_by_id=quarters.places["STORE"],
            state=RequestState.APPROVED, version=1, requested_by_id=by.account_id, requested_at=LATE,
        )  # fmt: skip
        db.session.add(request)
        trail.record(act="request.approve", subject="R-00001", by=by, at=LATE)
    found = made().figures
    places = {each.code: each.count for each in found.places}
    given = {
        code: counted(freeze_extract(Asked(Log.CHANGES, place_code=code), ())).figures.entry_count
        for code, _ in queries.places()
    }
    assert places == {code: count for code, count in given.items() if count}
    with_request = Asked(Log.CHANGES, place_code="SALISBURY", subject="R-00001")
    assert counted(freeze_extract(with_request, ())).figures.entry_count == 1
    assert found.nowhere_count > 0


def test_a_frozen_extract_is_written_with_the_names_that_people_had(quarters: World) -> None:
    """Byte for byte, from its text, after entries were added and somebody was renamed."""
    extract = made()
    before, kept = as_csv(extract), text_of(extract)
    something_happens(quarters)
    with transaction():
        account = db.session.scalars(select(Account).where(Account.name == "Storekeeper")).one()
        account.name = "Storekeeper no more"
    assert as_csv(frozen_of(LogExtract, kept)) == before
    assert b"Storekeeper no more" in as_csv(made())


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
