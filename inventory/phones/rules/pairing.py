"""Which handset holds which SIM, and which SIM has which number: lines as they are pasted, and history as sentences.

A pairing has a first day and, once it ended, a last. Re-pairing ends the old one and begins another; nothing is edited.
A number that was handed out in a Go Bag is quarantined for ever: the product knows nobody by design, so it could never
tell when the last caller of the person who had it has given up, and another number costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypedDict

from core import parse
from core.dates import day_text
from core.errors import RuleBroken
from inventory.phones.rules.numbers import iccid, imei, phone_number

MOST_LINES = 500

_PARTS = re.compile(r"[\t,;]+")
_DIGITS = re.compile(r"[^0-9]")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")


class PairedSide(StrEnum):
    """What a SIM is paired with."""

    HANDSET = "handset"
    NUMBER = "number"


@dataclass(frozen=True)
class PhoneLine:
    """One line of a bulk record: what belongs together, as far as it is known.

    Attributes:
        row: the line it stood on, from 1.
        activated_on: when the SIM was activated, or None when the line does not say.
    """

    row: int
    imei: str | None = None
    iccid: str | None = None
    number: str | None = None
    activated_on: date | None = None

    @property
    def plain(self) -> list[object]:
        """The line as plain values, to tell one submitted form from another."""
        return [self.imei, self.iccid, self.number, self.activated_on]


class _Part(TypedDict, total=False):
    """What one part of a line tells, or what its parts together do: fields of ``PhoneLine``."""

    imei: str
    iccid: str
    number: str
    activated_on: date


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line."""

    row: int
    words: str


def read_lines(text: str | None) -> tuple[list[PhoneLine], list[Problem]]:
    """Read pasted lines, on each an IMEI, an ICCID, a phone number and an activation day, parted by commas or tabs.

    What each part is shows from its shape, so that columns may come in any order.
    A blank line is passed over. A line that cannot be read is a problem and no line.
    """
    lines, problems = [], []
    for row, line in enumerate(parse.clean(text).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            lines.append(_line(row, line))
        except RuleBroken as broken:
            problems.append(Problem(row, broken.message))
    problems += _repeats(lines)
    if not lines and not problems:
        problems.append(Problem(1, "Enter at least one line with an IMEI, an ICCID or both"))
    if len(lines) > MOST_LINES:
        problems.append(
            Problem(MOST_LINES + 1, f"Record {MOST_LINES} lines or fewer at a time; these are {len(lines):,}")
        )
    return lines, sorted(problems, key=lambda problem: problem.row)


def _line(row: int, text: str) -> PhoneLine:
    """Read one line.

    Raises:
        RuleBroken: a part is not real, two of a kind stand on it, or the SIM that joins the others is missing.
    """
    found: _Part = {}
    for part in (part.strip() for part in _PARTS.split(text)):
        if not part:
            continue
        told = _part(part)
        for name in told.keys() & found.keys():
            raise RuleBroken(f"there are two {_NAMES[name]} on this line. Write each phone on a line of its own")
        found.update(told)
    if "iccid" not in found:
        raise RuleBroken("there is no ICCID. A phone and a number are joined by their SIM")
    return PhoneLine(row, **found)


_NAMES = {"imei": "IMEIs", "iccid": "ICCIDs", "number": "phone numbers", "activated_on": "days"}


def _part(text: str) -> _Part:
    """Tell what a part of a line is from its shape, and read it.

    Raises:
        RuleBroken: it is nothing known, or not real.
    """
    if _ISO_DAY.fullmatch(text):
        return {"activated_on": parse.iso_date(text)}
    if _DAY.fullmatch(text):
        return {"activated_on": parse.day_month_year(text)}
    digits = _DIGITS.sub("", text)
    if digits.startswith("89") and len(digits) >= 17:
        return {"iccid": iccid(text)}
    if len(digits) >= 14:
        return {"imei": imei(text)}
    if digits.startswith(("07", "447", "0044")):
        return {"number": phone_number(text)}
    raise RuleBroken(f"{text[:40]} is no IMEI, ICCID, mobile number or day like 5/11/2026")


def _repeats(lines: Sequence[PhoneLine]) -> list[Problem]:
    """Find what stands on two lines: a thing is paired once."""
    problems = []
    for name, word in (("imei", "IMEI"), ("iccid", "ICCID"), ("number", "Phone number")):
        first: dict[str, int] = {}
        for line in lines:
            value = getattr(line, name)
            if value is not None and first.setdefault(value, line.row) != line.row:
                problems.append(Problem(line.row, f"{word} {value} is on line {first[value]} too"))
    return problems


def sentence(subject: str, other: str, *, began_on: date, ended_on: date | None, inside: bool = False) -> str:
    """Tell one pairing, such as "This phone has had the SIM •••• 4826 since 4 May 2026".

    Args:
        inside: that the subject is in the other, as a SIM is in a phone.
    """
    if ended_on is None:
        return f"{subject} has {'been in' if inside else 'had'} {other} since {day_text(began_on)}"
    when = f"on {day_text(began_on)}" if began_on == ended_on else f"from {day_text(began_on)} to {day_text(ended_on)}"
    return f"{subject} {'was in' if inside else 'had'} {other} {when}"


def check_paired_on(day: date, *, today: date, received_on: date | None, last_change: date | None, what: str) -> None:
    """Refuse a pairing that lies ahead, before the thing was received or before its last pairing began or ended.

    Raises:
        RuleBroken: which day it may not be.
    """
    if day > today:
        raise RuleBroken(f"{day_text(day)} has not come yet. Enter today or an earlier day", "paired_on")
    if received_on is not None and day < received_on:
        raise RuleBroken(f"{what} was received on {day_text(received_on)}. Enter that day or a later one", "paired_on")
    if last_change is not None and day < last_change:
        raise RuleBroken(
            f"{what} was last paired on {day_text(last_change)}. Enter that day or a later one", "paired_on"
        )


def quarantined(number: str, handed_out_on: date) -> str:
    """Say that a number is never paired again, and what to do."""
    return (
        f"the number ending {number[-4:]} was handed out in a Go Bag on {day_text(handed_out_on)} and is never used "
        f"again, so that nobody inherits another person's callers. Ask the operator for a new number"
    )
