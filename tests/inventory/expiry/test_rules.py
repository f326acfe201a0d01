"""What to do next about each thing that expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.errors import RuleBroken
from inventory.expiry.rules import Expiring, Step, days_asked, last_day

TODAY = date(2026, 5, 4)
SOAP = Expiring(1, "SALISBURY", "Salisbury", False, None, "L-00002", "Soap", 2, date(2026, 5, 20), True)
OVER = date(2026, 5, 3)


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({}, Step.USE_FIRST),
        ({"expires_on": TODAY}, Step.USE_FIRST),
        ({"expires_on": OVER}, Step.WRITE_OFF),
        ({"bag_tag": "GB-00001"}, Step.ISSUE_FIRST),
        ({"bag_tag": "GB-00001", "expires_on": OVER}, Step.SWAP),
        ({"coming": True, "expires_on": OVER}, Step.COUNT_IN),
        ({"usable": False, "expires_on": OVER}, Step.RECALLED),
    ],
)
def test_each_thing_has_its_next_step(changed: dict[str, Any], step: Step) -> None:
    assert replace(SOAP, **changed).step(TODAY) is step


def test_only_offered_days_are_read() -> None:
    assert days_asked(None) == 60
    assert last_day(TODAY, days_asked("30")) == date(2026, 6, 3)
    with pytest.raises(RuleBroken, match="Choose 30, 60, 90, 180 or 365 days"):
        days_asked("61")
