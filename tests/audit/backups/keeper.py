"""Who keeps the backups of a service in tests, and how a backup is written again by somebody who means ill."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.backups import rules
from audit.backups.queries import facts_of
from audit.backups.rules import Facts, Manifest
from audit.backups.services import Store, archive, examined, make, note_restore, restorable, store_of, take_place
from core.beside import beside
from core.db import db, transaction
from core.errors import RuleBroken
from organisation.suppliers import services as suppliers
from tests.databases import Databases
from tests.factories import AT, World, submission

KEY = "only-for-tests-0123456789abcdef0123456789abcdef"
LATER = AT + timedelta(days=1)
AFTER = AT + timedelta(days=2)


on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True, scope="session")
"""A test that says the same of either database, and is quicker on this one."""
on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")


@dataclass(frozen=True)
class Keeper:
    """Who keeps the backups of a service: the force's month, an invoice as evidence, and a folder for files."""

    world: World
    databases: Databases
    folder: Path
    evidence: Path

    @property
    def store(self) -> Store:
        return store_of(db.engine)

    def make(self, name: str = "backup.zip") -> Path:
        self.leave()
        return make(self.folder / name, store=self.store, evidence=self.evidence, secret_key=KEY, at=AT).file

    def check(self, file: Path, *, any_key: bool = False) -> tuple[str, ...]:
        self.leave()
        with examined(file, store=self.store, secret_key=KEY, at=LATER, any_key=any_key) as found:
            return found.findings

    def restore(self, file: Path, *, store: Store | None = None, despite_findings: bool = False) -> list[str]:
        """Restore as the command does, and give what was said to be lost and what the old things are called now."""
        self.leave()
        with restorable(
            file,
            store=store or self.store,
            evidence=self.evidence,
            secret_key=KEY,
            at=AFTER,
            despite_findings=despite_findings,
        ) as ready:
            with beside(ready.database), transaction():
                note_restore(ready, at=AFTER)
            done = take_place(ready, at=AFTER)
        return [ready.loss, done.kept, str(done.kept_evidence)]

    def leave(self) -> None:
        db.session.rollback()
        db.session.remove()
        self.databases.close()

    def facts(self) -> Facts:
        """Give what the database holds, access log aside."""
        with db.engine.connect() as connection:
            return facts_of(connection)

    def add_supplier(self, name: str) -> None:
        grants = self.world.actor("grants")
        with transaction():
            suppliers.add_supplier(name.split()[0].upper(), name, by=grants, at=LATER, submission_id=submission())

    def files(self) -> list[str]:
        """List everything that lies in the folders a backup could leave something in."""
        places = [self.folder, *([Path(db.engine.url.database or "").parent] if self.store.kind == "sqlite" else [])]
        return sorted(str(path) for place in places for path in place.rglob("*") if path.suffix != ".writers")

    def refused(self, file: Path, words: str, **options: bool) -> None:
        """Assert that a file is refused in words by check and restore alike, and that nothing has changed."""
        before, files = self.facts(), self.files()
        for act in (lambda: self.check(file, **options), lambda: self.restore(file)):
            with pytest.raises(RuleBroken) as refused:
                act()
            assert words in refused.value.message
            assert refused.value.message.startswith("This backup cannot be used: ")
            assert "Nothing has been changed" in refused.value.message
        assert (self.facts(), self.files()) == (before, files)


def manifest_of(file: Path) -> Manifest:
    with zipfile.ZipFile(file) as packed:
        return rules.read(packed.read(rules.MANIFEST))


def repacked(file: Path, change: Callable[[Manifest, dict[str, Path]], Manifest], key: str = KEY) -> Path:
    """Write a backup again as somebody with the key could, with parts and manifest as they like."""
    folder = file.parent / "repacking"
    manifest = manifest_of(file)
    with archive.opened(file) as packed:
        parts = {part.name: packed.unpack(part, folder / part.name) for part in manifest.parts}
    manifest = change(manifest, parts)
    manifest = replace(manifest, parts=tuple(archive.part_of(name, path) for name, path in parts.items()))
    other = file.with_name("other.zip")
    other.unlink(missing_ok=True)
    archive.pack(other, manifest, parts, key)
    shutil.rmtree(folder)
    return other


def as_it_is(manifest: Manifest, _: dict[str, Path]) -> Manifest:
    return manifest


@contextmanager
def nothing_changes(keeper: Keeper) -> Iterator[None]:
    """Assert that a block changes nothing."""
    before = keeper.facts()
    yield
    assert keeper.facts() == before
