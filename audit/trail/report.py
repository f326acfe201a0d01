"""The audit extract: the entries of a log in a period as CSV, however many there are.

It is frozen by what it was asked for and by how far its log went: entries are never changed, so whoever writes it later
writes the same. It is written a chunk at a time, for it may be larger than a process may grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.trail import queries
from audit.trail.queries import Asked
from audit.trail.rules import act_words
from core.dates import day_text
from core.figures import AsKnown, Checkpoint
from core.figures.answers import cut_off_of
from core.sheets import Cell, Column, Kind
from core.sheets.delimited import csv_chunks
from core.trail import Log
from core.trail.queries import head

MARKING = "OFFICIAL-SENSITIVE"

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


@dataclass(frozen=True)
class LogExtract(AsKnown):
    """An extract of a log.

    Attributes:
        filters: what was asked for, as label and words.
        upto: the last entry of its log that is looked at: what is recorded meanwhile is not in the extract.
        chain_hash: of that entry.
        checkpoint: how far the log of changes went then.
    """

    asked: Asked
    filters: tuple[tuple[str, str], ...]
    upto: int
    chain_hash: str
    checkpoint: Checkpoint

    @property
    def title(self) -> str:
        """What it is called."""
        return f"Extract of the log of {self.asked.log}"

    @property
    def reference(self) -> str:
        """Its own name, the same in every version."""
        asked = self.asked
        days = [f"{day:%Y%m%d}" if day else words for day, words in ((asked.first, "begin"), (asked.last, "end"))]
        return "-".join(["log", asked.log, *days])

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above its table."""
        return (
            ("Marking", MARKING),
            ("Report", self.title),
            *self.filters,
            ("Up to entry", f"{self.upto:,} of the log of {self.asked.log}"),
            ("Chain hash of that entry", self.chain_hash),
            *self.checkpoint.printed,
        )


def filters_of(asked: Asked, *, person: str = "", place: str = "") -> tuple[tuple[str, str], ...]:
    """Say what was asked for, as label and words.

    Args:
        person, place: their names, where one was chosen.
    """
    return (
        ("Log", asked.log.capitalize()),
        ("Person", person or "Everybody"),
        ("Place", place or "Every place"),
        ("What was done", act_words(asked.act) if asked.act else "Anything"),
        ("Record", asked.subject or "Every record"),
        ("From", day_text(asked.first) if asked.first else "The first entry"),
        ("To", day_text(asked.last) if asked.last else "The last entry"),
    )


def freeze_extract(asked: Asked, filters: tuple[tuple[str, str], ...]) -> LogExtract:
    """Freeze an extract: from here on nothing that is recorded changes it."""
    own, changes = head(asked.log), head(Log.CHANGES)
    checkpoint = Checkpoint(changes.sequence, changes.chain_hash, cut_off_of(changes))
    return LogExtract(asked, filters, own.sequence, own.chain_hash, checkpoint)


def entry_count(extract: LogExtract) -> int:
    """Count the entries of an extract."""
    return queries.extracted_count(extract.asked, upto=extract.upto)


def written(extract: LogExtract, *, wrote: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
    """Write an extract as CSV, oldest entry first, some hundred at a time.

    Args:
        wrote: told how many entries were written, after each chunk.
    """
    return csv_chunks(COLUMNS, _rows(extract, wrote), preface=extract.preface)


def _rows(extract: LogExtract, wrote: Callable[[int], object]) -> Iterator[tuple[Cell, ...]]:
    for chunk in queries.extracted(extract.asked, upto=extract.upto):
        for each in chunk:
            yield (
                each.sequence, each.at, each.who, each.role, each.said, each.act, each.subject, each.reason,
                each.leaf_hash, each.chain_hash,
            )  # fmt: skip
        wrote(len(chunk))
