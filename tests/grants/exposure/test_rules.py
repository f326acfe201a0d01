"""What is exposed, what is left at the end, and which transfers cure it: plain values."""

from __future__ import annotations

import pytest

from grants.exposure.rules import Outlook, Transfer, expected_use, exposed_pence, outlooks, transfers


@pytest.mark.parametrize(
    ("claimed", "received", "unused", "exposed"),
    [
        (10_00, 10_00, 4_00, 4_00),
        (10_00, 10_00, 10_00, 10_00),
        (6_00, 10_00, 4_00, 0),
        (8_00, 10_00, 4_00, 2_00),
        (0, 10_00, 4_00, 0),
        (12_00, 10_00, 4_00, 4_00),
    ],
)
def test_what_was_claimed_and_not_used_is_exposed(claimed: int, received: int, unused: int, exposed: int) -> None:
    assert exposed_pence(claimed, received, unused) == exposed


def test_use_goes_on_at_the_pace_of_the_days_seen_in_whole_units() -> None:
    assert [expected_use(7, days) for days in (90, 45, 12, 0, -5)] == [7, 3, 0, 0, 0]


def test_what_one_place_will_not_use_goes_to_where_it_lacks_the_most() -> None:
    """10 towels (20.00) at the store, which uses none; Salisbury has 1 and uses 5, Trowbridge has 0 and uses 2."""
    looks = outlooks(
        {("Towel", "Store"): 10, ("Towel", "Salisbury"): 1},
        {("Towel", "Store"): 20_00, ("Towel", "Salisbury"): 2_00},
        {("Towel", "Salisbury"): 5, ("Towel", "Trowbridge"): 2, ("Soap", "Salisbury"): 9},
        90,
    )
    assert [(look.place, look.left_count, look.lacking_count, look.left) for look in looks] == [
        ("Salisbury", 0, 4, 0),
        ("Store", 10, 0, 20_00),
        ("Trowbridge", 0, 2, 0),
    ]
    assert transfers(looks) == (
        Transfer("Towel", "Store", "Salisbury", 4, 8_00),
        Transfer("Towel", "Store", "Trowbridge", 2, 4_00),
    )


def test_no_transfer_is_proposed_of_what_nobody_claimed() -> None:
    assert transfers([Outlook("Towel", "Store", 10, 0, 0), Outlook("Towel", "Salisbury", 0, 5, 0)]) == ()
