"""Checkpoints: what they sign, when they are made, and when nothing may be signed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import trail
from core.db import Base, db, now, transaction
from core.figures import Checkpoint as FigureCheckpoint
from core.figures import Imprint
from core.trail import checkpoints, kept, merkle
from core.trail.keys import CannotSign, following
from core.trail.models import Checkpoint, KeptHash, Log, LogEntry
from core.trail.queries import signed_line
from core.trail.signing import CheckingKey, Note, SigningKey
from tests.audit.signing import ORIGIN, made
from tests.audit.tampering import tamper
from tests.factories import AT, World


def leaves(log: Log) -> list[bytes]:
    return list(db.session.scalars(select(LogEntry.leaf_hash).where(LogEntry.log == log).order_by(LogEntry.sequence)))


def act(count: int = 1, *, at: datetime = AT) -> None:
    """Record changes of nothing."""
    with transaction():
        for number in range(count):
            trail.record(act="par.set", subject=f"thing {number}", by=None, at=at)


def key_file(app: Flask) -> Path:
    return Path(app.config["CHECKPOINT_KEY"])


def test_a_checkpoint_signs_the_roots_of_both_logs_and_of_every_table(world: World, signing: CheckingKey) -> None:
    trail.record_access(act="refused", subject="/x", by=None, at=AT)
    checkpoint = made()
    said = checkpoints.statement(checkpoint)
    changes, access = leaves(Log.CHANGES), leaves(Log.ACCESS)
    assert (said.origin, said.size, said.access_size, said.at) == (ORIGIN, len(changes), len(access), AT)
    assert said.root == merkle.root(merkle.nodes_of(changes), len(changes))
    assert said.access_root == merkle.root(merkle.nodes_of(access), len(access))
    assert said.rows == kept.tables_hash(checkpoint.tables_json)
    assert signing.signed(Note.read(checkpoint.note))
    tables = kept.tables_read(checkpoint.tables_json)
    assert sorted(tables) == sorted(kept.tables_with_trees())
    for name, table in kept.tables_with_trees().items():
        with db.engine.connect() as connection:
            rows = [each for _, each in kept.row_hashes(connection, table, after=0, until=2**60)]
        assert (tables[name].size, tables[name].root) == (len(rows), merkle.root(merkle.nodes_of(rows), len(rows)))


def test_every_append_only_table_has_a_tree_or_says_why_not(app: Flask) -> None:
    known = {table.name: table for table in Base.metadata.sorted_tables if table.info.get("append_only")}
    assert known.keys() - kept.tables_with_trees().keys() == kept.NOT_IN_A_TREE.keys()
    for table in kept.tables_with_trees().values():
        assert [column.name for column in table.primary_key.columns] == ["id"], table.name


def test_a_checkpoint_after_another_gives_the_same_root_as_all_leaves(world: World, signing: CheckingKey) -> None:
    sizes = []
    for count in (0, 1, 15, 40, 300):
        act(count)
        made()
        sizes.append(len(leaves(Log.CHANGES)))
    hashes = leaves(Log.CHANGES)
    nodes = merkle.nodes_of(hashes)
    found = [checkpoints.statement(each) for each in db.session.scalars(select(Checkpoint).order_by(Checkpoint.id))]
    assert [each.size for each in found] == sizes
    assert [each.root for each in found] == [merkle.root(nodes, size) for size in sizes]
    kept_nodes = kept.nodes_of_log(db.session.connection(), Log.CHANGES)
    for number in (0, 17, len(hashes) - 1):
        proof = merkle.inclusion_proof(kept_nodes, number, len(hashes))
        assert merkle.included(hashes[number], number, len(hashes), proof, found[-1].root)
    proof = merkle.consistency_proof(kept_nodes, sizes[1], sizes[-1])
    assert merkle.consistent(sizes[1], found[1].root, sizes[-1], found[-1].root, proof)
    counted = select(func.count()).where(KeptHash.tree == "changes")
    assert db.session.scalar(counted) == sum(len(hashes) >> height for height in (4, 8))


def test_nothing_is_signed_twice_when_nothing_changed(world: World, signing: CheckingKey) -> None:
    first = made()
    assert made(AT + timedelta(hours=2)).id == first.id
    act()
    assert made(AT + timedelta(hours=2)).id > first.id


def test_a_change_after_the_hour_has_a_checkpoint_made_and_one_before_has_not(
    world: World, signing: CheckingKey
) -> None:
    first = made(now() - timedelta(minutes=61))
    checkpoints.forget_looking()
    act()
    second = checkpoints.newest_checkpoint()
    assert second is not None
    assert (second.occasion, second.size) == ("hour", first.size + 1)
    checkpoints.forget_looking()
    act()
    assert checkpoints.newest_checkpoint() == second


def test_a_change_leaves_a_long_import_to_the_scheduler(world: World, signing: CheckingKey) -> None:
    act(5)
    assert checkpoints.make_checkpoint(at=AT, occasion="hour", most=4) is None
    assert checkpoints.newest_checkpoint() is None
    assert checkpoints.make_checkpoint(at=AT, occasion="hour", most=4_000) is not None


def test_a_checkpoint_is_not_made_within_a_change(world: World, signing: CheckingKey) -> None:
    with pytest.raises(RuntimeError, match="not within it"), transaction():
        checkpoints.checkpoint_now(at=AT, occasion="claim.sign")


def test_each_checkpoint_is_written_outside_once(world: World, signing: CheckingKey, outside: Path) -> None:
    first = made()
    act()
    second = made()
    found = sorted(outside.iterdir())
    assert [file.name for file in found] == [checkpoints.file_name(first), checkpoints.file_name(second)]
    assert [file.read_text() for file in found] == [first.note, second.note]
    assert {oct(file.stat().st_mode & 0o777) for file in found} == {"0o444"}


def test_a_report_prints_the_first_checkpoint_that_reaches_its_entry(world: World, signing: CheckingKey) -> None:
    assert signed_line(1) == "None: the log is not signed"
    first = made()
    act()
    made()
    root = first.note.splitlines()[2]
    says = f"1 of gobags.example/log: {first.size} entries, root {root}, 4 May 2026"
    assert signed_line(first.size) == says
    act()
    assert signed_line(first.size + 2).startswith("2 of gobags.example/log")
    imprint = Imprint("GBR-7K4M-Q2XD-9PBC", "https://localhost/verify/GBR-7K4M-Q2XD-9PBC", says)
    printed = FigureCheckpoint(first.size, "ab" * 32, AT, imprint).printed
    assert printed[1:] == (
        ("Chain hash", "ab" * 32),
        ("Register reference", "GBR-7K4M-Q2XD-9PBC"),
        ("Verify at", "https://localhost/verify/GBR-7K4M-Q2XD-9PBC"),
        ("Signed checkpoint", says),
    )


# ---- When nothing may be signed -----------------------------------------------------------------


def test_without_its_key_the_log_is_unsigned_since_the_newest_checkpoint(
    app: Flask, world: World, signing: CheckingKey
) -> None:
    first = made()
    key_file(app).rename(key_file(app).with_suffix(".away"))
    act()
    assert checkpoints.checkpoint_now(at=AT, occasion="claim.sign") is None
    found = checkpoints.standing()
    assert found.newest is not None
    assert (found.newest.id, found.unsigned_since) == (first.id, AT)
    assert found.why_not == "the file of the key that signs is missing"
    key_file(app).with_suffix(".away").rename(key_file(app))
    assert checkpoints.standing().unsigned_since is None
    made()


def test_another_key_in_the_file_signs_nothing(app: Flask, world: World, signing: CheckingKey) -> None:
    other = SigningKey.made(ORIGIN)
    key_file(app).write_text(other.private_text())
    with pytest.raises(CannotSign, match=f"holds key {other.checking.key_id}, and the log is signed by"):
        made()
    assert checkpoints.newest_checkpoint() is None


def test_a_service_without_a_key_says_since_when_it_is_unsigned(app: Flask, world: World) -> None:
    found = checkpoints.standing()
    assert (found.newest, found.key, found.why_not) == (None, None, "no key to sign with was ever made")
    assert found.unsigned_since is not None
    assert checkpoints.checkpoint_now(at=AT, occasion="hour") is None


def test_a_second_first_key_is_refused_unless_all_begins_again(app: Flask, world: World, signing: CheckingKey) -> None:
    with pytest.raises(CannotSign, match=f"key {signing.key_id} signs already"), transaction():
        checkpoints.begin_key(ORIGIN, at=AT)
    with pytest.raises(CannotSign, match="nothing writes over a key"), transaction():
        checkpoints.begin_key(ORIGIN, at=AT, again=True)
    key_file(app).unlink()
    with transaction():
        fresh = checkpoints.begin_key(ORIGIN, at=AT, again=True)
    assert fresh != signing
    assert fresh.signed(Note.read(made().note))
    newest = db.session.scalar(select(trail.AuditLeaf.text).order_by(trail.AuditLeaf.id.desc()))
    assert newest is not None
    assert json.loads(newest)["act"] == "key.begin_again"


def test_a_log_that_was_changed_is_not_signed(world: World, signing: CheckingKey) -> None:
    act(40)
    made()
    tamper("log_entry", "DELETE FROM log_entry WHERE log = 'changes' AND sequence > 30")
    tamper("audit_leaf", "DELETE FROM audit_leaf WHERE id NOT IN (SELECT leaf_id FROM log_entry)")
    with pytest.raises(CannotSign, match="the log of changes has 30 entries, and"):
        checkpoints.make_checkpoint(at=AT, occasion="hour")


def test_a_database_put_back_to_an_earlier_state_is_not_signed(world: World, signing: CheckingKey) -> None:
    made()
    act()
    made()
    tamper("checkpoint", "DELETE FROM checkpoint WHERE id = (SELECT max(id) FROM checkpoint)")
    act()
    with pytest.raises(CannotSign, match="checkpoint 2, which is kept outside, is not in this database"):
        made()


# ---- Handing over -------------------------------------------------------------------------------


def test_the_old_key_signs_for_the_new_one(app: Flask, world: World, signing: CheckingKey) -> None:
    made()
    new = checkpoints.hand_over(at=AT)
    handing = checkpoints.newest_checkpoint()
    assert handing is not None
    note = Note.read(handing.note)
    assert signing.signed(note)
    assert new.signed(note)
    assert checkpoints.statement(handing).next_key == new
    assert SigningKey.read(key_file(app).read_text()).checking == new
    act()
    assert new.signed(Note.read(made().note))
    assert [key for key, _ in checkpoints.known_keys()] == [signing, new]


def test_a_hand_over_that_was_cut_short_is_finished_by_the_next_checkpoint(
    app: Flask, world: World, signing: CheckingKey
) -> None:
    old = key_file(app).read_text()
    new = checkpoints.hand_over(at=AT)
    key_file(app).rename(following(key_file(app)))
    key_file(app).write_text(old)  # as if it had died before the new file took the old one's place
    act()
    assert new.signed(Note.read(made().note))
    assert not following(key_file(app)).exists()
