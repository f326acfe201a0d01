"""The browser that the browser tests drive starts, and a wrong one is said so."""

from contextlib import closing

import pytest
from playwright.sync_api import Browser

from tests import chromium
from tools.debian import MissingError


@pytest.mark.browser
def test_the_browser_renders_a_page_without_a_warning(browser: Browser) -> None:
    with closing(browser.new_page()) as page:
        page.set_content("<title>Stock</title><h1>Stock on hand</h1>")

        assert page.title() == "Stock"
        assert page.get_by_role("heading").inner_text() == "Stock on hand"


def test_a_named_browser_that_is_no_program_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")

    with pytest.raises(MissingError, match="no-such-browser, which is not a program"):
        chromium.ready()
