"""Making a backup: taken at one moment, looked through before it is kept, and read back from the disk."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from audit.backups import rules
from audit.backups.rules import DATABASES, Manifest
from audit.backups.services import archive
from audit.backups.services.stores import Store
from audit.desk.report import check_ledger
from core import trail
from core.beside import beside
from core.errors import RuleBroken, Unavailable


@dataclass(frozen=True)
class Made:
    """A backup that was made.

    Attributes:
        findings: what does not agree in the books as they were backed up; the backup is true to them all the same.
    """

    file: Path
    manifest: Manifest
    byte_count: int
    findings: tuple[str, ...]


@contextmanager
def scratch_folder(store: Store) -> Iterator[Path]:
    """Give a folder for copies, closed to others and gone in the end.

    Raises:
        Unavailable: there is no room for one.
    """
    try:
        _sweep(store.folder(), ".backup-*")
        folder = Path(tempfile.mkdtemp(prefix=f".backup-{os.getpid()}-", dir=store.folder()))
    except OSError as problem:
        raise Unavailable(f"Nothing can be written to {store.folder()}: {problem.strerror}") from problem
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path, pattern: str) -> None:
    """Remove what a process that was killed left half done; its number stands in the name."""
    for left in folder.glob(pattern):
        number = re.search(r"\d+", left.name.rpartition(".zip")[2] or left.name)
        if number and not Path(f"/proc/{number[0]}").exists() and Path("/proc/self").exists():
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def make(target: Path, *, store: Store, evidence: Path | None, secret_key: str, at: datetime) -> Made:
    """Back the database and the evidence up into one file, and note it in the access log.

    Args:
        target: a folder, in which the file is named by the moment, or the file.
        evidence: the folder of the evidence, or None when the service keeps none.

    Raises:
        RuleBroken: the database is damaged, a program is missing, or the file is there already.
        Unavailable: the disk is full or the database stays busy; no file is left.

    Keeps: INV-21, INV-22
    """
    file = target / rules.file_name(at) if target.is_dir() else target
    if not file.parent.is_dir():
        raise RuleBroken(f"There is no folder {file.parent}")
    _sweep(file.parent, ".*.zip.*.part")
    with scratch_folder(store) as folder:
        copy = folder / DATABASES[store.kind]
        facts = store.take(copy)
        # Evidence is written before the row that names it, so what is listed after the database is never too little.
        files = {copy.name: copy, **archive.evidence_in(evidence)}
        parts = tuple(archive.part_of(name, path) for name, path in files.items())
        manifest = Manifest(at, store.kind, facts, parts)
        findings = _books(store.readable(copy), at)
        archive.pack(file, manifest, files, secret_key)
    trail.record_access(
        act="backup.make", subject=file.name, by=None, at=at, ledger=facts.ledger_sha256, bytes=file.stat().st_size
    )
    return Made(file, manifest, file.stat().st_size, findings)


def _books(address: URL, at: datetime) -> tuple[str, ...]:
    with beside(address):
        checks = check_ledger(at=at).checks
    return tuple(f"{each.name}: {words}" for each in checks for words in each.findings)
