"""Numbers of handsets and SIMs, and who sees them whole."""

from __future__ import annotations

import pytest

from core.access import Actor, Appointment, Role
from core.errors import RuleBroken
from inventory.phones import rules
from inventory.phones.rules import NumberKind


@pytest.mark.parametrize("typed", ["490154203237518", "49-015420-323751-8", " 49 015420 323751 8 "])
def test_an_imei_is_read_with_or_without_its_separators(typed: str) -> None:
    assert rules.imei(typed) == "490154203237518"


@pytest.mark.parametrize("digit", range(10))
def test_only_the_right_check_digit_passes(digit: int) -> None:
    typed = f"49015420323751{digit}"
    if digit == 8:
        assert rules.imei(typed) == typed
        return
    with pytest.raises(RuleBroken, match=f"{typed} is not a real IMEI: its check digit does not fit"):
        rules.imei(typed)


@pytest.mark.parametrize(
    "typed", ["", "49015420323751", "4901542032375180", "49015420323751８", "IMEI 490154203237518"]
)
def test_an_imei_has_fifteen_digits(typed: str) -> None:
    with pytest.raises(RuleBroken, match=r"is not an IMEI: it must be 15 digits"):
        rules.imei(typed)


@pytest.mark.parametrize("typed", ["8944500102198304826", "89 44500 10219830482 6", "8944500102198304826F"])
def test_an_iccid_is_read_without_its_filler(typed: str) -> None:
    assert rules.iccid(typed) == "8944500102198304826"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("8944500102198304827", "is not a real ICCID"),
        ("894450010219830482", "it must be 19 or 20 digits, starting 89"),
        ("7944500102198304826", "it must be 19 or 20 digits, starting 89"),
    ],
)
def test_a_wrong_iccid_is_refused(typed: str, message: str) -> None:
    with pytest.raises(RuleBroken, match=message):
        rules.iccid(typed)


def test_every_unit_needs_its_own_number() -> None:
    with pytest.raises(RuleBroken, match=r"Enter 1 IMEI number for Phone, one for each. You entered 0"):
        rules.check_numbers(NumberKind.IMEI, [], unit_count=1, item_name="Phone")


def test_a_masked_number_shows_four_digits() -> None:
    assert rules.masked("490154203237518") == "•••• 7518"


@pytest.mark.parametrize(
    ("role", "held_at", "unit_at", "whole"),
    [
        (Role.SERGEANT, 1, 1, True),
        (Role.SERGEANT, 1, 2, False),
        (Role.STOREKEEPER, 1, 1, True),
        (Role.STOREKEEPER, 1, 2, False),
        (Role.PARTNER, 1, 1, True),
        (Role.APPROVER, 1, 1, False),
        (Role.AUDITOR, None, 1, True),
        (Role.AUDITOR, None, None, True),
        (Role.GRANT_OFFICER, None, 1, False),
        (Role.SERGEANT, 1, None, False),
    ],
)
def test_whole_numbers_are_for_those_who_count_and_the_auditor(
    role: Role, held_at: int | None, unit_at: int | None, whole: bool
) -> None:
    actor = Actor(1, "Somebody", (Appointment(role, held_at),))
    assert rules.sees_whole_numbers(actor, unit_at) is whole
