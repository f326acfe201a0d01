"""The small force with the store's shelves filled and two Go Bags about: a template of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.shelves import SHELVES, carry, have_a_catalogue, pack, receive
from tests.site import Site


def _two_bags(world: World) -> None:
    have_a_catalogue(world)
    receive(world, *[_lasting(line) for line in SHELVES])
    first, _ = pack(world, 2, seal_numbers=["S-1001", "S-1002"])
    carry(world, first, "SALISBURY")


def _lasting(line: Any) -> Any:
    return replace(line, expires_on=line.expires_on.replace(year=2099)) if line.expires_on else line


shelves = kept(_two_bags)
"""A force with filled shelves of goods that outlast any clock, GB-00001 at Salisbury and GB-00002 at the store."""


@pytest.fixture
def site(app: Flask, shelves: World) -> Site:
    """The strict browser over that force."""
    return Site(app, PASSWORD)
