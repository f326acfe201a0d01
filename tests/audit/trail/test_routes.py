"""The audit trail on pages."""

from __future__ import annotations

import pytest
from flask import Flask

from core import trail
from core.db import transaction
from tests.factories import AT, PASSWORD, World
from tests.site import Site


@pytest.fixture
def auditor(app: Flask, month: World) -> Site:
    """The auditor, signed in, with a month of Go Bags in the trail."""
    return Site(app, PASSWORD).sign_in("auditor@test.example")


def test_the_trail_tells_who_did_what_when_and_as_what(auditor: Site) -> None:
    page = auditor.get("/audit/trail/")
    assert page.heading == "Audit trail"
    assert "Sergeant issued Go Bag GB-00001 at SALISBURY, slip" in page.text
    assert "as sergeant. 4 May 2026 at midday" in page.text
    assert "Reason: Wrong bag scanned" in page.text
    assert len(page.statements) <= 12


def test_the_trail_is_narrowed_by_person_act_record_and_day(auditor: Site, month: World) -> None:
    partner = month.actor("partner").account_id
    page = auditor.get(f"/audit/trail/?person={partner}&act=bag.issue")
    assert "Partner issued Go Bag GB-00003" in page.text
    assert "GB-00001" not in page.text
    assert "Storekeeper received delivery DEL-00001" in auditor.get("/audit/trail/?subject=DEL-").text
    none = auditor.get("/audit/trail/?first=5&first=5&first=2026&last=6&last=5&last=2026")
    assert "Nothing in the trail is like that" in none.text


def test_the_trail_is_narrowed_by_place(auditor: Site) -> None:
    page = auditor.get("/audit/trail/?place=SALISBURY")
    assert "issued Go Bag GB-00001 at SALISBURY" in page.text
    assert "issued Go Bag GB-00003" not in page.text  # handed over at Harbour House
    assert "received delivery DEL-00001" not in page.text
    assert len(page.statements) <= 12


def test_a_day_that_is_none_is_refused_beside_its_field(auditor: Site) -> None:
    page = auditor.get("/audit/trail/?first=31&first=2&first=2026", status=422)
    assert page.errors == ["Enter a real date, like 5 8 2022"]


def test_a_long_trail_comes_in_pages_that_keep_the_search(auditor: Site, month: World) -> None:
    with transaction():
        for number in range(60):
            trail.record(act="note.erase", subject=f"note {number}", by=month.actor("admin"), at=AT)
    first = auditor.get("/audit/trail/?act=note.erase")
    assert (first.text.count("erased note"), "erased note 59" in first.text) == (50, True)
    second = auditor.get(next(link for link in first.links if "page=2" in link))
    assert (second.text.count("erased note"), "erased note 0 " in second.text) == (10, True)
    assert "act=note.erase" in next(link for link in second.links if "page=1" in link)


def test_the_history_of_a_bag_holds_what_named_it(auditor: Site) -> None:
    page = auditor.get("/audit/trail/record?reference=GB-00002")
    assert page.heading == "History of GB-00002"
    order = [page.text.index(words) for words in ("packed Go Bags", "issued Go Bag GB-00002", "undid the issue")]
    assert order == sorted(order)
    assert "GB-00003, slip" not in page.text
    assert "Nothing in the trail names GB-99999" in auditor.get("/audit/trail/record?reference=GB-99999").text


def test_an_entry_shows_what_proves_it(auditor: Site) -> None:
    page = auditor.get("/audit/trail/changes/1")
    assert page.heading == "Entry 1 of the log of changes"
    assert '"act":"body.found"' in page.text
    auditor.get("/audit/trail/changes/999999", status=404)
    auditor.get("/audit/trail/other/1", status=404)


def test_the_trail_is_the_auditors_alone(app: Flask, month: World) -> None:
    for name in ("sergeant", "finance", "admin"):
        browser = Site(app, PASSWORD).sign_in(f"{name}@test.example").client
        for path in ("", "check", "trail/", "trail/record", "trail/changes/1"):
            assert browser.get(f"/audit/{path}").status_code == 403, (name, path)


def test_refusals_are_read_in_the_access_log(app: Flask, auditor: Site) -> None:
    Site(app, PASSWORD).sign_in("sergeant@test.example").client.get("/audit/")
    assert "Sergeant was refused /audit/" in auditor.get("/audit/trail/?log=access").text
