"""The registers of things as frozen reports: what is held, what is gone, what was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.dates import day_text, local_day
from core.figures import AsKnown, Checkpoint, Figures, summed
from core.money import pounds
from core.sheets import Cell, Column, Kind
from grants.registers import queries
from grants.registers.report.resting import checkpoint_at
from grants.registers.rules import Loss, RegisteredItem
from organisation.places.queries import commissioner_name

ITEMS, LOSSES = "items", "losses"


@dataclass(frozen=True)
class Register(AsKnown):
    """A register, as known at its checkpoint.

    Attributes:
        organisation: whose it is.
        sentence: what it comes to.
        notes: how its figures are made.
        is_sensitive: whether it says of single days or places what was given to somebody.
    """

    reference: str
    title: str
    organisation: str
    sentence: str
    tables: tuple[Figures, ...]
    notes: tuple[str, ...]
    is_sensitive: bool
    checkpoint: Checkpoint

    @property
    def day(self) -> str:
        """The day it is as at, in words."""
        return f"As at {day_text(local_day(self.checkpoint.cut_off))}"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Register", self.title),)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return self.checkpoint.on_front

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Data cut-off", self.cut_off_words),
            ("What it says", self.sentence),
            *(("Note", each) for each in self.notes),
            *self.checkpoint.printed,
        )


def freeze_items(*, at: datetime) -> Register:
    """Freeze the register of fixed and attractive items."""
    found = queries.registered_items()
    held = [each for each in found if not each.disposed]
    gone = [each for each in found if each.disposed]
    spent = sum(each.pence for each in found)
    said = f"{len(held):,} of {len(found):,} registered items are held. All of them cost {pounds(spent)}."
    notes = (
        "Every handset is registered, and every purchase whose unit costs more than its award registers. Costs are net "
        "of VAT that is recovered.",
        "Of a handset the last four digits of its number are shown. One that was issued in a Go Bag was given for "
        "nothing; whom it was given to is not recorded anywhere. What no invoice is on record for has no cost.",
    )
    return Register(
        "REG-ITEMS", "Fixed and attractive items", commissioner_name(), said, (_held(held), _disposed(gone)), notes,
        is_sensitive=True, checkpoint=checkpoint_at(at),
    )  # fmt: skip


_FIRST = (
    Column("Item", width=30),
    Column("Description", width=30),
    Column("Kind", width=16),
    Column("Date acquired", Kind.DATE),
    Column("Cost", Kind.MONEY, "Net of VAT that is recovered."),
    Column("Grant lines", width=18),
)


def _held(items: Sequence[RegisteredItem]) -> Figures:
    columns = (*_FIRST, Column("Location", width=30))
    rows = tuple((*_first(each), each.location) for each in items)
    total = summed("Total", columns, rows)
    return Figures("Held", "Items that are held, in pounds", columns, rows, total, empty="None is held.")


def _disposed(items: Sequence[RegisteredItem]) -> Figures:
    columns = (*_FIRST, Column("Date of disposal", Kind.DATE), Column("Disposal, proceeds and transferee", width=44))
    rows = tuple((*_first(each), each.disposed_on, each.disposed) for each in items)
    total = summed("Total", columns, rows)
    return Figures("Disposed of", "Items that are gone, in pounds", columns, rows, total, empty="None is disposed of.")


def _first(each: RegisteredItem) -> tuple[Cell, ...]:
    cost = each.pence if each.pence or each.lines else None
    return (each.name, each.item, each.kind, each.acquired_on, cost, each.lines)


def freeze_losses(*, at: datetime) -> Register:
    """Freeze the register of losses and write-offs."""
    found = queries.losses()
    granted = sum(each.granted_pence for each in found)
    untold = sum(each.granted_pence for each in found if each.notified_on is None)
    told = f"The funder has not been told of {pounds(untold)} of it." if untold else "The funder was told of all of it."
    said = f"Grants paid {pounds(granted)} of what is written off or lost. {told}"
    notes = (
        "What was found again, or taken back, is not listed. Each loss is priced unit by unit to who paid for it.",
    )
    return Register(
        "REG-LOSSES", "Losses and write-offs", commissioner_name(), said, (_lost(found),), notes,
        is_sensitive=False, checkpoint=checkpoint_at(at),
    )  # fmt: skip


def _lost(found: Sequence[Loss]) -> Figures:
    columns = (
        Column("Item", width=30),
        Column("Lot", width=12),
        Column("Units", Kind.COUNT),
        Column("Date", Kind.DATE),
        Column("What happened", width=18),
        Column("Document", width=14),
        Column("Place", width=24),
        Column("Grant lines", width=18),
        Column("Cost", Kind.MONEY, "Priced unit by unit."),
        Column("Paid by grants", Kind.MONEY, "The part of the cost that is apportioned to grant lines."),
        Column("Funder told", Kind.DATE, "Empty until somebody records that the funder was told."),
        Column("Notice", width=20),
    )
    rows = tuple(
        (
            each.item, each.lot, each.unit_count, each.happened_on, each.kind, each.document, each.place, each.lines,
            each.pence, each.granted_pence, each.notified_on, each.notice,
        )
        for each in found
    )  # fmt: skip
    total = summed("Total", columns, rows)
    return Figures("Losses", "Losses, newest first, in pounds", columns, rows, total, empty="Nothing is lost.")
