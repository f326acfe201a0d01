"""The page of what looks wrong."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site


def test_the_page_lists_exceptions_with_their_ways_and_refuses_days_turned_about(app: Flask, quarters: World) -> None:
    site = Site(app, PASSWORD).sign_in("auditor@test.example")
    page = site.get("/audit/exceptions/?first=1&first=1&first=2026&last=31&last=12&last=2026")
    assert page.heading == "What looks wrong"
    assert "1 January to 31 December 2026" in page.text
    assert len(page.statements) <= 12 + 3, "what is asked, and the session"
    wrong = site.get("/audit/exceptions/?first=1&first=2&first=2026&last=1&last=1&last=2026", status=422)
    assert wrong.errors == ["The last day is before the first"]
    site.get("/demonstration/answers", status=404)
