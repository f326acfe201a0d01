"""What is written in an address by hand: it is answered in words or not found, never bent into something else."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import PASSWORD, World
from tests.site import Site

NO_PAGES = ("-1", "0", "abc", "1e3", "٣", "2", "0000012", "99999999999999999999")
"""No numbers of a page, or of one that is not there: the world's lists have one page each."""


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("admin", "/places/"),
        ("admin", "/accounts"),
        ("storekeeper", "/suppliers/"),
        ("storekeeper", "/par-levels/STORE"),
        ("auditor", "/audit/trail/"),
    ],
)
def test_a_page_that_is_not_there_is_not_found_and_no_other_is_shown(
    app: Flask, world: World, person: str, path: str
) -> None:
    site = Site(app, PASSWORD).sign_in(f"{person}@test.example")
    site.get(path)
    for number in NO_PAGES:
        assert site.get(f"{path}?page={number}", status=404).heading == "Page not found"
