"""What a delivery line must say, on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.dates import day_text
from core.errors import RuleBroken
from inventory.catalogue.rules import PRINTED, ItemKind

MOST_LINES = 100


@dataclass(frozen=True)
class DeliveredLine:
    """So many units of one item as they were counted on arrival; each line becomes a lot.

    Attributes:
        expires_on: last day of use printed on the goods, for items that expire.
        edition_number: the edition printed on a booklet or card.
        serial_numbers: the IMEI of every handset or ICCID of every SIM.
        card_numbers: ranges of numbers printed on security cards, such as "SC-004001 to SC-004250".
    """

    item_code: str
    unit_count: int
    expires_on: date | None = None
    edition_number: int | None = None
    serial_numbers: tuple[str, ...] = ()
    card_numbers: tuple[str, ...] = ()

    @property
    def plain(self) -> list[object]:
        """The line as plain values, to tell one submitted form from another."""
        return [
            self.item_code,
            self.unit_count,
            self.expires_on,
            self.edition_number,
            list(self.serial_numbers),
            list(self.card_numbers),
        ]


def field_of(position: int, name: str) -> str:
    """Name the form field of a line, counted from 0: "lines-0-expires_on"."""
    return f"lines-{position}-{name}"


def check_expiry(line: DeliveredLine, *, name: str, expires: bool, received_on: date | None, position: int) -> None:
    """Refuse a line of an item that expires without a usable date, and a date on one that does not.

    Args:
        received_on: the day it came, which the expiry must lie after; None where stock is only counted in.

    Raises:
        RuleBroken: the date is missing, out of place or already past.
    """
    field = field_of(position, "expires_on")
    if not expires:
        if line.expires_on is not None:
            raise RuleBroken(f"{name} does not expire. Remove the expiry date", field)
        return
    if line.expires_on is None:
        raise RuleBroken(f"Enter the expiry date of {name}", field)
    if received_on is not None and line.expires_on <= received_on:
        raise RuleBroken(
            f"{name} expired on {day_text(line.expires_on)}, not after it was received on "
            f"{day_text(received_on)}. Check the date, or send it back",
            field,
        )


def check_edition_named(line: DeliveredLine, *, name: str, kind: ItemKind, position: int) -> None:
    """Refuse a printed item without an edition, and an edition on one that is not printed.

    Raises:
        RuleBroken: the edition is missing or out of place.
    """
    field = field_of(position, "edition_number")
    if kind in PRINTED and line.edition_number is None:
        raise RuleBroken(f"Enter the edition printed on {name}", field)
    if kind not in PRINTED and line.edition_number is not None:
        raise RuleBroken(f"{name} has no editions. Remove the edition", field)
