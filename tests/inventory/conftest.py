"""A further template: the small force with goods at its store (tests/inventory/restock.py)."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from core.db import db
from tests.factories import World
from tests.inventory.restock import fill_store


@pytest.fixture(scope="session")
def _stocked_template(app: Flask, databases: Any, world_template: World) -> World:
    """Fill the store once, through the real services, and keep it."""
    with app.app_context():
        databases.renew("world")
        fill_store(world_template)
        db.session.remove()
        db.engine.dispose()
        databases.keep("stocked")
    return world_template


@pytest.fixture
def stocked(app: Flask, databases: Any, _stocked_template: World) -> Iterator[World]:
    """The small force with goods at its store, par levels at Salisbury and nothing asked for yet."""
    with app.app_context():
        db.engine.dispose()
        databases.renew("stocked")
        yield _stocked_template
        db.session.remove()
        db.engine.dispose()
