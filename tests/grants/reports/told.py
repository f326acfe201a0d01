"""Databases in which a story has been told once, so that each test begins with it and none tells it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from core.db import db
from tests.conftest import Databases
from tests.factories import World
from tests.grants.reports.story import tell as tell_quarters
from tests.inventory.usage.story import tell as tell_month


def _keep(app: Flask, databases: Databases, world: World, name: str, tell: Callable[[World], object]) -> None:
    """Tell a story to a copy of the small force, and keep it as a template."""
    with app.app_context():
        db.engine.dispose()
        databases.renew("world")
        tell(world)
        db.session.remove()
        db.engine.dispose()
        databases.keep(name)


def _begin(app: Flask, databases: Databases, world: World, name: str) -> Iterator[World]:
    """Begin a test with a copy of a template."""
    with app.app_context():
        db.engine.dispose()
        databases.renew(name)
        yield world
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def quarters_template(app: Flask, databases: Databases, world_template: World) -> None:
    """Keep the two quarters of the award."""
    _keep(app, databases, world_template, "quarters", tell_quarters)


@pytest.fixture
def quarters(app: Flask, databases: Databases, world_template: World, quarters_template: None) -> Iterator[World]:
    """Two quarters of the award (tests/grants/reports/story.py)."""
    yield from _begin(app, databases, world_template, "quarters")


@pytest.fixture(scope="session")
def month_template(app: Flask, databases: Databases, world_template: World) -> None:
    """Keep the month of Go Bags."""
    _keep(app, databases, world_template, "month", tell_month)


@pytest.fixture
def month(app: Flask, databases: Databases, world_template: World, month_template: None) -> Iterator[World]:
    """A month of Go Bags (tests/inventory/usage/story.py)."""
    yield from _begin(app, databases, world_template, "month")
