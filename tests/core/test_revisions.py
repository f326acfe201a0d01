"""What is told of schemas without Alembic is what Alembic tells, and another schema is not served."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import create_engine, text

from app import create_app
from core import revisions, schema
from core.db import db
from core.errors import RuleBroken
from tests.conftest import settings

NEEDS = revisions.newest()


def test_the_newest_schema_is_the_one_alembic_goes_to() -> None:
    assert schema.newest_revision() == NEEDS


def test_the_schema_of_a_database_is_the_one_alembic_reads(database: None) -> None:
    assert revisions.present(db.engine) == schema.current_revision(db.engine) == NEEDS
    revisions.demand_newest(db.engine)


@pytest.mark.parametrize(
    ("has", "says"),
    [
        (None, "The database is empty. Run database upgrade first"),
        ("0001", f"The database has schema 0001 and this program needs {NEEDS}. Run database upgrade first"),
        (
            "9999",
            f"The database has schema 9999 and this program knows up to {NEEDS}: it was used with a newer version. "
            "Install that version",
        ),
    ],
)
def test_a_database_of_another_schema_is_not_served(tmp_path: Path, has: str | None, says: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    if has is not None:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:has)"), {"has": has})
    with pytest.raises(RuleBroken) as refused:
        revisions.demand_newest(engine)
    engine.dispose()
    assert refused.value.message == says


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> FlaskCliRunner:
    """Run commands of a service whose database is empty."""
    return create_app(settings(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.sqlite3'}")).test_cli_runner()


@pytest.mark.parametrize(
    "asked",
    ["reports usage --from 2026-07-01 --to 2026-09-30", "audit verify --json", "accounts list", "makings sweep"],
)
def test_a_command_refuses_a_database_of_another_schema_in_words(runner: FlaskCliRunner, asked: str) -> None:
    run = runner.invoke(args=asked.split())
    assert (run.exit_code, run.output) == (2, "Error: The database is empty. Run database upgrade first.\n")


@pytest.fixture(scope="module", params=["a file in no folder", "a server that does not run"])
def nowhere(request: pytest.FixtureRequest) -> FlaskCliRunner:
    """Run commands of a service whose database is out of reach."""
    file, server = "sqlite:////no-such-folder/force.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/force"
    return create_app(settings(file if "file" in request.param else server)).test_cli_runner()


@pytest.mark.parametrize(
    "asked",
    [
        "accounts list", "audit verify", "backup make /tmp", "database upgrade", "demonstration answers",
        "demonstration load", "position keep", "serve",
    ],
)  # fmt: skip
def test_a_command_says_in_words_that_the_database_is_out_of_reach(nowhere: FlaskCliRunner, asked: str) -> None:
    run = nowhere.invoke(args=asked.split())
    assert isinstance(run.exception, SystemExit)  # it ended by itself
    assert run.exit_code == 2
    assert "DATABASE_URL" in run.output or "Nothing can be written to /no-such-folder" in run.output


def test_a_command_tells_what_it_takes_also_where_there_is_no_database(runner: FlaskCliRunner) -> None:
    run = runner.invoke(args=["audit", "verify", "--help"])
    assert run.exit_code == 0
    assert "--json" in run.output
