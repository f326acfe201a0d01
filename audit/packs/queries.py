"""Reading what a pack holds: leaves, rows, kept hashes and the service's own sums, up to a cut and a chunk at a time.

What is append-only is read up to the cut, so a pack that is written for a minute shows one moment. The auditor reads
everything, so no scope belongs here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select, union_all

from audit.packs.rules import COLUMNS_LEFT_OUT, LEFT_OUT
from core.db import Base, db
from core.trail import AuditLeaf, Checkpoint, Log, LogEntry, merkle
from core.trail.checkpoints import Cut
from core.trail.models import KeptHash
from core.trail.rules import canonical, canonical_row
from grants.awards.models import Award, BudgetChange, GrantLine, LineCorrection
from grants.evidence.models import Evidence
from grants.spending.models import Apportionment
from inventory.stock.models import Lot, Move
from organisation.places.models import Place

_CHUNK = 2_000


@dataclass(frozen=True)
class CheckpointFacts:
    """A checkpoint as it is kept."""

    id: int
    occasion: str
    size: int
    access_size: int
    tables_json: str
    note: str


def leaves(log: Log, *, until: int) -> Iterator[tuple[str, bytes]]:
    """Read the leaves of a log in its order: the sealed text, and the hash that was kept of it when it was sealed."""
    asked = select(LogEntry.sequence, AuditLeaf.text, LogEntry.leaf_hash).join(
        AuditLeaf, AuditLeaf.id == LogEntry.leaf_id
    )
    in_log = asked.where(LogEntry.log == log, LogEntry.sequence <= until)
    for row in _in_chunks(in_log, LogEntry.sequence):
        yield row[1], row[2]


def _in_chunks(asked: Any, key: Any) -> Iterator[Any]:
    """Read rows by a key that is their first column, a chunk at a time, holding nothing between chunks.

    On SQLite an open read would keep every writer waiting.
    """
    last = 0
    while True:
        found = db.session.execute(asked.where(key > last).order_by(key).limit(_CHUNK)).all()
        db.session.rollback()
        yield from found
        if len(found) < _CHUNK:
            return
        last = found[-1][0]


def leaf_hashes(log: Log, *, until: int) -> Iterator[str]:
    """Read the hashes that were kept of a log's leaves, in hexadecimal digits."""
    for _, kept_hash in leaves(log, until=until):
        yield kept_hash.hex()


def tables() -> dict[str, Table]:
    """Give every table whose rows are in a pack: name → table, by name."""
    found = {table.name: table for table in Base.metadata.sorted_tables}
    return {name: found[name] for name in sorted(found.keys() - LEFT_OUT.keys())}


def row_count() -> int:
    """Count the rows of every table of a pack, and the entries of both logs."""
    counts = [select(func.count().label("rows")).select_from(table) for table in tables().values()]
    found = db.session.scalar(
        select(func.sum(union_all(*counts, select(func.count(LogEntry.leaf_id))).subquery().c[0]))
    )
    return int(found or 0)


def rows(table: Table, *, cut: Cut) -> Iterator[str]:
    """Read the rows of a table as lines of canonical JSON, in the order of its key; append-only ones up to the cut."""
    names = [each.key for each in table.columns if each.key not in COLUMNS_LEFT_OUT.get(table.name, ())]
    key = list(table.primary_key.columns)
    asked: Select[Any] = select(*key, *(table.c[name] for name in names))
    if table.name in cut.ids:
        asked = asked.where(table.c.id <= cut.ids[table.name])
    if table.name in _KEPT_FROM:
        asked = asked.where(_explained_by(table, cut))
    found = _in_chunks(asked, key[0]) if [each.name for each in key] == ["id"] else _at_once(asked, key)
    for row in found:
        yield canonical_row(dict(zip(names, row[len(key) :], strict=True)))


def _at_once(asked: Select[Any], key: Sequence[Any]) -> Iterator[Any]:
    """Read a table that the database keeps from moves in one statement, so that its rows are of one moment."""
    found = db.session.execute(asked.order_by(*key)).all()
    db.session.rollback()
    yield from found


_KEPT_FROM: Mapping[str, tuple[str, str]] = {
    "bag_position": ("bag_move", "bag_id"),
    "unit_position": ("unit_move", "unit_id"),
    "balance": ("move", "explained_by_move_id"),
}
"""Table that is kept from moves → those moves, and the column that joins them. What moved on after the cut is left
out of a pack: its moves are not in it either."""


def _explained_by(table: Table, cut: Cut) -> ColumnElement[bool]:
    moves, column = _KEPT_FROM[table.name]
    if moves == "move":
        return table.c[column] <= cut.ids[moves]
    moved = Base.metadata.tables[moves]
    return ~(select(moved.c.id).where(moved.c[column] == table.c[column], moved.c.id > cut.ids[moves]).exists())


def kept_hashes(tree: str, *, size: int) -> Iterator[str]:
    """Read the kept subtrees of a tree of a size, as lines "height number hash", the lowest first."""
    for height in range(merkle.KEPT_STEP, size.bit_length(), merkle.KEPT_STEP):
        asked = select(KeptHash.number, KeptHash.hash).where(KeptHash.tree == tree, KeptHash.height == height)
        for number, hashed in _in_chunks_from(asked.where(KeptHash.number < size >> height)):
            yield f"{height} {number} {hashed.hex()}"


def _in_chunks_from(asked: Any) -> Iterator[Any]:
    """Read numbered subtrees from the first, whose number is 0."""
    zero = db.session.execute(asked.where(KeptHash.number == 0)).all()
    db.session.rollback()
    yield from zero
    yield from _in_chunks(asked, KeptHash.number)


def checkpoints(*, until: int) -> Iterator[CheckpointFacts]:
    """Read every checkpoint up to one, oldest first."""
    row = Checkpoint.__table__.c
    asked = select(row.id, row.occasion, row.size, row.access_size, row.tables_json, row.note)
    for found in _in_chunks(asked.where(row.id <= until), row.id):
        yield CheckpointFacts(*found)


def newest_checkpoints(count: int) -> list[Checkpoint]:
    """List the newest checkpoints, the newest first."""
    return list(db.session.scalars(select(Checkpoint).order_by(Checkpoint.id.desc()).limit(count)))


def checkpoint(number: int) -> Checkpoint | None:
    """Give a checkpoint by its number."""
    return db.session.get(Checkpoint, number)


def stock(*, cut: Cut) -> Iterator[str]:
    """Add up what every place that holds stock holds of each lot at the cut, as the database adds it."""
    come = _moved(Move.to_place_id, func.sum(Move.unit_count), cut)
    gone = _moved(Move.from_place_id, -func.sum(Move.unit_count), cut)
    both = come.union_all(gone).subquery()
    held = func.sum(both.c.units)
    asked = (
        select(Place.code, Lot.code, held)
        .select_from(both)
        .join(Place, Place.id == both.c.place_id)
        .join(Lot, Lot.id == both.c.lot_id)
        .where(Place.holds_stock)
        .group_by(Place.code, Lot.code)
        .having(held != 0)
    )
    for place, lot, units in sorted(db.session.execute(asked)):
        yield canonical({"place": place, "lot": lot, "units": int(units)})


def _moved(place: Any, units: ColumnElement[int], cut: Cut) -> Any:
    return (
        select(place.label("place_id"), Move.lot_id.label("lot_id"), units.label("units"))
        .where(Move.id <= cut.ids["move"])
        .group_by(place, Move.lot_id)
    )


def grant_lines(*, cut: Cut) -> Iterator[str]:
    """Add up each grant line's budget and what is apportioned to it at the cut, in pence, as the database does."""
    came = _sums(BudgetChange.to_line_id, BudgetChange.pence, BudgetChange.id <= cut.ids["budget_change"])
    went = _sums(BudgetChange.from_line_id, BudgetChange.pence, BudgetChange.id <= cut.ids["budget_change"])
    right = _sums(LineCorrection.grant_line_id, LineCorrection.pence, LineCorrection.id <= cut.ids["line_correction"])
    given = _sums(Apportionment.grant_line_id, Apportionment.pence, Apportionment.id <= cut.ids["apportionment"])
    asked = (
        select(GrantLine.id, Award.code, GrantLine.code, GrantLine.recorded_pence)
        .join(Award, Award.id == GrantLine.award_id)
        .where(GrantLine.id <= cut.ids["grant_line"])
    )
    for line_id, award, line, budget in sorted(db.session.execute(asked), key=lambda row: row[1:3]):
        revised = budget + right.get(line_id, 0) + came.get(line_id, 0) - went.get(line_id, 0)
        yield canonical(
            {"line": f"{award}/{line}", "budget_pence": revised, "apportioned_pence": given.get(line_id, 0)}
        )


def _sums(line: Any, pence: Any, within: ColumnElement[bool]) -> dict[int, int]:
    asked = select(line, func.sum(pence)).where(within).group_by(line)
    return {line_id: int(total) for line_id, total in db.session.execute(asked)}


def evidence(folder: Path, *, cut: Cut) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Read the file of every paper at the cut, each once: SHA-256 in hexadecimal digits → its bytes, in parts.

    A file that is gone is left out, and one that was replaced goes in as it is: whoever checks the pack finds both.
    """
    asked = select(Evidence.sha256, func.min(Evidence.stored_name)).where(Evidence.id <= cut.ids["evidence"])
    found = db.session.execute(asked.group_by(Evidence.sha256).order_by(Evidence.sha256)).all()
    db.session.rollback()
    for sha256, stored_name in found:
        file = folder / stored_name
        if file.is_file():
            yield sha256, _parts(file)


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(1 << 16):
            yield part


def first_award_day() -> date | None:
    """Give the first day that any award funds."""
    return db.session.scalar(select(func.min(Award.starts_on)))
