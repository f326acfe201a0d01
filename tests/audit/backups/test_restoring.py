"""What is restored is what was backed up, and what it replaces is kept (F19; I21, I22), on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.backups.queries import facts_of
from audit.backups.rules import Facts
from audit.desk.report import check_ledger
from core.beside import beside
from core.db import db, transaction
from core.errors import RuleBroken
from core.trail import AuditLeaf
from organisation.accounts.models import SessionRecord
from tests.audit.backups.keeper import AFTER, Keeper, manifest_of, on_sqlite
from tests.factories import AT


def test_a_restore_gives_back_what_was_and_keeps_what_it_replaced(keeper: Keeper) -> None:
    """
    | when  | entries of changes | evidence                     |
    |-------|--------------------|------------------------------|
    | 4 May | as the month left  | INV-00001                    | backed up
    | 5 May | and two suppliers  | INV-00001 edited, INV-00002  |
    | 6 May | restored, and one  | INV-00001                    | the rest is kept beside
    """
    before = keeper.facts()
    file = keeper.make()
    with transaction() as session:
        session.add(SessionRecord(key_hash="x" * 64, account_id=None, data="", created_at=AT, seen_at=AT))
    keeper.add_supplier("Lost Ltd")
    keeper.add_supplier("Gone plc")
    (keeper.evidence / "2026" / "INV-00001.pdf").write_bytes(b"edited")
    (keeper.evidence / "INV-00002.pdf").write_bytes(b"another")
    replaced = keeper.facts()
    head = before.heads["changes"].sequence

    lost, kept, kept_evidence = keeper.restore(file)

    assert lost == (
        f"Entries {head + 1} to {head + 2} of the log of changes are in the present database and not in the backup of "
        "4 May 2026 at 10am."
    )
    now = keeper.facts()
    changed = {name for name, count in now.row_counts.items() if count != before.row_counts[name]}
    assert changed == {"audit_leaf", "log_entry"}
    assert now.heads["changes"].sequence == head + 1
    assert now.heads["access"].sequence == before.heads["access"].sequence
    assert now.schema_sha256 == before.schema_sha256
    newest = json.loads(db.session.scalars(select(AuditLeaf.text).order_by(AuditLeaf.id.desc())).first() or "")
    assert (newest["act"], newest["subject"], newest["role"]) == ("backup.restore", "backup.zip", "system")
    assert newest["facts"]["replaced"]["changes"] == f"{head + 2} {replaced.heads['changes'].chain_hash}"
    assert db.session.scalars(select(SessionRecord.key_hash)).all() == []
    assert check_ledger(at=AFTER).agrees
    assert _evidence(keeper.evidence) == {"2026/INV-00001.pdf": b"%PDF-1.7 an invoice"}
    assert _evidence(Path(kept_evidence)) == {"2026/INV-00001.pdf": b"edited", "INV-00002.pdf": b"another"}
    assert _facts_of_kept(keeper, kept) == replaced


def _evidence(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _facts_of_kept(keeper: Keeper, kept: str) -> Facts:
    address = db.engine.url.set(database=kept)
    with beside(address) as engine, engine.connect() as connection:
        return facts_of(connection)


@on_sqlite
def test_a_check_proves_a_backup_and_leaves_nothing_behind(keeper: Keeper) -> None:
    file = keeper.make()
    before, files = keeper.facts(), keeper.files()
    assert keeper.check(file) == ()
    assert (keeper.facts(), keeper.files()) == (before, files)
    assert file.stat().st_mode & 0o777 == 0o600


@on_sqlite
def test_a_backup_is_taken_while_others_write_and_is_one_moment(keeper: Keeper) -> None:
    """The manifest is counted on what was copied, not on what was there before or after."""
    keeper.add_supplier("Early Ltd")
    file = keeper.make()
    keeper.add_supplier("Late Ltd")
    assert keeper.check(file) == ()
    assert manifest_of(file).facts.row_counts["supplier"] == keeper.facts().row_counts["supplier"] - 1


@on_sqlite
def test_making_and_restoring_are_in_the_logs(keeper: Keeper) -> None:
    keeper.make()
    leaf = json.loads(db.session.scalars(select(AuditLeaf.text).order_by(AuditLeaf.id.desc())).first() or "")
    assert (leaf["act"], leaf["subject"]) == ("backup.make", "backup.zip")


@on_sqlite
def test_a_backup_never_replaces_a_file(keeper: Keeper) -> None:
    keeper.make()
    was = (keeper.folder / "backup.zip").read_bytes()
    with pytest.raises(RuleBroken, match=r"There is a file .* already"):
        keeper.make()
    assert (keeper.folder / "backup.zip").read_bytes() == was
    assert not list(keeper.folder.glob(".*"))
