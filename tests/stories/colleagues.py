"""Somebody of the small force who reads the site without JavaScript: by links, labels and buttons, as a person does.

No address is typed but what is printed on paper (a QR code, a mail): whatever a story cannot reach by the words on a
page is a dead end of the product. Every page passes the strict reader (tests/site.py).
"""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any, Self

import pytest
from flask import Flask
from lxml.html import FormElement, HtmlElement

from tests.factories import PASSWORD
from tests.site import Page, Site, check, fields_of, words_of

on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Mark of the stories that read pages: what a page asks of its database, the tests of services ask of both."""

Label = str | tuple[str, str]
"""The words beside a field; where several fields bear the same, after those of the line or group it stands in."""


class Colleague:
    """Somebody at a browser, beginning at the page that role opens first."""

    def __init__(self, app: Flask, name: str) -> None:
        self.site = Site(app, PASSWORD).sign_in(f"{name.replace(' ', '.')}@test.example")
        self.page: Page = self.site.get("/")
        self.file = b""
        self.chosen: dict[str, tuple[io.BytesIO, str]] = {}

    @property
    def text(self) -> str:
        """All words of the page's main part."""
        return self.page.text

    @property
    def heading(self) -> str:
        """The page's heading."""
        return self.page.heading

    @property
    def errors(self) -> list[str]:
        """What the page says is wrong with what was sent."""
        return self.page.errors

    def table(self, caption: str) -> list[list[str]]:
        """Read the rows of a table, without its head."""
        return self.page.table(caption)[1:]

    def goes_home(self) -> Self:
        """Open the page of one's role."""
        self.page = self.site.get("/")
        return self

    def scans(self, printed: str) -> Self:
        """Open an address that stands on paper, as its QR code."""
        self.page = self.site.get(printed)
        return self

    def follows(self, words: str, *, refused: int | None = None) -> Self:
        """Follow the link of these words, in the page's own part if one is there; they lead to one page."""
        self._opens(self.site.get(self._link(words), status=refused or 200))
        return self

    def has_link(self, words: str) -> bool:
        """Say whether any link of the page has these words."""
        return any(words_of(each) == words for each in self.page.tree.iter("a"))

    def finds(self, words: str) -> Self:
        """Search for something from wherever one is."""
        box = self.page.tree.get_element_by_id("find-anything")
        box.value = words
        form = next(box.iterancestors("form"))
        self.page = self._send(form, fields_of(form))
        return self

    def goes_to(self, words: str) -> Self:
        """Open a page by its name: in the navigation, or among all of one's pages."""
        for part in self.page.tree.find_class("govuk-service-navigation"):
            for each in part.iter("a"):
                if words_of(each) == words:
                    self.page = self.site.get(each.get("href", ""))
                    return self
        return self.follows("All your pages").follows(words)

    def fills(self, values: dict[Label, Any]) -> Self:
        """Enter values beside their labels: words, a figure, a day, an option's words, or whether it is ticked."""
        for label, value in values.items():
            self._fill(label, value)
        return self

    def presses(self, words: str, *, refused: int | None = None) -> Self:
        """Press a button; the form is taken, or refused with a status."""
        button = self._button(words)
        form = next(button.iterancestors("form"))
        sent = fields_of(form)
        if button.get("name"):
            sent[button.get("name", "")] = button.get("value", "")
        sent |= self.chosen
        self.chosen = {}
        answer = self._send(form, sent)
        assert answer.status == (refused or 200), f"{words!r} answered {answer.status}: {answer.text[:400]}"
        self._opens(answer)
        return self

    def labels(self) -> list[str]:
        """Read what stands beside the fields of the page."""
        return [words_of(each) for each in self.page.tree.get_element_by_id("main-content").iter("label")]

    def links(self) -> list[str]:
        """Read the links of the page."""
        return [words_of(each) for each in self.page.tree.get_element_by_id("main-content").iter("a")]

    def buttons(self) -> list[str]:
        """Read the buttons of the page."""
        return [words_of(each) for each in self.page.tree.get_element_by_id("main-content").iter("button")]

    def _opens(self, answer: Page) -> None:
        """Go to a page; a file is kept beside the page one is on."""
        if answer.response.mimetype == "text/html":
            self.page = answer
        else:
            self.file = answer.response.get_data()

    # ---- How a page is read -------------------------------------------------------------------------

    def _send(self, form: FormElement, sent: dict[str, Any]) -> Page:
        path = form.get("action") or self.page.response.request.full_path.rstrip("?")
        if form.get("method", "get").lower() == "get":
            response = self.site.client.get(path.partition("?")[0], query_string=sent, follow_redirects=True)
        else:
            content = form.get("enctype")
            response = self.site.client.post(path, data=sent, follow_redirects=True, content_type=content)
        answer = Page(response.request.path, response.status_code, response)
        if response.mimetype == "text/html":
            check(answer)
        return answer

    def _link(self, words: str) -> str:
        for part in (self.page.tree.get_element_by_id("main-content", self.page.tree), self.page.tree):
            found = {each.get("href", "") for each in part.iter("a") if words_of(each) == words}
            if found:
                assert len(found) == 1, f"{words!r} on {self.heading!r} leads to {sorted(found)}"
                return str(found.pop())
        offered = sorted({words_of(each) for each in self.page.tree.iter("a")})
        raise AssertionError(f"no link {words!r} on {self.heading!r}: {offered}")

    def _button(self, words: str) -> HtmlElement:
        buttons = self.page.tree.xpath("//*[@id='main-content']//form//button[not(@aria-hidden)]")
        found = [each for each in buttons if words_of(each) == words]
        assert found, f"no button {words!r} on {self.heading!r}: {[words_of(each) for each in buttons]}"
        return found[0]

    def _fill(self, label: Label, value: Any) -> None:
        if isinstance(value, date) and not self._labelled(str(label)):
            for part, figure in (("Day", value.day), ("Month", value.month), ("Year", value.year)):
                self._fill((str(label), part), str(figure))
            return
        field = self._field(label)
        if field.tag == "select":
            field.value = next(
                each.get("value") for each in field.iter("option") if words_of(each).startswith(str(value))
            )
        elif field.get("type") in ("checkbox", "radio"):
            self._tick(field, bool(value))
        elif field.get("type") == "file":
            self.chosen = {field.name: (io.BytesIO(value[1]), value[0])}
        else:
            field.value = str(value)

    def _labelled(self, words: str) -> bool:
        """Say whether one field alone bears these words: a day is one field here, three there."""
        return words in self.labels()

    def _tick(self, field: HtmlElement, ticked: bool) -> None:
        if field.get("type") == "radio":
            for other in next(field.iterancestors("form")).iter("input"):
                if other.get("type") == "radio" and other.get("name") == field.get("name"):
                    other.attrib.pop("checked", None)
        field.checked = ticked

    def _field(self, label: Label) -> Any:
        group, words = label if isinstance(label, tuple) else (None, label)
        part = self._group(group) if group else self.page.tree.get_element_by_id("main-content")
        labels = [(words_of(each), each.get("for")) for each in part.iter("label")]
        found = [name for said, name in labels if said == words] or [
            name for said, name in labels if said.startswith(words)
        ]
        assert found, f"no field {label!r} on {self.heading!r}: {[said for said, _ in labels]}"
        assert len(found) == 1, f"{len(found)} fields {label!r} on {self.heading!r}"
        return self.page.tree.get_element_by_id(str(found[0]))

    def _group(self, words: str) -> HtmlElement:
        """Find the innermost group of fields that begins with these words."""
        found = [
            each
            for each in self.page.tree.xpath("//fieldset|//*[contains(concat(' ', @class, ' '), ' app-line ')]")
            if re.match(re.escape(words), words_of(each))
        ]
        assert found, f"no group of fields {words!r} on {self.heading!r}"
        return found[-1]
