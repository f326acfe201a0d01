"""Choosing, seeing and taking reports."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.db import db
from core.trail import AuditLeaf, Log
from grants.reports.report import freeze_statement
from tests.factories import PASSWORD, World
from tests.grants.reports.story import LATE, QUARTER_2
from tests.site import Site

DAYS = "from=2026-07-01&to=2026-09-30"


@pytest.fixture
def auditor(app: Flask, quarters: World) -> Site:
    """The auditor, signed in, with two quarters to read."""
    return Site(app, PASSWORD).sign_in("auditor@test.example")


def downloads() -> list[dict[str, Any]]:
    """Read the leaves that reports left in the access log."""
    db.session.rollback()
    asked = select(AuditLeaf.text).where(AuditLeaf.log == Log.ACCESS, AuditLeaf.act == "report.download")
    return [json.loads(text) for text in db.session.scalars(asked.order_by(AuditLeaf.id))]


def test_the_newest_quarter_that_is_over_is_offered_first(auditor: Site) -> None:
    page = auditor.get("/reports/")
    assert page.heading == "Reports"
    assert "Reports for Quarter 2 (July to September 2026)" in page.text
    assert f"/reports/statement/GB2026?{DAYS}" in page.links
    assert f"/usage/?{DAYS}" in page.links
    assert f"/reports/statement/GB2026/pdf?{DAYS}" in page.links


def test_a_period_is_chosen_by_name_or_by_any_days(auditor: Site) -> None:
    by_name = auditor.get("/reports/?period=2026-q1")
    assert "/reports/statement/GB2026?from=2026-04-01&to=2026-06-30" in by_name.links
    whole = auditor.get("/reports/?period=award-GB2026")
    assert "/reports/statement/GB2026?from=2026-04-01&to=2027-03-31" in whole.links
    days = auditor.get("/reports/?period=other&first=5&first=8&first=2026&last=9&last=8&last=2026")
    assert "Reports for 5 to 9 August 2026" in days.text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("period=other", "Enter the first day, like 1 4 2026"),
        ("period=other&first=31&first=2&first=2026", "Enter a real date, like 5 8 2022"),
        (
            "period=other&first=2&first=2&first=2026&last=1&last=2&last=2026",
            "The last day must be the same as or after the first day",
        ),
    ],
)
def test_days_that_are_no_period_are_refused_beside_their_field(auditor: Site, asked: str, message: str) -> None:
    page = auditor.get(f"/reports/?{asked}", status=422)
    assert message in page.errors
    assert "Reports for" not in page.text


def test_the_page_shows_the_figures_of_the_report(auditor: Site) -> None:
    page = auditor.get(f"/reports/statement/GB2026?{DAYS}")
    made = freeze_statement("GB2026", QUARTER_2, at=LATE)
    assert page.table("Budget to actual")[-1] == list(made.budget_table.written_total or ())
    assert page.table("From the finance extract")[-1] == ["Eligible this period", "", "343.66"]
    assert page.table("From the cumulative figure")[-1] == ["Apportioned to the grant", "757.40"]
    assert len(page.statements) < 45


@pytest.mark.parametrize("kind", ["pdf", "csv", "xlsx"])
def test_a_report_that_leaves_is_in_the_access_log_with_its_digest(auditor: Site, kind: str) -> None:
    answer = auditor.client.get(f"/reports/statement/GB2026/{kind}?{DAYS}")
    assert answer.status_code == 200
    name = "SGU-GB2026-20260701-20260930"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.{kind}"'
    (leaf,) = downloads()
    assert leaf["subject"] == name
    assert leaf["facts"]["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert leaf["facts"]["eligible_pence"] == 343_66
    assert auditor.client.get(f"/reports/statement/GB2026/{kind}?{DAYS}").data == answer.data


def test_usage_is_seen_and_taken_too(auditor: Site) -> None:
    page = auditor.get(f"/usage/?{DAYS}")
    assert page.heading == "Usage by station"
    assert auditor.client.get(f"/usage/csv?{DAYS}").data.startswith(b"\xef\xbb\xbfMarking,OFFICIAL-SENSITIVE")
    assert [leaf["subject"] for leaf in downloads()] == ["USE-20260701-20260930"]


def test_reports_are_for_those_who_read_money(app: Flask, quarters: World) -> None:
    for name in ("sergeant", "storekeeper", "admin"):
        browser = Site(app, PASSWORD).sign_in(f"{name}@test.example").client
        for path in (
            "/reports/",
            "/reports/statement/GB2026",
            "/reports/statement/GB2026/pdf",
            "/usage/",
            "/usage/csv",
        ):
            assert browser.get(path).status_code == 403, (name, path)
    assert downloads() == []


def test_days_that_are_no_days_and_awards_that_are_not_there_are_refused(auditor: Site) -> None:
    assert auditor.client.get("/reports/statement/GB2026?from=2026-02-30&to=2026-03-01").status_code == 422
    assert auditor.client.get("/reports/statement/NONE").status_code == 404
    assert auditor.client.get("/reports/statement/GB2026/exe").status_code == 404
