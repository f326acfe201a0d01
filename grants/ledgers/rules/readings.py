"""What comes of reading a finance extract: its lines, and every row that is no line, with the reason.

Rows read = lines + refused + skipped, always: an officer can tie the control totals to the finance system
before anything is imported.
"""

from dataclasses import dataclass
from datetime import date

from core.money import Pence
from grants.ledgers.rules.layouts import Layout


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One line of a finance extract.

    Attributes:
        row_number: as a spreadsheet program shows it.
        transaction_number: exact text, without the line number where the layout parts them.
        line_number: exact text of the line number or suffix, None where the layout has none.
        occurrence: 1 for the first row of this transaction and line number in the file, 2 for the next …
        dated_on: the date in the layout's date column, or the last day of its period.
        supplier: as written, trimmed; ``REDACTED PERSONAL DATA`` is kept.
        supplier_code: the finance system's number for the supplier.
        reference: the supplier's invoice number or reference.
        order_reference: the purchase order.
        description: the description columns, joined by " / ".
        net_pence: signed pence, negative for money that came back.
        vat_pence: VAT beside the net amount, None where the layout has none or the cell is empty.
        gross_pence: as the file gives it, None where it gives none.
        irrecoverable_vat_pence: VAT that is already within the net amount.
        cost_centre: exact text.
        project: exact text.
        account_code: exact text.
        kind: exact text of the type column.
        is_vat: a row that holds VAT alone, booked as a line of its own.
        raw: every cell as it stood in the file.
    """

    row_number: int
    transaction_number: str
    line_number: str | None
    occurrence: int
    dated_on: date
    supplier: str
    supplier_code: str
    reference: str
    order_reference: str
    description: str
    net_pence: Pence
    vat_pence: Pence | None
    gross_pence: Pence | None
    irrecoverable_vat_pence: Pence | None
    cost_centre: str
    project: str
    account_code: str
    kind: str
    is_vat: bool
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be read: where, why, and what stood in it."""

    row_number: int
    column: str
    reason: str
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no line (blank, a total, a repeated header, a note), and why."""

    row_number: int
    reason: str
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlaggedRow:
    """A row that is imported but deserves a look, and why."""

    row_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ControlTotals:
    """The count of every row and the sums of the lines in pence; None where no line gives the figure."""

    rows_read: int
    line_count: int
    refused_count: int
    skipped_count: int
    net_pence: Pence
    vat_pence: Pence | None
    gross_pence: Pence | None
    earliest_on: date | None
    latest_on: date | None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that came of reading a table through a layout."""

    layout: Layout
    lines: tuple[ParsedLine, ...]
    refused: tuple[RefusedRow, ...]
    skipped: tuple[SkippedRow, ...]
    flagged: tuple[FlaggedRow, ...]
    totals: ControlTotals
