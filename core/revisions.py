"""Which schema a database has and which one this program needs, told without Alembic.

Alembic takes longer to import than most starts take altogether, and only an upgrade needs it (``core/schema.py``).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from core.errors import RuleBroken

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def newest(migrations: Path = MIGRATIONS) -> str:
    """Tell which schema this program needs: the number that the last migration's file begins with."""
    return max(script.name.partition("_")[0] for script in (migrations / "versions").glob("[0-9]*_*.py"))


def present(engine: Engine) -> str | None:
    """Tell which schema the database has, or None when it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def demand_newest(engine: Engine) -> None:
    """Refuse to serve a database of another schema than this program's.

    Raises:
        RuleBroken: it is empty, older or newer, and what to do.
    """
    has, needs = present(engine), newest()
    if has is None:
        raise RuleBroken("The database is empty. Run database upgrade first")
    if has < needs:
        raise RuleBroken(f"The database has schema {has} and this program needs {needs}. Run database upgrade first")
    if has > needs:
        raise RuleBroken(
            f"The database has schema {has} and this program knows up to {needs}: it was used with a newer version. "
            "Install that version"
        )
