"""Whose a slip is, and whether its time has come."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from core.errors import NotPermitted, RuleBroken, Unavailable
from inventory.offline.rules import Slip, SlipAct, check_clock, demand_own, key_of, owner_of
from tests.factories import AT, submission


def test_each_account_has_a_mark_and_a_key_of_its_own_that_stay_the_same() -> None:
    marks = {owner_of("secret", account) for account in range(1, 40)}
    keys = {key_of("secret", account) for account in range(1, 40)}
    assert (len(marks), len(keys)) == (39, 39)
    assert owner_of("secret", 7) == owner_of("secret", 7)
    assert owner_of("secret", 7) != owner_of("another secret", 7)
    assert len(base64.b64decode(key_of("secret", 7))) == 32
    assert not any(base64.b64decode(key).hex().startswith(mark) for mark in marks for key in keys)


def test_what_somebody_else_noted_is_refused_whoever_sends_it() -> None:
    slip = Slip(owner_of("secret", 1), submission(), SlipAct.ISSUE, "GB-00001", 0, AT, ())
    demand_own(slip, owner_of("secret", 1))
    with pytest.raises(NotPermitted, match="Somebody else noted this"):
        demand_own(slip, owner_of("secret", 2))


def test_a_time_that_has_not_come_waits_a_little_and_is_refused_beyond() -> None:
    check_clock(AT, at=AT)
    with pytest.raises(Unavailable, match="a little fast"):
        check_clock(AT + timedelta(minutes=5), at=AT)
    with pytest.raises(RuleBroken) as refused:
        check_clock(AT + timedelta(hours=2), at=AT)
    assert refused.value.message == (
        "The phone noted 4 May 2026 at midday, and it is 4 May 2026 at 10am now. Set its clock right, set this "
        "aside and enter it again with the time it really was"
    )
