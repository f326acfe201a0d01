"""The demonstration year for tests: loaded once, copied for whoever changes it, at a clock that stands with it.

Loading takes a quarter of a minute, so the workers of one run share what the first of them loads. The year ends on
a fixed day; the clock of the application is set to that day too, or stock would expire while the tests grow old.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Self

import pytest
from flask import Flask

import core.db
from core import schema
from core.db import db
from demonstration.load import load
from demonstration.people import PASSWORD, address
from tests.conftest import Once, application
from tests.site import Site

TODAY = date(2026, 11, 22)
OPENS_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""When the clock of the tests begins: the morning after the last day of the year."""


@dataclass(frozen=True)
class Demonstration:
    """An application over a copy of the demonstration year, its context pushed; ``renew`` makes the copy whole."""

    app: Flask
    template: Path
    copy: Path

    def renew(self) -> None:
        """Begin again from the template."""
        self.leave()
        for leftover in self.copy.parent.glob(f"{self.copy.name}-*"):
            leftover.unlink()
        shutil.copyfile(self.template, self.copy)

    def keep(self) -> None:
        """Keep what the database holds now (people signed in, say) as what ``renew`` goes back to."""
        self.leave()
        shutil.copyfile(self.copy, self.template)

    def leave(self) -> None:
        """Close every connection to the database, so that its file is whole."""
        db.session.remove()
        db.engine.dispose()

    def site(self, name: str) -> Site:
        """Sign a person of the demonstration in."""
        return Site(self.app, PASSWORD).sign_in(address(name))


@contextmanager
def demonstration_clock() -> Iterator[None]:
    """Set the application's clock, which then goes on, to the morning after the demonstration year."""
    ahead = OPENS_AT - datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + ahead

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.db, "datetime", Clock)
        yield


def loading_file(file: Path) -> Path:
    """Name the file in which the year is loaded until it is whole."""
    return file.with_suffix(".loading")


def build(file: Path) -> None:
    """Load the demonstration year into a new database file by its command, over a load that was broken off."""
    loading = loading_file(file)
    loading.unlink(missing_ok=True)
    app = application(f"sqlite:///{loading}")
    with app.app_context():
        schema.upgrade(db.engine)
        for _ in islice(load(TODAY), 2):
            pass
        db.session.remove()
    Path(f"{loading}.loading").write_text("begun\n")
    done = app.test_cli_runner().invoke(args=["demonstration", "load", "--today", TODAY.isoformat()])
    assert done.exit_code == 0, done.output
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    loading.rename(file)


@pytest.fixture(scope="session")
def demonstration_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the demonstration year, loaded by the first worker of the run that asks for it."""
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    file = folder / "demonstration-year.sqlite3"
    with (folder / "demonstration-year.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            build(file)
    return file


def _in(folder: Path) -> Demonstration:
    template, copy = folder / "template.sqlite3", folder / "used.sqlite3"
    return Demonstration(application(f"sqlite:///{copy}"), template, copy)


@pytest.fixture(scope="module")
def demonstration_year(
    demonstration_file: Path, once: Once, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    """An application over a copy of the demonstration year that the tests of one module share."""
    if once.year is None:
        once.year = _in(tmp_path_factory.mktemp("demonstration"))
    year: Demonstration = once.year
    shutil.copyfile(demonstration_file, year.template)
    with demonstration_clock(), year.app.app_context():
        year.renew()
        yield year
        year.leave()
