"""The pages and files of the registers."""

from __future__ import annotations

import hashlib
import json

import page as validator
from flask import Flask
from sqlalchemy import select

from audit.issued.report import proofs
from core.db import db, transaction
from core.figures import FileKind
from core.money import Pence
from core.register import IssuedReport
from core.trail import AuditLeaf
from core.trail.models import Log
from grants.registers.pdf import file_of
from grants.registers.report import freeze_items, freeze_losses
from grants.spending import services as spending
from grants.spending.rules import SpendingKind
from tests.factories import AT, PASSWORD, World
from tests.grants.factories import acting
from tests.grants.leaving import demand_same_everywhere
from tests.grants.registers.conftest import ON
from tests.grants.registers.test_rules import demand_valid
from tests.site import Site


def site(app: Flask, name: str) -> Site:
    return Site(app, PASSWORD).sign_in(f"{name}@test.example")


def test_every_register_is_a_page_and_a_file(app: Flask, told: World) -> None:
    reader = site(app, "auditor")
    reader.get("/registers/")
    assert len(reader.get("/registers/items").table("Items, newest first")) == 6
    rows = reader.get("/registers/losses").table("Losses and write-offs, newest first")
    assert [row[5] for row in rows[1:]] == ["£1.00", "£3.00"] or [row[5] for row in rows[1:]] == ["£3.00", "£1.00"]
    page = reader.get("/registers/spending?from=2026-04-01&to=2026-06-30")
    assert [row[0] for row in page.table("Rows, oldest first")[1:]] == ["INV-00002-1"]
    assert "1 invoice lacks the reason" in page.text
    for path, words in (
        ("items.csv", "Issued: nil proceeds, beneficiary, not recorded"),
        ("losses.csv", "WO-1"),
        ("spending.csv?from=2026-04-01&to=2026-06-30", "Office of the Police and Crime Commissioner,2026-04-20"),
        ("grants.csv", "GOBAGS-GB2026,Go Bags for victims of modern slavery"),
    ):
        assert words in reader.get(f"/registers/{path}").response.get_data(as_text=True), path
    for name, kind, status in (
        ("items", "xlsx", 200), ("losses", "pdf", 200), ("spending", "pdf", 404), ("none", "csv", 404),
    ):  # fmt: skip
        assert reader.client.get(f"/registers/{name}.{kind}").status_code == status, name
    demand_valid(json.loads(reader.get("/registers/grants.json").response.get_data(as_text=True)))


def test_spending_over_500_leaves_in_every_form_with_the_totals_of_its_page_and_can_be_made_again(
    app: Flask, told: World
) -> None:
    """The bare CSV for the website stays what it was: the order's fields, and nothing above its headings."""
    reader, quarter = site(app, "auditor"), "?from=2026-04-01&to=2026-06-30"
    page = reader.get(f"/registers/spending{quarter}")
    assert "1 row: £10,000.01 net and £2,000.00 VAT." in page.text
    links = [link for link in page.links if "/registers/over-500." in link]
    demand_same_everywhere(reader, links, "Spending", ["10,000.01", "2,000.00"])
    (entry,) = db.session.scalars(select(IssuedReport).where(IssuedReport.sort == "spending"))
    assert (entry.title, entry.marking) == ("Spending over £500", "OFFICIAL")
    assert [(proof.file.kind, proof.agrees) for proof in proofs(entry)] == [(kind, True) for kind in FileKind]
    bare = reader.get(f"/registers/spending.csv{quarter}").response.get_data(as_text=True).splitlines()
    assert bare[0].lstrip("\ufeff").startswith("Body,Date,Recipient,Reference,Purpose,Net amount,VAT")
    assert (len(bare), bare[1].split(",")[5:8]) == (2, ["10000.01", "2000.00", "12000.01"])


def test_the_awards_as_json_leave_their_entry_in_the_access_log_as_every_file_does(app: Flask, told: World) -> None:
    data = site(app, "auditor").get("/registers/grants.json").response.data
    leaf = db.session.scalars(
        select(AuditLeaf).where(AuditLeaf.log == Log.ACCESS).order_by(AuditLeaf.id.desc())
    ).first()
    assert leaf is not None
    assert (leaf.act, leaf.subject) == ("report.download", "awards-360giving")
    assert f'"sha256":"{hashlib.sha256(data).hexdigest()}"' in leaf.text
    assert '"kind":"json"' in leaf.text


def test_the_registers_on_paper_are_accessible_and_archivable(told: World) -> None:
    for made in (freeze_items(at=AT), freeze_losses(at=AT)):
        data = file_of(made, FileKind.PDF)
        for profile in ("ua1", "3a"):
            assert validator.validate_pdf_bytes(data, profile=profile).failures == [], made.title


def test_where_there_is_no_award_there_is_no_package_of_none(app: Flask, world: World) -> None:
    """The standard asks for one grant at least (PUB-3)."""
    reader = site(app, "auditor")
    assert "No award is recorded yet" in reader.get("/registers/grants").text
    assert reader.client.get("/registers/grants.json").status_code == 404


def test_a_notice_and_a_reason_are_recorded_on_their_pages(app: Flask, told: World) -> None:
    officer = site(app, "grants")
    (first, *_) = [link for link in officer.get("/registers/losses").links if link.endswith("/notice")]
    shown = officer.submit(officer.get(first), notified_on=["4", "5", "2026"], outside_reference="HO/77")
    assert "HO/77" in shown.text
    (way,) = {link for link in officer.get("/registers/items").links if link.endswith("/disposal")}
    shown = officer.submit(
        officer.get(way), disposed_on=["4", "5", "2026"], words="Sold at auction", proceeds="1250.00"
    )
    assert "Sold at auction: proceeds of £1,250.00" in shown.text
    shown = officer.submit(officer.get("/registers/spending/INV-00002/value"), words="Lowest of three quotations")
    assert "The reason is recorded" in shown.text
    assert site(app, "auditor").client.get("/registers/spending/INV-00002/value").status_code == 403


def test_what_was_said_for_a_register_stands_in_its_form_when_it_is_changed(app: Flask, told: World) -> None:
    with transaction():
        spending.record_other_spending(
            kind=SpendingKind.RECHARGE, description="Rent", net_pence=Pence(600_00), incurred_on=ON, **acting(told)
        )
    officer = site(app, "grants")
    (asset,) = {link for link in officer.get("/registers/items").links if link.endswith("/describe")}
    for way, said in (
        (asset, {"location": "Print room", "serial_number": "PR-77", "deeds": "", "depreciation": "over 4 years"}),
        ("/registers/spending/INV-00002/value", {"words": "Lowest of three quotations"}),
        ("/registers/spending/SP-00001/value", {"payee": "Chief Constable of Wiltshire", "words": "Shared store"}),
    ):
        officer.submit(officer.get(way), **said)
        kept_words = officer.get(way).fields(next(iter(said)))
        assert {name: kept_words[name] for name in said} == said
    officer.submit(officer.get(asset), serial_number="")
    assert "Delivery charge; depreciation: over 4 years" in officer.get("/registers/items").text
