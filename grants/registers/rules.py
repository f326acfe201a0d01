"""Registers on plain values: what is registered, what is published, and in which fields.

The Specified Information Order asks for each item of spending over £500 with its recipient, purpose and why it is
good value; a force tests the invoice's total with VAT, so no invoice slips below by being parted into rows.

Source: PUB-1, PUB-2, PUB-3
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.money import Pence, plain_pounds, pounds
from core.sheets import Column, Kind

PUBLISHED_ABOVE = Pence(500_00)
"""Spending above this, with VAT, is published."""

DISPOSED = "Issued: nil proceeds, beneficiary, not recorded"
"""How the register says that a handset was given to a victim; nobody's name is kept."""


def disposal_words(words: str, proceeds_pence: int) -> str:
    """Say how a fixed asset left and what was had for it, as the register prints it."""
    return f"{words}: {f'proceeds of {pounds(proceeds_pence)}' if proceeds_pence else 'nil proceeds'}"


def described(words: str, *, serial_number: str, deeds: str, depreciation: str) -> str:
    """Describe a fixed asset as the register prints it: what it is, and what was said of it."""
    said = (("serial number", serial_number), ("title deeds:", deeds), ("depreciation:", depreciation))
    return "; ".join([words, *(f"{what} {text}" for what, text in said if text)])


def is_published(gross_pence: int) -> bool:
    """Say whether an invoice, or spending without one, is published: above £500 with VAT, credits as well."""
    return abs(gross_pence) > PUBLISHED_ABOVE


@dataclass(frozen=True)
class RegisteredItem:
    """A fixed or attractive item.

    Attributes:
        name: of the unit, its number masked, or of the spending row.
        pence: net of VAT that is recovered.
        lines: who paid, by the lines' full codes.
        disposed: how it left, or nothing while it is held.
    """

    name: str
    item: str
    kind: str
    acquired_on: date | None
    pence: int
    lines: str
    location: str
    disposed_on: date | None
    disposed: str
    row_reference: str = ""


@dataclass(frozen=True)
class Loss:
    """Units of a lot that were written off or lost by one act, and what of each grant line lay in them.

    Attributes:
        posting_id: of the act; a notice to the funder is of the whole act.
        by_line: full code of the line (nothing for what no line paid) → pence.
        notified_on: the day the funder was told, None while nobody did.
    """

    posting_id: int
    happened_on: date
    kind: str
    document: str
    item: str
    lot: str
    place: str
    unit_count: int
    by_line: tuple[tuple[str, int], ...]
    notified_on: date | None = None
    notice: str = ""

    @property
    def pence(self) -> int:
        """What it cost, whoever paid."""
        return sum(pence for _, pence in self.by_line)

    @property
    def granted_pence(self) -> int:
        """What grant lines paid of it: what the funder is told of."""
        return sum(pence for line, pence in self.by_line if line)

    @property
    def lines(self) -> str:
        """Who paid, by the lines' full codes; where several did, with what each paid."""
        paid = [(line, pence) for line, pence in self.by_line if line]
        return ", ".join(line if len(paid) == 1 else f"{line} {pounds(pence)}" for line, pence in paid)


@dataclass(frozen=True)
class PublishedItem:
    """A row of spending that is published, in the order's fields.

    Attributes:
        invoice: its reference, or the row's own where it has none.
        recipient: the supplier; of spending without an invoice whoever was paid, empty until somebody says it.
        body: who holds the awards that pay most of it, or nothing.
    """

    invoice: str
    row: str
    dated_on: date
    recipient: str
    purpose: str
    net_pence: int
    vat_pence: int
    total_pence: int
    value_reason: str
    body: str = ""


SPENDING_COLUMNS = (
    Column("Body"),
    Column("Date", Kind.DATE),
    Column("Recipient"),
    Column("Reference"),
    Column("Purpose"),
    Column("Net amount", Kind.MONEY),
    Column("VAT", Kind.MONEY),
    Column("Total of the invoice with VAT", Kind.MONEY),
    Column("Why it is good value for money"),
)


@dataclass(frozen=True)
class OpenGrant:
    """An award as the 360Giving standard names its fields."""

    code: str
    title: str
    description: str
    amount_pence: int
    disbursed_pence: int
    awarded_on: date
    starts_on: date
    ends_on: date
    recipient_code: str
    recipient: str
    funder: str

    @property
    def identifier(self) -> str:
        """The grant's identifier; whoever publishes puts their registered prefix in place of ours."""
        return f"{PREFIX}-{self.code}"

    @property
    def recipient_id(self) -> str:
        """The recipient's identifier, from our own code of the body."""
        return f"{PREFIX}-ORG-{self.recipient_code}"

    @property
    def funder_id(self) -> str:
        """The funder's identifier, from its name."""
        letters = "".join(each if each.isascii() and each.isalnum() else "-" for each in self.funder)
        return f"{PREFIX}-ORG-{'-'.join(part for part in letters.upper().split('-') if part)}"


PREFIX = "GOBAGS"
"""Stands for the prefix 360Giving gives a publisher when it registers."""

GRANT_COLUMNS = (
    Column("Identifier"),
    Column("Title"),
    Column("Description"),
    Column("Currency"),
    Column("Amount Awarded"),
    Column("Amount Disbursed"),
    Column("Award Date"),
    Column("Planned Dates:Start Date"),
    Column("Planned Dates:End Date"),
    Column("Recipient Org:Identifier"),
    Column("Recipient Org:Name"),
    Column("Funding Org:Identifier"),
    Column("Funding Org:Name"),
)
"""Headings of the standard's spreadsheet template."""


def grant_row(grant: OpenGrant) -> tuple[str, ...]:
    """Write an award as a row of the spreadsheet template; amounts and days as the standard writes them."""
    return (
        grant.identifier, grant.title, grant.description, "GBP", plain_pounds(grant.amount_pence),
        plain_pounds(grant.disbursed_pence), grant.awarded_on.isoformat(), grant.starts_on.isoformat(),
        grant.ends_on.isoformat(), grant.recipient_id, grant.recipient, grant.funder_id, grant.funder,
    )  # fmt: skip


def grants_json(grants: Sequence[OpenGrant]) -> str:
    """Write awards as a package of the 360Giving standard.

    Amounts are written as numbers from their pence: no float touches them.
    """
    return '{"version": "1.3", "grants": [' + ", ".join(_json_of(grant) for grant in grants) + "]}\n"


def _json_of(grant: OpenGrant) -> str:
    facts = {
        "id": grant.identifier,
        "title": grant.title,
        "description": grant.description,
        "currency": "GBP",
        "awardDate": grant.awarded_on.isoformat(),
        "plannedDates": [{"startDate": grant.starts_on.isoformat(), "endDate": grant.ends_on.isoformat()}],
        "recipientOrganization": [{"id": grant.recipient_id, "name": grant.recipient}],
        "fundingOrganization": [{"id": grant.funder_id, "name": grant.funder}],
    }
    amounts = (
        f'"amountAwarded": {plain_pounds(grant.amount_pence)}, "amountDisbursed": {plain_pounds(grant.disbursed_pence)}'
    )
    return f"{json.dumps(facts, ensure_ascii=False)[:-1]}, {amounts}}}"
