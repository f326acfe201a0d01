"""Kinds of money record that are found, in the order they are listed."""

from __future__ import annotations

from enum import StrEnum


class MoneyKind(StrEnum):
    """Kinds of money record; each word is the heading it is listed under."""

    AWARD = "Awards"
    LINE = "Grant lines"
    INVOICE = "Invoices"
    ROW = "Spending rows"
    ORDER = "Orders"
    CLAIM = "Claims"
    LEDGER_LINE = "Ledger lines"
