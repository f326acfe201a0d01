"""Restoring: proved beside the present database, then put in its place; what was there is kept under a dated name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete

from audit.backups import rules
from audit.backups.rules import Facts, Manifest, unusable
from audit.backups.services.archive import settle
from audit.backups.services.examining import Examined, examined
from audit.backups.services.stores import Store
from core import trail
from core.beside import beside
from core.db import db, transaction
from core.errors import RuleBroken
from organisation.accounts.models import SessionRecord


@dataclass(frozen=True)
class Restored:
    """A backup that took the place of the present database.

    Attributes:
        kept: what the old database is called now.
        kept_evidence: what the old folder of evidence is called now, or None when there was none.
    """

    manifest: Manifest
    kept: str
    kept_evidence: Path | None


def restore(
    file: Path,
    *,
    store: Store,
    evidence: Path | None,
    secret_key: str,
    at: datetime,
    agreed: Callable[[str], bool],
    any_key: bool = False,
    despite_findings: bool = False,
) -> Restored | None:
    """Put a proved backup in the place of the present database and evidence.

    Everybody must sign in again, and the restored log says what happened: which backup, and how far the log had gone
    that it replaces.

    Args:
        agreed: is told what will be lost, and says whether to go on.
        despite_findings: restore books that did not agree when they were backed up.

    Returns:
        What was done; None when it was not agreed to.

    Raises:
        RuleBroken: the backup cannot be used; nothing has been changed.
        Unavailable: somebody uses the database; nothing has been changed.

    Keeps: INV-21, INV-22
    """
    beside_evidence = _beside(evidence, at) if evidence else None
    try:
        with examined(
            file, store=store, secret_key=secret_key, at=at, any_key=any_key, evidence=beside_evidence
        ) as found:
            present = store.present()
            rules.demand_ours(found.manifest, present)
            if found.findings and not despite_findings:
                raise unusable(f"its books do not agree. {found.findings[0].removesuffix('.')}")
            if not agreed(rules.lost(present, found.manifest)):
                return None
            _note(file, found, present, at)
            kept = store.swap(found.database, at=at)
            return Restored(found.manifest, kept, _swap_evidence(evidence, beside_evidence, at))
    finally:
        _clear(beside_evidence)


def _note(file: Path, found: Examined, present: Facts | None, at: datetime) -> None:
    """End every session of the restored database, and write down what it replaces."""
    heads = present.heads if present else {}
    with beside(found.database), transaction():
        db.session.execute(delete(SessionRecord))
        trail.record(
            act="backup.restore",
            subject=file.name,
            by=None,
            at=at,
            backed_up_at=found.manifest.made_at,
            ledger=found.manifest.facts.ledger_sha256,
            replaced={log: f"{head.sequence} {head.chain_hash}" for log, head in heads.items()},
        )


def _beside(evidence: Path, at: datetime) -> Path:
    made = evidence.with_name(f"{evidence.name}-restoring-{rules.stamp(at)}")
    try:
        made.mkdir(parents=True)
    except FileExistsError:
        raise RuleBroken(f"{made} is there already: another restore is running, or was stopped. Remove it") from None
    return made


def _swap_evidence(evidence: Path | None, restored: Path | None, at: datetime) -> Path | None:
    """Put the restored evidence in place. A database finds in the older folder what it names, so it comes second."""
    if evidence is None or restored is None:
        return None
    kept = evidence.with_name(f"{evidence.name}-before-{rules.stamp(at)}") if evidence.exists() else None
    if kept:
        evidence.rename(kept)
    restored.rename(evidence)
    settle(evidence.parent)
    return kept


def _clear(folder: Path | None) -> None:
    """Remove evidence that was unpacked and did not take its place."""
    if folder and folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
