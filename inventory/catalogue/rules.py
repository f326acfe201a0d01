"""Kinds of item."""

from enum import StrEnum


class ItemKind(StrEnum):
    """What an item is for; readiness and home page group by it."""

    CONTENT = "bag content"
    CLOTHING = "clothing"
    PHONE = "phone"
    SIM = "sim"
    SECURITY_CARD = "security card"
    BOOKLET = "booklet"
    PACKAGING = "packaging"


PRINTED = (ItemKind.SECURITY_CARD, ItemKind.BOOKLET)
"""Kinds that have a language and editions."""

SERIAL = (ItemKind.PHONE, ItemKind.SIM)
"""Kinds whose every unit has a number of its own (IMEI, ICCID)."""
