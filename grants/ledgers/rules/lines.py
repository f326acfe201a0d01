"""Applying a layout: table rows become ledger lines, and every row is accounted for.

A row is a line, refused or skipped; nothing is dropped without a word, and the control totals say so in
pence. A row that cannot be read is listed with its column and the reason while the others go on, because
one bad date must not hold up a month. Codes keep their exact text; repeats within a file are rows of their
own (real extracts have rows that equal each other in every field) and are numbered by occurrence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from core.errors import RuleBroken
from core.money import Pence, pounds
from core.parse import clean
from grants.ledgers.rules.layouts import Layout
from grants.ledgers.rules.notation import NotInNotation, amount_pence, read_date
from grants.ledgers.rules.readings import (
    ControlTotals,
    FlaggedRow,
    ParsedLine,
    Reading,
    RefusedRow,
    SkippedRow,
)
from grants.ledgers.rules.roles import Role
from grants.ledgers.rules.tables import RawTable

LONGEST = {Role.SUPPLIER: 300, Role.DESCRIPTION: 2000, Role.LINE: 40}
LONGEST_CODE = 120
_SHORT = 40
_KEPT_TEXT = re.compile(r'="([^"]+)"')
_CODE_ROLES = (
    Role.SUPPLIER_CODE,
    Role.REFERENCE,
    Role.ORDER,
    Role.COST_CENTRE,
    Role.PROJECT,
    Role.ACCOUNT_CODE,
)
_AMOUNT_ROLES = (Role.NET, Role.GROSS, Role.DEBIT, Role.CREDIT)
_TOTAL = re.compile(r"(?:(?:grand|sub|report|overall|page|file)[ -]?)?totals?\b", re.IGNORECASE)
_VAT_ROW = re.compile(r"(?:(?:input|output|recoverable|irrecoverable|purchase) )?vat\b", re.IGNORECASE)


class _Refused(Exception):
    """The row being read is refused because of one column."""

    def __init__(self, column: int | None, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def read_lines(table: RawTable, layout: Layout) -> Reading:
    """Read every row of a table through a layout.

    Args:
        table: as read from the file.
        layout: complete, and of this header row.

    Returns:
        Lines, refused, skipped and flagged rows, and control totals with
        rows read = lines + refused + skipped.

    Raises:
        RuleBroken: the layout is of another header row, or lacks the number, date or amount.
    """
    _must_fit(table, layout)
    reader = _RowReader(layout, _usual_width(table))
    lines: list[ParsedLine] = []
    refused: list[RefusedRow] = []
    skipped: list[SkippedRow] = []
    for number, cells in enumerate(table.rows, start=table.header_row + 1):
        tidy, raw = reader.tidied(cells), tuple(cells)
        reason = reader.skip_reason(tidy)
        if reason:
            skipped.append(SkippedRow(number, reason, raw))
            continue
        try:
            lines.append(reader.line(number, tidy, raw))
        except _Refused as refusal:
            column = "" if refusal.column is None else layout.headings[refusal.column]
            refused.append(RefusedRow(number, column, refusal.reason, raw))
    totals = _control_totals(len(table.rows), lines, len(refused), len(skipped))
    return Reading(layout, tuple(lines), tuple(refused), tuple(skipped), tuple(_flagged(lines)), totals)


def _must_fit(table: RawTable, layout: Layout) -> None:
    """Refuse a layout that lacks a needed column or belongs to another header row."""
    if layout.missing:
        raise RuleBroken(". ".join([f"Say which column holds {' and '.join(layout.missing)}", *layout.doubts]))
    if len(layout.headings) != len(table.header) or any(
        a.casefold().split() != b.casefold().split() for a, b in zip(layout.headings, table.header, strict=True)
    ):
        strange = [name for name in table.header if name not in layout.headings][:3]
        detail = f": {', '.join(map(repr, strange))} is new" if strange else ""
        raise RuleBroken(f"The columns of this file are not those of the layout{detail}. Map the columns again")


def _usual_width(table: RawTable) -> int:
    """Give the number of cells most rows have: some exporters end every row with a delimiter.

    A row that alone is wider than the header has an amount such as 1,000.00 without its quotes, and must not
    be read as £1.
    """
    return Counter(map(len, table.rows)).most_common(1)[0][0] if table.rows else 0


class _RowReader:
    """The columns of a layout, looked up once, with the counts that run through a file.

    A row is trimmed and given one empty cell more than the header; a role without a column points at that
    last cell (-1), so no read needs to ask whether the column exists.
    """

    def __init__(self, layout: Layout, usual_width: int) -> None:
        self.layout = layout
        self.widest = max(len(layout.headings), usual_width)
        self.width = len(layout.headings)
        self.headings = [heading.casefold() for heading in layout.headings]
        self.place = {role: -1 if (at := layout.column(role)) is None else at for role in Role}
        self.transaction, self.line_number = self.place[Role.TRANSACTION], self.place[Role.LINE]
        self.dated = self.place[Role.DATE] if Role.DATE in layout.roles else self.place[Role.PERIOD]
        self.supplier, self.kind = self.place[Role.SUPPLIER], self.place[Role.TYPE]
        self.net, self.vat, self.gross = self.place[Role.NET], self.place[Role.VAT], self.place[Role.GROSS]
        self.debit, self.credit = self.place[Role.DEBIT], self.place[Role.CREDIT]
        self.vat_within = self.place[Role.VAT_WITHIN_NET]
        self.codes = [self.place[role] for role in _CODE_ROLES]
        self.descriptions = layout.columns(Role.DESCRIPTION)
        self.amount_places = [self.place[role] for role in _AMOUNT_ROLES if role in layout.roles]
        self.dates: dict[str, date] = {}
        self.seen: dict[tuple[str, str | None], int] = {}
        self.running_pence = 0

    def tidied(self, cells: Sequence[str]) -> list[str]:
        """Trim every cell, drop what no reader can see, fill a short row up, and end it with the empty cell.

        ``="00123"`` is how a spreadsheet is made to keep leading zeros; its inside is the text.
        """
        tidy = [cell.strip() for cell in cells]
        together = "".join(tidy)
        if not together.isprintable():
            tidy = [" ".join(clean(cell).split()) for cell in tidy]
        if '="' in together:
            tidy = [found[1] if (found := _KEPT_TEXT.fullmatch(cell)) else cell for cell in tidy]
        missing = self.width - len(tidy)
        return tidy + [""] * missing + [""] if missing > 0 else [*tidy, ""]

    def skip_reason(self, cells: list[str]) -> str | None:
        """Say in words why a tidied row is no line, or None when it must be read as one."""
        number, when = cells[self.transaction], cells[self.dated]
        if number and when and number.casefold() != self.headings[self.transaction] and not _TOTAL.match(number):
            return None
        filled = list(filter(None, cells))
        if not filled:
            return "Blank row"
        if [cell.casefold() for cell in cells[: self.width]] == self.headings:
            return "The header row again"
        if (when and not _TOTAL.match(when)) or (number and not _TOTAL.match(number)):
            return None
        if any(map(_TOTAL.match, filled)):
            return self._total_reason(cells)
        if not number and not when and not any(cells[place] for place in self.amount_places):
            return f"A note with no number, date or amount: {' '.join(filled)[:120]}"
        return None

    def _total_reason(self, cells: list[str]) -> str:
        """Word a total row, compared with the lines above it."""
        try:
            stated = self._amounts(cells)[0]
        except _Refused:
            return "Total row"
        if stated == self.running_pence:
            return f"Total row of {pounds(stated)}, which is what the lines above add up to"
        return f"Total row of {pounds(stated)}; all lines above it add up to {pounds(self.running_pence)}"

    def line(self, row_number: int, cells: list[str], raw: tuple[str, ...]) -> ParsedLine:
        """Read one tidied row as a line, or raise ``_Refused``."""
        if len(raw) > self.width and (len(raw) > self.widest or any(cells[self.width :])):
            raise _Refused(None, f"It has {len(raw)} cells and the header has {self.width}")
        if max(map(len, cells)) > _SHORT:
            self._refuse_long(cells)
        number, line_number = self._numbers(cells)
        dated_on = self.dates.get(cells[self.dated]) or self._date(cells[self.dated])
        net, vat, gross = self._amounts(cells)
        within = self._amount(cells, self.vat_within) if self.vat_within >= 0 else None
        kind = cells[self.kind]
        if kind and kind.lower() in self.layout.credit_words:
            net, vat, gross, within = _minus(net), _minus_any(vat), _minus_any(gross), _minus_any(within)
        description, is_vat = self._description(cells)
        supplier_code, reference, order, cost_centre, project, account = [cells[place] for place in self.codes]
        occurrence = self.seen.get((number, line_number), 0) + 1
        self.seen[number, line_number] = occurrence
        self.running_pence += net
        return ParsedLine(
            row_number, number, line_number, occurrence, dated_on, cells[self.supplier], supplier_code,
            reference, order, description, net, vat, gross, within, cost_centre, project, account, kind,
            is_vat, raw,
        )  # fmt: skip

    def _numbers(self, cells: list[str]) -> tuple[str, str | None]:
        """Read the transaction number and the line number, from a suffix where the layout says so."""
        number = cells[self.transaction]
        if not number:
            raise _Refused(self.transaction, "There is no transaction number")
        if self.line_number >= 0:
            return number, cells[self.line_number] or None
        if self.layout.line_suffix and self.layout.line_suffix in number:
            stem, _, ending = number.rpartition(self.layout.line_suffix)
            if stem and ending:
                return stem, ending
        return number, None

    def _date(self, text: str) -> date:
        """Read a date and remember it; a file has few different ones."""
        if not text:
            raise _Refused(self.dated, "There is no date")
        try:
            found = self.dates[text] = read_date(text, self.layout.date_notation)
        except NotInNotation as problem:
            raise _Refused(self.dated, str(problem)) from None
        return found

    def _amounts(self, cells: list[str]) -> tuple[Pence, Pence | None, Pence | None]:
        """Read net, VAT and gross in pence, net from debit and credit or from gross where it must be."""
        vat = self._amount(cells, self.vat) if self.vat >= 0 else None
        gross = self._amount(cells, self.gross) if self.gross >= 0 else None
        if self.net >= 0:
            net = self._amount(cells, self.net)
            if net is None:
                raise _Refused(self.net, "There is no amount")
            return net, vat, gross
        if self.debit >= 0 or self.credit >= 0:
            return self._debit_less_credit(cells), vat, gross
        if gross is None:
            raise _Refused(self.gross, "There is no amount")
        return (gross if vat is None else Pence(gross - vat)), vat, gross

    def _debit_less_credit(self, cells: list[str]) -> Pence:
        """Read a pair of columns of which one is filled."""
        left, right = self.debit, self.credit
        debit, credit = self._amount(cells, left), self._amount(cells, right)
        if debit is None and credit is None:
            raise _Refused(left if left >= 0 else right, "There is neither a debit nor a credit")
        if debit and credit:
            raise _Refused(right, f"It has both a debit of {pounds(debit)} and a credit of {pounds(credit)}")
        back = -(credit or 0) if self.layout.credits_negative else credit or 0
        return Pence((debit or 0) - back)

    def _amount(self, cells: list[str], place: int) -> Pence | None:
        """Read an amount, or None where there is no column or the cell is empty."""
        text = cells[place]
        if not text:
            return None
        try:
            return amount_pence(text, self.layout.decimal_mark)
        except NotInNotation as problem:
            raise _Refused(place, str(problem)) from None

    def _description(self, cells: list[str]) -> tuple[str, bool]:
        """Join the description columns, and say whether one of them marks the row as VAT alone."""
        parts = [cells[place] for place in self.descriptions if cells[place]]
        return " / ".join(parts), any(map(_VAT_ROW.match, parts))

    def _refuse_long(self, cells: list[str]) -> None:
        """Refuse a row with a text longer than a line can hold."""
        for place, role in enumerate(self.layout.roles):
            longest = LONGEST.get(role, LONGEST_CODE)
            if role is not Role.OTHER and len(cells[place]) > longest:
                raise _Refused(place, f"It has {len(cells[place]):,} characters and {longest:,} is the most")


def _minus(amount: Pence) -> Pence:
    return Pence(-amount)


def _minus_any(amount: Pence | None) -> Pence | None:
    return None if amount is None else Pence(-amount)


def _flagged(lines: Sequence[ParsedLine]) -> Iterator[FlaggedRow]:
    """Word what deserves a look among the rows that were read."""
    for line in lines:
        if line.occurrence > 1:
            part = f", line {line.line_number}," if line.line_number is not None else ""
            yield FlaggedRow(
                line.row_number,
                f"Transaction {line.transaction_number}{part} is in the file {line.occurrence} times so far",
            )
        if line.gross_pence is None or line.vat_pence is None:
            continue
        if line.net_pence + line.vat_pence != line.gross_pence:
            yield FlaggedRow(
                line.row_number,
                f"Net {pounds(line.net_pence)} and VAT {pounds(line.vat_pence)} do not add up to "
                f"gross {pounds(line.gross_pence)}",
            )


def _control_totals(rows_read: int, lines: Sequence[ParsedLine], refused: int, skipped: int) -> ControlTotals:
    """Count every row and add up the lines."""
    vats = [line.vat_pence for line in lines if line.vat_pence is not None]
    grosses = [line.gross_pence for line in lines if line.gross_pence is not None]
    dates = [line.dated_on for line in lines]
    return ControlTotals(
        rows_read=rows_read,
        line_count=len(lines),
        refused_count=refused,
        skipped_count=skipped,
        net_pence=Pence(sum(line.net_pence for line in lines)),
        vat_pence=Pence(sum(vats)) if vats else None,
        gross_pence=Pence(sum(grosses)) if grosses else None,
        earliest_on=min(dates, default=None),
        latest_on=max(dates, default=None),
    )
