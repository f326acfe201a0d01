"""Making checkpoints: signed, kept in the database, and written where the administrator cannot edit them.

A checkpoint is made by the hour when something changed (by the scheduler, or by the first change after the hour), and
at every act that must not be argued with afterwards: a claim that is signed, a period that is closed, a pack that is
taken away. It is made after the change is committed and in transactions of its own: short ones to say how far
everything goes and to keep what was found, with the hashing between them, so nobody waits while a long import is
hashed. On PostgreSQL the first holds a barrier that every change shares: where it is held alone, no change is under
way, and so every row below the newest id of its table is there or never will be.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, text

from core.dates import moment_text
from core.db import db, now, writing_connection
from core.trail import kept
from core.trail.keys import CannotSign, checkpoint_folder, following, key_file, signing_key, write_key
from core.trail.models import AuditLeaf, Checkpoint, CheckpointKey, KeptHash, Log, LogEntry
from core.trail.queries import signed_line
from core.trail.services import record, seal
from core.trail.signing import CheckingKey, Note, NotReadable, SigningKey, Statement, sign

BARRIER = 7_230_420
"""The PostgreSQL advisory lock that every change shares and a checkpoint holds alone."""

EVERY = timedelta(hours=1)
_LOOK_EVERY_SECONDS = 60.0
_MOST_AT_A_CHANGE = 2_000
"""Rows and leaves a change may have signed on its way; more is left to the scheduler."""

_looked: dict[str, float] = {}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """Whether the log is signed.

    Attributes:
        newest: the newest checkpoint, or None.
        key: the key that is to sign, or None when none was ever made.
        why_not: why nothing can be signed now, or nothing.
        unsigned_since: from when on what was recorded is not signed, while that cannot be helped.
    """

    newest: Checkpoint | None
    key: CheckingKey | None
    why_not: str
    unsigned_since: datetime | None


@dataclass(frozen=True)
class Cut:
    """How far everything goes at one moment: entries of each log, newest id of each table."""

    sizes: Mapping[Log, int]
    ids: Mapping[str, int]


# ---- What is known -------------------------------------------------------------------------------


def newest_checkpoint() -> Checkpoint | None:
    """Give the newest checkpoint, or None."""
    return db.session.scalar(select(Checkpoint).order_by(Checkpoint.id.desc()).limit(1))


def statement(checkpoint: Checkpoint) -> Statement:
    """Read what a checkpoint says."""
    return Statement.read(Note.read(checkpoint.note).text)


def known_keys() -> list[tuple[CheckingKey, datetime]]:
    """List the keys that signed, with the moment each began, oldest first."""
    found = db.session.execute(select(CheckpointKey).order_by(CheckpointKey.id)).scalars()
    return [(CheckingKey.read(each.checking_key), each.begun_at) for each in found]


def standing() -> Standing:
    """Tell whether the log is signed, and if not, since when and why."""
    newest = newest_checkpoint()
    known = known_keys()
    why = ""
    try:
        if not known:
            raise CannotSign("no key to sign with was ever made")
        signing_key(known[-1][0])
    except CannotSign as problem:
        why = str(problem)
    since = None
    if why:
        since = newest.made_at if newest else db.session.scalar(select(func.min(AuditLeaf.recorded_at)))
    return Standing(newest, known[-1][0] if known else None, why, since)


def resting_on(sequence: int) -> str:
    """Say in a line what vouches for a report that rests on an entry of the log of changes.

    That is the first signed checkpoint that reaches so far. Where none does: since when the log is unsigned, and why.
    """
    reached = db.session.scalar(select(func.max(Checkpoint.size)))
    if reached is not None and reached >= sequence:
        return signed_line(sequence)
    found = standing()
    if not found.why_not:
        return "None yet: the next checkpoint of the log covers it"
    since = f"Unsigned since {moment_text(found.unsigned_since)}" if found.unsigned_since else "Unsigned"
    return f"{since}: {found.why_not}"


# ---- Making one ----------------------------------------------------------------------------------


def checkpoint_now(*, at: datetime, occasion: str) -> Checkpoint | None:
    """Sign how far everything goes now; call it after the change is committed, never inside ``transaction()``.

    Args:
        occasion: what it is made for, as an act ("claim.sign"), or "hour".

    Returns:
        The checkpoint, which is the newest there was when nothing changed since; None when nothing can be signed,
        which is logged, and shown to the auditor as "unsigned since".
    """
    try:
        return make_checkpoint(at=at, occasion=occasion)
    except CannotSign as problem:
        _log.warning("No checkpoint was signed: %s", problem)
        return None


def make_checkpoint(*, at: datetime, occasion: str, most: int | None = None) -> Checkpoint | None:
    """Sign how far everything goes now, or say why not.

    Args:
        most: leaves and rows that may be new; with more nothing is signed, and None given.

    Raises:
        CannotSign: there is no key, another key is in its place, or what was signed before is no longer true.
    """
    if db.session().info.get("changing"):
        raise RuntimeError("a checkpoint is made after a change, not within it")
    db.session.rollback()  # a reader of its own would keep the short transactions waiting
    known = known_keys()
    if not known:
        raise CannotSign("no key to sign with was ever made")
    signer = signing_key(known[-1][0])
    _hold_against_outside(signer.checking)
    db.session.rollback()
    made = _made(db.engine, [signer], at=at, occasion=occasion, most=most)
    if made is not None:
        db.session.expunge(made)  # it never changes; so nothing of the session stays open for its sake
        _publish()
    db.session.rollback()
    return made


def checkpoint_when_due() -> None:
    """Sign by the way when the newest checkpoint is over an hour old; a change that is committed is not troubled.

    The database is asked once a minute at most, so that a change costs nothing more.
    """
    engine = db.engine
    file = key_file()
    looked = _looked.get(str(engine.url), float("-inf"))
    if file is None or time.monotonic() - looked < _LOOK_EVERY_SECONDS:
        return
    _looked[str(engine.url)] = time.monotonic()
    if not file.exists():
        return
    try:
        newest = db.session.scalar(select(func.max(Checkpoint.made_at)))
        moment = now()
        if newest is None or moment - newest >= EVERY:
            make_checkpoint(at=moment, occasion="hour", most=_MOST_AT_A_CHANGE)
    except CannotSign as problem:
        _log.warning("No checkpoint was signed: %s", problem)
    except Exception:
        # The change is saved: whatever went wrong here must not make it look refused. The scheduler signs later.
        _log.exception("No checkpoint was signed")
    finally:
        db.session.rollback()


def forget_looking() -> None:
    """Let the next change look again whether a checkpoint is due."""
    _looked.clear()


def _made(
    engine: Engine,
    signers: Sequence[SigningKey],
    *,
    at: datetime,
    occasion: str,
    most: int | None = None,
    next_key: CheckingKey | None = None,
) -> Checkpoint | None:
    """Make a checkpoint from the one before it, unless nothing changed."""
    with writing_connection(engine) as connection:
        before = _newest(connection)
        cut = _cut(connection)
    if before:
        at = max(at, before.made_at)  # where the clock was put back, the log still never says it goes back
    ends = _ends(before)
    fresh = sum(cut.sizes[log] - ends[log.value].size for log in Log)
    new_rows = sum(last - ends.get(f"table:{name}", kept.NOTHING_YET).last for name, last in cut.ids.items())
    if before and next_key is None and not fresh and not new_rows:
        return newest_checkpoint()
    if most is not None and fresh + new_rows > most:
        return None
    try:
        with engine.connect() as connection:
            grown, subtrees = _grown(connection, ends, cut)
    except kept.NoLongerTrue as problem:
        raise CannotSign(f"{problem}: run the check of the ledger") from problem
    tables = kept.tables_text({name.removeprefix("table:"): each for name, each in grown.items() if ":" in name})
    changes, access = grown[Log.CHANGES.value], grown[Log.ACCESS.value]
    said = Statement(
        signers[0].name, changes.size, changes.root, access.size, access.root, kept.tables_hash(tables), at, next_key
    )
    row = {
        "made_at": at,
        "occasion": occasion[:60],
        "size": changes.size,
        "access_size": access.size,
        "tables_json": tables,
        "note": str(sign(said.text(), signers)),
    }
    _keep(engine, before, row, subtrees, next_key)
    return newest_checkpoint()


def cut_now() -> Cut:
    """Tell how far everything goes now, signed or not; never inside ``transaction()``."""
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        return _cut(connection)


def cut_of(checkpoint: Checkpoint) -> Cut:
    """Tell how far everything went at a checkpoint."""
    ids = {name: each.last for name, each in kept.tables_read(checkpoint.tables_json).items()}
    return Cut({Log.CHANGES: checkpoint.size, Log.ACCESS: checkpoint.access_size}, ids)


def _newest(connection: Connection) -> Checkpoint | None:
    row = connection.execute(select(Checkpoint.__table__).order_by(Checkpoint.id.desc()).limit(1)).mappings().first()
    return Checkpoint(**row) if row else None


def _cut(connection: Connection) -> Cut:
    """Seal what is committed, and tell how far everything goes while no change is under way."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": BARRIER})
    seal(connection, Log.CHANGES)  # leaves of the access log are sealed as they are written
    asked = {log: select(func.max(LogEntry.sequence)).where(LogEntry.log == log) for log in Log}
    return Cut({log: connection.scalar(each) or 0 for log, each in asked.items()}, kept.newest_ids(connection))


def _ends(before: Checkpoint | None) -> dict[str, kept.Grown]:
    """Give where every tree stood at a checkpoint: name of the tree → how far it went."""
    if before is None:
        return {log.value: kept.NOTHING_YET for log in Log}
    said = statement(before)
    return {
        Log.CHANGES.value: kept.Grown(said.size, said.size, said.root),
        Log.ACCESS.value: kept.Grown(said.access_size, said.access_size, said.access_root),
        **{f"table:{name}": each for name, each in kept.tables_read(before.tables_json).items()},
    }


def _grown(
    connection: Connection, ends: Mapping[str, kept.Grown], cut: Cut
) -> tuple[dict[str, kept.Grown], list[dict[str, object]]]:
    """Grow every tree from where it stood to the cut; give how far each goes, and the subtrees to keep."""
    grown: dict[str, kept.Grown] = {}
    subtrees: list[dict[str, object]] = []
    for log in Log:
        grown[log.value], fresh = kept.grow_log(connection, log, since=ends[log.value], until=cut.sizes[log])
        subtrees += fresh
    for name, table in kept.tables_with_trees().items():
        since = ends.get(f"table:{name}", kept.NOTHING_YET)
        grown[f"table:{name}"], fresh = kept.grow_table(connection, table, since=since, until=cut.ids[name])
        subtrees += fresh
    return grown, subtrees


def _keep(
    engine: Engine,
    before: Checkpoint | None,
    row: Mapping[str, object],
    subtrees: Sequence[Mapping[str, object]],
    next_key: CheckingKey | None,
) -> None:
    """Keep a checkpoint and its subtrees, unless another was made meanwhile."""
    with writing_connection(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": BARRIER + 1})
        newest = _newest(connection)
        if (newest.id if newest else None) != (before.id if before else None):
            return
        if subtrees:
            connection.execute(insert(KeptHash), list(subtrees))
        connection.execute(insert(Checkpoint), row)
        if next_key is not None:
            connection.execute(insert(CheckpointKey), {"checking_key": str(next_key), "begun_at": row["made_at"]})


# ---- Keys ----------------------------------------------------------------------------------------


def begin_key(name: str, *, at: datetime, again: bool = False) -> CheckingKey:
    """Make the first key of a service and write its file; inside ``transaction()``.

    Args:
        name: the key's name and the origin of the log, like gobags.example.police.uk/log.
        again: begin anew because the key is lost; everybody who checks must then be told the new key.

    Raises:
        CannotSign: a key was made before, or the file cannot be written.
    """
    known = known_keys()
    if known and not again:
        raise CannotSign(
            f"key {known[-1][0].key_id} signs already. Hand over from it to a new key; only where its file is lost for "
            "good begin again, and tell everybody who checks"
        )
    file = key_file()
    if file is None:
        raise CannotSign("no file is set for the key that signs (CHECKPOINT_KEY)")
    fresh = _first_key(file, name, adopt=not known)
    db.session.add(CheckpointKey(checking_key=str(fresh.checking), begun_at=at))
    act = "key.begin_again" if known else "key.begin"
    record(act=act, subject=f"key {fresh.checking.key_id}", by=None, at=at, key=str(fresh.checking))
    return fresh.checking


def _first_key(file: Path, name: str, *, adopt: bool) -> SigningKey:
    """Take the key that lies in the file and never signed here, or write a new one."""
    if adopt and file.exists():
        held = SigningKey.read(file.read_text())
        if held.name == name:
            return held
    fresh = SigningKey.made(name)
    write_key(file, fresh)
    return fresh


def hand_over(*, at: datetime) -> CheckingKey:
    """Make a new key that the old one signs for; the old file is replaced by the new.

    Raises:
        CannotSign: the old key cannot sign.
    """
    db.session.rollback()
    known = known_keys()
    if not known:
        raise CannotSign("no key to sign with was ever made")
    old = signing_key(known[-1][0])
    _hold_against_outside(old.checking)
    file = key_file()
    assert file is not None
    db.session.rollback()
    fresh = SigningKey.made(old.name)
    waiting = following(file)
    waiting.unlink(missing_ok=True)  # of a hand-over that was not recorded
    write_key(waiting, fresh)
    _made(db.engine, [old, fresh], at=at, occasion="key.hand_over", next_key=fresh.checking)
    if known_keys()[-1][0] != fresh.checking:
        raise CannotSign("another checkpoint was made at this very moment. Try again")
    waiting.replace(file)
    _publish()
    db.session.rollback()
    return fresh.checking


# ---- Outside -------------------------------------------------------------------------------------


def _hold_against_outside(key: CheckingKey) -> None:
    """Refuse to sign where the newest checkpoint outside, signed by this key, is not one of this database.

    Raises:
        CannotSign: the database was put back to an earlier state, or its checkpoints were changed.
    """
    newest = _newest_outside()
    if newest is None:
        return
    number, words = newest
    try:
        ours = key.signed(Note.read(words))
    except NotReadable:
        ours = False
    if ours and db.session.scalar(select(Checkpoint.note).where(Checkpoint.id == number)) != words:
        raise CannotSign(
            f"checkpoint {number:,}, which is kept outside, is not in this database: it was put back to an earlier "
            "state, or changed"
        )


def _newest_outside() -> tuple[int, str] | None:
    folder = checkpoint_folder()
    try:
        files = sorted(folder.glob("checkpoint-*-*.txt")) if folder else []
        return (_number(files[-1]), files[-1].read_text(encoding="utf-8")) if files else None
    except (OSError, ValueError) as problem:
        raise CannotSign(f"the folder outside cannot be read ({type(problem).__name__})") from problem


def _number(file: Path) -> int:
    return int(file.name.split("-")[1])


def _publish() -> None:
    """Write every checkpoint newer than those there into the folder outside, a file each; nothing is overwritten."""
    folder = checkpoint_folder()
    if folder is None:
        return
    try:
        newest = max((_number(file) for file in folder.glob("checkpoint-*-*.txt")), default=0)
        for made in db.session.scalars(select(Checkpoint).where(Checkpoint.id > newest).order_by(Checkpoint.id)):
            _write_once(folder / file_name(made), made.note)
    except (OSError, ValueError) as problem:
        _log.warning("A checkpoint could not be written into the folder outside: %s", type(problem).__name__)


def file_name(checkpoint: Checkpoint) -> str:
    """Name the file of a checkpoint, such as "checkpoint-000012-000004711.txt": its number and its entries."""
    return f"checkpoint-{checkpoint.id:06}-{checkpoint.size:09}.txt"


def _write_once(file: Path, words: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w", encoding="utf-8") as written:
        written.write(words)
        written.flush()
        os.fsync(written.fileno())


def share_barrier(connection: Connection) -> None:
    """Let a change take part in the barrier that a checkpoint holds alone. SQLite's writers queue anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": BARRIER})
