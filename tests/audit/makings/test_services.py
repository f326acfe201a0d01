"""Asking for a big report, making it, and cancelling it, on both databases."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from audit.makings import commands, queries, services
from audit.makings.models import Making
from audit.makings.rules import KEPT_FOR, MOST_KEPT, TOO_LONG, Ending, State
from audit.makings.services import Folder
from audit.trail import queries as trails
from core.db import db, now, transaction
from core.errors import NotFound, RuleBroken, StaleEdit
from core.trail import AuditLeaf, Log
from core.trail.queries import head
from tests.audit.makings.conftest import Ask, state_of
from tests.factories import World, submission


def test_the_same_form_makes_one_report_and_asks_for_nothing_else(world: World, ask: Ask) -> None:
    before, form = head().sequence, submission()
    assert ask(form=form) == ask(form=form)
    with pytest.raises(RuleBroken, match="used for something else"):
        ask(form=form, subject="GB-1")
    assert len(db.session.scalars(select(Making)).all()) == 1
    assert head().sequence == before  # asking for a report makes no report another version
    acts = select(AuditLeaf.act).where(AuditLeaf.log == Log.ACCESS)
    assert list(db.session.scalars(acts)) == ["report.ask"]


def test_a_person_has_one_under_way_and_the_service_two(world: World, ask: Ask) -> None:
    first = ask()
    with pytest.raises(RuleBroken, match="each person has one at a time"):
        ask()
    second = ask(who="finance")
    with pytest.raises(RuleBroken, match="2 reports are being made for others"):
        ask(who="reviewer")
    third = ask(who="reviewer", gone=(first,))  # its process is gone, so there is room again
    assert [state_of(each) for each in (first, second, third)] == ["failed", "asked", "asked"]
    ended = queries.making_by_reference(first)
    assert (ended.problem or "").startswith("Its process ended before the report was ready")


def test_the_database_keeps_a_person_to_one_under_way(world: World, ask: Ask) -> None:
    first = ask()
    db.session.rollback()
    made = queries.making_by_reference(first)
    values = {each.name: getattr(made, each.name) for each in Making.__table__.columns if each.name != "id"}
    with pytest.raises((IntegrityError, StaleEdit)), transaction():
        db.session.add(Making(**{**values, "reference": "ANOTHER"}))
    with transaction():
        db.session.add(Making(**{**values, "reference": "ANOTHER", "state": State.CANCELLED}))


def test_a_report_is_made_whole_and_only_once(app: Flask, world: World, folder: Folder, ask: Ask) -> None:
    upto, reference = head().sequence, ask()
    run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert run.exit_code == 0, run.output
    made = queries.own_making(reference, account_id=world.actor("auditor").account_id)
    data = folder.file(reference, Ending.CSV).read_bytes()
    assert (made.state, made.done_count, made.total_count) == (State.READY, upto, upto)
    assert (made.sha256, made.byte_count) == (hashlib.sha256(data).hexdigest(), len(data))
    assert made.ended_at is not None
    assert made.kept_until == made.ended_at + KEPT_FOR
    assert data.decode("utf-8-sig").startswith("Marking,OFFICIAL-SENSITIVE\r\nReport,Extract of the log of changes\r\n")
    again = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert (again.exit_code, "is not waiting to be made" in again.output) == (1, True)
    assert folder.file(reference, Ending.CSV).read_bytes() == data
    with pytest.raises(NotFound):
        queries.own_making(reference, account_id=world.actor("finance").account_id)
    with pytest.raises(StaleEdit, match="no longer being made"), transaction():
        services.cancel(reference, by=world.actor("auditor"), at=now())


@contextmanager
def at_third_chunk(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[list[bool]]:
    """Do something when two chunks are written; gives whether there was a file at each."""
    monkeypatch.setattr(trails, "_CHUNK", 3)
    monkeypatch.setattr(commands, "NOTED_EVERY_SECONDS", 0.0)
    written = Folder(Path(current_app.config["REPORTS_DIR"])).path
    seen: list[bool] = []

    def read(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "log_entry.leaf_hash" in statement and "LIMIT" in statement:  # what is counted before has no hash
            seen.append(any(written.glob("*.part")))
            if len(seen) == 3:
                db.session.rollback()
                act()

    event.listen(db.engine, "after_cursor_execute", read)
    try:
        yield seen
    finally:
        event.remove(db.engine, "after_cursor_execute", read)


def test_cancelled_while_it_is_written_it_leaves_no_file(
    app: Flask, world: World, folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody cancels when its second chunk is written, and its process was not stopped."""
    reference = ask()
    with pytest.raises(NotFound), transaction():
        services.cancel(reference, by=world.actor("finance"), at=now())

    def cancel() -> None:
        with transaction():
            services.cancel(reference, by=world.actor("auditor"), at=now())

    with at_third_chunk(monkeypatch, cancel) as had_file:
        run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert (run.exit_code, "or was cancelled" in run.output) == (1, True)
    assert had_file == [True, True, True]
    assert state_of(reference) == "cancelled"
    assert list(folder.path.iterdir()) == []


def test_a_process_whose_time_is_used_up_says_so_and_leaves_no_file(
    app: Flask, folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = ask()
    with at_third_chunk(monkeypatch, lambda: signal.raise_signal(signal.SIGXCPU)):
        run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert (run.exit_code, queries.making_by_reference(reference).problem) == (1, TOO_LONG)
    assert list(folder.path.iterdir()) == []


def test_what_goes_wrong_is_kept_in_words_and_leaves_no_file(
    app: Flask, world: World, folder: Folder, ask: Ask
) -> None:
    reference = ask()
    folder.part(reference).mkdir()  # as a disk that cannot be written to
    run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert run.exit_code == 1
    folder.part(reference).rmdir()
    assert state_of(reference) == "failed"
    assert queries.making_by_reference(reference).problem == (
        "Its file could not be written: Is a directory. Tell whoever runs the service, and try again"
    )
    assert list(folder.path.iterdir()) == []


def test_files_go_when_their_days_are_over_and_those_of_nobody_at_once(
    app: Flask, world: World, folder: Folder, ask: Ask
) -> None:
    reference = ask()
    app.test_cli_runner().invoke(args=["makings", "make", reference])
    folder.part("NOBODYS").write_text("left over")
    swept = app.test_cli_runner().invoke(args=["makings", "sweep"])
    assert swept.output == "Files removed: 1.\n"
    assert [file.name for file in folder.path.iterdir()] == [f"{reference}.csv"]
    assert folder.sweep(at=now() + KEPT_FOR - timedelta(minutes=1)) == 0
    assert folder.sweep(at=now() + KEPT_FOR) == 1


def test_the_newest_files_of_a_person_are_kept_and_an_older_one_goes_with_the_next(
    app: Flask, world: World, folder: Folder, ask: Ask
) -> None:
    """Those of another person are not counted; a service killed while it began a process leaves nothing for ever."""
    (folder.path / "NOBODYS.begun").touch()
    references = [ask(who="finance")]
    for _ in range(MOST_KEPT + 1):
        app.test_cli_runner().invoke(args=["makings", "make", references[-1]])
        references.append(ask())
    app.test_cli_runner().invoke(args=["makings", "make", references[-1]])
    db.session.rollback()
    kept = {file.stem for file in folder.path.iterdir()}
    assert kept == {references[0], *references[2:]}
    gone = queries.making_by_reference(references[1])
    assert (gone.state, gone.kept_until) == (State.READY, queries.making_by_reference(references[-1]).ended_at)
