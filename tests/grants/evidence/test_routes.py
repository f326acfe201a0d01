"""Keeping papers through the site, and who may see them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core.access import Role
from core.db import db, transaction
from core.trail import AuditLeaf, Log
from inventory.deliveries.rules import DeliveredLine
from organisation.accounts import services as accounts
from organisation.accounts.models import Account
from tests.factories import AT, OPENED, PASSWORD, World
from tests.grants.evidence.clamd import EICAR, scanner
from tests.grants.evidence.test_rules import PDF
from tests.grants.factories import add_award, add_catalogue, add_invoice, deliver, split, towels
from tests.site import Page, Site

INVOICE = "/evidence/invoice/INV-00001"
DELIVERY = "/evidence/delivery/DEL-00001"


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    app.config["EVIDENCE_DIR"] = str(tmp_path / "evidence")
    yield tmp_path / "evidence"
    app.config.pop("EVIDENCE_DIR")


@pytest.fixture
def site(app: Flask, world: World, folder: Path) -> Site:
    """An award, a delivery, and an invoice of £120.00 apportioned to line A."""
    add_award(world)
    add_catalogue(world)
    deliver(world, DeliveredLine("TOWEL", 60))
    add_invoice(world, towels(60, 120_00))
    split(world, "INV-00001-1", A=120_00)
    db.session.rollback()
    return Site(app, PASSWORD)


def send(site: Site, path: str, name: str, data: bytes, *, status: int = 302) -> Page:
    return site.submit(site.get(f"{path}/keep"), file=(io.BytesIO(data), name), follow=False, status=status)


def test_a_paper_is_kept_seen_and_taken_home_as_an_attachment_in_a_sandbox(site: Site) -> None:
    officer = site.sign_in("grants@test.example")
    assert "120.00 rests on them" in officer.get("/evidence/").text
    assert "Invoice INV-00001 , its papers : no invoice is kept" in officer.get("/spending/INV-00001-1").text
    send(officer, INVOICE, "invoice 1001.pdf", PDF)
    assert "invoice 1001.pdf" in officer.get(INVOICE).text
    for beside in ("/spending/INV-00001-1", "/invoices/INV-00001"):
        assert "Invoice INV-00001 , its papers : invoice invoice 1001.pdf" in officer.get(beside).text
    assert "INV-00001" not in officer.get("/evidence/").text
    answer = site.sign_in("auditor@test.example").get("/evidence/papers/EV-00001/file").response
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="EV-00001.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_whoever_takes_a_paper_is_in_the_access_log_with_its_digest(site: Site) -> None:
    send(site.sign_in("grants@test.example"), INVOICE, "invoice 1001.pdf", PDF)
    auditor = site.sign_in("auditor@test.example")
    auditor.client.head("/evidence/papers/EV-00001/file")
    auditor.get("/evidence/papers/EV-00001/file")
    db.session.rollback()
    asked = select(AuditLeaf).where(AuditLeaf.log == Log.ACCESS, AuditLeaf.act == "evidence.view")
    (leaf,) = db.session.scalars(asked)
    assert leaf.account_id == db.session.scalar(select(Account.id).where(Account.email == "auditor@test.example"))
    assert leaf.subject == "EV-00001"
    assert hashlib.sha256(PDF).hexdigest() in leaf.text


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("page.html", b"<html>", "The file must be a PDF, JPG or PNG"),
        ("AB123456C.pdf", PDF, "Remove details that could identify a person"),
    ],
)
def test_a_file_that_may_not_be_kept_is_refused_on_its_form(
    site: Site, folder: Path, name: str, data: bytes, words: str
) -> None:
    page = send(site.sign_in("grants@test.example"), INVOICE, name, data, status=422)
    assert words in page.errors[0]
    assert not folder.exists()


def test_a_storekeeper_keeps_delivery_notes_and_sees_no_invoice(site: Site) -> None:
    keeper = site.sign_in("storekeeper@test.example")
    send(keeper, DELIVERY, "note.pdf", PDF)
    assert "note.pdf" in keeper.get(DELIVERY).text
    assert keeper.get(INVOICE, status=404).status == 404
    assert keeper.get(f"{INVOICE}/keep", status=404).status == 404
    assert site.sign_in("sergeant@test.example").get(DELIVERY, status=403).status == 403


def test_a_budget_holder_who_keeps_another_store_adds_no_paper_to_this_one_s_deliveries(
    site: Site, folder: Path
) -> None:
    with transaction():
        roles = [(Role.BUDGET_HOLDER, None), (Role.STOREKEEPER, "SALISBURY")]
        accounts.open_account("both@test.example", "Both", roles, OPENED, by=None, at=AT, password=PASSWORD)
    both = site.sign_in("both@test.example")
    assert f"{DELIVERY}/keep" not in both.get(DELIVERY).links
    assert both.get(f"{DELIVERY}/keep", status=403).status == 403
    assert not folder.exists()


def test_an_auditor_reads_papers_and_adds_none(site: Site, folder: Path) -> None:
    auditor = site.sign_in("auditor@test.example")
    page = auditor.get(INVOICE)
    assert "Add a paper" not in page.text
    assert auditor.get(f"{INVOICE}/keep", status=403).status == 403
    assert not folder.exists()


def test_a_paper_is_set_aside_with_a_reason_that_everybody_sees(site: Site) -> None:
    officer = site.sign_in("grants@test.example")
    send(officer, INVOICE, "quotation.pdf", PDF)
    asked = officer.get("/evidence/papers/EV-00001/set-aside")
    assert officer.submit(asked, reason="", status=422).errors == ["Say why it does not count"]
    officer.submit(asked, reason="It is the quotation", follow=False, status=302)
    assert "“It is the quotation”" in site.sign_in("auditor@test.example").get(INVOICE).text


def test_a_scanner_stops_a_virus_and_its_absence_is_said(app: Flask, site: Site, tmp_path: Path) -> None:
    officer = site.sign_in("grants@test.example")
    assert "no virus scanner is connected" in officer.get("/evidence/").text
    with scanner(tmp_path) as socket:
        app.config["VIRUS_SCANNER"] = str(socket)
        try:
            infected = PDF.replace(b"trailer", EICAR)
            assert "may contain a virus" in send(officer, INVOICE, "a.pdf", infected, status=422).errors[0]
            send(officer, INVOICE, "a.pdf", PDF)
        finally:
            app.config.pop("VIRUS_SCANNER")
