"""PostgreSQL is backed up and restored by its own programs, and by none that are missing or unmended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from audit.backups.rules import Manifest
from audit.backups.services import postgresql
from core.db import db
from core.errors import RuleBroken, Unavailable
from tests.audit.backups.keeper import Keeper, as_it_is, on_postgresql, repacked
from tests.audit.tampering import tamper

pytestmark = [pytest.mark.postgres, on_postgresql]


def test_missing_programs_are_named(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(keeper.folder))
    with pytest.raises(RuleBroken, match=r"pg_dump of PostgreSQL \d+ or newer is missing\. Install"):
        keeper.make()


def test_a_database_somebody_is_connected_to_is_not_replaced(keeper: Keeper) -> None:
    file = keeper.make()
    before = keeper.facts()
    db.engine.dispose()
    address = db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(address), pytest.raises(Unavailable, match="Stop the service and restore again"):
        keeper.restore(file, store=postgresql.PostgresqlStore(db.engine, 0.2))
    assert keeper.facts() == before


def test_a_dump_nobody_vouches_for_needs_mended_programs(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    assert postgresql.unmended((15, 18))
    assert postgresql.unmended((14, 30))
    assert not postgresql.unmended((15, 20))
    assert not postgresql.unmended((19, 0))
    other = repacked(keeper.make(), as_it_is, key="another key, which nobody here ever knew")
    monkeypatch.setattr(postgresql, "MENDED", {15: 99, 16: 99, 17: 99, 18: 99})
    with pytest.raises(RuleBroken, match="nothing vouches for it"):
        keeper.check(other, any_key=True)


def test_a_dump_that_is_not_what_its_manifest_says_is_refused(keeper: Keeper) -> None:
    def other_counts(manifest: Manifest, _: dict[str, Path]) -> Manifest:
        counts = {**manifest.facts.row_counts, "move": 50}
        return replace(manifest, facts=replace(manifest.facts, row_counts=counts))

    file = repacked(keeper.make(), other_counts)
    before, databases = keeper.facts(), _databases()
    with pytest.raises(RuleBroken, match="and the manifest says 50 rows of move"):
        keeper.check(file)
    assert (keeper.facts(), _databases()) == (before, databases)


def test_a_dump_without_its_triggers_is_refused(keeper: Keeper) -> None:
    tamper("move", "SELECT 1")
    with pytest.raises(RuleBroken, match="what keeps its ledger from being edited may have been taken away"):
        keeper.check(keeper.make())


def _databases() -> list[str]:
    with db.engine.connect() as connection:
        return sorted(connection.scalars(text("SELECT datname FROM pg_database")))
