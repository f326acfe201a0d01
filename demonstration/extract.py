"""The finance system's extract of the demonstration year: what the force's ledger would export.

It is made from the invoices as recorded, with what goes wrong in real extracts: an invoice not booked yet, one
booked twice and taken back, a mistyped reference, a uniform order under the wrong project, refreshments that no
grant pays for. The officer then reconciles it through the ordinary import and matching.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.money import plain_pounds
from demonstration.money import PROJECT
from grants.spending.models import SupplierInvoice

HEADINGS = (
    "Transaction No", "Line", "Transaction Date", "Supplier", "Invoice Number", "Description", "Project",
    "Account Code", "Net", "VAT", "Gross",
)  # fmt: skip


@dataclass(frozen=True)
class Booked:
    """One line of the extract."""

    transaction: int
    line: int
    day: date
    supplier: str
    reference: str
    description: str
    project: str
    account: str
    net_pence: int
    vat_pence: int

    def cells(self) -> list[str]:
        """Write the line as the finance system does: DD/MM/YYYY, pounds with two decimals."""
        money = [plain_pounds(pence) for pence in (self.net_pence, self.vat_pence, self.net_pence + self.vat_pence)]
        return [
            str(self.transaction), str(self.line), self.day.strftime("%d/%m/%Y"), self.supplier, self.reference,
            self.description, self.project, self.account, *money,
        ]  # fmt: skip


FOREIGN = 300_009_800
"""Transaction number of what does not belong to the project: the same in every extract that holds it."""


def booked_on(place: int, invoice: SupplierInvoice) -> date:
    """Give the day on which an invoice, by its place among all, is booked."""
    return invoice.invoiced_on + timedelta(days=3 + place % 5)


def extract(invoices: Sequence[tuple[SupplierInvoice, str]], *, foreign_on: date, until: date) -> bytes:
    """Write the extract of the invoices (with the award that pays each), as booked up to a day.

    Args:
        foreign_on: when what does not belong to the project was booked under it.
    """
    booked: list[Booked] = []
    number = 300_004_100
    for place, (invoice, award) in enumerate(invoices):
        day = booked_on(place, invoice)
        if day > until or place % 11 == 7:  # not booked yet
            continue
        number += 7
        reference = invoice.number if place % 6 != 4 else invoice.number.replace("-", "").swapcase()
        lines = [
            Booked(
                number, line, day, invoice.supplier.name.upper(), reference, row.description, PROJECT[award],
                "R4410", row.net_pence, row.vat_pence,
            )
            for line, row in enumerate(invoice.rows, start=1)
        ]  # fmt: skip
        booked += lines
        if place == 5:  # booked twice, and the second taken back
            booked += [_again(line, number + 1, day, 1) for line in lines]
            booked += [_again(line, number + 2, day + timedelta(days=6), -1) for line in lines]
    booked += [line for line in _foreign(foreign_on, FOREIGN) if line.day <= until]
    return _csv(sorted(booked, key=lambda line: (line.day, line.transaction, line.line)))


def _again(line: Booked, transaction: int, day: date, sign: int) -> Booked:
    """Book a line once more, or take it back."""
    return Booked(
        transaction, line.line, day, line.supplier, line.reference, line.description, line.project, line.account,
        sign * line.net_pence, sign * line.vat_pence,
    )  # fmt: skip


def _foreign(day: date, transaction: int) -> list[Booked]:
    """Book what does not belong to the project: a miscoded uniform order, refreshments at the launch."""
    project = PROJECT["MSVF"]
    return [
        Booked(
            transaction, 1, day, "CHILTERN UNIFORMS", "CU-88120", "Uniform, miscoded", project, "R4120", 50_000, 10_000
        ),
        Booked(transaction + 1, 1, day, "THE OLD BAKERY", "1187", "Launch refreshments", project, "R4870", 8_495, 0),
    ]


def _csv(booked: Sequence[Booked]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows(line.cells() for line in booked)
    return out.getvalue().encode()
