"""Proving a backup: raised as a database beside the present one and compared with what its manifest says."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from audit.backups import rules
from audit.backups.queries import facts_of, shape
from audit.backups.rules import Manifest, unusable
from audit.backups.services import archive
from audit.backups.services.making import scratch_folder
from audit.backups.services.stores import Store
from audit.desk.report import check_ledger
from core import schema
from core.beside import beside
from core.db import db
from core.errors import RuleBroken
from grants.evidence.queries import stored_names
from grants.evidence.services import Folder


@dataclass(frozen=True)
class Examined:
    """A backup that is what it says: its database stands beside the present one, in the newest schema.

    Attributes:
        evidence: the folder its evidence was unpacked into.
        findings: what does not agree in its books, as it did not when it was made.
        ours: whether this service's secret key made it.
    """

    manifest: Manifest
    database: URL
    evidence: Path
    findings: tuple[str, ...]
    ours: bool


@contextmanager
def examined(
    file: Path, *, store: Store, secret_key: str, at: datetime, any_key: bool = False, evidence: Path | None = None
) -> Iterator[Examined]:
    """Open a backup, believe nothing of it that cannot be proved, and let it stand beside for a block.

    In order: the list of files, the keyed hash of the manifest, every file's hash, the database's own form, its
    row counts, digest, logs and triggers against the manifest, its triggers against those this program makes; then
    it is brought to the newest schema and its books are checked.

    Args:
        any_key: believe a manifest that another secret key made, or somebody without any.
        evidence: where the evidence is unpacked; in the folder for copies when None.

    Raises:
        RuleBroken: the first thing that is wrong, in words; nothing has been changed.
    """
    with scratch_folder(store) as folder, archive.opened(file) as packed:
        rules.demand_harmless(packed.entries)
        words = packed.small(rules.MANIFEST)
        ours = _is_ours(words, packed.small(rules.KEYED_HASH), secret_key)
        if not (ours or any_key):
            raise unusable(
                "its manifest was not made with this service's secret key. If the key was lost and you trust where "
                "the file was kept, say --any-key"
            )
        manifest = rules.read(words)
        _demand_readable_here(manifest, store)
        rules.demand_listed(packed.entries, manifest, shutil.disk_usage(folder).free)
        unpacked = packed.unpack(manifest.database, folder / manifest.database.name)
        kept = evidence or folder / "evidence"
        for part in manifest.evidence:
            packed.unpack(part, kept / part.name.removeprefix(rules.EVIDENCE))
        with store.scratch(folder, "restoring") as address:
            store.load(unpacked, address, trusted=ours)
            _demand_as_told(manifest, address)
            _demand_our_triggers(manifest, store, folder)
            yield Examined(manifest, address, kept, _brought_up_to_date(address, kept, at), ours)


def _is_ours(words: bytes, told: bytes, secret_key: str) -> bool:
    return hmac.compare_digest(rules.keyed_hash(words, secret_key).encode(), told)


def _demand_readable_here(manifest: Manifest, store: Store) -> None:
    if manifest.kind != store.kind:
        raise unusable(f"it is of a database of the kind {manifest.kind}, and this service runs on {store.kind}")
    if manifest.facts.schema not in schema.known_revisions():
        raise unusable(
            f"it has schema {manifest.facts.schema} and this program knows up to {schema.newest_revision()}: "
            "it was made by a newer version"
        )


def _demand_as_told(manifest: Manifest, address: URL) -> None:
    """Compare the database with its manifest."""
    try:
        with beside(address) as engine, engine.connect() as connection:
            found = rules.contradictions(manifest.facts, facts_of(connection))
    except DatabaseError as problem:
        raise unusable(f"the database in it cannot be read ({problem.orig})") from problem
    if found:
        raise unusable(f"the database in it is not the one its manifest describes. {found[0].removesuffix('.')}")


_shapes: dict[tuple[str, str], str] = {}
"""Kind of database and schema → the digest of what this program's migrations make: made once in a process."""


def _demand_our_triggers(manifest: Manifest, store: Store, folder: Path) -> None:
    """Compare the database's tables and triggers with those that this program's migrations make."""
    made = (manifest.kind, manifest.facts.schema)
    if made not in _shapes:
        with store.scratch(folder, "fresh") as fresh, beside(fresh) as engine:
            schema.upgrade(engine, to=manifest.facts.schema)
            with engine.connect() as connection:
                _shapes[made] = shape(connection)
    if _shapes[made] != manifest.facts.schema_sha256:
        raise unusable(
            "its tables, indexes or triggers are not those that this program makes: what keeps its ledger from "
            "being edited may have been taken away"
        )


def _brought_up_to_date(address: URL, evidence: Path, at: datetime) -> tuple[str, ...]:
    """Bring the database to the newest schema, and check its books and its evidence; give what does not agree."""
    with beside(address):
        try:
            schema.upgrade(db.engine)
        except RuleBroken as problem:
            raise unusable(problem.message) from problem
        checks = check_ledger(at=at).checks
        papers = Folder(evidence).look(stored_names())
    findings = [f"{each.name}: {words}" for each in checks for words in each.findings]
    findings += [f"Evidence: the file of {reference} is missing." for reference in papers.missing]
    findings += [f"Evidence: the file of {reference} is not the one that was kept." for reference in papers.changed]
    return tuple(findings)
