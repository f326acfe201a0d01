"""The Merkle trees of both logs and of every append-only table, over what the database keeps of them.

A tree of a log has the sealed leaves as its leaves, in the order of the log. A tree of a table has its rows, in the
order of their ids, each written down by ``canonical_row``. Of every tree the full subtrees of each fourth height are
kept, so a checkpoint hashes what is new and some dozens of kept hashes, however long the log is; and where a row was
changed behind the program's back, the kept hash of its sixteen rows says which sixteen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, select

from core.db import Base
from core.trail import merkle
from core.trail.models import KeptHash, Log, LogEntry
from core.trail.rules import canonical, canonical_row, leaf_hash

_CHUNK = 2_000

NOT_IN_A_TREE: Mapping[str, str] = {
    "audit_leaf": "the logs have trees of their own",
    "log_entry": "the logs have trees of their own",
    "kept_hash": "made of trees",
    "checkpoint": "made of trees",
    "checkpoint_key": "named in the log",
    "issued_runs": "kept from the moves, which have a tree, and made again from them",
    "place_act": "kept by the database from the moves, which have a tree",
    "sign_in_attempt": "says nothing about stock or money, and never leaves the service",
    "verify_attempt": "says nothing about stock or money, and never leaves the service",
}
"""Append-only table without a tree → why. A tree needs rows whose numbers rise as they come: a column ``id``."""


@dataclass(frozen=True)
class Grown:
    """How far a tree goes: its leaves, the id of the last row (its number, in a log), and its root."""

    size: int
    last: int
    root: bytes


NOTHING_YET = Grown(0, 0, merkle.EMPTY)

Tables = Mapping[str, Grown]


def tables_text(tables: Tables) -> str:
    """Write down how far every table goes: canonical JSON, table → [rows, id of the last, root]."""
    return canonical({name: [each.size, each.last, each.root.hex()] for name, each in tables.items()})


def tables_read(text: str) -> dict[str, Grown]:
    """Read what ``tables_text`` wrote."""
    return {name: Grown(size, last, bytes.fromhex(top)) for name, (size, last, top) in json.loads(text).items()}


def tables_hash(text: str) -> bytes:
    """Hash the account of the tables, as a checkpoint signs it."""
    return hashlib.sha256(text.encode()).digest()


def tables_with_trees() -> dict[str, Table]:
    """Give every append-only table that has a tree: name → table, by name."""
    found = {table.name: table for table in Base.metadata.sorted_tables if table.info.get("append_only")}
    return {name: found[name] for name in sorted(found.keys() - NOT_IN_A_TREE.keys()) if "id" in found[name].c}


def nodes_of_log(connection: Connection, log: Log) -> merkle.Nodes:
    """Answer for every full subtree of a log, from what is kept."""

    def leaves(begin: int, end: int) -> list[bytes]:
        asked = select(LogEntry.leaf_hash).where(
            LogEntry.log == log, LogEntry.sequence > begin, LogEntry.sequence <= end
        )
        return list(connection.scalars(asked.order_by(LogEntry.sequence)))

    return _kept_nodes(connection, log.value, leaves)


def _kept_nodes(connection: Connection, tree: str, leaves: Callable[[int, int], list[bytes]]) -> merkle.Nodes:
    """Answer for full subtrees from the kept ones below them, of which there are at most eight, or from leaves."""

    def node(height: int, number: int) -> bytes:
        below = height % merkle.KEPT_STEP
        begin, end = number << below, number + 1 << below
        if height < merkle.KEPT_STEP:
            found = leaves(begin, end)
        else:
            kept = select(KeptHash.hash).where(
                KeptHash.tree == tree,
                KeptHash.height == height - below,
                KeptHash.number >= begin,
                KeptHash.number < end,
            )
            found = list(connection.scalars(kept.order_by(KeptHash.number)))
        if len(found) != end - begin:
            raise LookupError(f"the kept hashes of {tree} are not whole")
        return merkle.nodes_of(found)(below, 0)

    return node


def row_hashes(connection: Connection, table: Table, *, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """Read the rows of a table after one id until another: id and hash, a chunk at a time."""
    for row in rows(connection, table, after=after, until=until):
        yield row["id"], leaf_hash(canonical_row(row))


def rows(connection: Connection, table: Table, *, after: int, until: int) -> Iterator[dict[str, Any]]:
    """Read the rows of a table after one id until another, in the order of their ids, a chunk at a time.

    Between chunks nothing is held: on SQLite an open read would keep every writer waiting.
    """
    wanted = select(table).order_by(table.c.id).limit(_CHUNK)
    while True:
        found = connection.execute(wanted.where(table.c.id > after, table.c.id <= until)).mappings().all()
        connection.rollback()
        yield from map(dict, found)
        if len(found) < _CHUNK:
            return
        after = found[-1]["id"]


class NoLongerTrue(Exception):
    """What was signed before is not how things are now; the words say what of it."""


def grow_log(connection: Connection, log: Log, *, since: Grown, until: int) -> tuple[Grown, list[dict[str, Any]]]:
    """Grow the tree of a log from how far it was signed; give how far it goes, and the subtrees to keep.

    Raises:
        NoLongerTrue: the log does not begin with what was signed.
    """
    if until < since.size:
        raise NoLongerTrue(f"the log of {log.value} has {until:,} entries, and {since.size:,} were signed")
    tree = _from_signed(since, nodes_of_log(connection, log), f"the log of {log.value}")
    kept: list[dict[str, Any]] = []
    while tree.size < until:
        asked = select(LogEntry.leaf_hash).where(
            LogEntry.log == log, LogEntry.sequence > tree.size, LogEntry.sequence <= min(until, tree.size + _CHUNK)
        )
        found = connection.scalars(asked.order_by(LogEntry.sequence)).all()
        connection.rollback()  # as in rows()
        if not found:
            raise NoLongerTrue(f"the log of {log.value} has a gap after entry {tree.size:,}")
        for each in found:
            kept += _to_keep(log.value, tree.add(each))
    return Grown(tree.size, tree.size, tree.root()), kept


def grow_table(connection: Connection, table: Table, *, since: Grown, until: int) -> tuple[Grown, list[dict[str, Any]]]:
    """Grow the tree of a table from how far it was signed up to an id; give how far it goes, and what to keep.

    Raises:
        NoLongerTrue: the newest rows that were signed are not as they were.
    """
    if until == since.last:
        return since, []
    name = f"table:{table.name}"
    nodes = _kept_nodes(connection, name, _edge_of_table(connection, table, since))
    tree = _from_signed(since, nodes, f"the table {table.name}")
    kept: list[dict[str, Any]] = []
    last = since.last
    for row_id, each in row_hashes(connection, table, after=since.last, until=until):
        kept += _to_keep(name, tree.add(each))
        last = row_id
    return Grown(tree.size, last, tree.root()), kept


def contradictions(connection: Connection, signed: Tables) -> Iterator[str]:
    """Hash every row that was signed again, and say of each table whose rows are not those that were."""
    for name, table in tables_with_trees().items():
        said = signed.get(name, NOTHING_YET)
        now, fresh = grow_table(connection, table, since=NOTHING_YET, until=said.last)
        if (now.size, now.root) == (said.size, said.root):
            continue
        asked = select(KeptHash.number, KeptHash.hash).where(
            KeptHash.tree == f"table:{name}", KeptHash.height == merkle.KEPT_STEP
        )
        known = dict(connection.execute(asked).all())
        sixteens = [each for each in fresh if each["height"] == merkle.KEPT_STEP]
        differs = [n for each in sixteens if known.get(n := each["number"], each["hash"]) != each["hash"]]
        where = f", the first among rows {differs[0] * 16 + 1:,} to {differs[0] * 16 + 16:,}" if differs else ""
        yield f"{name}: the {said.size:,} rows that were signed are not as they were{where}."


def _from_signed(since: Grown, nodes: merkle.Nodes, name: str) -> merkle.Frontier:
    """Take a tree up again where it was signed, and hold it against what was signed."""
    try:
        tree = merkle.Frontier(since.size, nodes)
    except LookupError as problem:
        raise NoLongerTrue(f"{name} is shorter than what was signed") from problem
    if tree.root() != since.root:
        raise NoLongerTrue(f"{name} does not begin with what was signed")
    return tree


def _edge_of_table(connection: Connection, table: Table, grown: Grown) -> Callable[[int, int], list[bytes]]:
    """Answer for the rows behind the last kept subtree of sixteen."""
    loose = grown.size % (1 << merkle.KEPT_STEP)
    found: list[bytes] = []

    def leaves(begin: int, end: int) -> list[bytes]:
        if not found:
            wanted = select(table).where(table.c.id <= grown.last).order_by(table.c.id.desc()).limit(loose)
            newest_first = connection.execute(wanted).mappings().all()
            found.extend(leaf_hash(canonical_row(dict(row))) for row in reversed(newest_first))
        first = grown.size - loose
        return found[begin - first : end - first]

    return leaves


def _to_keep(tree: str, done: list[merkle.Subtree]) -> list[dict[str, Any]]:
    return [{"tree": tree, "height": each.height, "number": each.number, "hash": each.hash} for each in done]


def newest_ids(connection: Connection) -> dict[str, int]:
    """Give the newest id of every table that has a tree, 0 where it is empty, in one statement."""
    tables = tables_with_trees()
    columns = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery().label(n) for n, table in tables.items()]
    return dict(connection.execute(select(*columns)).mappings().one())
