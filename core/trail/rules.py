"""How a leaf is written down and how the log chains leaves; no database.

An auditor's program must be able to repeat every line of this from the exported text alone, so it is kept to
what the standard library does everywhere: JSON with sorted keys and no spaces, UTF-8, SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

START_OF_LOG = bytes(32)
"""What the first entry of a log is chained to."""


def canonical(facts: Mapping[str, Any]) -> str:
    """Write facts down in the one way they can be written: sorted keys, no spaces, moments in UTC."""
    return _in_order(facts)


def canonical_row(row: Mapping[str, Any]) -> str:
    """Write a row of a table down: as facts, and empty columns not at all.

    So a column that is added later and is empty in the rows that were there leaves them as they were.
    """
    return _in_order({name: value for name, value in row.items() if value is not None})


def moment(value: datetime) -> str:
    """Write a moment down: in UTC, with microseconds, like 2026-05-04T09:30:00.000000Z."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(value: object) -> str | list[object]:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no canonical form")


_in_order = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
).encode


def leaf_hash(text: str) -> bytes:
    """Hash a leaf as RFC 6962 does: SHA-256 of a zero byte and the leaf."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def chained(previous: bytes, sequence: int, leaf: bytes) -> bytes:
    """Chain an entry: SHA-256 of the previous chain hash, the sequence (8 bytes, big endian) and the leaf hash."""
    return hashlib.sha256(previous + sequence.to_bytes(8, "big") + leaf).digest()


def commitment(text: str, salt: bytes) -> str:
    """Commit to a text without holding it: hexadecimal SHA-256 of the salt and the text."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def fingerprint(body: object) -> str:
    """Tell two submitted forms apart: hexadecimal SHA-256 of the canonical body."""
    return hashlib.sha256(canonical({"body": body}).encode()).hexdigest()
