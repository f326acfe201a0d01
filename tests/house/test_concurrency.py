"""One form sent twenty times at once, through HTTP, is one document and twenty equal answers (F12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pytest
from flask import Flask
from lxml.html import document_fromstring
from sqlalchemy import func, select

from core.db import db
from core.trail import AuditLeaf, Submission
from inventory.requests.models import RestockRequest
from organisation.suppliers.models import Supplier
from tests.browser import served
from tests.factories import PASSWORD, World
from tests.inventory.restock import fill_store
from tests.site import fields_of

TIMES = 20


class _Stays(HTTPRedirectHandler):
    """Leaves a redirection as it is: where an answer sends people is part of the answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody signed in over the network."""

    def __init__(self, site: str, email: str) -> None:
        self.site, self.cookies = site, CookieJar()
        self.send("/sign-in", {**self.form("/sign-in"), "email": email, "password": PASSWORD})

    def opener(self) -> OpenerDirector:
        """Open a connection of its own with the same session."""
        return build_opener(HTTPCookieProcessor(self.cookies), _Stays)

    def form(self, path: str) -> dict[str, Any]:
        """Read what the form of a page would send."""
        with self.opener().open(self.site + path) as answer:
            page = document_fromstring(answer.read())
        return fields_of(page.find(".//*[@id='main-content']//form[@method='post']"))

    def send(self, path: str, fields: dict[str, Any]) -> tuple[int, str]:
        """Send a form; give the status and where the answer leads."""
        body = urlencode(fields, doseq=True).encode()
        try:
            with self.opener().open(Request(self.site + path, body)) as answer:
                return answer.status, ""
        except HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("Location", "")


def at_once(act: Callable[[], tuple[int, str]]) -> list[tuple[int, str]]:
    """Do something many times at the same moment; give what came of each."""
    together, answers = threading.Barrier(TIMES), list[tuple[int, str]]()

    def one() -> None:
        together.wait(30)
        answers.append(act())

    threads = [threading.Thread(target=one) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.fixture
def visitor_of(app: Flask, world: World) -> Any:
    """Serve the small force and sign people in."""
    db.session.remove()
    with served(app, threads=8) as site:
        yield lambda name: Visitor(site, f"{name}@test.example")


def counted(model: type, act: str) -> tuple[int, int, int]:
    """Count the documents of a kind, the submissions of an act and its leaves in the trail."""
    db.session.rollback()
    return (
        db.session.scalar(select(func.count()).select_from(model)) or 0,
        db.session.scalar(select(func.count()).select_from(Submission).where(Submission.act == act)) or 0,
        db.session.scalar(select(func.count()).select_from(AuditLeaf).where(AuditLeaf.act == act)) or 0,
    )


def test_a_supplier_sent_twenty_times_at_once_is_one_supplier(visitor_of: Callable[[str], Visitor]) -> None:
    officer = visitor_of("grants")
    form = {**officer.form("/suppliers/add"), "code": "BULK", "name": "Bulk Hygiene", "kind": "supplier"}
    answers = at_once(lambda: officer.send("/suppliers/add", form))
    assert answers == [(302, answers[0][1])] * TIMES
    assert counted(Supplier, "supplier.add") == (1, 1, 1)


def test_a_request_sent_twenty_times_at_once_is_one_request(
    app: Flask, world: World, visitor_of: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        fill_store(world)
        db.session.remove()
    sergeant = visitor_of("sergeant")
    form = sergeant.form("/requests/new")
    answers = at_once(lambda: sergeant.send("/requests/new", form))
    assert answers == [(302, "/requests/R-00001")] * TIMES
    assert counted(RestockRequest, "request.ask") == (1, 1, 1)
