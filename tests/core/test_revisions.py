"""What is told of schemas without Alembic is what Alembic tells, and another schema is not served."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core import revisions, schema
from core.db import db
from core.errors import RuleBroken

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
