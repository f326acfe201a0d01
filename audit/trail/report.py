"""The audit extract: the entries of a log in a period as CSV, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audit.trail import queries
from audit.trail.queries import Asked
from core.sheets import Cell, Column, Kind
from core.sheets.delimited import csv_chunks
from core.trail.queries import Head

COLUMNS = (
    Column("Entry", Kind.COUNT),
    Column("Recorded", Kind.MOMENT),
    Column("Who"),
    Column("Role"),
    Column("What was done"),
    Column("Act"),
    Column("Record"),
    Column("Reason"),
    Column("Leaf hash"),
    Column("Chain hash"),
)


def extract(asked: Asked, log: Head, *, wrote: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
    """Write the entries asked for as CSV, oldest first, some hundred at a time.

    Args:
        log: its last entry is the last that is looked at: what is recorded meanwhile is not in the extract.
        wrote: told how many entries were written, after each chunk.
    """
    preface = [
        ("Extract", f"Log of {asked.log.value}"),
        ("From", asked.first.isoformat() if asked.first else "the first entry"),
        ("To", asked.last.isoformat() if asked.last else "the last entry"),
        ("Up to entry", f"{log.sequence:,}"),
        ("Chain hash", log.chain_hash),
    ]
    return csv_chunks(COLUMNS, _rows(asked, log.sequence, wrote), preface=preface)


def _rows(asked: Asked, upto: int, wrote: Callable[[int], object]) -> Iterator[tuple[Cell, ...]]:
    for chunk in queries.extracted(asked, upto=upto):
        for each in chunk:
            yield (
                each.sequence, each.at, each.who, each.role, each.said, each.act, each.subject, each.reason,
                each.leaf_hash, each.chain_hash,
            )  # fmt: skip
        wrote(len(chunk))
