"""What the first pages add up, from values alone."""

from __future__ import annotations

from inventory.desk.queries import Superseded, older_loose


def test_what_lies_loose_of_an_older_edition_is_told_apart_by_code_for_two_items_may_share_a_name() -> None:
    old = [
        Superseded("BK-RO", "Know your rights (Romanian)", 2, None),
        Superseded("BK-RO-2", "Know your rights (Romanian)", 5, None),
        Superseded("BK-RO", "Know your rights (Romanian)", 1, None),
        Superseded("BK-RO", "Know your rights (Romanian)", 1, "GB-00007"),
    ]
    assert older_loose(old) == {"BK-RO": 3, "BK-RO-2": 5}
