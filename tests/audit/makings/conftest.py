"""A folder for big reports, and asking for an extract as its page does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from audit.makings import queries, services
from audit.makings.services import Folder
from audit.trail.queries import Asked
from audit.trail.report import filters_of, freeze_extract
from core.db import db, now, transaction
from core.figures.storing import text_of
from tests.factories import World, submission


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Folder]:
    """The folder of big reports, empty."""
    before = app.config["REPORTS_DIR"]
    app.config["REPORTS_DIR"] = str(tmp_path / "reports")
    (tmp_path / "reports").mkdir()
    yield Folder(tmp_path / "reports")
    app.config["REPORTS_DIR"] = before


Ask = Callable[..., str]


@pytest.fixture
def ask(world: World) -> Ask:
    """Ask for an extract of the log of changes; gives its reference."""

    def asked(who: str = "auditor", form: str | None = None, subject: str = "", gone: tuple[str, ...] = ()) -> str:
        wanted = Asked(subject=subject)
        frozen = text_of(freeze_extract(wanted, filters_of(wanted)))
        with transaction():
            making, _ = services.ask(
                "extract", frozen, filters_of(wanted), gone=gone, by=world.actor(who), at=now(),
                submission_id=form or submission(),
            )  # fmt: skip
            return making.reference

    return asked


def state_of(reference: str) -> str:
    """Read how far a making has come, as it is now."""
    db.session.rollback()
    found = queries.making_by_reference(reference).state.value
    db.session.rollback()
    return found
