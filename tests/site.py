"""A strict reader of the site: it signs in as a person does and refuses a page that breaks the house's rules.

Every page: one ``h1``, a title that begins with it, unique ids, a label for each input, a CSRF token in each
form, and nothing written by a GET but the session and the access log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from lxml.etree import Element
from lxml.html import FormElement, HtmlElement, document_fromstring, tostring
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from core.db import db
from organisation.accounts.models import Account
from organisation.accounts.routes.sign_in import begin

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAY_BE_WRITTEN_BY_A_GET = (
    "session_record", "audit_leaf", "log_entry", "sign_in_attempt",
    "issued_report", "issued_file", "issued_download", "checkpoint", "kept_hash", "verify_attempt",
)  # fmt: skip


@dataclass
class Page:
    """An answer of the site, read by lxml; ``html`` is Beautiful Soup's, ten times as slow, for what asks more."""

    path: str
    status: int
    response: TestResponse
    statements: list[str] = field(default_factory=list)

    @cached_property
    def tree(self) -> HtmlElement:
        """The whole page; an empty one where something else was answered."""
        return document_fromstring(self._markup or "<html></html>")

    @cached_property
    def html(self) -> BeautifulSoup:
        """The whole page, to be searched by selectors."""
        return BeautifulSoup(self._markup, "html.parser")

    @property
    def _markup(self) -> str:
        return self.response.get_data(as_text=True) if self.response.mimetype == "text/html" else ""

    @property
    def _main(self) -> HtmlElement:
        return self.tree.get_element_by_id("main-content", self.tree)

    @property
    def heading(self) -> str:
        """The text of the h1."""
        return words_of(next(self.tree.iter("h1"), None))

    @property
    def text(self) -> str:
        """All text of the main part, with single spaces."""
        return _spaced(self._main)

    @property
    def errors(self) -> list[str]:
        """The messages of the error summary."""
        lists = self.tree.find_class("govuk-error-summary__list")
        return [words_of(each) for found in lists for each in found.iter("li")]

    @property
    def links(self) -> list[str]:
        """Paths within the site that the page links to, each once."""
        found = [link.get("href", "") for link in self.tree.iter("a")]
        return list(dict.fromkeys(path for path in found if path.startswith("/") and not path.startswith("//")))

    def table(self, caption: str) -> list[list[str]]:
        """Read the rows of a table by its caption."""
        for table in self.tree.iter("table"):
            if words_of(table.find("caption")).startswith(caption):
                return [[_spaced(cell) for cell in row.iter("th", "td")] for row in table.iter("tr")]
        raise AssertionError(f"no table {caption!r} on {self.path}")

    def element(self, name: str) -> Tag:
        """Find the element with an id."""
        found = self.html.find(id=name)
        assert found is not None, f"nothing has the id {name!r} on {self.path}"
        return found

    def form(self, containing: str | None = None) -> FormElement:
        """Find the page's own form, or the one with a field of this name."""
        for form in self._main.iter("form"):
            if containing is None or form.find(f".//*[@name='{containing}']") is not None:
                return form
        raise AssertionError(f"no form on {self.path}")

    def fields(self, containing: str | None = None) -> dict[str, Any]:
        """Read what such a form would send as it stands."""
        return fields_of(self.form(containing))


def words_of(element: HtmlElement | None) -> str:
    """Give the text of an element as it is read, with single spaces; nothing for none."""
    return "" if element is None else " ".join(element.text_content().split())


def _spaced(element: HtmlElement) -> str:
    """Give the text of an element, the words of each element within it apart."""
    found = element.xpath(".//text()[not(parent::script or parent::style or parent::template)]")
    return " ".join(" ".join(found).split())


def fields_of(form: FormElement) -> dict[str, Any]:
    """Read what a form would send as it stands: name → value, or a list where a name comes more than once."""
    # A browser drops the line break that a box of text begins with.
    sent = [(str(name), str(value).lstrip("\n")) for name, value in form.form_values()]
    counted = Counter(name for name, _ in sent)
    return {
        name: [value for other, value in sent if other == name] if counted[name] > 1 else value for name, value in sent
    }


class Browser(FlaskClient):
    """A client whose every request begins outside any context, as one from the network does.

    Within a test's own application context Flask would lend each request that context, and with it the last
    request's CSRF token, person and database session.
    """

    def run_wsgi_app(self, environ: WSGIEnvironment, buffered: bool = False) -> Any:
        """Answer one request in a context of its own, the test's own read of the database ended."""
        if has_app_context():
            db.session.rollback()
        return Context().run(super().run_wsgi_app, environ, buffered)


def browser(app: Flask) -> Browser:
    """Make a client of an application."""
    return Browser(app, app.response_class)


class Site:
    """A browser without pictures, strict about every page it reads."""

    def __init__(self, app: Flask, password: str) -> None:
        self.app, self.password = app, password
        self.client = browser(app)

    def sign_in(self, email: str) -> Site:
        """Begin a session as the sign-in page does once the password is proven, leaving any earlier one behind.

        Comparing a password is slow by design: signing in by it would take as long as reading five pages.
        """
        if has_app_context():
            db.session.rollback()
        self.client = browser(self.app)
        Context().run(self._begin, email)
        return self

    def _begin(self, email: str) -> None:
        with self.app.test_request_context("/sign-in"):
            begin(db.session.scalars(select(Account).where(Account.email == email)).one())
            answer = self.app.process_response(self.app.make_response(""))
        for morsel in SimpleCookie(answer.headers["Set-Cookie"]).values():
            self.client.set_cookie(morsel.key, morsel.value)

    def sign_in_by_password(self, email: str) -> Site:
        """Sign in through the sign-in page, leaving any earlier session behind."""
        self.client = browser(self.app)
        page = self.get("/sign-in")
        answer = self.submit(page, email=email, password=self.password, follow=False)
        assert answer.status in (302, 303), answer.text
        return self

    def get(self, path: str, *, status: int = 200, strict: bool = True) -> Page:
        """Read a page, following redirects.

        Raises:
            AssertionError: it has another status, or breaks a rule of the house.
        """
        with statements_of_site() as run:
            response = self.client.get(path, follow_redirects=True)
        page = self._page(path, response, run)
        assert page.status == status, f"GET {path} answered {page.status}: {page.text[:300]}"
        written = [sql for sql in run if writes_domain(sql)]
        assert not written, f"GET {path} wrote: {written[0]}"
        if strict and response.mimetype == "text/html":
            check(page)
        return page

    def submit(self, page: Page, /, **values: Any) -> Page:
        """Send a page's form with some fields changed; its token and submission id go with it.

        Three names are no fields: ``containing`` names a field of the form meant, ``follow`` says whether to
        follow the answer's redirect, ``status`` is the status that is expected.
        """
        containing: str | None = values.pop("containing", None)
        follow: bool = values.pop("follow", True)
        status: int | None = values.pop("status", None)
        form = page.form(containing or next(iter(values), None))
        data = {**fields_of(form), **{name: value for name, value in values.items() if value is not None}}
        path = str(form.get("action") or urlsplit(page.response.request.path).path)
        content = "multipart/form-data" if form.get("enctype") else None
        response = self.client.post(path, data=data, follow_redirects=follow, content_type=content)
        answer = self._page(path, response, [])
        if status is not None:
            assert answer.status == status, f"POST {path} answered {answer.status}: {answer.text[:300]}"
        if response.mimetype == "text/html" and answer.status not in (302, 303):
            check(answer)
        return answer

    def _page(self, path: str, response: TestResponse, run: list[str]) -> Page:
        return Page(path, response.status_code, response, run)


def writes_domain(sql: str) -> bool:
    words = sql.split(None, 3)
    if not words or words[0].upper() not in ("INSERT", "UPDATE", "DELETE"):
        return False
    return not any(table in sql.split("(")[0] for table in MAY_BE_WRITTEN_BY_A_GET)


@contextmanager
def statements_of_site() -> Iterator[list[str]]:
    """Collect the SQL that runs inside, transaction control left out."""
    run: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(None, 1)[0].upper() not in ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA"):
            run.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def check(page: Page) -> None:
    """Hold a page to the rules of the house."""
    where = page.path
    tags: dict[str, list[HtmlElement]] = {}
    for each in page.tree.iter(Element):
        tags.setdefault(str(each.tag), []).append(each)
        inline = [name for name in each.attrib if name == "style" or name.startswith("on")]
        assert not inline, f"{where}: inline style or script on {each.tag}: {inline}"
    headings = tags.get("h1", [])
    assert len(headings) == 1, f"{where} has {len(headings)} h1"
    title = words_of(page.tree.find(".//title"))
    assert title.removeprefix("Error: ").startswith(page.heading), f"{where}: title {title!r}, h1 {page.heading!r}"
    ids = Counter(each.get("id") for found in tags.values() for each in found if each.get("id") is not None)
    twice = [name for name, count in ids.items() if count > 1]
    assert not twice, f"{where}: ids that stand twice: {twice}"
    labelled = {label.get("for") for label in tags.get("label", [])}
    for each in (asked for name in ("input", "select", "textarea") for asked in tags.get(name, [])):
        assert _is_labelled(each, labelled), f"{where}: no label for {tostring(each)}"
    for form in tags.get("form", []):
        if form.get("method", "get").lower() == "post":
            assert form.find(".//input[@name='csrf_token']") is not None, f"{where}: a form without a CSRF token"
    for table in tags.get("table", []):
        assert table.find("caption") is not None, f"{where}: a table without a caption"


def _is_labelled(each: HtmlElement, labelled: set[str | None]) -> bool:
    if each.get("type") in ("hidden", "submit", "button"):
        return True
    if each.get("aria-label") or each.get("aria-labelledby") or next(each.iterancestors("label"), None) is not None:
        return True
    return bool(each.get("id")) and each.get("id") in labelled
