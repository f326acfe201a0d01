"""Kinds of spending and VAT rates; arithmetic of apportionment on plain values."""

from enum import StrEnum


class SpendingKind(StrEnum):
    """What a spending row is. Goods are received and become lots; the others are not."""

    GOODS = "goods"
    SERVICE = "service"
    CREDIT = "credit note"
    JOURNAL = "journal"
    RECHARGE = "recharge"
    CARD = "purchase card"
    PAYROLL = "payroll"


VAT_RATES = (2000, 500, 0)
"""UK VAT rates in basis points: standard 20%, reduced 5%, zero."""


def normalised_number(number: str) -> str:
    """Give an invoice number as duplicates are looked for: letters and digits only, upper case, no leading zeros.

    Invisible characters, spaces, dashes and case are how the same invoice gets in twice.
    """
    kept = "".join(sign for sign in number.upper() if sign.isalnum())
    return kept.lstrip("0") or "0"


def cost_pence(net_pence: int, vat_pence: int, *, vat_recoverable: bool) -> int:
    """Give what a row costs a grant: net of recoverable VAT, gross of irrecoverable (domain.md 1.4)."""
    return net_pence if vat_recoverable else net_pence + vat_pence
