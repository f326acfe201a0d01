"""What an entry of the register is made from; no database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.figures.tables import FileKind
from core.references import derived_reference

PREFIX = "GBR"
"""What every reference of the register begins with: Go Bags, report."""


@dataclass(frozen=True)
class Entry:
    """What the register keeps of a report.

    Attributes:
        sort: which kind of report it is, one word ("statement").
        document: names it among its kind; the same in every version.
        filters: label and words: what it was asked for.
        sequence, chain_hash, cut_off: the log it rests on (``core.figures.Checkpoint``).
        frozen: the figures as text (``core.figures.storing``), or None where there is nothing but bytes.
    """

    sort: str
    document: str
    title: str
    filters: Sequence[tuple[str, str]]
    marking: str
    sequence: int
    chain_hash: str
    cut_off: datetime
    frozen: str | None
    digest: str

    @property
    def reference(self) -> str:
        """Its reference in the register."""
        return reference_of(self.sort, self.digest)


@dataclass(frozen=True)
class Painted:
    """One form of a report as it leaves: what the register keeps of its bytes, however many they are.

    Attributes:
        sha256: of its bytes, as 64 hexadecimal digits.
    """

    kind: FileKind
    sha256: str
    byte_count: int

    @classmethod
    def of(cls, kind: FileKind, data: bytes) -> Painted:
        """Take it of the bytes themselves."""
        return cls(kind, hashlib.sha256(data).hexdigest(), len(data))


def reference_of(sort: str, digest: str) -> str:
    """Give the reference of a report, such as GBR-7K4M-Q2XD-9PBC: the same figures have the same."""
    return f"{PREFIX}-{derived_reference(hashlib.sha256(f'{sort} {digest}'.encode()).digest())}"
