"""A finance extract with known answers: invoices, what a finance system made of them, and which line is of which.

Noise as published extracts have it: invoices never booked, booked days later, paid in parts, booked, reversed and
booked again, entered twice, with digits swapped; references mistyped, written another way, left out or replaced by
the order's number; suppliers cut to twelve characters; and lines that belong to no invoice of ours. The same seed
gives the same extract.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from core.money import Pence
from grants.ledgers.rules.matching import LedgerLineFacts, SpendingRowFacts

FIRST = date(2022, 4, 1)
DAYS = 1_550
SUPPLIERS = tuple(
    f"{first} {second}"
    for first in ("Acme", "Beacon", "Cedar", "Delta", "Evergreen", "Falcon", "Granite", "Harbour", "Iris", "Juniper")
    for second in ("Supplies", "Printing", "Logistics", "Wireless", "Foods", "Outfitters", "Services", "Rentals")
)
OTHERS = ("BANK FEE", "PAYROLL", "TRANSFER", "JOURNAL ADJ")


@dataclass(frozen=True)
class Extract:
    """Rows of invoices, lines of a ledger, and line id → id of the row it is of, or None where it is of none."""

    rows: list[SpendingRowFacts]
    lines: list[LedgerLineFacts]
    truth: dict[int, int | None]

    def as_csv(self) -> bytes:
        """Write the lines as a finance system exports them."""
        out = io.StringIO()
        written = csv.writer(out)
        written.writerow(["Transaction No", "Date", "Supplier Name", "Invoice Ref", "Net Amount"])
        for line in self.lines:
            pounds = f"{line.net_pence / 100:.2f}"
            written.writerow(
                [line.transaction, f"{line.dated_on:%d/%m/%Y}", line.supplier or "SUNDRY", line.reference, pounds]
            )
        return out.getvalue().encode()


def make(invoice_count: int, seed: int = 1) -> Extract:
    """Make an extract of so many invoices."""
    random = Random(seed)
    rows = [_invoice(random, number) for number in range(invoice_count)]
    booked = [each for row in rows for each in _booked(random, row)]
    booked.sort(key=lambda pair: pair[0].dated_on)
    lines, truth = [], {}
    for number, (line, row_id) in enumerate(booked):
        lines.append(replace(line, id=number, transaction=f"T{number:07}"))
        truth[number] = row_id
    return Extract(rows, lines, truth)


def _invoice(random: Random, number: int) -> SpendingRowFacts:
    style = random.randrange(3)
    written = (f"INV-{number:06}", f"{random.randrange(10, 99)}/{number:05}", f"SI{number:07}")[style]
    return SpendingRowFacts(
        id=number,
        invoice_number=written,
        supplier=random.choice(SUPPLIERS),
        invoiced_on=FIRST + timedelta(days=random.randrange(DAYS)),
        net_pence=Pence(int(random.lognormvariate(9.5, 1.2)) + 100),
        vat_pence=Pence(0),
        order_reference=f"PO-{number * 7 % 100_003:05}",
    )


def _booked(random: Random, row: SpendingRowFacts) -> Iterator[tuple[LedgerLineFacts, int | None]]:
    """Give the lines a finance system makes of one invoice, and now and then one of no invoice."""
    if random.random() < 0.04:
        return
    late = 0 if random.random() < 0.45 else random.randint(1, 12) if random.random() < 0.9 else -random.randint(1, 4)
    day, kind = row.invoiced_on + timedelta(days=late), random.random()
    if kind < 0.05 and row.net_pence > 5_000:
        yield from ((line, row.id) for line in _in_parts(random, row, day))
    elif kind < 0.08:
        after, again = (day + timedelta(days=random.randint(1, 9)) for _ in range(2))
        yield _line(random, row, day, row.net_pence), row.id
        yield _line(random, row, after, Pence(-row.net_pence)), row.id
        yield _line(random, row, again, row.net_pence), row.id
    elif kind < 0.095:
        yield _line(random, row, day, row.net_pence), row.id
        yield _line(random, row, day + timedelta(days=random.randint(0, 30)), row.net_pence), row.id
    elif kind < 0.11:
        yield _line(random, row, day, _swapped(random, row.net_pence)), row.id
    else:
        yield _line(random, row, day, row.net_pence), row.id
    if random.random() < 0.04:
        reference = random.choice(("", "BANKFEE", f"PAYROLL {day.month:02}", f"JE{random.randrange(99_999):05}"))
        yield LedgerLineFacts(0, "", reference, random.choice(OTHERS), day, Pence(random.randint(100, 400_000))), None


def _in_parts(random: Random, row: SpendingRowFacts, day: date) -> Iterator[LedgerLineFacts]:
    count, left = random.randint(2, 3), row.net_pence
    for part in range(count):
        amount = left if part == count - 1 else max(1, int(left * (0.25 + 0.5 * random.random())))
        left = Pence(left - amount)
        yield _line(random, row, day + timedelta(days=part * random.randint(0, 20)), Pence(amount))


def _swapped(random: Random, pence: int) -> Pence:
    figures = list(str(pence))
    at = random.randrange(len(figures) - 1)
    figures[at], figures[at + 1] = figures[at + 1], figures[at]
    wrong = int("".join(figures))
    return Pence(wrong if wrong != pence else pence + 1)


def _line(random: Random, row: SpendingRowFacts, day: date, pence: Pence) -> LedgerLineFacts:
    return LedgerLineFacts(0, "", _reference(random, row), _supplier(random, row.supplier), day, pence)


def _supplier(random: Random, name: str) -> str:
    kind = random.random()
    if kind < 0.6:
        return name.upper()
    if kind < 0.8:
        return name.upper()[:12]
    return f"ACH {name.split()[0].upper()}" if kind < 0.9 else f"CHEQUE {random.randrange(1_000, 9_999)}"


def _reference(random: Random, row: SpendingRowFacts) -> str:
    kind, number = random.random(), row.invoice_number
    if kind < 0.62:
        return number
    if kind < 0.72:
        return ""
    if kind < 0.80:
        return row.order_reference or ""
    if kind < 0.88:
        return number.replace("-", " ").replace("/", "-").lower()
    return _mistyped(random, number)


def _mistyped(random: Random, number: str) -> str:
    figures = list(number)
    at, kind = random.randrange(len(figures)), random.random()
    if kind < 0.4:
        figures[at] = random.choice("0123456789")
    elif kind < 0.7:
        del figures[at]
    elif at + 1 < len(figures):
        figures[at], figures[at + 1] = figures[at + 1], figures[at]
    return "".join(figures)
