"""What matching is given and what it gives back: plain values, no records.

Pence are signed as in the ledger. A pair says how many pence of a line one spending row explains. The pence
of a line's pairs never exceed the line; the pence of a row's pairs never exceed the row (its net amount, or
net and VAT together where the ledger booked the gross amount).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.money import Pence


@dataclass(frozen=True, slots=True)
class LedgerLineFacts:
    """What matching may know of one ledger line; absent texts are empty."""

    id: int
    transaction: str
    reference: str
    supplier: str
    dated_on: date
    net_pence: Pence
    gross_pence: Pence | None = None
    order_reference: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class SpendingRowFacts:
    """What matching may know of one spending row: one row of a supplier's invoice."""

    id: int
    invoice_number: str
    supplier: str
    invoiced_on: date
    net_pence: Pence
    vat_pence: Pence
    order_reference: str | None = None
    description: str = ""


class MatchKind(StrEnum):
    """How ledger lines and spending rows belong together."""

    SAME = "same"
    WHOLE_INVOICE = "whole_invoice"
    PARTS = "parts"
    REVERSED = "reversed"
    REPEATED = "repeated"
    VAT = "vat"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class MatchedPair:
    """Pence of one ledger line that one spending row explains, signed as the line."""

    line_id: int
    row_id: int
    pence: Pence


@dataclass(frozen=True, slots=True)
class Proposal:
    """Lines and rows that belong together, and why.

    Attributes:
        kind: ``SAME`` one line, one row, one amount. ``WHOLE_INVOICE`` one line for all rows of an invoice.
            ``PARTS`` several lines that add up to a row or an invoice. ``REVERSED`` a line and the line that
            takes it back; its pairs add up to nothing, and it has no rows when the row is not known.
            ``REPEATED`` a line that books once more what another line has booked: it has no pairs, because
            the row is already explained. ``VAT`` a line of its own that books the VAT of rows whose net amount
            other lines of its transaction explain. ``DIFFERENT`` the amounts disagree: the pair is for the smaller
            one and what is left stays unexplained.
        line_ids: ledger lines, in the order given.
        row_ids: spending rows, in the order given.
        pairs: pence by line and row; never beyond either.
        certain: sure enough to be made without asking.
        score: points of evidence; higher is surer, of use for sorting only.
        reasons: the evidence, in words.
    """

    kind: MatchKind
    line_ids: tuple[int, ...]
    row_ids: tuple[int, ...]
    pairs: tuple[MatchedPair, ...]
    certain: bool
    score: int
    reasons: tuple[str, ...]
