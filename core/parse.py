"""What people and files type, turned into values: the one strict parser.

Forms, commands and imports all read numbers, money, dates and text through these functions, so
that nothing is accepted by one door and refused by another. Numbers are plain ASCII: Python's own
``int`` and ``Decimal`` would take underscores, exponents, other scripts' digits and infinity.
A missing value (None) is read as an empty one. Every refusal is a ``RuleBroken`` with a message
for the person who typed.
"""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, time

from core.dates import MONTHS
from core.errors import RuleBroken
from core.money import Pence, pounds_short

FIRST_YEAR, LAST_YEAR = 1900, 2199
# More digits than any limit in the product: longer ones are too large, whatever they say.
MOST_DIGITS = 15
NOTHING, TEN_MILLION_POUNDS = Pence(0), Pence(1_000_000_000)

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
_WHOLE = re.compile(rf"(-?)({_DIGITS})")
# The true minus sign is taken too, because it is the one the product prints.
_MONEY = re.compile(rf"(?:([-\u2212]?)£?|£([-\u2212]))({_DIGITS})(?:\.([0-9]{{2}}))?")
_PERCENTAGE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))? ?%?")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?([ap]m)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_REFERENCE = re.compile(r"[A-Z0-9](?:[A-Z0-9 ./_-]*[A-Z0-9])?")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
# Joiners stay: Persian, Hindi and Sinhala words need them.
_KEPT = {"\n", "\t", "\u200c", "\u200d"}
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


def carried(text: str | None) -> int | None:
    """Read a number that a page put into its own form, such as a place in a list; None where it is no such number."""
    plain = text or ""
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= MOST_DIGITS else None


def whole_number(
    text: str | None, *, noun: str = "Quantity", least: int = 1, most: int = 100_000, field: str | None = None
) -> int:
    """Read a whole number.

    Args:
        text: such as "12" or "1,200".
        noun: what the number is, as the message names it.
        least: smallest accepted; a minus sign is only ever accepted when this is below 0.
        most: largest accepted.
        field: the form field a refusal belongs to.

    Raises:
        RuleBroken: not a whole number, too small or too large.
    """
    typed = (text or "").strip()
    found = _WHOLE.fullmatch(typed)
    if typed and not found:
        raise RuleBroken("Enter a whole number, like 12", field)
    if not found or (found[1] and least >= 0):
        raise RuleBroken(f"{noun} must be {least:,} or more", field)
    number = _integer(found[2]) * (-1 if found[1] else 1)
    if number < least:
        raise RuleBroken(f"{noun} must be {least:,} or more", field)
    if number > most:
        raise RuleBroken(f"{noun} must be {most:,} or fewer", field)
    return number


def pounds_and_pence(
    text: str | None,
    *,
    noun: str = "Amount",
    least: Pence = NOTHING,
    most: Pence = TEN_MILLION_POUNDS,
    field: str | None = None,
) -> Pence:
    """Read an amount of money in pounds, with no decimals or two.

    Args:
        text: such as "12", "12.50" or "£1,234.50".
        noun: what the amount is, as the message names it.
        least: smallest accepted in pence; a minus sign is only ever accepted when this is below 0.
        most: largest accepted in pence.
        field: the form field a refusal belongs to.

    Returns:
        The amount in pence.

    Raises:
        RuleBroken: not an amount, too small or too large.
    """
    found = _MONEY.fullmatch((text or "").strip())
    if not found:
        raise RuleBroken("Enter an amount in pounds and pence, like 12.50", field)
    minus = found[1] or found[2]
    amount = (_integer(found[3]) * 100 + int(found[4] or 0)) * (-1 if minus else 1)
    if amount < least or (minus and least >= 0):
        raise RuleBroken(f"{noun} must be {pounds_short(least)} or more", field)
    if amount > most:
        raise RuleBroken(f"{noun} must be {pounds_short(most)} or less", field)
    return Pence(amount)


def percentage(text: str | None, *, most: int = 10_000, field: str | None = None) -> int:
    """Read a percentage, with at most two decimals, as basis points.

    Args:
        text: such as "20", "17.5" or "20%".
        most: largest accepted in basis points.
        field: the form field a refusal belongs to.

    Returns:
        Hundredths of a per cent: "17.5" is 1750.

    Raises:
        RuleBroken: not a percentage, or too large.
    """
    found = _PERCENTAGE.fullmatch((text or "").strip())
    if not found:
        raise RuleBroken("Enter a percentage, like 20 or 17.5", field)
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if points > most:
        raise RuleBroken(f"Percentage must be {most / 100:g} or less", field)
    return points


def past_date(
    day: str | None,
    month: str | None,
    year: str | None,
    *,
    today: date,
    not_before: date | None = None,
    field: str | None = None,
) -> date:
    """Read a date of something that has happened: today at the latest.

    Args:
        day: such as "5".
        month: such as "8", "Aug" or "August".
        year: four digits.
        today: the day it is in London.
        not_before: the day the thing became possible, such as the receipt of the stock.
        field: the form field a refusal belongs to.

    Raises:
        RuleBroken: no such date, or after today, or before ``not_before``.
    """
    found = _date_of(day, month, year)
    if found is None or found > today or (not_before is not None and found < not_before):
        raise RuleBroken("Enter a real date in the past", field)
    return found


def real_date(day: str | None, month: str | None, year: str | None, *, field: str | None = None) -> date:
    """Read any date, such as an expiry, from its three parts.

    Raises:
        RuleBroken: there is no such date.
    """
    found = _date_of(day, month, year)
    if found is None:
        raise RuleBroken("Enter a real date, like 5 8 2022", field)
    return found


def iso_date(text: str | None, *, field: str | None = None) -> date:
    """Read a date written as 2022-08-05.

    Raises:
        RuleBroken: written another way, or there is no such date.
    """
    found = _ISO.fullmatch((text or "").strip())
    day = _date_of(found[3], found[2], found[1]) if found else None
    if day is None:
        raise RuleBroken("Use YYYY-MM-DD, like 2022-08-05", field)
    return day


def day_month_year(text: str | None, *, field: str | None = None) -> date:
    """Read a date written as 05/08/2022.

    Raises:
        RuleBroken: written another way, or there is no such date.
    """
    found = _DAY_MONTH_YEAR.fullmatch((text or "").strip())
    day = _date_of(found[1], found[2], found[3]) if found else None
    if day is None:
        raise RuleBroken("Use DD/MM/YYYY", field)
    return day


def time_of_day(text: str | None, *, field: str | None = None) -> time:
    """Read a time on the clock: 2:30pm, 2.30pm, 2pm or 14:30.

    Raises:
        RuleBroken: it is no time of a day.
    """
    found = _CLOCK.fullmatch((text or "").strip().lower())
    if found and (found[2] or found[3]):
        hour, minute = int(found[1]), int(found[2] or 0)
        if found[3]:
            hour = hour % 12 + (12 if found[3] == "pm" else 0) if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise RuleBroken("Enter a time, like 2:30pm or 14:30", field)


def bounded_text(text: str | None, *, most: int = 500, field: str | None = None, required: str | None = None) -> str:
    """Read free text of several lines, cleaned of what no reader can see.

    Args:
        text: as it was sent; line ends may be of any kind.
        most: most characters accepted, counted after cleaning.
        field: the form field a refusal belongs to.
        required: the message for an empty text, such as "Enter a reason"; None lets it be empty.

    Raises:
        RuleBroken: too long, or empty when it is required.
    """
    cleaned = "\n".join(line.rstrip() for line in clean(text).split("\n")).strip()
    return _measured(cleaned, most, field, required)


def one_line(text: str | None, *, most: int = 100, field: str | None = None, required: str | None = None) -> str:
    """Read a name or title: one line, with single spaces.

    Args:
        text: as it was sent.
        most: most characters accepted, counted after cleaning.
        field: the form field a refusal belongs to.
        required: the message for an empty text, such as "Enter a name"; None lets it be empty.

    Raises:
        RuleBroken: too long, or empty when it is required.
    """
    return _measured(" ".join(clean(text).split()), most, field, required)


def search_text(text: str | None, *, field: str | None = None) -> str:
    """Read what someone searches for, at most 100 characters.

    Raises:
        RuleBroken: longer than 100 characters.
    """
    cleaned = " ".join(clean(text).split())
    if len(cleaned) > 100:
        raise RuleBroken("Search must be 100 characters or fewer", field)
    return cleaned


def one_of(text: str | None, offered: Collection[str], *, noun: str) -> str:
    """Read what a list is narrowed down to; "" when nothing is asked.

    What was asked is never shown in part or set aside: a list that silently holds more than somebody asked for
    would be read as what they asked for.

    Args:
        offered: what can be asked for.
        noun: what the filter is called on its page, like "kind".

    Raises:
        RuleBroken: it is none of these.
    """
    asked = text or ""
    if asked and asked not in set(offered):
        raise RuleBroken(f"This list has no {noun} of that name. Go back and choose one that the page offers")
    return asked


def reference(
    text: str | None, *, noun: str = "Reference", most: int = 40, like: str = "PO-2026-0042", field: str | None = None
) -> str:
    """Read a human reference, such as a bag tag or an order number, in capitals.

    Where another system's own spelling matters (a ledger's document number), use ``one_line``.

    Raises:
        RuleBroken: empty, too long, or holding other signs than a reference does.
    """
    cleaned = " ".join(clean(text).translate(_DASHES).upper().split())
    if not cleaned:
        raise RuleBroken(f"Enter the {noun[0].lower()}{noun[1:]}", field)
    if len(cleaned) > most:
        raise RuleBroken(f"{noun} must be {most} characters or fewer", field)
    if not _REFERENCE.fullmatch(cleaned):
        raise RuleBroken(f"{noun} must be letters, numbers and hyphens, like {like}", field)
    return cleaned


def clean(text: str | None) -> str:
    """Normalise text (NFC, line ends as a line feed) and drop what cannot be seen.

    Control characters, direction overrides, zero-width spaces, halves of surrogate pairs and
    private characters go: they hide what a text says, or break a PDF or a database.
    """
    lines = _LINE_ENDS.sub("\n", text or "")
    seen = (c for c in lines if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return unicodedata.normalize("NFC", "".join(seen).replace("\ufffe", "").replace("\uffff", ""))


def _measured(text: str, most: int, field: str | None, required: str | None) -> str:
    """Refuse a text that is too long, or empty where one is required."""
    if required and not text:
        raise RuleBroken(required, field)
    if len(text) > most:
        raise RuleBroken(f"Must be {most:,} characters or fewer", field)
    return text


def _integer(digits: str) -> int:
    """Turn digits into a number; a number too long for any limit stays too long, at little cost."""
    significant = digits.replace(",", "").lstrip("0")
    return int(significant or "0") if len(significant) <= MOST_DIGITS else 10**MOST_DIGITS


def _date_of(day: str | None, month: str | None, year: str | None) -> date | None:
    """Give the date three parts name, or None when there is none."""
    parts = [(part or "").strip() for part in (day, month, year)]
    parts[1] = _month_number(parts[1])
    if not (re.fullmatch(r"[0-9]{1,2} [0-9]{1,2} [0-9]{4}", " ".join(parts))):
        return None
    numbers = [int(part) for part in parts]
    if not FIRST_YEAR <= numbers[2] <= LAST_YEAR:
        return None
    try:
        return date(numbers[2], numbers[1], numbers[0])
    except ValueError:
        return None


def _month_number(text: str) -> str:
    """Turn "Aug" or "August" into "8"; give anything else back as it is."""
    typed = text.lower()
    for number, name in enumerate(MONTHS, start=1):
        if typed in (name.lower(), name[:3].lower()):
            return str(number)
    return text
