"""What a backup says of itself, and which files are refused before a byte of them is believed.

A backup is a ZIP of the database, the evidence and a **manifest** that says what they hold; a keyed hash of the
manifest (HMAC-SHA256 with the service's secret key) says which service made it. Whoever hands in a file may have
written every byte of it, so names, kinds and sizes are judged first, and nothing may say it holds what it does not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from core.dates import moment_text
from core.errors import RuleBroken

FORMAT = "go-bags backup 1"
MANIFEST, KEYED_HASH = "manifest.json", "manifest.hmac"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
"""Kind of database → the name of its part."""
EVIDENCE = "evidence/"

MOST_MANIFEST_BYTES = 64 * 1024 * 1024
MOST_PARTS = 1_000_000
MOST_SQUEEZED = 200
"""How many times smaller than its content a part may be; the emptiest real database gets to about 30."""
SQUEEZE_FREE_BYTES = 4 * 1024 * 1024
"""What may be squeezed as far as it will go."""

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_HASH = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[A-Za-z0-9_]{1,32}")


@dataclass(frozen=True)
class Part:
    """A file of the backup: its name in it, its size and its SHA-256 in hexadecimal digits."""

    name: str
    byte_count: int
    sha256: str


@dataclass(frozen=True)
class Head:
    """The last entry of a log: its number, 0 when the log is empty, and the hash of the chain up to it."""

    sequence: int
    chain_hash: str


@dataclass(frozen=True)
class Facts:
    """What a database holds, as another can be compared with it.

    Attributes:
        schema: the number of its newest migration.
        row_counts: table → how many rows.
        ledger_sha256: the ledger digest (``core/digests.py``).
        schema_sha256: a digest of its tables, indexes and triggers as the database tells them.
        heads: log → its last entry.
        first_entry: chain hash of the first entry of the log of changes: no two services share it. Empty when
            nothing was ever done.
    """

    schema: str
    row_counts: Mapping[str, int]
    ledger_sha256: str
    schema_sha256: str
    heads: Mapping[str, Head]
    first_entry: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        kind: "sqlite" or "postgresql".
        parts: the database first, then the evidence by name.
    """

    made_at: datetime
    kind: str
    facts: Facts
    parts: tuple[Part, ...]

    @property
    def database(self) -> Part:
        """The part that is the database."""
        return self.parts[0]

    @property
    def evidence(self) -> tuple[Part, ...]:
        """The parts that are evidence."""
        return self.parts[1:]

    @property
    def byte_count(self) -> int:
        """How much room it takes when it is unpacked."""
        return sum(part.byte_count for part in self.parts)


@dataclass(frozen=True)
class Entry:
    """A file as an archive lists it.

    Attributes:
        plain: whether it is a plain file, neither encrypted nor packed in a way we do not write.
    """

    name: str
    byte_count: int
    packed_byte_count: int
    plain: bool


def unusable(reason: str) -> RuleBroken:
    """Give the refusal of a file that is no backup we can use."""
    return RuleBroken(f"This backup cannot be used: {reason}. Nothing has been changed")


# ---- The manifest -------------------------------------------------------------------------------


def written(manifest: Manifest) -> bytes:
    """Write a manifest down."""
    moment = manifest.made_at.astimezone(UTC).isoformat(timespec="microseconds")
    facts = {"format": FORMAT, **asdict(manifest), "made_at": moment}
    return (json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def keyed_hash(manifest: bytes, secret_key: str) -> str:
    """Give the keyed hash of a manifest, under a key that is used for nothing else."""
    key = hmac.digest(secret_key.encode(), b"go-bags backup manifest", "sha256")
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


def read(data: bytes) -> Manifest:
    """Read a manifest strictly: whatever is missing, of another type or out of bounds makes the file unusable.

    Raises:
        RuleBroken: it is not a manifest of ours.
    """
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            raise unusable(f"it is in the form “{str(told['format'])[:40]}”, and this program reads “{FORMAT}”")
        return _manifest(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise unusable("its manifest is not one that this program writes") from None


def _manifest(told: Mapping[str, Any]) -> Manifest:
    facts = told["facts"]
    parts = tuple(
        Part(_text(each["name"], _NAME), _count(each["byte_count"]), _text(each["sha256"], _HASH))
        for each in told["parts"]
    )
    if told["kind"] not in DATABASES or not parts or parts[0].name != DATABASES[told["kind"]]:
        raise ValueError
    if len({part.name for part in parts}) != len(parts):
        raise ValueError
    if not all(part.name.startswith(EVIDENCE) for part in parts[1:]):
        raise ValueError
    moment = datetime.fromisoformat(told["made_at"])
    if moment.tzinfo is None:
        raise ValueError
    return Manifest(moment, told["kind"], _facts(facts), parts)


def _facts(told: Mapping[str, Any]) -> Facts:
    return Facts(
        schema=_text(told["schema"], _REVISION),
        row_counts={str(name): _count(count) for name, count in told["row_counts"].items()},
        ledger_sha256=_text(told["ledger_sha256"], _HASH),
        schema_sha256=_text(told["schema_sha256"], _HASH),
        heads={
            str(log): Head(_count(each["sequence"]), _text(each["chain_hash"], _HASH))
            for log, each in told["heads"].items()
        },
        first_entry=_text(told["first_entry"], _HASH) if told["first_entry"] else "",
    )


def _text(value: Any, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise ValueError
    return value


# ---- What is refused ----------------------------------------------------------------------------


def demand_harmless(entries: Iterable[Entry]) -> None:
    """Refuse an archive for its list of files alone: names, kinds and how far they are squeezed.

    Raises:
        RuleBroken: what is wrong with it.
    """
    seen: set[str] = set()
    for entry in entries:
        shown = f"“{entry.name[:60]}”"
        if entry.name in seen:
            raise unusable(f"it holds two files named {shown}")
        if not _sound(entry.name):
            raise unusable(f"it holds a file with a name no backup has, {shown}")
        if not entry.plain:
            raise unusable(f"{shown} in it is not a plain file")
        if entry.byte_count > max(SQUEEZE_FREE_BYTES, entry.packed_byte_count * MOST_SQUEEZED):
            raise unusable(f"{shown} in it says it holds {size(entry.byte_count)} in {size(entry.packed_byte_count)}")
        seen.add(entry.name)
        if len(seen) > MOST_PARTS:
            raise unusable(f"it holds more than {MOST_PARTS:,} files")
    if missing := {MANIFEST, KEYED_HASH} - seen:
        raise unusable(f"it has no {min(missing)}, so it was not made by this program, or not to its end")


def demand_names(names: Iterable[str]) -> None:
    """Refuse to back up what could not be restored: a name of other characters than ours.

    Raises:
        RuleBroken: the first such name.
    """
    for name in names:
        if not _sound(name):
            raise RuleBroken(f"No backup can keep the name “{name}”: letters, digits, dots, dashes and underlines only")


def _sound(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and ".." not in name and len(name) <= 200


def demand_listed(entries: Iterable[Entry], manifest: Manifest, free_byte_count: int) -> None:
    """Refuse an archive that does not hold exactly what its manifest lists, or more than there is room for.

    Raises:
        RuleBroken: what is wrong with it.
    """
    held = {entry.name: entry.byte_count for entry in entries if entry.name not in (MANIFEST, KEYED_HASH)}
    listed = {part.name: part.byte_count for part in manifest.parts}
    for name in sorted(held.keys() ^ listed.keys()):
        raise unusable(f"“{name}” is {'not in its manifest' if name in held else 'in its manifest and not in it'}")
    for name, byte_count in listed.items():
        if held[name] != byte_count:
            raise unusable(f"“{name}” has {held[name]:,} bytes and its manifest says {byte_count:,}")
    if manifest.byte_count > free_byte_count:
        raise unusable(f"it unpacks to {size(manifest.byte_count)} and {size(free_byte_count)} are free on the disk")


def contradictions(told: Facts, found: Facts) -> list[str]:
    """Say in what a database differs from what the manifest says of it; nothing when it is that database."""
    findings = []
    if told.schema != found.schema:
        findings.append(f"The database has schema {found.schema} and the manifest says {told.schema}.")
    for name in sorted(told.row_counts.keys() | found.row_counts.keys()):
        said, there = told.row_counts.get(name), found.row_counts.get(name)
        if said != there:
            findings.append(f"The database has {_rows(name, there)} and the manifest says {_rows(name, said)}.")
    logs = sorted(told.heads.keys() | found.heads.keys())
    differ = (log for log in logs if told.heads.get(log) != found.heads.get(log))
    findings += [f"The log of {log} does not end where the manifest says." for log in differ]
    if told.ledger_sha256 != found.ledger_sha256 and not findings:
        findings.append("Its rows are as many as the manifest says, and not the same.")
    if told.schema_sha256 != found.schema_sha256:
        findings.append("Its tables, indexes or triggers are not those that were backed up.")
    return findings


def _rows(name: str, count: int | None) -> str:
    return f"no table {name}" if count is None else f"{count:,} rows of {name}"


def demand_ours(manifest: Manifest, present: Facts | None) -> None:
    """Refuse a backup of another service.

    Args:
        present: what the present database holds, or None when there is none to compare with.

    Raises:
        RuleBroken: the two have nothing in common.
    """
    if present is not None and present.first_entry and manifest.facts.first_entry != present.first_entry:
        raise unusable(
            "it is of another service: the first entry of its log is not the first entry of the present one. "
            "To restore it here all the same, name an empty database"
        )


# ---- Words --------------------------------------------------------------------------------------


def size(byte_count: int) -> str:
    """Write a size as a person reads it: "995 kB", "1.2 GB"."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if byte_count >= factor:
            return (
                f"{byte_count / factor:.1f} {unit}" if byte_count < 100 * factor else f"{byte_count // factor} {unit}"
            )
    return f"{byte_count} bytes"


def file_name(at: datetime) -> str:
    """Name a backup by when it was made."""
    return f"go-bags-{stamp(at)}.zip"


def stamp(at: datetime) -> str:
    """Write a moment so that it can be part of a name and sorts by time."""
    return at.astimezone(UTC).strftime("%Y%m%dt%H%M%Sz")


def free_name(name: str, taken: Callable[[str], bool]) -> str:
    """Give a name, with a number after it when it is taken."""
    if not taken(name):
        return name
    return next(each for number in count(2) if not taken(each := f"{name}-{number}"))


def lost(present: Facts | None, manifest: Manifest) -> str:
    """Say what the present database knows and the backup does not."""
    before = manifest.facts.heads["changes"].sequence
    if present is None:
        return "There is no present database to compare it with."
    after = present.heads["changes"].sequence
    if after <= before:
        return f"The present database has {after:,} entries of changes and the backup {before:,}."
    many = (
        f"Entry {after:,} of the log of changes is"
        if after == before + 1
        else (f"Entries {before + 1:,} to {after:,} of the log of changes are")
    )
    return f"{many} in the present database and not in the backup of {moment_text(manifest.made_at)}."
