#!/usr/bin/env python3
"""Check a sealed pack, offline.

    python verify.py PACK.zip --key KEY [--earlier CHECKPOINT.txt ...]
    python verify.py PROOF.txt --key KEY        the proof of one entry of a log

This one file needs Python 3.11 and the library `cryptography`, and nothing of the service that made the pack. It
believes nothing the pack says of itself. It is given the key it trusts, and recomputes the rest: every leaf and root
of both logs, every row and root of every table, every balance, position, split and total. What it finds is printed in
sentences. FORMAT.md in the pack describes every file; section numbers below are its sections.

Exit: 0 when everything is sound, 1 when something is not, 2 when the check could not be made.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SOUND, FOUND, COULD_NOT = 0, 1, 2
LOGS = ("changes", "access")
KEPT_FROM = 4  # subtrees of 16 leaves, 256, 4,096 … are kept
MOST_OF_A_KIND = 20
PROOF = "go-bags-proof 1"
MOST_OF_A_PROOF = 64 * 1024 * 1024


class CouldNot(Exception):
    """Why the check cannot be made at all."""


# ---- Findings -----------------------------------------------------------------------------------


class Findings:
    """What does not agree, in sentences; of each kind only so many are printed, and all are counted."""

    def __init__(self) -> None:
        self.by_kind: dict[str, list[str]] = defaultdict(list)
        self.count = 0

    def say(self, kind: str, words: str) -> None:
        """Say one thing that does not agree."""
        self.count += 1
        if len(self.by_kind[kind]) < MOST_OF_A_KIND:
            self.by_kind[kind].append(words)


Sums = defaultdict[int, int]
"""Key → sum, 0 where there is none."""


def within(part: int, whole: int) -> bool:
    """Say whether a part lies between 0 and the whole, on the same side of 0."""
    return abs(part) <= abs(whole) and part * whole >= 0


def pounds(pence: int) -> str:
    """Write pence as pounds."""
    return f"{'−' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


# ---- Section 3: hashes and trees (RFC 6962) -----------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf behind a zero byte."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two nodes behind a one byte."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree that grows leaf by leaf, tells its root at the sizes asked for, and holds kept subtrees to account.

    `kept` is (height, number) → hash as the pack gives it; the first sixteen leaves that differ are remembered.
    """

    def __init__(self, sizes: set[int], kept: dict[tuple[int, int], bytes]) -> None:
        self.sizes, self.kept, self.size = sizes, kept, 0
        self.edge: list[tuple[int, bytes]] = []
        self.roots: dict[int, bytes] = {0: hashlib.sha256().digest()} if 0 in sizes else {}
        self.differs: int | None = None  # number of the first kept subtree of 16 leaves that differs

    def add(self, hashed: bytes) -> None:
        """Add the hash of the next leaf."""
        height = 0
        self.size += 1
        while self.edge and self.edge[-1][0] == height:
            hashed = node_hash(self.edge.pop()[1], hashed)
            height += 1
            if height == KEPT_FROM and self.differs is None:
                number = (self.size >> KEPT_FROM) - 1
                if self.kept.get((height, number), hashed) != hashed:
                    self.differs = number
        self.edge.append((height, hashed))
        if self.size in self.sizes:
            self.roots[self.size] = self.root()

    def root(self) -> bytes:
        """Give the root of what was added."""
        found = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            found = node_hash(left, found)
        return found


def consistent(old_size: int, old: bytes, size: int, new: bytes, proof: list[bytes]) -> bool:
    """Check a consistency proof as RFC 9162, 2.1.4.2 does."""
    if old_size == size:
        return not proof and old == new
    if not 0 < old_size < size or not proof:
        return old_size == 0 and not proof
    steps = [old, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old and second == new


def root_by(hashed: bytes, number: int, size: int, proof: list[bytes]) -> bytes | None:
    """Give the root that a proof leads a leaf to, as RFC 9162, 2.1.3.2 does; leaves are counted from 0."""
    place, last = number, size - 1
    for step in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            hashed = node_hash(step, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        place, last = place >> 1, last >> 1
    return hashed if last == 0 else None


# ---- Section 4: keys, notes, checkpoints --------------------------------------------------------


class Key:
    """A key to check signatures with: "name+id+base64"."""

    def __init__(self, text: str) -> None:
        name, _, rest = text.strip().partition("+")
        key_id, _, packed = rest.partition("+")
        try:
            data = base64.b64decode(packed, validate=True)
        except ValueError:
            data = b""
        if len(data) != 33 or data[0] != 1 or hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] != key_id:
            raise CouldNot(f"“{text.strip()[:60]}” is not a key to check signatures with")
        self.text, self.name, self.id, self.public = text.strip(), name, key_id, data[1:]

    def signed(self, note: str) -> bool:
        """Say whether a note bears a signature of this key."""
        text, _, lines = note.rpartition("\n\n")
        for line in lines.splitlines():
            dash, _, rest = line.partition(" ")
            name, _, packed = rest.partition(" ")
            try:
                blob = base64.b64decode(packed, validate=True)
                if dash == "—" and name == self.name and blob[:4].hex() == self.id:
                    Ed25519PublicKey.from_public_bytes(self.public).verify(blob[4:], (text + "\n").encode())
                    return True
            except (ValueError, InvalidSignature):
                continue
        return False


class Checkpoint:
    """What a checkpoint says: sizes and roots of both logs, the hash of the account of the tables, and when."""

    def __init__(self, note: str, name: str, tables: str | None = None) -> None:
        self.note, self.name, self.tables_text = note, name, tables
        try:
            self.origin, size, root, *more = note.rpartition("\n\n")[0].split("\n")
            said = dict(line.split(" ", 1) for line in more)
            access_size, access_root = said["access"].split(" ")
            self.sizes = {"changes": int(size), "access": int(access_size)}
            self.roots = {"changes": base64.b64decode(root), "access": base64.b64decode(access_root)}
            self.rows, self.at = base64.b64decode(said["rows"]), said["at"]
            self.next_key = Key(said["next-key"]) if "next-key" in said else None
            self.tables: dict[str, list[Any]] = json.loads(tables) if tables is not None else {}
        except (ValueError, KeyError, IndexError) as problem:
            raise CouldNot(f"{name} is not a checkpoint") from problem


# ---- The pack -----------------------------------------------------------------------------------


class Pack:
    """The files of a pack, read as they are asked for."""

    def __init__(self, path: str) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
            self.manifest_text = self.zip.read("manifest.json")
            self.manifest = json.loads(self.manifest_text)
            self.names = [each.filename for each in self.zip.infolist()]
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as problem:
            raise CouldNot(f"{path} is not a pack: {problem}") from problem
        if self.manifest.get("format") != "go-bags-pack 1":
            raise CouldNot(f"this program does not know the format “{self.manifest.get('format')}”")

    def measured(self, name: str) -> tuple[int, str]:
        """Give how many bytes a file has, and their SHA-256, reading a part at a time."""
        hashed, length = hashlib.sha256(), 0
        with self.zip.open(name) as file:
            while part := file.read(1 << 16):
                hashed.update(part)
                length += len(part)
        return length, hashed.hexdigest()

    def text(self, name: str) -> str:
        """Read a whole file, empty when it is not there."""
        return self.zip.read(name).decode() if name in self.names else ""

    def lines(self, name: str) -> Iterator[str]:
        """Read a file line by line, none when it is not there."""
        if name in self.names:
            with self.zip.open(name) as file:
                for line in io.TextIOWrapper(file, "utf-8", newline="\n"):
                    yield line.rstrip("\n")

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Read the rows of a table."""
        for line in self.lines(f"rows/{table}.jsonl"):
            yield json.loads(line)

    def kept(self, name: str) -> dict[tuple[int, int], bytes]:
        """Read the kept subtrees of sixteen leaves of a tree: (height, number) → hash."""
        found = {}
        for line in self.lines(f"kept/{name}.txt"):
            height, number, hashed = line.split(" ")
            if height == str(KEPT_FROM):
                found[int(height), int(number)] = bytes.fromhex(hashed)
        return found


def canonical(value: Any) -> str:
    """Write a value as every row and leaf is written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# ---- The check ----------------------------------------------------------------------------------


class Check:
    """One check of one pack, step by step; what is found is said in `found`."""

    def __init__(self, pack: Pack, pinned: Key, earlier: list[Checkpoint]) -> None:
        self.pack, self.pinned, self.earlier = pack, pinned, earlier
        self.found, self.notes = Findings(), list[str]()
        self.say = self.found.say
        self.checkpoints: list[Checkpoint] = []
        self.trusted = [pinned]

    def run(self) -> None:
        """Take every step."""
        self.files()
        self.signatures()
        for log in LOGS:
            self.log(log)
        self.tables()
        self.proofs()
        try:
            Books(self.pack, self.found).run()
        except (KeyError, TypeError, ValueError) as problem:
            self.say("rows", f"the rows cannot be added up, a column is wrong or missing: {problem}.")

    # Section 2: every file is the one the manifest names, and the manifest is signed.

    def files(self) -> None:
        """Hold every file to the manifest."""
        named: dict[str, list[Any]] = self.pack.manifest["files"]
        there = Counter(self.pack.names)
        for name in sorted(set(named) - set(there)):
            self.say("files", f"{name} is missing from the pack.")
        for name in sorted(set(there) - set(named) - {"manifest.json", "manifest.note"}):
            self.say("files", f"{name} is in the pack and its manifest does not name it.")
        for name in sorted(name for name, times in there.items() if times > 1):
            self.say("files", f"{name} is in the pack twice.")
        for name in (name for name in named if name in there):
            size, digest = self.pack.measured(name)
            if [size, digest] != named[name]:
                self.say("files", f"{name} is not the file the manifest names: it was changed or replaced.")
            if name.startswith("evidence/") and digest != name.removeprefix("evidence/"):
                self.say("evidence", f"{name} does not hold what its name says: the evidence was swapped.")

    # Section 4: who signed.

    def signatures(self) -> None:
        """Hold every checkpoint, the list of files and the checkpoints kept elsewhere to the pinned key."""
        for line in self.pack.lines("checkpoints.jsonl"):
            row = json.loads(line)
            self.checkpoints.append(Checkpoint(row["note"], f"checkpoint {row['id']:,}", row["tables"]))
        if not self.checkpoints:
            self.say("signatures", "The pack holds no checkpoint: nothing in it is signed.")
        begun = False
        for each in self.checkpoints:
            begun = self.signer(each, begun=begun or each is self.checkpoints[-1])
        for before, after in zip(self.checkpoints, self.checkpoints[1:], strict=False):
            self.order(before, after)
        for given in self.earlier:
            self.signer(given, begun=True)
        if self.pack.manifest.get("unsigned"):
            self.say("signatures", f"The pack was made unsigned: {self.pack.manifest['unsigned']}.")
        digest = base64.b64encode(hashlib.sha256(self.pack.manifest_text).digest()).decode()
        note = self.pack.text("manifest.note")
        said = note.startswith(f"{self.pinned.name}\npack\n{digest}\n\n")
        if not said or not any(key.signed(note) for key in self.trusted):
            self.say("signatures", f"The pack's list of files is not signed by the pinned key {self.pinned.id}.")

    def signer(self, each: Checkpoint, *, begun: bool) -> bool:
        """Hold a checkpoint to the pinned origin and key; one before the pinned key began may bear another's."""
        if each.origin != self.pinned.name:
            self.say("signatures", f"{each.name} is of the log “{each.origin}”, not “{self.pinned.name}”.")
        signed = any(key.signed(each.note) for key in self.trusted)
        if begun and not signed:
            self.say("signatures", f"{each.name} is not signed by the pinned key {self.pinned.id}.")
        if signed and each.next_key and each.next_key.text not in {key.text for key in self.trusted}:
            self.trusted.append(each.next_key)
            self.notes.append(f"{each.name} hands over to key {each.next_key.id}, signed by the key before it.")
        return begun or signed

    def order(self, before: Checkpoint, after: Checkpoint) -> None:
        """Say where a checkpoint is older, or goes less far, than the one before it."""
        if after.at < before.at:
            words = f"{after.name} says {after.at}, which is before {before.name} ({before.at}): backdated."
            self.say("signatures", words)
        for log in LOGS:
            if after.sizes[log] < before.sizes[log]:
                self.say("log", f"{after.name} has fewer entries in the log of {log} than {before.name}.")

    # Section 5: every leaf, and every root that was ever signed.

    def log(self, log: str) -> None:
        """Hash every leaf of a log, and hold the tree to every root that was signed."""
        asked = [*self.checkpoints, *self.earlier]
        tree, chain = Tree({each.sizes[log] for each in asked}, self.pack.kept(log)), bytes(32)
        hashes = self.pack.lines(f"logs/{log}.hashes.txt")
        for text in self.pack.lines(f"logs/{log}.jsonl"):
            hashed = leaf_hash(text.encode())
            tree.add(hashed)
            chain = hashlib.sha256(chain + tree.size.to_bytes(8, "big") + hashed).digest()
            if next(hashes, "") != hashed.hex():
                self.say("log", f"Log of {log}, entry {tree.size:,}: its text is not what was sealed.")
        if next(hashes, None) is not None:
            self.say("log", f"The log of {log} ends at entry {tree.size:,}; entries after it were taken off.")
        self.notes.append(f"Log of {log}: {tree.size:,} entries, chain hash {chain.hex()}.")
        if tree.size != (said := self.pack.manifest["entries"][log]):
            self.say("log", f"The log of {log} has {tree.size:,} entries and the manifest says {said:,}.")
        for each in asked:
            size = each.sizes[log]
            if size > tree.size:
                words = f"The log of {log} is shorter than {each.name}: {tree.size:,} entries, not {size:,}."
                self.say("log", words)
            elif tree.roots[size] != each.roots[log]:
                words = f"The log of {log} up to entry {size:,} is not what {each.name} signed{_where(tree)}."
                self.say("log", words)
        unsigned = tree.size - (self.checkpoints[-1].sizes[log] if self.checkpoints else 0)
        if unsigned > 0:
            self.say("signatures", f"The end of the log of {log} is not signed: {unsigned:,} of its entries.")

    # Section 6: every row of every append-only table, at every checkpoint.

    def tables(self) -> None:
        """Hold every table to every checkpoint, and every file of rows to how rows are written."""
        for each in self.checkpoints:
            if hashlib.sha256((each.tables_text or "").encode()).digest() != each.rows:
                self.say("rows", f"The account of the tables is not the one {each.name} signed.")
        for name in sorted({name for each in self.checkpoints for name in each.tables}):
            self.table(name)
        for name in self.pack.names:
            if name.startswith("rows/"):
                self.written(name)

    def table(self, name: str) -> None:
        """Hash every row of a table, and hold the tree to every root that was signed."""
        said = {each.name: each.tables[name] for each in self.checkpoints if name in each.tables}
        tree = Tree({size for size, _, _ in said.values()}, self.pack.kept(f"table/{name}"))
        ids, span = list[int](), list[tuple[int, int]]()  # of the rows since, and the first and last of each sixteen
        for line in self.pack.lines(f"rows/{name}.jsonl"):
            tree.add(leaf_hash(line.encode()))
            ids.append(json.loads(line)["id"])
            if tree.size & 15 == 0:
                span.append((ids[0], ids[-1]))
                ids = []
        where = ""
        if tree.differs is not None:
            first, last = span[tree.differs]
            where = f"; the first that differ are among the rows with ids {first:,} to {last:,}"
        elif ids and said:
            where = f"; look at the rows with ids {ids[0]:,} to {ids[-1]:,}, the last"
        for checkpoint, (size, _, root) in said.items():
            if size > tree.size:
                self.say("rows", f"{checkpoint} signed {size:,} rows of {name}, and the pack has {tree.size:,}.")
            elif tree.roots[size].hex() != root:
                self.say("rows", f"The {size:,} rows of {name} are not those that {checkpoint} signed{where}.")
        unsigned = tree.size - self.checkpoints[-1].tables.get(name, [0])[0]
        if unsigned > 0:
            self.say("signatures", f"The end of {name} is not signed: {unsigned:,} of its rows.")

    def written(self, name: str) -> None:
        """Hold a file of rows to the one way of writing them: sorted, no spaces, whole numbers, rising ids."""
        before = 0
        for number, line in enumerate(self.pack.lines(name), start=1):
            row = json.loads(line, parse_float=str)  # a decimal stays text, and is never equal to its line
            if canonical(row) != line:
                self.say("rows", f"{name}, line {number:,} is not written as a row is written.")
            for column, value in row.items():
                if (column.endswith("_pence") or column == "pence") and type(value) is not int:
                    words = f"{name}, line {number:,}: {column} is {value!r}, not a whole number of pence."
                    self.say("rows", words)
            if isinstance(row.get("id"), int):
                if row["id"] <= before:
                    self.say("rows", f"{name}, line {number:,}: row {row['id']:,} is out of order.")
                before = row["id"]

    # Section 7: the proofs that are given along.

    def proofs(self) -> None:
        """Check the consistency proofs between checkpoints."""
        by_name = {each.name: each for each in self.checkpoints}
        for proof in map(json.loads, self.pack.lines("proofs/consistency.jsonl")):
            old, new = (by_name.get(f"checkpoint {proof[end]:,}") for end in ("from", "to"))
            for log in LOGS:
                if not (old and new and proved(old, new, log, [bytes.fromhex(step) for step in proof[log]])):
                    ends = f"checkpoint {proof['to']:,} goes on from {proof['from']:,}"
                    self.say("log", f"Nothing proves that {ends} (log of {log}).")


def proved(old: Checkpoint, new: Checkpoint, log: str, steps: list[bytes]) -> bool:
    """Say whether a proof shows that a log at one checkpoint goes on from itself at an earlier one."""
    return consistent(old.sizes[log], old.roots[log], new.sizes[log], new.roots[log], steps)


def _where(tree: Tree) -> str:
    if tree.differs is None:
        return ""
    return f"; the first that differ are among entries {tree.differs * 16 + 1:,} to {tree.differs * 16 + 16:,}"


# ---- Section 8: balances, splits and totals -----------------------------------------------------


class Books:
    """The books themselves: everything that is kept or summed, against the rows that explain it."""

    def __init__(self, pack: Pack, found: Findings) -> None:
        self.pack, self.rows, self.say = pack, pack.rows, found.say
        self.places = {row["id"]: row for row in pack.rows("place")}
        self.lots = {row["id"]: row["code"] for row in pack.rows("lot")}
        self.posted: dict[int, tuple[int, int]] = {}  # move that carries units → from where to where

    def run(self) -> None:
        """Take every step."""
        self.stock()
        self.positions("bag", "bag", "tag", "Go Bag")
        self.positions("unit", "serial_unit", "number", "Serial unit")
        self.money()
        self.grant_lines()
        self.ledgers()
        self.words()
        self.evidence()
        for name in self.pack.names:
            if name.startswith("figures/") and name.endswith(".csv"):
                self.totals(name)

    def sums(self, table: str, key: str, value: str = "pence", sign: int = 1, into: Sums | None = None) -> Sums:
        """Add a column of a table up by another: key → sum."""
        found = defaultdict(int) if into is None else into
        for row in self.rows(table):
            found[row[key]] += sign * row[value]
        return found

    def place(self, key: int) -> str:
        """Name a place."""
        return str(self.places.get(key, {}).get("name", f"place {key}"))

    def stock(self) -> None:
        """Add the moves up again, and hold every balance to them."""
        kept = {(row["place_id"], row["lot_id"]): row for row in self.rows("balance")}
        carrying = {row["move_id"] for row in self.rows("unit_move")}
        held, explained = defaultdict[tuple[int, int], int](int), defaultdict[tuple[int, int], int](int)
        for move in self.rows("move"):
            begin, end, lot, units = (move[name] for name in ("from_place_id", "to_place_id", "lot_id", "unit_count"))
            if units < 1 or begin == end:
                self.say("balances", f"Move {move['id']:,} moves nothing: {units} units.")
            if move["id"] in carrying:
                self.posted[move["id"]] = (begin, end)
            for key, change in (((begin, lot), -units), ((end, lot), units)):
                held[key] += change
                if key in kept and move["id"] <= kept[key]["explained_by_move_id"]:
                    explained[key] += change
        for key, row in kept.items():
            if explained[key] != row["unit_count"]:
                keeps = f"{self.place(key[0])} keeps {self.units(row['unit_count'], key)}"
                self.say("balances", f"{keeps}; its moves add up to {explained[key]:,}.")
        holding = {key for key, place in self.places.items() if place.get("holds_stock")}
        self.stock_position({key: units for key, units in held.items() if key[0] in holding})

    def units(self, count: int, key: tuple[int, int]) -> str:
        """Say how many of a lot."""
        return f"{count:,} of lot {self.lots.get(key[1], key[1])}"

    def stock_position(self, held: dict[tuple[int, int], int]) -> None:
        """Hold the stock position to the moves."""
        places = {row["code"]: key for key, row in self.places.items()}
        lots = {code: key for key, code in self.lots.items()}
        said = {}
        for row in map(json.loads, self.pack.lines("figures/stock.jsonl")):
            said[places.get(row["place"], 0), lots.get(row["lot"], 0)] = row["units"]
        for key in sorted(said.keys() | held.keys()):
            gives, holds, place = said.get(key, 0), held.get(key, 0), self.place(key[0])
            if gives != holds:
                words = f"The stock position gives {place} {self.units(gives, key)}; its moves add up to {holds:,}."
                self.say("balances", words)
            if holds < 0:
                self.say("balances", f"{place} would hold {self.units(holds, key)}.")

    def positions(self, thing: str, table: str, name: str, words: str) -> None:
        """Follow every Go Bag or unit from move to move, and hold its position to the last."""
        names = {row["id"]: row[name] for row in self.rows(table)}
        last: dict[int, int] = {}
        for move in self.rows(f"{thing}_move"):
            key = move[f"{thing}_id"]
            if thing == "bag":
                begin, end = move["from_place_id"], move["to_place_id"]
            else:
                begin, end = self.posted.get(move["move_id"], (0, 0))
            if last.get(key, begin) != begin:
                self.say("positions", f"{words} {names.get(key, key)} moves from where it was not.")
            last[key] = end
        for row in self.rows(f"{thing}_position"):
            key = row[f"{thing}_id"]
            if last.get(key) != row["place_id"]:
                self.say("positions", f"{words} {names.get(key, key)} is not where its moves say.")

    def money(self) -> None:
        """Hold every split to what it splits, and every invoice to its rows."""
        given, billed = self.sums("apportionment", "row_id"), defaultdict[int, int](int)
        for row in self.rows("spending_row"):
            billed[row.get("invoice_id", 0)] += row["net_pence"] + row["vat_pence"]
            cost, split = row["net_pence"] + (0 if row["vat_recoverable"] else row["vat_pence"]), given[row["id"]]
            if not within(split, cost):
                self.say(
                    "money", f"Spending {row['reference']} cost {pounds(cost)} and {pounds(split)} is apportioned."
                )
        for row in self.rows("supplier_invoice"):
            gross, sum_ = row["gross_pence"], billed[row["id"]]
            if sum_ != gross:
                self.say(
                    "money", f"Invoice {row['reference']} is {pounds(gross)} and its rows add up to {pounds(sum_)}."
                )

    def grant_lines(self) -> None:
        """Hold the figures of every grant line to its rows."""
        awards = {row["id"]: row["code"] for row in self.rows("award")}
        given, budgets = self.sums("apportionment", "grant_line_id"), self.sums("grant_line", "id", "budget_pence")
        self.sums("budget_change", "from_line_id", sign=-1, into=budgets)
        self.sums("budget_change", "to_line_id", into=budgets)
        self.sums("line_correction", "grant_line_id", into=budgets)
        said = {row["line"]: row for row in map(json.loads, self.pack.lines("figures/grant-lines.jsonl"))}
        lines = list(self.rows("grant_line"))
        for key in sorted(budgets.keys() - {row["id"] for row in lines}):
            self.say("money", f"Budget is moved to or from grant line {key}, which is not there.")
        for row in lines:
            line = f"{awards.get(row['award_id'])}/{row['code']}"
            for name, sum_ in (("budget", budgets[row["id"]]), ("apportioned", given[row["id"]])):
                found = said.get(line, {}).get(f"{name}_pence")
                if found != sum_:
                    gives = "nothing" if found is None else pounds(found)
                    self.say(
                        "money", f"Grant line {line}: the figures give {gives} as {name}, its rows {pounds(sum_)}."
                    )

    def ledgers(self) -> None:
        """Hold every ledger line to what explains it, and every import to its lines."""
        explained = self.sums("ledger_match", "line_id")
        self.sums("ledger_cancellation", "line_id", into=explained)
        self.sums("ledger_cancellation", "taken_back_by_id", sign=-1, into=explained)
        lines = Counter(row["import_id"] for row in self.rows("ledger_line"))
        imported = self.sums("ledger_line", "import_id", "net_pence")
        for row in self.rows("ledger_line"):
            net, sum_ = row["net_pence"], explained[row["id"]]
            if not within(sum_, net):
                self.say("money", f"Ledger line L-{row['id']} is {pounds(net)} and {pounds(sum_)} is explained.")
        for row in self.rows("ledger_import"):
            said, found = (row["imported_count"], row["imported_pence"]), (lines[row["id"]], imported[row["id"]])
            if said != found:
                says, has = (
                    f"{count:,}{unit}, {pounds(sum_)}" for (count, sum_), unit in ((said, " lines"), (found, ""))
                )
                self.say("money", f"Import {row['reference']} says {says}; its lines are {has}.")

    def words(self) -> None:
        """Hold every note to what the log is committed to."""
        for row in self.rows("note"):
            if row.get("text") is not None:
                told = hashlib.sha256(bytes.fromhex(row.get("salt", "")) + row["text"].encode()).hexdigest()
                if told != row["commitment"]:
                    self.say("notes", f"The words of note {row['id']:,} are not those the log is committed to.")

    def evidence(self) -> None:
        """Hold every paper to its file, and every file of evidence to a paper."""
        named = set()
        for row in self.rows("evidence"):
            named.add(f"evidence/{row['sha256']}")
            if f"evidence/{row['sha256']}" not in self.pack.names:
                self.say("evidence", f"The file of paper {row['reference']} ({row['file_name']}) is missing.")
        for name in self.pack.names:
            if name.startswith("evidence/") and name not in named:
                self.say("evidence", f"{name} is the file of no paper.")

    def totals(self, name: str) -> None:
        """Add the rows of every table of a report up again (columns Table, Part, Row, Name, Figure, Value, Unit)."""
        tables: dict[str, dict[tuple[str, int], dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        for row in csv.reader(io.StringIO(self.pack.text(name).removeprefix("\ufeff"), newline="")):
            if len(row) != 7 or row[6] not in ("pounds", "count") or row[5] in ("Yes", "No"):
                continue
            value = _whole(row[5], pence=row[6] == "pounds")
            if value is None:
                self.say("totals", f"{name}: {row[0]}, {row[3]}, {row[4]} is “{row[5]}”, which is no amount.")
            else:
                tables[row[0]][row[1], int(row[2])][row[4]] = value
        for table, rows in tables.items():
            for figure, line in _wrong_sums(rows):
                self.say("totals", f"{name}: {figure} in line {line} of “{table}” is not the sum of its rows.")


def _wrong_sums(rows: dict[tuple[str, int], dict[str, int]]) -> Iterator[tuple[str, int]]:
    """Name each figure of a total, and of a sum on the way (a step of a walk without rows behind it), that is wrong."""
    walk = any("Rows behind it" in row for row in rows.values())
    summed: dict[str, int] = defaultdict(int)
    for (part, line), row in rows.items():
        if part == "total" or (walk and "Rows behind it" not in row):
            yield from ((figure, line) for figure, value in row.items() if summed[figure] != value)
        else:
            for figure, value in row.items():
                summed[figure] += value


def _whole(text: str, *, pence: bool) -> int | None:
    """Read an amount in pounds as pence, or a count."""
    found = re.fullmatch(r"(-?)(\d+)\.(\d\d)" if pence else r"(-?)(\d+)()", text)
    return int(found[1] + found[2] + found[3]) if found else None


# ---- Section 9: the proof of one entry ----------------------------------------------------------


def entry(text: str, pinned: Key, found: Findings) -> str:
    """Follow the way from an entry to the root that a checkpoint signs; give what the proof says, in words."""
    lines, _, note = text.partition("\n\n")
    title = lines.partition("\n")[0]
    if title != PROOF:
        raise CouldNot(f"this program does not know the format “{title[:60]}”")
    try:
        _, named, leaf, *steps = lines.split("\n")
        [(log, digits)] = re.findall(r"\A(changes|access) ([1-9][0-9]{0,17})\Z", named)
        number, way, said = int(digits), [base64.b64decode(step, validate=True) for step in steps], json.loads(leaf)
        words = f"Entry {number:,} of the log of {log}: {said['act']}, {said['subject']}, recorded at {said['at']}."
    except (ValueError, TypeError, LookupError, RecursionError) as problem:
        raise CouldNot("the proof of the entry is not whole: its first lines were cut or changed") from problem
    signed = Checkpoint(note, "the text after the empty line of the proof")
    if signed.origin != pinned.name or not pinned.signed(note):
        found.say("signatures", f"The checkpoint in it is not signed by the pinned key {pinned.id}.")
    size = signed.sizes[log]
    if number > size or root_by(leaf_hash(leaf.encode()), number - 1, size, way) != signed.roots[log]:
        found.say("log", f"Nothing proves that this is entry {number:,} of the log of {log}: it was changed or moved.")
    return words


# ---- The command --------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Check a pack and print what is found."""
    asked = argparse.ArgumentParser(description="Check a sealed pack.")
    asked.add_argument("pack")
    asked.add_argument("--key", required=True, help="the key you trust, or a file that holds it")
    asked.add_argument("--earlier", action="append", default=[], help="a checkpoint you kept, in a file")
    given = asked.parse_args(arguments)
    try:
        key = Key(Path(given.key).read_text() if Path(given.key).is_file() else given.key)
        found, notes, proved_by = _checked(given.pack, key, given.earlier)
    except CouldNot as problem:
        print(f"The check could not be made: {problem}.")
        return COULD_NOT
    except (OSError, ValueError, LookupError, TypeError, RecursionError, zipfile.BadZipFile) as problem:
        print(f"The check could not be made: the file cannot be read ({type(problem).__name__}: {problem}).")
        return COULD_NOT
    for words in notes:
        print(words)
    for kind, sentences in found.by_kind.items():
        print(f"\n{kind.capitalize()}:")
        for words in sentences:
            print(f"  {words if '/' in words.split()[0] else words[0].upper() + words[1:]}")
    if found.count:
        print(f"\nNot sound: {found.count:,} finding{'s' if found.count > 1 else ''}.")
        return FOUND
    print(f"\nSound: everything agrees with {proved_by}, signed by {key.name}.")
    return SOUND


def _checked(file: str, key: Key, earlier: list[str]) -> tuple[Findings, list[str], str]:
    """Check a pack or a proof: what is found, what is noted by the way, and the checkpoint it was held to."""
    if _is_proof(Path(file)):
        if earlier:
            raise CouldNot("--earlier goes with a pack; the proof of an entry holds one checkpoint")
        found = Findings()
        said = entry(_read(file), key, found)
        # What is not proved is not repeated: whoever made the file up chose its words.
        return found, [] if found.count else [said], "the checkpoint in it"
    given = [Checkpoint(_read(each), f"the checkpoint in {Path(each).name}") for each in earlier]
    pack = Pack(file)
    with pack.zip:
        check = Check(pack, key, given)
        check.run()
    return check.found, check.notes, check.checkpoints[-1].name if check.checkpoints else "nothing"


def _is_proof(file: Path) -> bool:
    """Say whether a file begins as the proof of an entry does, whatever its size."""
    if not file.is_file():
        return False
    with file.open("rb") as begun:
        if not begun.read(32).removeprefix(b"\xef\xbb\xbf").startswith(b"go-bags-proof "):
            return False
    if file.stat().st_size > MOST_OF_A_PROOF:
        raise CouldNot(f"{file} is larger than the proof of an entry can be")
    return True


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as problem:
        raise CouldNot(f"{file} cannot be read") from problem


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
