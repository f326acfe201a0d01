"""A person at a real browser: every page that person comes to is scanned before the story goes on.

On each page: nothing wider than the screen, no word in the console and no answer of 400 or above, unless the story
expects a refusal. On the first page of each kind and size besides: nothing axe objects to, and nothing wider than 320
pixels (WCAG 1.4.10).
"""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page, Response, ViewportSize
from waitress.server import create_server

from demonstration.people import PASSWORD, address
from tests.axe import Scanner, carry
from tests.site import Site

PHONE = (390, 844)
DESK = (1100, 900)
NARROWEST = 320
PATIENCE_MS = 15_000
COOKIE = "go-bags-session"

_served: dict[str, Flask] = {}
"""Address → the application that answers there."""

_scanners: dict[tuple[int, int], Scanner] = {}
"""Size of a screen → what scans pages on it, for whichever person of this process."""


class Scanned:
    """The kinds of page that were scanned by whichever person, in any process of a run of tests.

    Attributes:
        folder: of all processes of the run; holds an empty file for each kind and size.
    """

    folder: Path

    def is_first(self, kind: str, size: tuple[int, int]) -> bool:
        """Say whether nobody scanned this kind of page on a screen of this size; henceforth somebody has."""
        try:
            (self.folder / sha256(f"{kind} {size}".encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


SCANNED = Scanned()
"""Told its folder by tests/stories/conftest.py."""


@contextmanager
def served(app: Flask, *, threads: int = 4) -> Iterator[str]:
    """Serve an application on loopback for the length of a block; give its address."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    thread = threading.Thread(target=_run, args=(server,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    _served[address] = app
    try:
        yield address
    finally:
        del _served[address]
        server.close()
        for channel in list(server.active_channels.values()):
            channel.close()  # a browser keeps its connections open, and the server would wait for them
        server.task_dispatcher.shutdown()
        thread.join(10)


def _run(server: Any) -> None:
    """Serve until closed; the socket it waits on may close before it looks again."""
    try:
        server.run()
    except OSError as problem:
        if problem.errno != errno.EBADF:
            raise


def _viewport(width: int, height: int) -> ViewportSize:
    return {"width": width, "height": height}


class Person:
    """Somebody of the demonstration at a browser of one size, which keeps nothing for when there is no signal.

    ``works_offline``: it does, as a phone on a safe connection.
    """

    def __init__(self, browser: Browser, site: str, size: tuple[int, int], *, works_offline: bool = False) -> None:
        self.site, self.size = site, size
        self.context = browser.new_context(base_url=site, viewport=_viewport(*size), locale="en-GB")
        self.context.set_default_timeout(PATIENCE_MS)
        if not works_offline:
            self.context.add_init_script("delete Navigator.prototype.serviceWorker")
        carry(self.context)
        self.page: Page = self.context.new_page()
        self.heard: list[str] = []
        self.refused: list[tuple[int, str]] = []
        self.scanner = _scanners.setdefault(size, Scanner())
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("response", self._note)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.heard.append(message.text)

    def _note(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append((response.status, response.url))

    # ---- Going about ----------------------------------------------------------------------------

    def signs_in(self, name: str) -> None:
        """Begin a session as the sign-in page does once the password is proven, and arrive at home."""
        kept = Site(_served[self.site], PASSWORD).sign_in(address(name)).client.get_cookie(COOKIE)
        assert kept is not None
        self.context.add_cookies([{"name": COOKIE, "value": kept.value, "url": self.site, "httpOnly": True}])
        self.opens("/")

    def signs_in_by_password(self, name: str) -> None:
        """Sign in through the page and arrive at home."""
        self.opens("/sign-in")
        self.page.get_by_label("Email address").fill(address(name))
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.presses("Sign in")

    def opens(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path)
        self.looks()

    def follows(self, words: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Follow the first link with these words."""
        link = (within or self.main).locator("a").filter(has_text=words).first
        with self.page.expect_navigation():
            link.click()
        self.page.wait_for_load_state()
        self.looks()

    def presses(self, words: str, *, refused: int | None = None) -> None:
        """Press a button that sends a form; say with which status the answer refuses it, if it does."""
        with self.page.expect_navigation():
            self.main.get_by_role("button", name=words, exact=True).last.click()
        self.page.wait_for_load_state()
        if refused is not None:
            assert [status for status, _ in self.refused] == [refused], self.refused
            self.refused.clear()
        self.looks()

    def downloads(self, words: str | re.Pattern[str], into: Path) -> Path:
        """Take a file by its link; give where it lies."""
        with self.page.expect_download() as waiting:
            self.main.locator("a").filter(has_text=words).first.click()
        download: Download = waiting.value
        target = into / download.suggested_filename
        download.save_as(target)
        return target

    # ---- Reading --------------------------------------------------------------------------------

    @property
    def main(self) -> Locator:
        """The main part of the page."""
        return self.page.locator("#main-content")

    @property
    def heading(self) -> str:
        """The text of the h1."""
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        """All text of the main part that can be seen, with single spaces."""
        return " ".join(self.main.inner_text().split())

    @property
    def path(self) -> str:
        """The address of the page within the site."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def table(self, caption: str) -> list[list[str]]:
        """Read the rows of a table by the beginning of its caption."""
        for table in self.main.locator("table").all():
            if " ".join(table.locator("caption").inner_text().split()).startswith(caption):
                rows: list[list[str]] = table.evaluate(
                    "t => [...t.rows].map(r => [...r.cells].map(c => c.innerText.replace(/\\s+/g, ' ').trim()))"
                )
                return rows
        raise AssertionError(f"no table {caption!r} on {self.path}")

    # ---- What every page must bear --------------------------------------------------------------

    def looks(self) -> None:
        """Hold the page to what every page must bear."""
        assert self.refused == [], self.refused
        assert self.heard == [], f"{self.path}: {self.heard}"
        assert self.page.locator("h1").count() == 1, self.path
        width, height = self.size
        self._fits(width)
        if SCANNED.is_first(self._kind, self.size):
            self.page.set_viewport_size(_viewport(NARROWEST, height))
            self._fits(NARROWEST)
            self.page.set_viewport_size(_viewport(width, height))
            faults = self.scanner.faults(self.page)
            assert not faults, f"{self.path}\n{faults}"

    @property
    def _kind(self) -> str:
        """Name pages that differ by what they show and not by what they are made of."""
        errors = "!" if self.page.locator(".govuk-error-summary").count() else ""
        return (
            re.sub(r"[A-Z]{1,4}-\d+(-\d+)?|\d+|[A-Z0-9]{4}(-[A-Z0-9]{4})+", "#", self.path.partition("?")[0]) + errors
        )

    def _fits(self, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{self.path} is {wide} pixels wide on a screen of {width}"
