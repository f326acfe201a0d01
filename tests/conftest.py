"""Databases and a small force for the tests.

``app`` is an application on SQLite and, once more, on a PostgreSQL that the tests start themselves. Each test
that asks for ``database`` gets a fresh, migrated one: a copy of a template, so no test sees another's rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine

from app import create_app
from core import schema
from core.db import db, prepare_engine
from tests.factories import World, make_world
from tests.postgres import Server, postgres

DATABASES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read pages on SQLite alone: what a page asks of its database, the tests of services ask of both."""
    spared = [item for item in items if item.path.name.startswith("test_routes") and "postgresql" in item.name]
    if spared:
        config.hook.pytest_deselected(items=spared)
        items[:] = [item for item in items if item not in set(spared)]


class Databases:
    """A template of each kind of database, and how to begin again from it."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self.folder, self.server = folder, server

    def url(self, name: str) -> str:
        """Give the address of the database the tests of this process use."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the template."""
        raise NotImplementedError

    def renew(self, template: str = "empty") -> None:
        """Replace the database in use by a copy of a template."""
        raise NotImplementedError

    def keep(self, template: str) -> None:
        """Keep the database in use as a further template."""
        raise NotImplementedError


class SqliteDatabases(Databases):
    def url(self, name: str = "used") -> str:
        return f"sqlite:///{self.folder / name}.sqlite3"

    def prepare(self) -> None:
        engine = create_engine(self.url("empty"))
        prepare_engine(engine)
        schema.upgrade(engine)
        engine.dispose()

    def renew(self, template: str = "empty") -> None:
        for leftover in self.folder.glob("used.sqlite3*"):
            leftover.unlink()
        shutil.copyfile(self.folder / f"{template}.sqlite3", self.folder / "used.sqlite3")

    def keep(self, template: str) -> None:
        shutil.copyfile(self.folder / "used.sqlite3", self.folder / f"{template}.sqlite3")


class PostgresqlDatabases(Databases):
    def url(self, name: str = "used") -> str:
        assert self.server is not None
        return self.server.url(name)

    def prepare(self) -> None:
        assert self.server is not None
        self.server.drop("empty")
        engine = create_engine(self.server.create("empty"))
        schema.upgrade(engine)
        engine.dispose()

    def renew(self, template: str = "empty") -> None:
        assert self.server is not None
        self.server.drop("used")
        self.server.create("used", template=template)

    def keep(self, template: str) -> None:
        assert self.server is not None
        self.server.drop(template)
        self.server.create(template, template="used")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of this test process's own."""
    with postgres() as running:
        yield running


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.postgres if name == "postgresql" else ()) for name in DATABASES],
)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """The kind of database this run of the test is on."""
    folder = tmp_path_factory.mktemp("databases")
    made: Databases
    if request.param == "sqlite":
        made = SqliteDatabases(folder, None)
    else:
        made = PostgresqlDatabases(folder, request.getfixturevalue("server"))
    made.prepare()
    return made


def settings(url: str) -> dict[str, Any]:
    """Give the settings of an application under test."""
    return {
        "SQLALCHEMY_DATABASE_URI": url,
        "SECRET_KEY": "only-for-tests-0123456789abcdef0123456789abcdef",
        "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
        "SECURE_COOKIES": False,
        "PROPAGATE_BUGS": True,
        "TESTING": True,
    }


@pytest.fixture(scope="session")
def app(databases: Databases) -> Flask:
    """The application, on SQLite and on PostgreSQL in turn."""
    return create_app(settings(databases.url("used")))


@pytest.fixture
def database(app: Flask, databases: Databases) -> Iterator[None]:
    """A fresh, migrated, empty database, with the application's context pushed."""
    yield from _fresh(app, databases, "empty")


def _fresh(app: Flask, databases: Databases, template: str) -> Iterator[None]:
    with app.app_context():
        db.engine.dispose()
        databases.renew(template)
        yield
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def world_template(app: Flask, databases: Databases) -> World:
    """Build the small force once, through the real services, and keep it as a template."""
    with app.app_context():
        databases.renew()
        world = make_world()
        db.session.remove()
        db.engine.dispose()
        databases.keep("world")
    return world


@pytest.fixture
def world(app: Flask, databases: Databases, world_template: World) -> Iterator[World]:
    """A database in which a small force stands (tests/factories.py)."""
    for _ in _fresh(app, databases, "world"):
        yield world_template
