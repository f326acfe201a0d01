"""The roles a column of a finance extract can play.

One word for each thing an extract can tell. The officer picks from these words when a layout has to be
mapped by hand, so every role has a label in plain English.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a column of a ledger extract holds."""

    TRANSACTION = "transaction"
    LINE = "line"
    DATE = "date"
    PERIOD = "period"
    SUPPLIER = "supplier"
    SUPPLIER_CODE = "supplier_code"
    REFERENCE = "reference"
    ORDER = "order"
    DESCRIPTION = "description"
    NET = "net"
    VAT = "vat"
    VAT_WITHIN_NET = "vat_within_net"
    GROSS = "gross"
    DEBIT = "debit"
    CREDIT = "credit"
    COST_CENTRE = "cost_centre"
    PROJECT = "project"
    ACCOUNT_CODE = "account_code"
    TYPE = "type"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Name the role as the person mapping a layout reads it."""
        return _LABELS[self]


_LABELS = {
    Role.TRANSACTION: "Transaction number",
    Role.LINE: "Line number",
    Role.DATE: "Date",
    Role.PERIOD: "Accounting period",
    Role.SUPPLIER: "Supplier",
    Role.SUPPLIER_CODE: "Supplier number",
    Role.REFERENCE: "Invoice number or reference",
    Role.ORDER: "Purchase order",
    Role.DESCRIPTION: "Description",
    Role.NET: "Net amount",
    Role.VAT: "VAT",
    Role.VAT_WITHIN_NET: "Irrecoverable VAT, already in the net amount",
    Role.GROSS: "Gross amount",
    Role.DEBIT: "Debit",
    Role.CREDIT: "Credit",
    Role.COST_CENTRE: "Cost centre",
    Role.PROJECT: "Project",
    Role.ACCOUNT_CODE: "Account code",
    Role.TYPE: "Type (invoice or credit note)",
    Role.OTHER: "Not used",
}

AMOUNT_ROLES = frozenset({Role.NET, Role.VAT, Role.VAT_WITHIN_NET, Role.GROSS, Role.DEBIT, Role.CREDIT})
REPEATABLE_ROLES = frozenset({Role.DESCRIPTION, Role.OTHER})
