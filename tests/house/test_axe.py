"""What scans the pages finds what is wrong with them, though it compares the colours of one kind of text once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page

from tests.axe import Scanner, carry

LIKE_A_PAGE = """
<html lang="en"><title>Stock</title><style>td { color: #000 } .pale { color: #bbb }</style>
<main><h1>Stock</h1><table><caption>Soap</caption><tr><th scope="col">On hand</th></tr>%s</table></main></html>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a context that carries axe."""
    with closing(browser.new_context()) as context:
        carry(context)
        yield context.new_page()


@pytest.mark.browser
def test_a_text_that_is_too_pale_is_found_among_many_alike_and_on_a_later_page(page: Page) -> None:
    scanner = Scanner()
    page.set_content(LIKE_A_PAGE % ("<tr><td>12</td></tr>" * 50))
    assert scanner.faults(page) == ""
    page.set_content(LIKE_A_PAGE % ("<tr><td>12</td></tr>" * 50 + "<tr><td class='pale'>13</td></tr>" * 2))
    assert "Ensure the contrast" in scanner.faults(page)
    assert page.locator("[data-first-of-its-kind]").all_inner_texts() == ["13"]


@pytest.mark.browser
def test_what_is_not_a_matter_of_colour_is_looked_for_everywhere(page: Page) -> None:
    scanner = Scanner()
    for _ in range(2):
        page.set_content(LIKE_A_PAGE % "<tr><td><input></td></tr>")
        assert "Ensure every form element has a label" in scanner.faults(page)
