"""A question from the page of a record to its answer and its end."""

from __future__ import annotations

from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site

INVOICE = "/invoices/INV-00001"


def test_a_question_is_asked_on_the_record_answered_there_and_closed(app: Flask, quarters: World) -> None:
    auditor, officer = (Site(app, PASSWORD).sign_in(f"{name}@test.example") for name in ("auditor", "grants"))
    record = auditor.get(INVOICE)
    assert "/questions/ask/invoice/INV-00001" in record.links
    assert "/questions/ask/invoice/INV-00001" not in officer.get(INVOICE).links
    asking = auditor.get("/questions/ask/invoice/INV-00001")
    assert "The grant officers will see the question" in asking.text
    assert auditor.submit(asking, words=" ").errors == ["Enter your question"]
    asked = auditor.submit(asking, words="Who agreed to the price?")
    assert asked.heading == "Question Q-00001 about invoice INV-00001"
    assert "1 question of an audit waits for you." in officer.get("/grants/").text
    assert "An auditor’s question about this record: Q-00001 , waits for an answer." in officer.get(INVOICE).text
    answered = officer.submit(officer.get("/questions/Q-00001"), words="Two quotes are kept")
    assert "Two quotes are kept" in answered.text
    assert "waits for you" not in officer.get("/grants/").text
    assert "1 question of an audit waits for you." in auditor.get("/audit/").text
    closed = auditor.submit(auditor.get("/questions/Q-00001"), act="closed", words="")
    assert "Auditor closed it on" in closed.text
    assert not closed.html.find_all("textarea")
    assert "An auditor’s question" not in officer.get(INVOICE).text
    assert auditor.get("/questions/").table("1 question")[1][3] == "Closed"
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert "No question has been asked yet." in sergeant.get("/questions/").text
    sergeant.get("/questions/Q-00001", status=404)
