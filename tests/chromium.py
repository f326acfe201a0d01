"""Finds the Chromium that the browser tests drive.

The system's own is used: a browser brought by Playwright would be fetched from a host that closed
networks do not reach. A missing browser fails the tests in words; nothing is ever skipped for it.

Debian has Chromium without a window too. It paints the same pages by the same engine and does nothing for window, tabs
and extensions that nobody sees: a sixth less work a page, and half a start. It has no camera, so the story of the
camera takes the whole one, as all do where there is no other.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT_WINDOW = "chromium-headless-shell"
PACKAGES = ("chromium", "fonts-liberation")
# Without the first of these the browser looks up its maker's hosts at every start. Without the last but one a process
# of its own paints what nobody sees: a page takes a quarter longer. The last: a page lives for a second, and
# what is made of its scripts to run them faster is thrown away with it, which took a quarter of all work on a page.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--js-flags=--no-opt --no-maglev",
)


def found() -> Path | None:
    """Give the browser named by CHROMIUM, else the system's, else None.

    Raises:
        MissingError: CHROMIUM names something that is not a program.
    """
    named = os.environ.get("CHROMIUM")
    if named and shutil.which(named) is None:
        raise debian.MissingError(f"CHROMIUM names {named}, which is not a program that can be run")
    places = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next((Path(place) for place in places if place), None)


def ready() -> Path:
    """Give the browser, installing Debian's first where it is missing and we may.

    Raises:
        MissingError: there is none, and which packages to install.
    """
    browser = found()
    # Systems like Debian may know the whole browser alone.
    if browser is None and (debian.install(*PACKAGES, WITHOUT_WINDOW) or debian.install(*PACKAGES)):
        browser = found()
    if browser is None:
        raise debian.MissingError(
            "The browser tests need Chromium. Install it (Debian: apt-get install chromium fonts-liberation) "
            "or name one with CHROMIUM=/path/to/chromium"
        )
    return browser


def windowless() -> Path:
    """Give the browser without a window where the system has one and CHROMIUM names no other; else the whole one."""
    whole = ready()
    found_without = None if os.environ.get("CHROMIUM") else shutil.which(WITHOUT_WINDOW)
    return Path(found_without) if found_without else whole


def arguments() -> list[str]:
    """Give what Chromium is started with: root has no sandbox to start it in, everyone else has."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*QUIET, *(("--no-sandbox",) if root else ())]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless browser for the length of a block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=windowless(), args=arguments(), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for the length of a worker's tests; each test opens its own context in it."""
    with chromium() as started:
        yield started
