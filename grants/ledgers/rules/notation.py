"""How finance systems write dates and amounts, and how each becomes a date or integer pence.

An amount is read by one unambiguous grammar (thousands commas, a pound sign, brackets, a leading or
trailing minus, CR and DR), so a bracket that first turns up in next quarter's extract still reads. Only
the decimal mark is declared by the layout, because ``1,234`` means two things. A date is read only by the
notation its layout declares: ``04/05/2016`` means two things as well.

No Decimal and no float: digits go straight to integer pence, and a third decimal is refused, not rounded.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from core.money import Pence

LARGEST_AMOUNT_PENCE = 10**14
EARLIEST_YEAR, LATEST_YEAR = 1990, 2099


class NotInNotation(ValueError):
    """A cell cannot be read; the message says why, for the person who looks after the extract."""


class DecimalMark(StrEnum):
    """The sign between pounds and pence."""

    POINT = "point"
    COMMA = "comma"


class DateNotation(StrEnum):
    """How the date column of a layout is written."""

    ISO = "iso"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    MONTH_NAME = "month_name"
    COMPACT = "compact"
    DAY_NUMBER = "day_number"
    FISCAL_PERIOD = "fiscal_period"
    CALENDAR_PERIOD = "calendar_period"

    @property
    def example(self) -> str:
        """Show the notation by an example, for a page or a refusal."""
        return _EXAMPLES[self]


_EXAMPLES = {
    DateNotation.ISO: "2026-01-05",
    DateNotation.DAY_FIRST: "05/01/2026",
    DateNotation.MONTH_FIRST: "01/05/2026",
    DateNotation.MONTH_NAME: "05 Jan 2026",
    DateNotation.COMPACT: "20260105",
    DateNotation.DAY_NUMBER: "46027 (a spreadsheet's number of 5 January 2026)",
    DateNotation.FISCAL_PERIOD: "202510 (tenth month from April 2025)",
    DateNotation.CALENDAR_PERIOD: "202601 (January 2026)",
}

_GROUPED = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?")
_WRITTEN = re.compile(
    r"(?:£\s*(?=\())?(?P<open>\()?\s*(?P<minus>[-+])?\s*(?:£|GBP)?\s*(?P<inner>-)?\s*"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.(?P<part>[0-9]+))?\s*"
    r"(?P<after>-|CR|DR)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_ODD_SPACES = {0xA0: " ", 0x202F: " ", 0x2212: "-", 0x2013: "-"}
_SWAP_MARKS = str.maketrans(",.", ".,")


def amount_pence(text: str, mark: DecimalMark = DecimalMark.POINT) -> Pence:
    """Read an amount as a finance system writes it.

    Args:
        text: the cell, for example ``1,234.50``, ``(2,600)``, ``£12.5``, ``81``, ``12.00-`` or ``-``
            (an accounting dash, which is nil).
        mark: the decimal mark the layout declares.

    Returns:
        Signed pence.

    Raises:
        NotInNotation: not an amount, more than two decimals, two signs, or beyond a trillion pounds.
    """
    if mark is DecimalMark.COMMA:
        text = text.translate(_SWAP_MARKS)
    whole, point, part = text.partition(".")
    if whole.isdigit() and text.isascii() and len(text) < 15 and (not point or (len(part) < 3 and part.isdigit())):
        return Pence(int(whole) * 100 + (int(part) * (10 if len(part) == 1 else 1) if part else 0))
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None and len(text) < 18:
        sign, whole, part = grouped.groups()
        pence = int(whole.replace(",", "")) * 100 + (int(part.ljust(2, "0")) if part else 0)
        return Pence(-pence if sign else pence)
    return _written_pence(text)


def _written_pence(text: str) -> Pence:
    """Read an amount that carries more than digits and a point."""
    tidy = text.translate(_ODD_SPACES).strip()
    if tidy == "-":
        return Pence(0)
    found = _WRITTEN.fullmatch(tidy)
    if found is None or not (found["whole"] or found["part"]) or bool(found["open"]) != bool(found["close"]):
        raise NotInNotation(f"'{_shown(text)}' is not an amount in pounds and pence, like 12.50")
    part = found["part"] or ""
    if len(part) > 3:  # databases write 12.5000; three decimals may be thousands, so they are never dropped
        part = part[:2] + part[2:].rstrip("0")
    if len(part) > 2:
        raise NotInNotation(f"'{_shown(text)}' has more than two decimals")
    negatives = [
        found["open"],
        found["minus"] == "-",
        found["inner"],
        (found["after"] or "").upper() in ("-", "CR"),
    ]
    if sum(map(bool, negatives)) > 1:
        raise NotInNotation(f"'{_shown(text)}' is marked negative twice")
    digits = found["whole"].replace(",", "").lstrip("0")
    if len(digits) > 12:
        raise NotInNotation(f"'{_shown(text)}' is larger than any amount this service holds")
    pence = int(digits or "0") * 100 + int(part.ljust(2, "0") or "0")
    return Pence(-pence if any(negatives) else pence)


def _shown(text: str) -> str:
    """Shorten a cell for a message."""
    return text if len(text) <= 40 else text[:37] + "..."


_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}

_TIME = (
    r"(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?"
    r"(?: ?(?:Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? +)?"
_YEAR = r"[0-9]{4}|[0-9]{2}"
_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})" + _TIME)
_SLASHED = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})" + _TIME)
_TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}")
_NAMED = re.compile(
    _WEEKDAY + rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)?[-/ ]?([A-Za-z]{{3,9}})[-/ ,]{{0,2}}({_YEAR})"
    rf"|([A-Za-z]{{3,9}})[-/ ]([0-9]{{1,2}})(?:st|nd|rd|th)?[-/ ,]{{1,2}}({_YEAR}))" + _TIME
)
_DAY_NUMBER = re.compile(r"([3-7][0-9]{4})(?:\.[0-9]+)?")
_DAY_NUMBERS_FROM = date(1899, 12, 30)
"""Day 0 of spreadsheets, as it works out for every day after February 1900."""
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PERIOD = re.compile(r"([0-9]{4})[-/ ]?(?:P|M)?([0-9]{2})")


def read_date(text: str, notation: DateNotation) -> date:
    """Read a date in the notation its layout declares; a time of day beside it is dropped.

    Args:
        text: the cell.
        notation: as declared by the layout. A period becomes the last day of its month.

    Returns:
        The date.

    Raises:
        NotInNotation: written otherwise, or no such day.
    """
    found = _PATTERNS[notation].fullmatch(text.strip())
    if found is None:
        if _TWO_DIGIT_YEAR.fullmatch(text.strip()):
            raise NotInNotation(f"'{_shown(text)}' has a year of two digits. Use DD/MM/YYYY")
        raise NotInNotation(f"'{_shown(text)}' is not a date written like {notation.example}")
    try:
        found_date = _DATES[notation](found)
    except (ValueError, KeyError):
        raise NotInNotation(f"'{_shown(text)}' is not a real date. Use DD/MM/YYYY") from None
    if not EARLIEST_YEAR <= found_date.year <= LATEST_YEAR:
        raise NotInNotation(f"'{_shown(text)}' is not in a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return found_date


def _named_date(found: re.Match[str]) -> date:
    day, month, written = found.group(1, 2, 3) if found[1] else found.group(5, 4, 6)
    year = int(written)
    return date(year if year > 99 else 2000 + year, _MONTHS[month.lower()], int(day))


def _fiscal_month_end(found: re.Match[str]) -> date:
    """Give the last day of a period counted from April; periods 13 to 15 adjust the year's last month."""
    year, period = int(found[1]), int(found[2])
    if not 1 <= period <= 15:
        raise ValueError(period)
    month = min(period, 12) + 3
    return _month_end(year + (month > 12), (month - 1) % 12 + 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


_PATTERNS = {
    DateNotation.ISO: _ISO,
    DateNotation.DAY_FIRST: _SLASHED,
    DateNotation.MONTH_FIRST: _SLASHED,
    DateNotation.MONTH_NAME: _NAMED,
    DateNotation.COMPACT: _COMPACT,
    DateNotation.DAY_NUMBER: _DAY_NUMBER,
    DateNotation.FISCAL_PERIOD: _PERIOD,
    DateNotation.CALENDAR_PERIOD: _PERIOD,
}
_DATES: dict[DateNotation, Callable[[re.Match[str]], date]] = {
    DateNotation.ISO: lambda found: date(int(found[1]), int(found[2]), int(found[3])),
    DateNotation.DAY_FIRST: lambda found: date(int(found[3]), int(found[2]), int(found[1])),
    DateNotation.MONTH_FIRST: lambda found: date(int(found[3]), int(found[1]), int(found[2])),
    DateNotation.MONTH_NAME: _named_date,
    DateNotation.COMPACT: lambda found: date(int(found[1]), int(found[2]), int(found[3])),
    DateNotation.DAY_NUMBER: lambda found: _DAY_NUMBERS_FROM + timedelta(days=int(found[1])),
    DateNotation.FISCAL_PERIOD: _fiscal_month_end,
    DateNotation.CALENDAR_PERIOD: lambda found: _month_end(int(found[1]), int(found[2])),
}


def reads_as_amount(text: str) -> bool:
    """Say whether a cell is an amount in the usual notation."""
    try:
        amount_pence(text)
    except NotInNotation:
        return False
    return True


def reads_as_date(text: str, notation: DateNotation) -> bool:
    """Say whether a cell is a date in the notation."""
    try:
        read_date(text, notation)
    except NotInNotation:
        return False
    return True
