"""Big reports on their page: asked for, under way, ready, taken away; and one real process, killed."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from audit.issued.report import judge_file
from audit.makings import queries
from audit.makings.rules import Ending
from audit.makings.services import Folder
from core import children
from core.db import db
from core.register import IssuedDownload, IssuedReport
from core.trail import AuditLeaf
from tests.audit.issued.taking import something_happens
from tests.audit.makings.conftest import Ask, state_of
from tests.core.pdf.samples import faults, read
from tests.factories import PASSWORD, World
from tests.site import Site, fields_of

PAGE = "/audit/extracts/"


@pytest.fixture
def auditor(app: Flask, world: World, folder: Folder) -> Site:
    """The auditor, signed in."""
    return Site(app, PASSWORD).sign_in("auditor@test.example")


def make(app: Flask, reference: str) -> None:
    run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert run.exit_code == 0, run.output


def test_a_report_that_is_ready_is_taken_away_registered_and_logged(
    app: Flask, auditor: Site, folder: Folder, ask: Ask
) -> None:
    reference = ask(subject="STORE")
    waiting = auditor.get(PAGE)
    assert "Beginning" in waiting.text
    assert waiting.element(f"progress-{reference}")["max"] == "100"
    assert "The file of this report is not there" in auditor.get(f"{PAGE}{reference}", status=409).text
    make(app, reference)
    ready = auditor.get(PAGE)
    assert "Record: STORE" in ready.text
    assert len(ready.statements) <= 12
    answer = auditor.client.get(f"{PAGE}{reference}")
    data = answer.get_data()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="log-changes-begin-end.csv"'
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    body = rows[rows.index([]) + 2 :]
    assert body
    assert {row[6] for row in body} == {"STORE"}
    db.session.rollback()
    issued = db.session.scalars(select(IssuedReport)).one()
    assert ["Register reference", issued.reference] in rows
    assert (issued.sort, issued.marking) == ("extract", "OFFICIAL-SENSITIVE")
    assert len(db.session.scalars(select(IssuedDownload)).all()) == 1
    leaf = db.session.scalars(select(AuditLeaf.text).where(AuditLeaf.act == "report.download")).one()
    assert json.loads(leaf)["facts"]["rows"] == len(body)
    assert judge_file(data).is_sound
    assert auditor.get(f"/issued-reports/{issued.reference}").heading == issued.reference


def test_who_asks_for_the_head_of_a_download_alone_takes_nothing(
    app: Flask, auditor: Site, folder: Folder, ask: Ask
) -> None:
    """Of an extract, of a report painted while one waits, of a list: the head of the file, and nothing is noted."""
    reference = ask()
    make(app, reference)
    for path in (f"{PAGE}{reference}", "/registers/losses.csv", "/published-usage/?file=csv"):
        head = auditor.client.head(path)
        assert (head.status_code, head.get_data()) == (200, b""), path
        assert head.headers["Content-Disposition"].startswith("attachment"), path
        db.session.rollback()
        assert db.session.scalars(select(IssuedReport)).all() == [], path
        left = select(AuditLeaf.act).where(AuditLeaf.act.in_(("report.download", "list.export")))
        assert db.session.scalars(left).all() == [], path
        db.session.rollback()
    whole = auditor.client.get(f"{PAGE}{reference}")
    assert whole.headers["Content-Length"] == auditor.client.head(f"{PAGE}{reference}").headers["Content-Length"]
    whole.close()  # as a server does where whoever asked is gone before the first part


def test_a_file_that_was_changed_on_the_disk_does_not_leave(
    app: Flask, auditor: Site, folder: Folder, ask: Ask
) -> None:
    reference = ask()
    make(app, reference)
    kept = folder.file(reference, Ending.CSV)
    kept.write_bytes(kept.read_bytes().replace(b"STORE", b"STARE", 1))
    page = auditor.get(f"{PAGE}{reference}", status=409)
    assert "The file of this report is no longer the one that was made" in page.text
    kept.unlink()
    assert "Its file is no longer kept. Ask for it again" in auditor.get(PAGE).text
    assert db.session.scalars(select(IssuedReport)).all() == []


def test_no_other_account_of_the_machine_reads_the_file(app: Flask, folder: Folder, ask: Ask) -> None:
    reference, before = ask(), os.umask(0o022)
    try:
        make(app, reference)
    finally:
        os.umask(before)
    assert folder.file(reference, Ending.CSV).stat().st_mode & 0o077 == 0


def test_nobody_else_sees_it_takes_it_or_cancels_it(app: Flask, auditor: Site, ask: Ask) -> None:
    reference = ask(who="finance")
    make(app, reference)
    assert "Nothing yet" in auditor.get(PAGE).text
    auditor.get(f"{PAGE}{reference}", status=404)
    token = auditor.get(PAGE).element("csrf_token")["value"]
    assert auditor.client.post(f"{PAGE}{reference}/cancel", data={"csrf_token": token}).status_code == 404
    assert state_of(reference) == "ready"


def test_the_trail_leads_here_with_its_filters_and_a_wrong_question_is_refused(auditor: Site) -> None:
    trail = auditor.get("/audit/trail/?log=changes&subject=STORE&page=1")
    (link,) = [each for each in trail.links if each.startswith(PAGE)]
    page = auditor.get(link)
    assert page.element("subject")["value"] == "STORE"
    wrong = auditor.submit(page, first=["2", "5", "2026"], last=["1", "5", "2026"])
    assert wrong.errors == ["The last day must be the first day or later"]
    victim = auditor.submit(page, subject="ring 07700 900123")
    assert (victim.status, len(victim.errors)) == (422, 1)


@pytest.mark.slow
def test_a_real_process_that_is_killed_has_failed_in_words_and_one_cancelled_leaves_nothing(
    auditor: Site, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first process is killed when it is about to write; the second is cancelled as soon as it is begun."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    begin = children.start

    def with_a_file_that_nobody_reads(words: Sequence[str], *, lock: Path, **facts: Any) -> None:
        os.mkfifo(lock.with_suffix(".part"))  # the process waits there, in the middle of making its report
        begin(words, lock=lock, **facts)

    monkeypatch.setattr(children, "start", with_a_file_that_nobody_reads)
    page = auditor.submit(auditor.get(PAGE), containing="log")
    reference = next(folder.path.glob("*.lock")).stem
    wait_until_it_runs(reference)
    running = auditor.get(PAGE)
    assert "Being made" in running.text
    assert f"0 of {total_of(reference)} entries written, 0%" in running.text
    assert auditor.submit(page, containing="log").errors == [
        "You have a report under way, and each person has one at a time. Wait until it is ready, or cancel it"
    ]
    os.kill(int(folder.lock(reference).read_text()), signal.SIGKILL)
    while children.is_alive(folder.lock(reference)):
        time.sleep(0.01)
    failed = auditor.get(PAGE)
    assert "Failed" in failed.text
    assert "Its process ended before the report was ready, as it does when the machine is restarted" in failed.text
    assert "Try again" in failed.text

    monkeypatch.setattr(children, "start", begin)
    again = auditor.submit(auditor.get(PAGE), containing="log")
    assert "Beginning" in again.text
    (second,) = {file.stem for file in folder.path.glob("*.lock")}
    assert children.is_alive(folder.lock(second))
    (form,) = again.tree.xpath(f"//form[@action='{PAGE}{second}/cancel']")
    assert auditor.client.post(form.get("action"), data=fields_of(form)).status_code == 302
    cancelled = auditor.get(PAGE)
    assert "You cancelled it. Nothing of it is kept" in cancelled.text
    assert not children.is_alive(folder.lock(second))
    assert (state_of(reference), state_of(second)) == ("failed", "cancelled")
    assert [file.suffix for file in folder.path.iterdir()] == [".lock"]


def wait_until_it_runs(reference: str) -> None:
    until = time.monotonic() + 60
    while state_of(reference) != "running":
        assert time.monotonic() < until
        time.sleep(0.1)


def total_of(reference: str) -> int:
    db.session.rollback()
    return queries.making_by_reference(reference).total_count


def test_what_was_counted_once_is_taken_in_every_form_and_again_from_the_register_with_the_same_bytes(
    app: Flask, auditor: Site, folder: Folder, ask: Ask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second and third are asked for after more was recorded; here the command runs instead of the process."""
    begun: list[str] = []
    monkeypatch.setattr(children, "start", lambda words, **_: begun.append(words[-1]))
    first = ask(subject="STORE")
    auditor.get(f"{PAGE}figures/{first}", status=404)  # nothing is counted yet
    make(app, first)
    data = auditor.client.get(f"{PAGE}{first}").get_data()
    figures = auditor.get(f"{PAGE}figures/{first}")
    assert figures.heading == "Extract of the log of changes, from the first entry to the last"
    assert figures.table("Entries by what was done")[-1] == ["All", str(data.count(b",STORE,"))]
    assert len(figures.statements) <= 12
    something_happens(world)

    assert "as PDF" in auditor.submit(figures, containing="form", form="pdf").text
    make(app, begun[-1])
    paper = auditor.client.get(f"{PAGE}{begun[-1]}")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert faults(paper.get_data()) == []
    db.session.rollback()
    (issued,) = db.session.scalars(select(IssuedReport)).all()
    assert read(paper.get_data()).attachments == {"log-changes-begin-end.csv": [data]}
    register = auditor.get(f"/issued-reports/{issued.reference}")
    (link,) = [each for each in register.links if each.startswith(f"{PAGE}figures/")]
    folder.remove(first)

    auditor.submit(auditor.get(link), containing="form", form="csv")
    make(app, begun[-1])
    again = auditor.get(PAGE)
    assert "A file of these very bytes has left the service" in again.text
    assert auditor.client.get(f"{PAGE}{begun[-1]}").get_data() == data
    db.session.rollback()
    assert len(db.session.scalars(select(IssuedReport)).all()) == 1
    assert state_of(first) == "ready"
    auditor.get(f"{PAGE}figures/GBR-2222-2222-2222", status=404)


def test_nobody_else_sees_the_figures_of_an_extract_that_never_left(app: Flask, auditor: Site, ask: Ask) -> None:
    reference = ask(who="finance")
    make(app, reference)
    auditor.get(f"{PAGE}figures/{reference}", status=404)
