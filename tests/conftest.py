"""Databases and a small force for the tests.

``app`` is an application on SQLite and, once more, on a PostgreSQL that the tests start themselves. Each test
that asks for ``database`` finds it fresh and migrated, as a template was kept: no test sees another's rows
(tests/databases.py).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache

from app import create_app
from core.db import db
from tests.chromium import browser as browser
from tests.databases import Databases as Databases
from tests.databases import PostgresqlDatabases, SqliteDatabases, careless, leave
from tests.factories import World, make_world
from tests.postgres import Server, postgres

# Speed is shown by the benchmark: a machine with other work to do fails no test.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

DATABASES = ("sqlite", "postgresql")

COMPILED_TEMPLATES = Path(__file__).resolve().parents[1] / ".pytest_cache" / "templates"
"""Templates as Python compiled them, by a digest of their source: compiling all takes longer than any test."""


TESTS = Path(__file__).resolve().parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import every module before it is collected, each worker from another part on.

    To rewrite the assertions of all takes as long as to import them. What a worker has rewritten it keeps in a file, so
    those who begin elsewhere share the work, where all from the first on would each do the whole of it at once.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or [Path(each).resolve() for each in session.config.args] != [TESTS]:
        return
    files = sorted(TESTS.rglob("test_*.py"))
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for file in files[first:] + files[:first]:
        with suppress(Exception):  # the collection says what is wrong with it
            import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read pages on SQLite alone, and begin with what takes long, so that no worker is left with it at the end.

    What a page asks of its database, the tests of services ask of both.
    """
    spared = [item for item in items if item.path.name.startswith("test_routes") and "postgresql" in item.name]
    if spared:
        config.hook.pytest_deselected(items=spared)
        left_out = set(spared)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_configure() -> None:
    """Look for no garbage while modules are imported: to do so over and over takes a sixth of the collection."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare what is there for good: to look through the modules and items for garbage took a twentieth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of this test process's own."""
    with postgres() as running:
        yield running


class Once:
    """What is made once: for each kind of database, however often the tests go from the one to the other.

    ``year`` is the demonstration year's (tests/demonstration/year.py); ``begun`` is the test that found something kept,
    and ``templates`` says under which name a fixture keeps what it gives.
    """

    def __init__(self) -> None:
        self.databases: dict[str, Databases] = {}
        self.apps: dict[Databases, Flask] = {}
        self.worlds: dict[Databases, World] = {}
        self.year: Any = None
        self.begun: pytest.Item | None = None
        self.templates: dict[str, str] = {}

    def close(self) -> None:
        """Let go of every connection."""
        for app in self.apps.values():
            with app.app_context():
                leave()
        for databases in self.databases.values():
            databases.close()


@pytest.fixture(scope="session")
def once() -> Iterator[Once]:
    """What the tests of this process have made so far."""
    made = Once()
    yield made
    made.close()


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.postgres if name == "postgresql" else ()) for name in DATABASES],
)
def databases(request: pytest.FixtureRequest, once: Once, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """The kind of database this run of the test is on."""
    if request.param not in once.databases:
        made: Databases
        if request.param == "sqlite":
            made = SqliteDatabases(tmp_path_factory.mktemp("databases"))
        else:
            made = PostgresqlDatabases(request.getfixturevalue("server"))
        made.prepare()
        once.databases[request.param] = made
    return once.databases[request.param]


def settings(url: str) -> dict[str, Any]:
    """Give the settings of an application under test."""
    return {
        "SQLALCHEMY_DATABASE_URI": url,
        "SECRET_KEY": "only-for-tests-0123456789abcdef0123456789abcdef",
        "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
        "SECURE_COOKIES": False,
        "REPORTS_DIR": str(Path(gettempdir()) / "go-bags-no-reports"),
        "PROPAGATE_BUGS": True,
        "TESTING": True,
    }


def application(url: str) -> Flask:
    """Make an application that neither waits for the disk nor compiles a template that another has compiled."""
    made = create_app(settings(url))
    COMPILED_TEMPLATES.mkdir(parents=True, exist_ok=True)
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(COMPILED_TEMPLATES))
    with made.app_context():
        if db.engine.dialect.name == "sqlite":
            careless(db.engine)
    return made


@pytest.fixture(scope="session")
def app(databases: Databases, once: Once) -> Flask:
    """The application, on SQLite and on PostgreSQL in turn."""
    if databases not in once.apps:
        once.apps[databases] = application(databases.url("used"))
    return once.apps[databases]


@pytest.fixture
def database(app: Flask, databases: Databases) -> Iterator[None]:
    """A fresh, migrated, empty database, with the application's context pushed."""
    yield from begin_with(app, databases, "empty")


def begin_with(app: Flask, databases: Databases, template: str) -> Iterator[None]:
    """Begin a test with a database as a template was kept, the application's context pushed."""
    with app.app_context():
        databases.renew(template)
        yield
        db.session.remove()


@pytest.fixture(scope="session")
def world_template(app: Flask, databases: Databases, once: Once) -> World:
    """Build the small force once, through the real services, and keep it as a template."""
    if databases not in once.worlds:
        with app.app_context():
            databases.renew()
            once.worlds[databases] = make_world()
            databases.keep("world")
    return once.worlds[databases]


@pytest.fixture
def world(
    request: pytest.FixtureRequest, app: Flask, databases: Databases, once: Once, world_template: World
) -> Iterator[World]:
    """A database in which a small force stands (tests/factories.py), or what a test asked for that goes on from it."""
    if once.begun is request.node:
        yield world_template
        return
    for _ in begin_with(app, databases, "world"):
        yield world_template


def kept(build: Callable[[World], object], *, after: str = "world") -> Any:
    """Make a fixture: the small force as ``build`` leaves it, which is done once and put back for each test.

    What it goes on from is put back only for whoever builds it, or where a test asks for that first.

    Args:
        after: the fixture that ``build`` goes on from.
    """
    template = f"{build.__module__}.{build.__qualname__}"

    @pytest.fixture
    def begun(
        request: pytest.FixtureRequest, app: Flask, databases: Databases, once: Once, world_template: World
    ) -> Iterator[World]:
        if template not in databases.kept:
            before = request.getfixturevalue(after)
            with app.app_context():
                # Where another fixture of the test has begun already, what this goes on from was not put back.
                databases.renew(once.templates.get(after, "world"))
                build(before)
                databases.keep(template)
        once.templates[request.fixturename or ""] = template
        once.begun = request.node
        for _ in begin_with(app, databases, template):
            yield world_template

    return begun
