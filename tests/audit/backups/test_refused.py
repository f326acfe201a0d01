"""A backup that is not what it says changes nothing (A78), on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from audit.backups.rules import Manifest
from audit.backups.services import make
from core.db import db
from core.errors import RuleBroken
from migrations import triggers
from tests.audit.backups.keeper import KEY, Keeper, as_it_is, nothing_changes, on_sqlite, repacked
from tests.audit.tampering import tamper
from tests.factories import AT

pytestmark = on_sqlite


def test_a_manifest_of_another_key_is_refused_unless_it_is_trusted(keeper: Keeper) -> None:
    other = repacked(keeper.make(), as_it_is, key="another key, which nobody here ever knew")
    keeper.refused(other, "its manifest was not made with this service's secret key")
    if keeper.store.kind == "sqlite":
        assert keeper.check(other, any_key=True) == ()


def test_a_backup_of_a_newer_version_another_kind_or_another_service_is_refused(keeper: Keeper) -> None:
    file = keeper.make()

    def newer(manifest: Manifest, _: dict[str, Path]) -> Manifest:
        return replace(manifest, facts=replace(manifest.facts, schema="9999"))

    keeper.refused(repacked(file, newer), "it has schema 9999 and this program knows up to")
    with nothing_changes(keeper):
        foreign = repacked(
            file, lambda manifest, _: replace(manifest, facts=replace(manifest.facts, first_entry="9" * 64))
        )
        with pytest.raises(RuleBroken, match="it is of another service"):
            keeper.restore(foreign)


def test_a_database_that_is_not_what_its_manifest_says_is_refused(keeper: Keeper) -> None:
    def other_counts(manifest: Manifest, _: dict[str, Path]) -> Manifest:
        counts = {**manifest.facts.row_counts, "move": 50}
        return replace(manifest, facts=replace(manifest.facts, row_counts=counts))

    keeper.refused(repacked(keeper.make(), other_counts), "and the manifest says 50 rows of move")


def test_books_that_were_changed_before_the_backup_are_named_and_restored_only_despite_it(keeper: Keeper) -> None:
    tamper("audit_leaf", "UPDATE audit_leaf SET text = replace(text, 'body.found', 'body.burnt') WHERE id = 1")
    rebuild_triggers(keeper)
    words = "Log of changes: Entry 1: the text of its leaf is not what was sealed."
    made = make(keeper.folder / "b.zip", store=keeper.store, evidence=None, secret_key=KEY, at=AT)
    assert made.findings[0] == words
    assert keeper.check(made.file) == made.findings
    with nothing_changes(keeper), pytest.raises(RuleBroken, match="its books do not agree"):
        keeper.restore(made.file)
    keeper.restore(made.file, despite_findings=True)


def rebuild_triggers(keeper: Keeper) -> None:
    """Give audit_leaf back the triggers that were taken away to change it."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if keeper.store.kind == "postgresql":
            connection.execute(text("ALTER TABLE audit_leaf ENABLE TRIGGER ALL"))
            return
        with Operations.context(MigrationContext.configure(connection)):
            triggers.append_only("audit_leaf", [["id"]])


def test_a_database_without_its_triggers_is_refused(keeper: Keeper) -> None:
    tamper("move", "SELECT 1")
    keeper.refused(keeper.make(), "what keeps its ledger from being edited may have been taken away")
