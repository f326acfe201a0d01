"""Restoring: proved beside the present database, then put in its place; what was there is kept under a dated name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.engine import URL

from audit.backups import rules
from audit.backups.rules import Facts, Manifest, unusable
from audit.backups.services.archive import settle
from audit.backups.services.examining import Examined, examined
from audit.backups.services.stores import Store
from core import trail
from core.db import db
from core.errors import RuleBroken
from organisation.accounts.models import SessionRecord


@dataclass(frozen=True)
class Restorable:
    """A proved backup that may take the place of the present database.

    Attributes:
        file: its name.
        present: what the present database holds, or None when there is none.
        evidence: the service's folder of evidence, or None when it keeps none.
    """

    file: str
    found: Examined
    present: Facts | None
    store: Store
    evidence: Path | None

    @property
    def database(self) -> URL:
        """Where the restored database stands."""
        return self.found.database

    @property
    def loss(self) -> str:
        """What the present database knows and the backup does not, in words."""
        return rules.lost(self.present, self.found.manifest)


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


@contextmanager
def restorable(
    file: Path,
    *,
    store: Store,
    evidence: Path | None,
    secret_key: str,
    at: datetime,
    any_key: bool = False,
    despite_findings: bool = False,
) -> Iterator[Restorable]:
    """Prove a backup beside the present database, and let it stand there for a block.

    Args:
        despite_findings: accept books that did not agree when they were backed up.

    Raises:
        RuleBroken: the backup cannot be used; nothing has been changed.
    """
    unpacked = _beside(evidence, at) if evidence else None
    try:
        with examined(file, store=store, secret_key=secret_key, at=at, any_key=any_key, evidence=unpacked) as found:
            present = store.present()
            rules.demand_ours(found.manifest, present)
            if found.findings and not despite_findings:
                raise unusable(f"its books do not agree. {found.findings[0].removesuffix('.')}")
            yield Restorable(file.name, found, present, store, evidence)
    finally:
        _clear(unpacked)


def note_restore(ready: Restorable, *, at: datetime) -> None:
    """End every session of the restored database, and write down which backup it is and what it replaces.

    The caller has the restored database open for a change, beside the present one.
    """
    heads = ready.present.heads if ready.present else {}
    db.session.execute(delete(SessionRecord))
    trail.record(
        act="backup.restore",
        subject=ready.file,
        by=None,
        at=at,
        backed_up_at=ready.found.manifest.made_at,
        ledger=ready.found.manifest.facts.ledger_sha256,
        replaced={log: f"{head.sequence} {head.chain_hash}" for log, head in heads.items()},
    )


def take_place(ready: Restorable, *, at: datetime) -> Restored:
    """Put the restored database and evidence in the place of the present ones, which are kept under dated names.

    Raises:
        Unavailable: somebody uses the database; nothing has been changed.

    Keeps: INV-21, INV-22
    """
    kept = ready.store.swap(ready.database, at=at)
    unpacked = ready.found.evidence if ready.evidence else None
    return Restored(ready.found.manifest, kept, _swap_evidence(ready.evidence, unpacked, at))


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
