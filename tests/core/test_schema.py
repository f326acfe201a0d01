"""An upgrade changes what a database can hold and never what it holds (F3, F22, I21), in either database."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from core import damage, schema
from core.db import db, prepare_engine
from core.digests import ledger_digest
from core.errors import RuleBroken
from tests.factories import World

STEP = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    {body}
'''

SOUND = (
    'op.add_column("item", sa.Column("colour", sa.String(20), server_default="grey"))',
    'op.create_table("shelf", sa.Column("id", sa.Integer, primary_key=True))',
    "op.execute(\"INSERT INTO place (code, name, kind, holds_stock) VALUES ('ELSE', 'Elsewhere', 'issued', false)\")",
)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A folder of migrations of its own: those of this program, so far."""
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "migrations"


def add(migrations: Path, *bodies: str) -> None:
    """Add migrations of the future."""
    before = schema.newest_revision()
    for number, body in enumerate(bodies, start=1):
        words = STEP.format(title=f"Step {number}.", revision=f"future_{number}", before=before, body=body)
        (migrations / "versions" / f"future_{number}.py").write_text(words)
        before = f"future_{number}"


def digest() -> str:
    """Give the ledger digest as it is now."""
    with db.engine.connect() as connection:
        return ledger_digest(connection).sha256


def columns(table: str) -> set[str]:
    """List a table's columns as they are now."""
    with db.engine.connect() as connection:
        return set(connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())


def test_new_tables_columns_and_rows_of_reference_keep_what_was_there(world: World, migrations: Path) -> None:
    before = digest()
    add(migrations, *SOUND)
    kept = schema.upgrade(db.engine, migrations)
    assert kept is not None
    assert kept.sha256 == before
    assert "colour" in columns("item")
    assert schema.current_revision(db.engine) == "future_3"
    assert schema.upgrade(db.engine, migrations) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("op.execute(\"UPDATE place SET name = 'Elsewhere' WHERE code = 'STORE'\")",
         "Table place still has {places} rows, and they are not the same."),
        ('op.drop_column("account", "disabled_at")', "Table account has lost disabled_at."),
        ('op.execute("DELETE FROM credential")', "Table credential had {keys} rows and has 0."),
        ('op.rename_table("credential", "keys")', "Table credential with its {keys} rows is gone."),
        ("op.execute(\"INSERT INTO log_entry SELECT log, 900, (SELECT max(id) FROM audit_leaf) + 9, leaf_hash, "
         "chain_hash FROM log_entry WHERE sequence = 1\")",
         "Table log_entry had {entries} rows and has {more}."),
    ],
)  # fmt: skip
def test_a_migration_that_changes_what_is_held_is_named_and_undone(
    world: World, migrations: Path, body: str, words: str
) -> None:
    with db.engine.connect() as connection:
        found = {
            name: connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for name, table in (("places", "place"), ("keys", "credential"), ("entries", "log_entry"))
        }
    before = digest()
    add(migrations, SOUND[0], _unchecked(body))
    with pytest.raises(RuleBroken) as refused:
        schema.upgrade(db.engine, migrations)
    assert words.format(**found, more=found["entries"] + 1) in refused.value.message
    assert refused.value.message.startswith("Migration future_2 changes what the database holds: ")
    assert (digest(), schema.current_revision(db.engine)) == (before, schema.newest_revision())
    assert "colour" not in columns("item")


def _unchecked(body: str) -> str:
    """Let a migration do what foreign keys and triggers would refuse."""
    if "log_entry" not in body:
        return body
    if db.engine.dialect.name == "sqlite":
        return f'op.execute("PRAGMA defer_foreign_keys = ON")\n    {body}'
    return f'op.execute("SET LOCAL session_replication_role = replica")\n    {body}'


def test_a_database_of_a_newer_version_is_left_alone(world: World, migrations: Path) -> None:
    add(migrations, SOUND[0])
    schema.upgrade(db.engine, migrations)
    before = digest()
    with pytest.raises(RuleBroken, match="has schema future_1 and this program knows up to"):
        schema.upgrade(db.engine)
    assert digest() == before


def test_a_kill_at_any_step_leaves_the_old_schema_or_the_new(world: World, migrations: Path) -> None:
    add(migrations, *SOUND)
    before, new = digest(), "future_3"
    db.session.remove()
    db.engine.dispose()
    seen = set()
    for step in (2, 5, 1_000):
        _killed_at(step, migrations)
        seen.add(schema.current_revision(db.engine))
        with db.engine.connect() as connection:
            assert not damage.damage(connection)
        db.engine.dispose()
    assert seen == {schema.newest_revision(), new}
    add(migrations)
    assert schema.upgrade(db.engine, migrations) is None
    assert before != digest()  # a column has joined
    assert "colour" in columns("item")


def _killed_at(step: int, migrations: Path) -> None:
    """Upgrade in a process of its own, which is killed before its so-manyth change of the database."""
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            engine = create_engine(db.engine.url)
            prepare_engine(engine)
            changes = iter(range(1, step + 1))

            @event.listens_for(engine, "before_cursor_execute")
            def kill(_c: object, _k: object, statement: str, *_: object) -> None:
                changing = statement.lstrip().upper().startswith(("ALTER", "CREATE", "INSERT", "UPDATE"))
                if changing and next(changes, None) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            schema.upgrade(engine, migrations)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


# ---- Damage -------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of an SQLite database that nobody has open."""
    engine = engine_of(tmp_path / "service.sqlite3")
    schema.upgrade(engine)
    engine.dispose()
    return tmp_path / "service.sqlite3"


def engine_of(file: Path) -> Engine:
    """Open a file as the service does."""
    engine = create_engine(f"sqlite:///{file}")
    prepare_engine(engine)
    return engine


def root_page(file: Path, table: str) -> int:
    """Tell on which page a table begins."""
    with sqlite3.connect(file) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    return int(page)


def test_a_damaged_page_is_found_before_anything_is_changed(file: Path) -> None:
    damage.demand_sound(engine_of(file))
    whole = file.read_bytes()
    for offset in (0, 3, 5):
        data = bytearray(whole)
        data[(root_page(file, "place") - 1) * 4096 + offset] ^= 0xFF
        file.write_bytes(data)
        with pytest.raises(RuleBroken, match="The database is damaged"):
            damage.demand_sound(engine_of(file))
        assert file.read_bytes() == data
        file.write_bytes(whole)


def test_a_file_that_is_no_database_is_said_to_be_none(file: Path) -> None:
    file.write_bytes(b"This is a letter." * 1_000)
    with pytest.raises(RuleBroken, match="SQLite says: file is not a database"):
        damage.demand_sound(engine_of(file))
