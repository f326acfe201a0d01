"""Pasted lines, phone numbers and who may be packed; no database."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import RuleBroken
from inventory.phones import rules
from inventory.phones.rules import NumberKind, PhoneLine, Problem, SimState, UnitFacts
from inventory.stock.rules import LotSource
from tests.inventory.phones.phones import ICCIDS
from tests.inventory.shelves import IMEIS

TODAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    "typed", ["07700 900101", "+44 7700 900101", "+44 (0)7700 900101", "0044 7700-900101", "447700900101"]
)
def test_a_phone_number_is_read_however_it_is_written(typed: str) -> None:
    assert rules.phone_number(typed) == "447700900101"
    assert rules.dialled("447700900101") == "07700 900101"


@pytest.mark.parametrize(
    "typed", ["01225 900101", "0770090010", "077009001011", "07000 900101", "07601 900101", "+33 612345678", "", "07"]
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="not a mobile number"):
        rules.phone_number(typed)


def test_the_isle_of_mans_07624_is_a_mobile_number_and_other_0762s_are_pagers() -> None:
    assert rules.phone_number("07624 900101") == "447624900101"


def test_lines_are_read_in_any_order_of_columns() -> None:
    text = (
        f"{IMEIS[0]}, {ICCIDS[0]}, 07700 900101, 4/5/2026\n\n"
        f"2026-05-03\t{ICCIDS[1]}\t{IMEIS[1]}\n{ICCIDS[2]};+447700900103"
    )
    assert rules.read_lines(text) == (
        [
            PhoneLine(1, IMEIS[0], ICCIDS[0], "447700900101", date(2026, 5, 4)),
            PhoneLine(3, IMEIS[1], ICCIDS[1], None, date(2026, 5, 3)),
            PhoneLine(4, None, ICCIDS[2], "447700900103", None),
        ],
        [],
    )


def test_every_wrong_line_is_told_with_its_row() -> None:
    text = "\n".join(
        [
            f"{IMEIS[0][:-1]}0, {ICCIDS[0]}",  # a wrong check digit
            f"{IMEIS[1]}, 07700 900101",  # no SIM to join them
            f"{ICCIDS[1]}, {ICCIDS[2]}",  # two SIMs
            f"{ICCIDS[1]}, tomorrow",
            f"{ICCIDS[2]}, 31/2/2026",
            f"{ICCIDS[3]}",
            f"{ICCIDS[3]}, {IMEIS[3]}",  # the same SIM again
        ]
    )
    _, problems = rules.read_lines(text)
    assert [problem.row for problem in problems] == [1, 2, 3, 4, 5, 7]
    assert "check digit does not fit" in problems[0].words
    assert problems[1].words == "there is no ICCID. A phone and a number are joined by their SIM"
    assert problems[2].words == "there are two ICCIDs on this line. Write each phone on a line of its own"
    assert problems[3].words == "tomorrow is no IMEI, ICCID, mobile number or day like 5/11/2026"
    assert problems[5] == Problem(7, f"ICCID {ICCIDS[3]} is on line 6 too")


def test_nothing_to_read_is_a_problem() -> None:
    assert rules.read_lines(" \n ")[1] == [Problem(1, "Enter at least one line with an IMEI, an ICCID or both")]


def handset(source: LotSource, *, out: date | None = None, reset: date | None = None) -> UnitFacts:
    return UnitFacts(1, NumberKind.IMEI, IMEIS[0], source, out, reset)


@pytest.mark.parametrize(
    ("facts", "packable"),
    [
        (handset(LotSource.DELIVERY), True),
        (handset(LotSource.DONATION), False),
        (handset(LotSource.OPENING), False),
        (handset(LotSource.FOUND), False),
        (handset(LotSource.DONATION, reset=TODAY), True),
        (handset(LotSource.DELIVERY, out=TODAY), False),
        (handset(LotSource.DELIVERY, out=TODAY, reset=date(2026, 5, 3)), False),  # wiped before it left
        (handset(LotSource.DELIVERY, out=TODAY, reset=TODAY), True),
        (UnitFacts(2, NumberKind.ICCID, ICCIDS[0], LotSource.DELIVERY), True),
        (UnitFacts(2, NumberKind.ICCID, ICCIDS[0], LotSource.DELIVERY, TODAY), False),
        (UnitFacts(2, NumberKind.ICCID, ICCIDS[0], LotSource.DELIVERY, None, None,
                   SimState(2, ICCIDS[0], lapses_on=TODAY)), False),
    ],
)  # fmt: skip
def test_only_what_had_no_owner_or_is_wiped_may_be_packed(facts: UnitFacts, packable: bool) -> None:
    assert (rules.not_packable(facts, on=TODAY) is None) is packable


def test_the_refusal_says_which_phone_why_and_what_to_do() -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_packable([handset(LotSource.DELIVERY), handset(LotSource.DONATION)], on=TODAY)
    assert refused.value.message == (
        "The phone with IMEI ending 3809 was given by a donor. Reset it to its factory settings and record “Factory "
        "reset, no previous owner” on its page first, or choose another"
    )


def test_a_pairing_is_told_as_a_sentence() -> None:
    may, june = date(2026, 5, 4), date(2026, 6, 6)
    tell = rules.sentence
    assert tell("This phone", "the SIM •••• 4826", began_on=may, ended_on=None) == (
        "This phone has had the SIM •••• 4826 since 4 May 2026"
    )
    assert tell("This SIM", "the phone •••• 3809", began_on=may, ended_on=june, inside=True) == (
        "This SIM was in the phone •••• 3809 from 4 May 2026 to 6 June 2026"
    )
    assert tell("This phone", "the SIM •••• 4826", began_on=may, ended_on=may).endswith(
        "had the SIM •••• 4826 on 4 May 2026"
    )
