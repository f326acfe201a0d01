"""The decisions of the ledgers slice: reading a finance extract, laying it out, matching its lines.

Pure: bytes and plain values in, frozen dataclasses out; no database, no web, no clock. Kept as a package
because an extract is read in steps that are each worth testing alone: its rows (``tables``, over
``core.sheets.reading``), what its columns mean (``headings``, ``columns``,
``guessing``, ``layouts``), its lines (``notation``, ``lines``), and what they pay for (``matching``).
"""

from grants.ledgers.rules.guessing import guess_layout
from grants.ledgers.rules.layouts import Confidence, Layout, signature_of
from grants.ledgers.rules.lines import read_lines
from grants.ledgers.rules.notation import DateNotation, DecimalMark
from grants.ledgers.rules.readings import (
    ControlTotals,
    FlaggedRow,
    ParsedLine,
    Reading,
    RefusedRow,
    SkippedRow,
)
from grants.ledgers.rules.roles import Role
from grants.ledgers.rules.tables import RawTable, read_table

__all__ = [
    "Confidence",
    "ControlTotals",
    "DateNotation",
    "DecimalMark",
    "FlaggedRow",
    "Layout",
    "ParsedLine",
    "RawTable",
    "Reading",
    "RefusedRow",
    "Role",
    "SkippedRow",
    "guess_layout",
    "read_lines",
    "read_table",
    "signature_of",
]
