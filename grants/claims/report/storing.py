"""A claim pack as text and back: what is signed is this text, and what is painted later is read from it.

The text is canonical JSON (sorted keys, no spaces), so anybody can repeat its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import types
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from typing import Any, get_args, get_origin, get_type_hints

from core.trail.rules import canonical, fingerprint
from grants.claims.report.pack import ClaimPack

_SEEN = ("lines", "walk", "rows", "estimates", "waivers", "papers", "due_on")
"""What people see and sign of a pack."""


def text_of(pack: ClaimPack) -> str:
    """Write a pack as canonical JSON."""
    return canonical(asdict(pack))


def digest_of(text: str) -> str:
    """Give the SHA-256 of a pack's text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def figures_digest(pack: ClaimPack) -> str:
    """Fingerprint what a person prepares, reviews or certifies: the figures, without who signed and the checkpoint.

    It changes with every penny, row, estimate, forecast and waiver, and with nothing else.
    """
    facts = asdict(pack)
    return fingerprint({name: facts[name] for name in _SEEN})


def pack_of(text: str) -> ClaimPack:
    """Read a pack from its text."""
    pack: ClaimPack = _read(ClaimPack, json.loads(text))
    return pack


def _read(kind: Any, value: Any) -> Any:
    """Read a value as its annotation says: dataclasses field by field, lists as tuples, days and moments."""
    if isinstance(kind, types.UnionType):
        return None if value is None else _read(next(each for each in get_args(kind) if each is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        # A part that a later version added is missing from a claim signed before it, and takes its default.
        known = [each.name for each in fields(kind) if each.name in value]
        return kind(**{name: _read(hints[name], value[name]) for name in known})  # type: ignore[operator]
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return value
