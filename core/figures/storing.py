"""A frozen object as text and back: what is signed is this text, and what is painted later is read from it.

The text is canonical JSON (sorted keys, no spaces), written and read by the annotations of the report's own classes:
dataclasses field by field, tuples as lists, days and moments as text. Where an annotation leaves several types open,
as a cell of a table does, the value says which it is. A part that a later version of a class added is missing from
texts written before it, and takes its default; a part it dropped is passed over.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Collection
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.money import Pence
from core.sheets import Money
from core.trail.rules import canonical, fingerprint, moment

Frozen = TypeVar("Frozen")

_PLAIN = (str, int, bool, type(None))


def text_of(frozen: object) -> str:
    """Write a frozen dataclass as canonical JSON, so that anybody can repeat its SHA-256.

    Raises:
        TypeError: it holds something that this form has no place for.
    """
    return canonical(_written(type(frozen), frozen))


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


@cache
def _parts(kind: type) -> tuple[tuple[str, Any], ...]:
    """Give the fields that make a dataclass, each with its annotation."""
    hints = get_type_hints(kind)
    return tuple((each.name, hints[each.name]) for each in fields(kind) if each.init)


def _written(kind: Any, value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        written = {name: _written(hint, getattr(value, name)) for name, hint in _parts(type(value))}
        return {"pence": value.pence} if isinstance(value, Money) else written
    if isinstance(value, tuple):
        return [_written(hint, part) for hint, part in zip(_of_each(kind, len(value)), value, strict=True)]
    if isinstance(value, datetime):
        return {"moment": moment(value)} if _is_open(kind) else moment(value)
    if isinstance(value, date):
        return {"day": value.isoformat()} if _is_open(kind) else value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _PLAIN):
        return value
    raise TypeError(f"A frozen report cannot hold {type(value).__name__}")


def _of_each(kind: Any, count: int) -> tuple[Any, ...]:
    """Give the annotation of each part of a tuple, whether it names them one by one or one for all."""
    inner = get_args(_choices(kind)[0])
    return inner if Ellipsis not in inner else (inner[0],) * count


def _is_open(kind: Any) -> bool:
    """Say whether an annotation leaves more than one type open, "none" apart."""
    return len(_choices(kind)) > 1


def _choices(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) in (types.UnionType, Union):
        return tuple(each for each in get_args(kind) if each is not type(None))
    return (kind,)


def _read(kind: Any, value: Any) -> Any:
    """Read a value as its annotation says."""
    if value is None:
        return None
    if _is_open(kind):
        return _named(value)
    (kind,) = _choices(kind)
    if get_origin(kind) is tuple:
        return tuple(_read(hint, part) for hint, part in zip(_of_each(kind, len(value)), value, strict=True))
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _read(hint, value[name]) for name, hint in _parts(kind) if name in value})
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _named(value: Any) -> Any:
    """Read a value that says which type it is."""
    match value:
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case {"pence": int(pence)}:
            return Money(Pence(pence))
    return value
