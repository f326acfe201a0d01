"""Numbers of handsets, SIMs and phone lines: what is a real one, how it is shown, and who sees it whole.

An IMEI or ICCID names a thing in stock, yet whoever holds it could trace the phone it belongs to; a phone number
reaches whoever carries it. So each is shown whole only to those who count it (the place's own sergeant, partner or
storekeeper) and to the auditor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from stdnum import luhn
from stdnum.exceptions import ValidationError

from core.access import Actor, Permission
from core.errors import RuleBroken
from inventory.catalogue.rules import ItemKind


class NumberKind(StrEnum):
    """What kind of number a unit carries."""

    IMEI = "imei"
    ICCID = "iccid"


NUMBER_OF = {ItemKind.PHONE: NumberKind.IMEI, ItemKind.SIM: NumberKind.ICCID}
"""Kind of item → the number each unit of it carries."""

NUMBER_WORDS = {NumberKind.IMEI: "IMEI", NumberKind.ICCID: "ICCID"}

_BETWEEN = re.compile(r"[ \t./-]+")
_IMEI = re.compile(r"[0-9]{15}")
_ICCID = re.compile(r"89[0-9]{17,18}")
_SEPARATORS = re.compile(r"[\r\n,;]+")
_MOBILE = re.compile(r"(?:\+44|0044|44|0)(7(?:[1-57-9][0-9]{8}|624[0-9]{6}))")


def imei(text: str, *, field: str | None = None) -> str:
    """Read the IMEI of a handset: 15 digits, the last of them a Luhn check digit.

    Source: ID-1, 3GPP TS 23.003, section 6.2.1 and annex B.

    Raises:
        RuleBroken: it has another length, or a digit is wrong.
    """
    return _checked(text, _IMEI, "IMEI", "15 digits", field)


def iccid(text: str, *, field: str | None = None) -> str:
    """Read the ICCID of a SIM: 19 or 20 digits from 89, the last of them a Luhn check digit.

    A twentieth sign F, which some readers add to fill the last byte, is dropped.

    Source: ID-2, ITU-T E.118, section 3.

    Raises:
        RuleBroken: it has another length or beginning, or a digit is wrong.
    """
    return _checked(text.strip().rstrip("Ff"), _ICCID, "ICCID", "19 or 20 digits, starting 89", field)


def phone_number(text: str, *, field: str | None = None) -> str:
    """Read a mobile number of the United Kingdom as it is dialled from anywhere: 12 digits from 447, without a plus.

    A phone number has no check digit; what can be told is whether the numbering plan has such a mobile number.

    Source: ID-5, National Telephone Numbering Plan.

    Raises:
        RuleBroken: it is no mobile number, such as one of a landline or with a digit too few.
    """
    found = _MOBILE.fullmatch(_BETWEEN.sub("", text.replace("(0)", "").replace("(", "").replace(")", "").strip()))
    if found is None:
        raise RuleBroken(
            f"{_quoted(text)} is not a mobile number: it must be 11 digits, starting 07, like 07700 900123", field
        )
    return f"44{found[1]}"


def dialled(number: str) -> str:
    """Write a whole phone number as people dial it, such as "07700 900123"."""
    return f"0{number[2:6]} {number[6:]}"


def _checked(text: str, shape: re.Pattern[str], name: str, wanted: str, field: str | None) -> str:
    digits = _BETWEEN.sub("", text.strip())
    if not shape.fullmatch(digits):
        raise RuleBroken(f"{_quoted(text)} is not an {name}: it must be {wanted}", field)
    try:
        return str(luhn.validate(digits))
    except ValidationError:
        raise RuleBroken(
            f"{_quoted(text)} is not a real {name}: its check digit does not fit. Scan or type it again", field
        ) from None


def _quoted(text: str) -> str:
    return text.strip()[:40] or "An empty line"


def serial_number(kind: NumberKind, text: str, *, field: str | None = None) -> str:
    """Read the number of a unit, whichever kind it carries.

    Raises:
        RuleBroken: it is not one.
    """
    return imei(text, field=field) if kind is NumberKind.IMEI else iccid(text, field=field)


def numbers_in(text: str | None) -> tuple[str, ...]:
    """Split what was scanned or pasted into numbers: one a line, or between commas; blank ones are dropped."""
    return tuple(part.strip() for part in _SEPARATORS.split(text or "") if part.strip())


def check_numbers(
    kind: NumberKind, numbers: Sequence[str], *, unit_count: int, item_name: str, field: str | None = None
) -> tuple[str, ...]:
    """Read the numbers of all units of a delivery line, exactly as many as there are units.

    Raises:
        RuleBroken: too few or too many, the same twice, or one that is not real.
    """
    name = NUMBER_WORDS[kind]
    if len(numbers) != unit_count:
        raise RuleBroken(
            f"Enter {unit_count:,} {name} number{'s' if unit_count != 1 else ''} for {item_name}, "
            f"one for each. You entered {len(numbers):,}",
            field,
        )
    read = [serial_number(kind, number, field=field) for number in numbers]
    for position, number in enumerate(read):
        if number in read[:position]:
            raise RuleBroken(f"{name} {number} is entered twice", field)
    return tuple(read)


def masked(number: str) -> str:
    """Show the last four digits alone, such as "•••• 7518"."""
    return f"•••• {number[-4:]}"


def sees_whole_numbers(actor: Actor, place_id: int | None) -> bool:
    """Say whether a person may see whole numbers of units at a place.

    The place's own sergeant, partner and storekeeper count them there; the auditor checks any of them.
    """
    for held in actor.appointments:
        if held.grants(Permission.SEE_TRAIL):
            return True
        counts = held.grants(Permission.ISSUE_BAG) or held.grants(Permission.RECEIVE_DELIVERY)
        if counts and place_id is not None and held.place_id in (None, place_id):
            return True
    return False
