"""The small force with the store's shelves filled and two Go Bags about: a template of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from core.db import db, transaction
from tests.factories import PASSWORD, World
from tests.inventory.shelves import SHELVES, carry, fill_catalogue, pack, receive
from tests.site import Site


@pytest.fixture(scope="session")
def _shelves_template(app: Flask, databases: Any, world_template: World) -> World:
    """Fill the store's shelves and pack two bags, with goods that outlast any clock; keep it as a template.

    GB-00001 stands at Salisbury, GB-00002 at the store.
    """
    with app.app_context():
        databases.renew("world")
        with transaction():
            fill_catalogue(world_template)
        receive(world_template, *[_lasting(line) for line in SHELVES])
        first, _ = pack(world_template, 2, seal_numbers=["S-1001", "S-1002"])
        carry(world_template, first, "SALISBURY")
        db.session.remove()
        db.engine.dispose()
        databases.keep("shelves")
    return world_template


def _lasting(line: Any) -> Any:
    return replace(line, expires_on=line.expires_on.replace(year=2099)) if line.expires_on else line


@pytest.fixture
def shelves(app: Flask, databases: Any, _shelves_template: World) -> Iterator[World]:
    """A force with filled shelves, GB-00001 at Salisbury and GB-00002 at the store."""
    with app.app_context():
        db.engine.dispose()
        databases.renew("shelves")
        yield _shelves_template
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def site(app: Flask, shelves: World) -> Site:
    """The strict browser over that force."""
    return Site(app, PASSWORD)
