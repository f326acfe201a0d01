"""What an audit extract freezes: what was asked for, how far its log went, and the figures of its entries.

It is frozen in two steps. Asking fixes the filters and the last entry that is looked at; entries are never changed, so
whoever counts them later counts the same. Its process then counts them once, and from there on page, CSV, workbook and
PDF paint one object, with the names that people had then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from audit.trail.queries import Asked
from audit.trail.rules import act_words
from core.dates import Month, day_text, moment_text
from core.figures import AsKnown, Checkpoint, Figures, grouped, summed
from core.figures.answers import cut_off_of
from core.sheets import Cell, Column, Kind
from core.trail import Log
from core.trail.queries import head

MARKING = "OFFICIAL-SENSITIVE"

A_VOLUME = 10_000
"""Entries in a volume on paper: as many as one listing of ``core.pdf`` has, which is not loaded for this."""

_ENTRIES = Column("Entries", Kind.COUNT)


@dataclass(frozen=True)
class Mark:
    """An entry by its number and the moment it was recorded at."""

    sequence: int
    at: datetime

    @property
    def words(self) -> str:
        """It in words."""
        return f"{self.sequence:,}, recorded on {moment_text(self.at)}"


@dataclass(frozen=True)
class ByMonth:
    """How many entries were recorded in a month of London's calendar."""

    year: int
    number: int
    count: int


@dataclass(frozen=True)
class ByAct:
    """How many entries are of an act."""

    act: str
    count: int


@dataclass(frozen=True)
class ByPerson:
    """How many entries are of a person, under the name they had; no account is the service itself."""

    account_id: int | None
    name: str
    count: int
    first_on: date
    last_on: date


@dataclass(frozen=True)
class ByPlace:
    """How many entries are of a place: the filter by place gives as many."""

    code: str
    name: str
    count: int


@dataclass(frozen=True)
class Counted:
    """The figures of an extract, each in the order it is shown in.

    Attributes:
        organisation: whose service this is.
        nowhere_count: entries that are of no place.
    """

    organisation: str
    entry_count: int
    first: Mark | None
    last: Mark | None
    months: tuple[ByMonth, ...]
    acts: tuple[ByAct, ...]
    people: tuple[ByPerson, ...]
    places: tuple[ByPlace, ...]
    nowhere_count: int


@dataclass(frozen=True)
class LogExtract(AsKnown):
    """An extract of a log.

    Attributes:
        filters: what was asked for, as label and words.
        upto: the last entry of its log that is looked at: what is recorded meanwhile is not in the extract.
        chain_hash: of that entry.
        checkpoint: how far the log of changes went then.
        counted: its figures; None until its entries are counted.
    """

    asked: Asked
    filters: tuple[tuple[str, str], ...]
    upto: int
    chain_hash: str
    checkpoint: Checkpoint
    counted: Counted | None = None

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
    def figures(self) -> Counted:
        """The figures of its entries.

        Raises:
            ValueError: they are not counted yet.
        """
        if self.counted is None:
            raise ValueError("The entries of this extract are not counted yet")
        return self.counted

    @property
    def volume_count(self) -> int:
        """In how many volumes its entries are on paper."""
        return max(1, -(-self.figures.entry_count // A_VOLUME))

    @property
    def period_words(self) -> str:
        """The days it is of."""
        first, last = self.asked.first, self.asked.last
        if first and last:
            return f"{day_text(first)} to {day_text(last)}"
        if first or last:
            return f"From {day_text(first)}" if first else f"Until {day_text(last)}" if last else ""
        return "From the first entry to the last"

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """How many entries it has, and the first and the last of them."""
        found = self.figures
        return (
            ("Entries", f"{found.entry_count:,}"),
            ("First entry", found.first.words if found.first else "None"),
            ("Last entry", found.last.words if found.last else "None"),
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front and the page say beside title and period."""
        own = (
            ("Up to entry", f"{self.upto:,} of the log of {self.asked.log}"),
            ("Chain hash of that entry", grouped(self.chain_hash)),
        )
        # Of the log of changes the checkpoint says both.
        return (
            *self.filters,
            *self.ends,
            *(own if self.asked.log is not Log.CHANGES else ()),
            *self.checkpoint.on_front,
        )

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above its table, the marking left out."""
        return (
            ("Report", self.title),
            *self.filters,
            ("Up to entry", f"{self.upto:,} of the log of {self.asked.log}"),
            ("Chain hash of that entry", self.chain_hash),
            *self.ends,
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
        )

    @property
    def sentence(self) -> str:
        """The whole of it in a sentence."""
        found = self.figures
        if found.first is None or found.last is None:
            return "No entry was recorded that was asked for."
        if found.entry_count == 1:
            return f"One entry was recorded that was asked for: entry {found.first.words}."
        people = sum(each.account_id is not None for each in found.people)
        by = [f"{people:,} {'person' if people == 1 else 'people'}"] if people else []
        by += ["the service itself"] if people < len(found.people) else []
        acts = f"{len(found.acts):,} kinds of act" if len(found.acts) > 1 else "all of one kind of act"
        return (
            f"{found.entry_count:,} entries by {' and '.join(by)}, from entry {found.first.words}, to entry "
            f"{found.last.words}. They are {acts}."
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """The figures of its entries: by month, act, person and place."""
        found = self.figures
        months = [(Month(each.year, each.number).label, each.count) for each in found.months]
        acts = [(act_words(each.act), each.count) for each in found.acts]
        people = [(each.name, each.count, each.first_on, each.last_on) for each in found.people]
        places = [(each.name, each.code, each.count) for each in found.places]
        who = (Column("Who"), _ENTRIES, Column("First day", Kind.DATE), Column("Last day", Kind.DATE))
        return (
            _table("By month", "Entries by month", (Column("Month"), _ENTRIES), months),
            _table("By act", "Entries by what was done", (Column("What was done"), _ENTRIES), acts),
            _table("By person", "Entries by who did it", who, people, note=_NAMES),
            Figures(
                "By place", "Entries by place", (Column("Place"), Column("Code"), _ENTRIES), tuple(places),
                note=f"{_PLACES} Entries of no place: {found.nowhere_count:,}.",
            ),
        )  # fmt: skip


_NAMES = "Names are those that people had when the entries were counted."
_PLACES = "An entry of two places, as of goods sent from one to the other, counts at both, so these do not add up."


def _table(
    name: str, caption: str, columns: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]], note: str = ""
) -> Figures:
    """Make a table with its total, where it has rows."""
    return Figures(name, caption, columns, tuple(rows), summed("All", columns, rows) if rows else None, note)


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
    """Freeze what an extract will show: from here on nothing that is recorded changes it."""
    own, changes = head(asked.log), head(Log.CHANGES)
    checkpoint = Checkpoint(changes.sequence, changes.chain_hash, cut_off_of(changes))
    return LogExtract(asked, filters, own.sequence, own.chain_hash, checkpoint)
