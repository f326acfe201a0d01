"""What is published: spending over £500 as a frozen report, and the bare CSV files that a web team uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.figures import AsKnown, Checkpoint, Figures, summed
from core.money import pounds
from core.periods import Period
from core.sheets import Cell, Column, Kind, csv_bytes
from grants.registers import queries
from grants.registers.report.resting import checkpoint_at
from grants.registers.rules import GRANT_COLUMNS, SPENDING_COLUMNS, OpenGrant, PublishedItem, grant_row
from organisation.places.queries import commissioner_name

_COLUMNS = (
    Column("Reference", width=16),
    Column("Date", Kind.DATE),
    Column("Recipient", width=28),
    Column("Purpose", width=36),
    Column("Why it is good value for money", width=36),
    Column("Net amount", Kind.MONEY, "As invoiced, before VAT."),
    Column("VAT", Kind.MONEY, "As invoiced, recovered or not."),
    Column("Invoice with VAT", Kind.MONEY, "Of the whole invoice, the same on each of its rows: not to be added up."),
)
_INVOICE_AT = len(_COLUMNS) - 1


@dataclass(frozen=True)
class PublishedSpending(AsKnown):
    """Spending over £500 of a period, as known at its checkpoint.

    Attributes:
        organisation: whose spending it is.
        items: every row of it, the oldest first.
    """

    reference: str
    organisation: str
    period: Period
    items: tuple[PublishedItem, ...]
    checkpoint: Checkpoint
    title: str = field(default="Spending over £500", init=False)

    @property
    def net_pence(self) -> int:
        """What the rows come to before VAT."""
        return sum(each.net_pence for each in self.items)

    @property
    def vat_pence(self) -> int:
        """The VAT of the rows."""
        return sum(each.vat_pence for each in self.items)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What lacks the reason why it is good value: each invoice once, by its reference."""
        found = (each.invoice for each in self.items if each.invoice != each.row and not each.value_reason)
        return tuple(dict.fromkeys(found))

    @property
    def unsaid(self) -> tuple[str, ...]:
        """Payments without an invoice of which nobody said who was paid and why it is good value, by reference."""
        return tuple(each.row for each in self.items if each.invoice == each.row and not each.recipient)

    @property
    def sentence(self) -> str:
        """What it comes to."""
        if not self.items:
            return "Nothing above £500 is dated in this period."
        rows = "1 row" if len(self.items) == 1 else f"{len(self.items):,} rows"
        return f"{rows}: {pounds(self.net_pence)} net and {pounds(self.vat_pence)} VAT."

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Register", self.title), ("Period", self.period.words))

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return self.checkpoint.on_front

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made."""
        said = [
            "Every row of an invoice whose total with VAT is above £500 is listed, rows below £500 among them, and so "
            "are credits. What was spent without an invoice is listed by its own amount with VAT.",
            "A date is that of the invoice. The fields are those of the Elected Local Policing Bodies (Specified "
            "Information) Order 2011.",
        ]
        if self.lacking:
            said.append(f"Why it is good value for money is not recorded of {', '.join(self.lacking)}.")
        if self.unsaid:
            said.append(
                f"Who was paid, and why it is good value for money, is not recorded of {', '.join(self.unsaid)}."
            )
        return tuple(said)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the table of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            ("What it says", self.sentence),
            *(("Note", each) for each in self.notes),
            *self.checkpoint.printed,
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Its one table. An invoice's total stands on each of its rows, so it has no sum."""
        rows = tuple(_row(each) for each in self.items)
        total = (*summed("Total", _COLUMNS, rows)[:_INVOICE_AT], None)
        caption = "Rows, oldest first, in pounds"
        return (Figures("Spending", caption, _COLUMNS, rows, total, empty=self.sentence),)


def _row(each: PublishedItem) -> tuple[Cell, ...]:
    return (
        each.row, each.dated_on, each.recipient or "Not recorded", each.purpose, each.value_reason or "Not recorded",
        each.net_pence, each.vat_pence, each.total_pence,
    )  # fmt: skip


def freeze_spending(period: Period, *, at: datetime) -> PublishedSpending:
    """Freeze the spending over £500 of a period."""
    reference = f"SPEND-{period.first:%Y%m%d}-{period.last:%Y%m%d}"
    return PublishedSpending(
        reference, commissioner_name(), period, tuple(queries.published_spending(period)), checkpoint_at(at)
    )


def spending_csv(made: PublishedSpending) -> bytes:
    """Write spending over £500 in the Specified Information Order's fields."""
    return csv_bytes(
        SPENDING_COLUMNS,
        [
            (
                each.body or made.organisation, each.dated_on, each.recipient, each.row, each.purpose, each.net_pence,
                each.vat_pence, each.total_pence, each.value_reason,
            )
            for each in made.items
        ],
    )  # fmt: skip


def grants_csv(grants: Sequence[OpenGrant]) -> bytes:
    """Write awards in the columns of the 360Giving spreadsheet template."""
    return csv_bytes(GRANT_COLUMNS, [grant_row(grant) for grant in grants])
