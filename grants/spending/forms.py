"""Forms of orders, invoices and spending: what was typed becomes the values that services take.

Rows that are left blank are left out, so a form can offer more rows than are needed without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.fields import HiddenField

from core import parse
from core.errors import RuleBroken
from core.forms import Choice, Count, Day, Form, Lines, Note, Pounds, Radios, Text
from core.money import Pence
from grants.spending.rules import NewOrderLine, NewRow, Share, SpendingKind
from inventory.deliveries.rules import DeliveredLine

LEAST = -1_000_000_000
"""A credit or journal may be as far below nothing as an invoice may be above."""

VAT_CHOICES = (
    ("2000", "20%, recovered"),
    ("500", "5%, recovered"),
    ("0", "0%"),
    ("2000-kept", "20%, not recovered"),
    ("500-kept", "5%, not recovered"),
)
"""Rate and whether it is recovered, in one choice."""


def vat_of(choice: str) -> tuple[int, bool]:
    """Read a VAT choice: rate in basis points, and whether it is recovered."""
    return int(choice.partition("-")[0]), not choice.endswith("kept")


class BoughtFields(PlainForm):
    """One row of an invoice or credit note."""

    what = Choice("What it is")
    description = Text("Description", most=120, optional=True)
    unit_count = Count("Units", optional=True)
    net = Pounds("Net £", least=LEAST, optional=True)
    vat = Choice("VAT rate", choices=VAT_CHOICES)
    vat_pounds = Pounds("VAT £ as printed", least=LEAST, optional=True)
    order_line = HiddenField()

    def is_blank(self) -> bool:
        """Say whether nothing was entered in the row."""
        typed = (self.description, self.unit_count, self.net, self.vat_pounds)
        return not self.what.data and not any("".join(field.raw_data or ()).strip() for field in typed)

    def new_row(self, names: Mapping[str, str]) -> NewRow:
        """Read the row.

        Args:
            names: choices of ``what`` → in words, which describe a row that has no words of its own.

        Raises:
            RuleBroken: what it is, its price or its description is missing.
        """
        kind, _, code = self.what.data.partition(":")
        if not kind:
            raise RuleBroken("Choose what the row is", self.what.name)
        if self.net.data is None:
            raise RuleBroken("Enter the net amount in pounds and pence, like 12.50", self.net.name)
        if kind == "service" and not self.description.data:
            raise RuleBroken("Enter what the service was", self.description.name)
        rate, recovered = vat_of(self.vat.data)
        return NewRow(
            description=(self.description.data or names[self.what.data])[:120],
            net_pence=self.net.data,
            kind={"item": SpendingKind.GOODS, "credit": SpendingKind.CREDIT}.get(kind, SpendingKind.SERVICE),
            vat_rate_points=rate,
            vat_pence=self.vat_pounds.data,
            vat_recoverable=recovered,
            item_code=code if kind == "item" else None,
            unit_count=self.unit_count.data if kind == "item" else None,
            order_line_position=parse.carried(self.order_line.data),
            credits=code if kind == "credit" else None,
        )


class InvoiceForm(Form):
    """A supplier's invoice or credit note as printed."""

    supplier = Choice("Supplier")
    number = Text("Invoice number", most=40, required="Enter the invoice number", hint="As printed")
    invoiced_on = Day("Invoice date", hint="For example, 27 3 2026")
    rows = FieldList(FormField(BoughtFields), min_entries=3)
    gross = Pounds("Invoice total, VAT included (£)", least=LEAST, hint="As printed at the foot of the invoice")
    order = HiddenField()
    credits = HiddenField()

    def offer(self, suppliers: Iterable[tuple[str, str]], whats: Mapping[str, str]) -> None:
        """Fill in what can be chosen."""
        self.supplier.choices = {"": "Choose a supplier", **dict(suppliers)}
        for entry in self.rows:
            entry.form.what.choices = {"": "Choose", **whats}

    def new_rows(self, whats: Mapping[str, str]) -> list[NewRow]:
        """Read every row that was filled in.

        Raises:
            RuleBroken: a row lacks something; the message stands on its field.
        """
        return [entry.form.new_row(whats) for entry in self.rows if not entry.form.is_blank()]


class OrderFields(PlainForm):
    """One line of an order."""

    what = Choice("What it is")
    description = Text("Description", most=120, optional=True)
    unit_count = Count("Units", optional=True)
    net = Pounds("Net £", optional=True)
    line = Choice("Grant line")

    def is_blank(self) -> bool:
        """Say whether nothing was entered in the line."""
        typed = (self.description, self.unit_count, self.net)
        return not self.what.data and not any("".join(field.raw_data or ()).strip() for field in typed)

    def new_line(self, names: Mapping[str, str]) -> NewOrderLine:
        """Read the line.

        Raises:
            RuleBroken: something is missing; the message stands on its field.
        """
        kind, _, code = self.what.data.partition(":")
        if not kind:
            raise RuleBroken("Choose what the line is", self.what.name)
        if self.net.data is None:
            raise RuleBroken("Enter the net amount in pounds and pence, like 12.50", self.net.name)
        if kind == "service" and not self.description.data:
            raise RuleBroken("Enter what the service is", self.description.name)
        if kind == "item" and self.unit_count.data is None:
            raise RuleBroken("Quantity must be 1 or more", self.unit_count.name)
        if not self.line.data:
            raise RuleBroken("Choose the grant line", self.line.name)
        return NewOrderLine(
            description=(self.description.data or names[self.what.data])[:120],
            grant_line=self.line.data,
            net_pence=self.net.data,
            unit_count=self.unit_count.data or 1,
            item_code=code if kind == "item" else None,
        )


class OrderForm(Form):
    """An order sent to a supplier."""

    supplier = Choice("Supplier")
    ordered_on = Day("Ordered on", hint="For example, 27 3 2026")
    rows = FieldList(FormField(OrderFields), min_entries=3)

    def offer(self, suppliers: Iterable[tuple[str, str]], whats: Mapping[str, str], lines: Mapping[str, str]) -> None:
        """Fill in what can be chosen."""
        self.supplier.choices = {"": "Choose a supplier", **dict(suppliers)}
        for entry in self.rows:
            entry.form.what.choices = {"": "Choose", **whats}
            entry.form.line.choices = {"": "Choose a grant line", **lines}

    def new_lines(self, whats: Mapping[str, str]) -> list[NewOrderLine]:
        """Read every line that was filled in."""
        return [entry.form.new_line(whats) for entry in self.rows if not entry.form.is_blank()]


class EndLineForm(Form):
    """Why nothing more will come of an order line."""

    reason = Note("Why will nothing more come?")


class OtherSpendingForm(Form):
    """Spending no supplier invoice stands behind."""

    kind = Radios(
        "What is it?",
        required="Choose what it is",
        choices=[
            (SpendingKind.JOURNAL, "Journal"),
            (SpendingKind.RECHARGE, "Recharge from another budget"),
            (SpendingKind.CARD, "Purchase card"),
            (SpendingKind.PAYROLL, "Payroll"),
        ],
    )
    description = Text("What was it for?", most=120, required="Enter what it was for")
    incurred_on = Day("Date", hint="For example, 27 3 2026")
    net = Pounds("Net amount (£)", least=LEAST, hint="A minus sign for a journal that takes cost away")
    vat = Choice("VAT", choices=(("0", "No VAT"), *VAT_CHOICES[:2], *VAT_CHOICES[3:]))
    reason = Note("What shows that the cost is real?", optional=True, hint="Such as a timesheet or card statement")


class ShareFields(PlainForm):
    """One grant line's share; the line is hidden and its label is in the template."""

    line = HiddenField()
    amount = Text("Amount", most=20, optional=True, render_kw={"inputmode": "decimal"})


class ApportionForm(Form):
    """A split over grant lines, by pounds, by percentage of the whole row, or by its units where it is counted."""

    by = Radios(
        "Split by",
        required="Choose pounds, percentage or units",
        choices=[
            ("pounds", "Pounds and pence"),
            ("percentage", "Percentage of the whole row"),
            ("units", "Units of the row"),
        ],
        default="pounds",
    )
    shares = FieldList(FormField(ShareFields))

    def offer(self, unit_count: int | None) -> None:
        """Leave units out where the row bills nothing that is counted; say how many it bills where it does."""
        if unit_count is None:
            self.by.choices = {"pounds": "Pounds and pence", "percentage": "Percentage of the whole row"}
        else:
            self.by.choices = {**dict(self.by.choices), "units": f"Units, of the {unit_count:,} that the row bills"}

    def _filled(self) -> list[Any]:
        return [entry.form for entry in self.shares if (entry.form.amount.data or "").strip()]

    def pounds(self) -> list[Share]:
        """Read the shares as pounds.

        Raises:
            RuleBroken: one is no amount; the message stands on its field.
        """
        return [
            Share(
                each.line.data,
                parse.pounds_and_pence(each.amount.data, least=Pence(LEAST), field=each.amount.name),
            )
            for each in self._filled()
        ]

    def percentages(self) -> list[tuple[str, int]]:
        """Read the shares as percentages: (grant line, basis points).

        Raises:
            RuleBroken: one is no percentage; the message stands on its field.
        """
        return [(each.line.data, parse.percentage(each.amount.data, field=each.amount.name)) for each in self._filled()]

    def units(self) -> list[tuple[str, int]]:
        """Read the shares as units: (grant line, units).

        Raises:
            RuleBroken: one is no whole number above 0; the message stands on its field.
        """
        return [
            (each.line.data, parse.whole_number(each.amount.data, noun="Units", field=each.amount.name))
            for each in self._filled()
        ]


class ConfirmForm(Form):
    """A single button."""


class LinkForm(Form):
    """Which delivery a row bills, and how many of its units."""

    delivery_line = Radios("Which delivery?", required="Choose a delivery", choices=[])
    unit_count = Count("Units that this row bills")


class ReceivedFields(PlainForm):
    """Units of one invoice row as counted; a row left blank has not come."""

    row = HiddenField()
    unit_count = Count("Counted", optional=True)
    expires_on = Day("Expiry date", optional=True, hint="Printed on the goods, for example 31 5 2027")
    edition = Choice("Edition printed on it", validate_choice=False)
    serial_numbers = Lines("Serial numbers", optional=True, hint="One on each line: scan each box")
    card_numbers = Lines(
        "Card numbers",
        optional=True,
        hint="As printed, a range on each line, like SC-004001 to SC-004250. Leave empty if the cards have none",
    )

    def delivered(self, item_code: str) -> DeliveredLine:
        """Read what came of the row."""
        return DeliveredLine(
            item_code,
            self.unit_count.data or 0,
            expires_on=self.expires_on.data,
            edition_number=parse.carried(self.edition.data),
            serial_numbers=self.serial_numbers.data or (),
            card_numbers=self.card_numbers.data or (),
        )


class ReceiveForm(Form):
    """Goods received against an invoice, without a word of what they cost."""

    place = Choice("Received at")
    delivery_note = Text("Delivery note number", most=40, required="Enter the number on the delivery note")
    received_on = Day("Received on", hint="For example, 27 3 2026")
    lines = FieldList(FormField(ReceivedFields))

    def offer(self, places: Sequence[tuple[str, str]], editions: Mapping[str, Mapping[str, str]]) -> None:
        """Fill in what can be chosen: places, and editions by row reference."""
        self.place.choices = dict(places)
        for entry in self.lines:
            entry.form.edition.choices = {"": "None", **editions.get(entry.form.row.data or "", {})}

    def counted(self) -> list[Any]:
        """Give the rows of which something came."""
        return [entry.form for entry in self.lines if entry.form.unit_count.data]
