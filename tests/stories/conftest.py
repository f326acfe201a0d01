"""A real browser, and a copy of the demonstration year on a server of its own for each story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import served
from tests.demonstration.year import Demonstration, demonstration_file, demonstration_year

__all__ = ["demonstration_file", "demonstration_year"]


@pytest.fixture(scope="module")
def site(demonstration_year: Demonstration) -> Iterator[str]:
    """The address of a server over a copy of the demonstration year."""
    with served(demonstration_year.app) as address:
        yield address
