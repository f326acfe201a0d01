"""A frozen object as text and back: what is signed is this text, and what is painted later is read from it.

The text is canonical JSON (sorted keys, no spaces), so anybody can repeat its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Collection
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from core.trail.rules import canonical, fingerprint

Frozen = TypeVar("Frozen")


def text_of(frozen: Any) -> str:
    """Write a frozen dataclass as canonical JSON."""
    return canonical(asdict(frozen))


def digest_of(text: str) -> str:
    """Give the SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_parts(frozen: Any, names: Collection[str]) -> str:
    """Fingerprint some of an object's fields: what a person sees and signs, without who signed and the checkpoint."""
    facts = asdict(frozen)
    return fingerprint({name: facts[name] for name in names})


def frozen_of(kind: type[Frozen], text: str) -> Frozen:
    """Read an object from its text."""
    found: Frozen = _read(kind, json.loads(text))
    return found


def _read(kind: Any, value: Any) -> Any:
    """Read a value as its annotation says: dataclasses field by field, lists as tuples, days and moments."""
    if isinstance(kind, types.UnionType):
        return None if value is None else _read(next(each for each in get_args(kind) if each is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        # A part that a later version added is missing from what was signed before it, and takes its default.
        known = [each.name for each in fields(kind) if each.init and each.name in value]
        return kind(**{name: _read(hints[name], value[name]) for name in known})  # type: ignore[operator]
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return value
