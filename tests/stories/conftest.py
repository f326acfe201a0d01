"""A real browser, and a copy of the demonstration year on a server of its own for each story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import SCANNED, served
from tests.demonstration.year import Demonstration, demonstration_file, demonstration_year

__all__ = ["demonstration_file", "demonstration_year"]


@pytest.fixture(scope="session")
def scanned(demonstration_file: Path) -> None:
    """Let the processes of a run share what was scanned, beside the year that they share."""
    SCANNED.folder = demonstration_file.with_name("scanned")
    SCANNED.folder.mkdir(exist_ok=True)


@pytest.fixture(scope="module")
def site(demonstration_year: Demonstration, scanned: None) -> Iterator[str]:
    """The address of a server over a copy of the demonstration year."""
    with served(demonstration_year.app) as address:
        yield address
