"""What a sealed pack holds and what it leaves out, and how its files are written; no database.

``docs/PACK.md`` describes the format, so that a second program can be written from it alone. The same facts give the
same bytes: entries in one order, no clock, one way to write a row.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO

from core.trail.rules import canonical

FORMAT = "go-bags-pack 1"

LEFT_OUT: Mapping[str, str] = {
    "audit_leaf": "in logs/, in the order of the log",
    "log_entry": "in logs/ and kept/",
    "issued_runs": "kept from the moves, which are there",
    "kept_hash": "in kept/",
    "checkpoint": "in checkpoints.jsonl",
    "checkpoint_key": "in keys.txt",
    "past_balance": "kept from the moves, which are there",
    "place_act": "kept from the moves, which are there",
    "credential": "passwords and invitations",
    "making": "reports that were asked for: what became of them is in logs/",
    "session_record": "who is signed in",
    "sign_in_attempt": "failed sign-ins",
    "verify_attempt": "how often the public page was asked",
    "submission": "forms that were sent twice",
    "reference_series": "the next free number of each kind of reference",
    "service_setting": "whether the service is a demonstration",
    "waiting_extract": "uploads that nobody has confirmed",
}
"""Table → why its rows are not among the rows of a pack."""

COLUMNS_LEFT_OUT: Mapping[str, frozenset[str]] = {"account": frozenset({"email", "sign_in_epoch"})}
"""Table → columns that are not in a pack. Never of a table that has a tree: its rows could not be checked."""

OCCASIONS: Mapping[str, str] = {
    "hour": "The hour",
    "pack.take": "A sealed pack",
    "key.begin": "The first key",
    "key.hand_over": "A new key",
    "claim.sign": "A signed claim",
    "usage.publish": "A release of usage",
    "report.issue": "A report that left",
    "period.close": "A closed period",
}
"""What a checkpoint was made for → how a page says it."""

_CHUNK = 1 << 16


@dataclass
class PackWriter:
    """Writes the files of a pack into a ZIP, one after the other, and remembers the size and hash of each."""

    out: IO[bytes]
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file from its parts; never more than a part is held."""
        hashed, size = hashlib.sha256(), 0
        entry = zipfile.ZipInfo(name)  # of 1980, whatever the clock says
        entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        with self._zip.open(entry, "w", force_zip64=True) as file:
            for part in parts:
                hashed.update(part)
                size += len(part)
                file.write(part)
        self.files[name] = (size, hashed.hexdigest())

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Write a file of lines, many at a time."""
        self.add(name, _joined(lines))

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, *_: object) -> None:
        """End the ZIP with its list of files."""
        self._zip.close()


def _joined(lines: Iterable[str]) -> Iterable[bytes]:
    waiting: list[str] = []
    length = 0
    for line in lines:
        waiting.append(line)
        length += len(line)
        if length > _CHUNK:
            yield ("\n".join(waiting) + "\n").encode()
            waiting, length = [], 0
    if waiting:
        yield ("\n".join(waiting) + "\n").encode()


def manifest_text(facts: Mapping[str, object], files: Mapping[str, tuple[int, str]]) -> str:
    """Write the manifest: what the pack is, and the size and SHA-256 of every other file in it."""
    named = {name: [size, digest] for name, (size, digest) in files.items()}
    return canonical({"format": FORMAT, **facts, "files": named}) + "\n"


def manifest_note(origin: str, manifest: str) -> str:
    """Write the text that is signed over a manifest: origin, "pack", and the manifest's SHA-256."""
    digest = base64.b64encode(hashlib.sha256(manifest.encode()).digest()).decode()
    return f"{origin}\npack\n{digest}\n"
