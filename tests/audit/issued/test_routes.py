"""The register on pages, and the public page."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from audit.issued.routes import TOO_LARGE
from audit.issued.rules import MOST_ASKED
from core.db import db
from core.register import IssuedDownload, IssuedFile, IssuedReport, VerifyAttempt
from tests.audit.tampering import tamper
from tests.factories import PASSWORD, World
from tests.site import Page, Site

DAYS = "from=2026-07-01&to=2026-09-30"


@pytest.fixture
def taken(auditor: Site) -> bytes:
    """The statement of a quarter as the auditor took it."""
    return bytes(auditor.client.get(f"/reports/statement/GB2026/pdf?{DAYS}").data)


def reference() -> str:
    db.session.rollback()
    return db.session.scalars(select(IssuedReport.reference).order_by(IssuedReport.id)).first() or ""


def verify(site: Site, data: bytes, name: str = "report.pdf") -> Page:
    """Give the public page a file."""
    form = site.get("/verify").fields("file")
    answer = site.client.post(
        "/verify", data={**form, "file": (BytesIO(data), name)}, content_type="multipart/form-data"
    )
    return site._page("/verify", answer, [])


def test_the_register_and_an_entry_are_shown(auditor: Site, taken: bytes) -> None:
    listed = auditor.get("/issued-reports/")
    (row,) = listed.table("1 report")[1:]
    assert row[0] == reference()
    assert row[1].startswith("Statement of grant usage GB2026; Quarter 2")
    assert row[4] == "1"
    page = auditor.get(f"/issued-reports/{reference()}")
    assert page.heading == reference()
    assert page.table(f"Who took {reference()}")[1][1:] == ["Auditor", "PDF"]
    assert page.table(f"Files of {reference()}")[1][0] == "PDF"
    assert len(page.statements) <= 12
    assert len(listed.statements) <= 12


def test_the_register_is_searched_from_the_page(auditor: Site, taken: bytes) -> None:
    assert reference() in auditor.get(f"/issued-reports/?words={reference().lower()}&order=document").text
    assert "Nothing in the register is like that" in auditor.get("/issued-reports/?sort=usage").text
    auditor.get("/issued-reports/?page=2", status=404)
    auditor.get("/issued-reports/?sort=nothing", status=422)
    auditor.get("/issued-reports/GBR-2222-2222-2222", status=404)


def test_a_report_is_proved_and_taken_again(auditor: Site, taken: bytes) -> None:
    proved = auditor.get(f"/issued-reports/{reference()}/prove")
    assert "Every file came out of the frozen figures again, byte for byte." in proved.text
    again = auditor.client.get(f"/issued-reports/{reference()}/pdf")
    assert again.data == taken
    assert again.headers["Content-Disposition"] == 'attachment; filename="SGU-GB2026-20260701-20260930.pdf"'
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(IssuedDownload)) == 2


def test_figures_that_were_tampered_with_do_not_leave_again(app: Flask, auditor: Site, taken: bytes) -> None:
    """Else the register would vouch for the forged file, byte for byte."""
    named = reference()
    tamper("issued_report", "UPDATE issued_report SET frozen_json = replace(frozen_json, '34366', '34367')")
    page = auditor.get(f"/issued-reports/{named}/csv", status=422)
    assert "its frozen figures are not those whose digest the register keeps" in page.text
    made = app.test_cli_runner().invoke(args=["issued", "again", named, "--format", "csv"])
    assert (made.exit_code, "check the ledger" in made.output) == (1, True)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(IssuedFile)) == 1
    assert db.session.scalar(select(func.count()).select_from(IssuedDownload)) == 1


def test_open_data_is_registered_by_its_bytes_and_cannot_be_made_again(auditor: Site) -> None:
    data = auditor.client.get("/registers/grants.csv").data
    page = auditor.get(f"/issued-reports/{reference()}")
    assert "Only the digest of this file is kept" in page.text
    auditor.get(f"/issued-reports/{reference()}/prove", status=404)
    auditor.get(f"/issued-reports/{reference()}/csv", status=404)
    assert verify(auditor, data, "grants.csv").heading == "This is the document that was issued"


def test_anybody_verifies_a_document_without_signing_in(app: Flask, auditor: Site, taken: bytes) -> None:
    stranger = Site(app, PASSWORD)
    page = verify(stranger, taken)
    assert page.heading == "This is the document that was issued"
    assert "It is a statement of grant usage, version " in page.text
    assert "GB2026" not in page.text
    changed = verify(stranger, taken[:-40] + b"x" + taken[-39:])
    assert changed.heading == "This is not the document that was issued"
    assert "Do not rely on it." in changed.text
    assert verify(stranger, b"\x00" * 2_000).heading == "This document is not in the register"
    for path in ("/issued-reports/", f"/issued-reports/{reference()}"):
        assert stranger.client.get(path).status_code == 302


def test_the_code_on_paper_leads_to_what_was_issued(app: Flask, auditor: Site, taken: bytes) -> None:
    stranger = Site(app, PASSWORD)
    page = stranger.get(f"/verify/{reference()}")
    assert page.heading == f"The reference {reference()} is in the register"
    assert "choose the file, and every byte of it is compared" in page.text
    assert stranger.get("/verify/GBR-2222-2222-2222").heading.endswith("is not in the register")
    assert stranger.get("/verify/anything", status=422).errors == [
        "A reference has twelve letters and digits, like GBR-7K4M-Q2XD-9PBC"
    ]
    typed = stranger.submit(stranger.get("/verify"), reference=reference().lower())
    assert typed.heading == f"The reference {reference()} is in the register"


def test_what_cannot_be_judged_is_said_in_words(app: Flask, quarters: World) -> None:
    stranger = Site(app, PASSWORD)
    nothing = stranger.submit(stranger.get("/verify"), reference="")
    assert nothing.errors == ["Choose the file, or enter the reference on its first page"]
    odd = stranger.submit(stranger.get("/verify"), reference="SGU-GB2026")
    assert odd.errors == ["A reference has twelve letters and digits, like GBR-7K4M-Q2XD-9PBC"]
    empty = verify(stranger, b"")
    assert empty.errors == ["The file is empty: nothing of the document is in it"]


def test_a_file_that_is_too_large_is_refused_in_words(
    app: Flask, quarters: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.issued.routes.LARGEST_FILE", 1_000)
    monkeypatch.setattr("audit.issued.forms.LARGEST_FILE", 1_000)
    page = verify(Site(app, PASSWORD), b"x" * 1_001)
    assert page.status == 422
    assert page.errors == [TOO_LARGE]
    assert TOO_LARGE.startswith("The file is larger than 40MB and was not compared")


def test_asking_too_often_is_refused_and_no_address_is_kept(app: Flask, quarters: World) -> None:
    stranger = Site(app, PASSWORD)
    for _ in range(MOST_ASKED):
        stranger.client.get("/verify/GBR-2222-2222-2222")
    refused = stranger.client.get("/verify/GBR-2222-2222-2222")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 60
    db.session.rollback()
    assert {len(each) for each in db.session.scalars(select(VerifyAttempt.subject))} == {64}


def test_the_commands_judge_and_make_again(app: Flask, auditor: Site, taken: bytes, tmp_path: Path) -> None:
    runner, file, named = app.test_cli_runner(), tmp_path / "statement.pdf", reference()
    file.write_bytes(taken)
    sound = runner.invoke(args=["issued", "check", str(file)])
    assert (sound.exit_code, sound.output.splitlines()[0]) == (0, "This is the document that was issued.")
    assert runner.invoke(args=["issued", "check", named]).exit_code == 0
    file.write_bytes(taken[:-1])
    assert runner.invoke(args=["issued", "check", str(file)]).exit_code == 1
    file.write_bytes(b"")
    empty = runner.invoke(args=["issued", "check", str(file)])
    assert (empty.exit_code, empty.stderr) == (2, "statement.pdf is empty.\n")
    assert runner.invoke(args=["issued", "check", str(tmp_path / "nothing")]).exit_code == 2
    again = tmp_path / "again.pdf"
    made = runner.invoke(args=["issued", "again", named, "--output", str(again)])
    assert made.exit_code == 0, made.output
    assert again.read_bytes() == taken
    none = runner.invoke(args=["issued", "again", "GBR-2222-2222-2222"])
    assert (none.exit_code, "Nothing was issued under GBR-2222-2222-2222." in none.output) == (1, True)
