"""Files of all kinds on SQLite: naive copies, damage, a full disk, kills (F2, F7, F18, F21)."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from audit.backups import rules
from audit.backups.queries import facts_of
from audit.backups.rules import Facts, Manifest
from audit.backups.services.sqlite import SqliteStore
from audit.desk.report import check_ledger
from core.db import db
from core.errors import RuleBroken, Unavailable
from tests.audit.backups.keeper import AFTER, Keeper, on_sqlite, repacked

pytestmark = on_sqlite


def test_files_that_are_no_backup_are_refused(keeper: Keeper) -> None:
    file = keeper.make()
    whole = file.read_bytes()
    (bad := keeper.folder / "bad.zip").touch()
    for data, words in (
        (b"", "it is not a backup of this program"),
        (b"A letter" * 1000, "it is not a backup of this program"),
        (whole[: len(whole) // 2], "it is not a backup of this program, or it was cut off or damaged"),
        (whole[:-1], "cut off or damaged"),
        (b"SQLite format 3\0" + bytes(4096), "it is a bare database file"),
    ):
        bad.write_bytes(data)
        keeper.refused(bad, words)


def test_a_flipped_byte_anywhere_is_found(keeper: Keeper) -> None:
    file = keeper.make()
    with zipfile.ZipFile(file) as packed:
        offsets = {info.filename: info.header_offset + 30 + len(info.filename) for info in packed.infolist()}
    data = bytearray(file.read_bytes())
    for name, words in (
        (rules.MANIFEST, "damaged"),
        ((keeper.store.kind == "sqlite" and "database.sqlite3") or "database.dump", "in it is damaged"),
        ("evidence/2026/INV-00001.pdf", "in it is damaged"),
    ):
        changed = bytearray(data)
        changed[offsets[name] + 12] ^= 0xFF
        (bad := keeper.folder / "bad.zip").write_bytes(changed)
        keeper.refused(bad, words)
        bad.unlink()


def test_swapped_evidence_is_found(keeper: Keeper) -> None:
    file = keeper.make()
    other = keeper.folder / "other.zip"
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(other, "w") as written:
        for info in packed.infolist():
            data = packed.read(info)
            written.writestr(info.filename, b"%PDF-1.7 another one"[: len(data)] if "INV" in info.filename else data)
    keeper.refused(other, "“evidence/2026/INV-00001.pdf” in it is not the file its manifest lists")


def live(keeper: Keeper) -> Path:
    """Give the file of the service's database, which nobody has open."""
    keeper.leave()
    db.engine.dispose()
    return Path(db.engine.url.database or "")


def facts_as_they_are(file: Path) -> Facts:
    """Read what a file holds without choosing its journal, as the service would."""
    with create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        return facts_of(connection)


def test_a_naive_copy_of_a_busy_database_does_not_pass_for_a_backup(keeper: Keeper) -> None:
    """The newest rows of a WAL database lie in another file; the copy is sound in itself, and short of them."""
    file, database = keeper.make(), live(keeper)
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE late (id INTEGER PRIMARY KEY)")
        writer.executemany("INSERT INTO late VALUES (?)", [(number,) for number in range(50)])
        writer.commit()
        naive = keeper.folder / "naive.sqlite3"
        shutil.copyfile(database, naive)
        with closing(sqlite3.connect(naive)) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'late'").fetchone() == (0,)
        told = facts_as_they_are(database)
        assert told.row_counts["late"] == 50

        def swapped(manifest: Manifest, parts: dict[str, Path]) -> Manifest:
            shutil.copyfile(naive, parts["database.sqlite3"])
            return replace(manifest, facts=told)

        with pytest.raises(RuleBroken, match="The database has no table late and the manifest says 50 rows of late"):
            keeper.check(repacked(file, swapped))
    with pytest.raises(RuleBroken, match="it is a bare database file with nothing to prove that it is whole"):
        keeper.check(naive)


def test_a_damaged_page_is_found_in_a_backup_and_stops_the_making_of_one(keeper: Keeper) -> None:
    file, database = keeper.make(), live(keeper)
    with closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'lot'").fetchone()

    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[(page - 1) * 4096 + 3] ^= 0xFF
        path.write_bytes(data)

    def damaged(manifest: Manifest, parts: dict[str, Path]) -> Manifest:
        damage(parts["database.sqlite3"])
        return manifest

    keeper.refused(repacked(file, damaged), "the database in it is damaged")
    live(keeper)
    damage(database)
    with pytest.raises(RuleBroken, match="The database is damaged, so no backup of it has been made"):
        keeper.make("second.zip")
    assert not (keeper.folder / "second.zip").exists()


def test_a_damaged_database_is_replaced_and_kept_byte_by_byte(keeper: Keeper) -> None:
    file, database = keeper.make(), live(keeper)
    before = keeper.facts()
    live(keeper)
    database.write_bytes(b"This is a letter." * 1000)
    lost, kept, _ = keeper.restore(file)
    assert lost == "There is no present database to compare it with."
    assert Path(kept).read_bytes() == b"This is a letter." * 1000
    assert keeper.facts().row_counts["move"] == before.row_counts["move"]
    assert check_ledger(at=AFTER).agrees


def test_a_database_in_use_is_not_replaced(keeper: Keeper) -> None:
    file = keeper.make()
    before = keeper.facts()
    with closing(sqlite3.connect(live(keeper), isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM move").fetchone()
        with pytest.raises(Unavailable, match=r"database is locked\. Stop the service and restore again"):
            keeper.restore(file, store=SqliteStore(db.engine, 0.2))
    assert keeper.facts() == before


def _in_a_process_killed_at(event: str, named: str, act: Callable[[], object]) -> None:
    """Do something in a process of its own, which is killed when Python is about to touch a file in some way."""
    child = os.fork()
    if child == 0:  # pragma: no cover

        def kill(name: str, arguments: tuple[object, ...]) -> None:
            if name == event and named in str(arguments[0]):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        try:
            act()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize(("event", "named"), [("open", "database.sqlite3"), ("os.link", ".part")])
def test_a_kill_while_a_backup_is_made_leaves_no_file_of_its_name(keeper: Keeper, event: str, named: str) -> None:
    first = keeper.make()
    live(keeper)
    _in_a_process_killed_at(event, named, lambda: keeper.make("second.zip"))
    assert not (keeper.folder / "second.zip").exists()
    assert keeper.check(first) == ()
    assert keeper.check(keeper.make("second.zip")) == ()
    assert not [path for path in keeper.files() if "/.backup-" in path or path.endswith(".part")]


@pytest.mark.parametrize("event", ["sqlite3.connect", "open"])
def test_a_kill_before_the_restored_database_takes_its_place_leaves_the_old_one(keeper: Keeper, event: str) -> None:
    file = keeper.make()
    keeper.add_supplier("Kept Ltd")
    before = keeper.facts()
    live(keeper)
    _in_a_process_killed_at(event, "-before-", lambda: keeper.restore(file))
    assert keeper.facts() == before
    with pytest.raises(RuleBroken, match="another restore is running, or was stopped"):
        keeper.restore(file)
    for left in keeper.folder.glob("evidence-restoring-*"):
        shutil.rmtree(left)
    keeper.restore(file)
    assert "Kept Ltd" not in db.session.scalars(text("SELECT name FROM supplier")).all()


def test_a_full_disk_leaves_nothing_of_a_backup(keeper: Keeper) -> None:
    live(keeper)
    said, told = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            keeper.make("full.zip")
        except Unavailable as problem:
            os.write(told, problem.message.encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    words = os.read(said, 1000).decode()
    os.close(said)
    os.close(told)
    assert "No backup has been made" in words
    assert not list(keeper.folder.glob("*full*"))
    assert not list(keeper.folder.glob(".*"))
