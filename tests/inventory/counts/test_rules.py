"""Whom a count asks to count again; no database."""

from __future__ import annotations

from inventory.counts.rules import who_is_asked


def test_the_one_who_has_to_approve_is_spared_while_somebody_else_can_count_again() -> None:
    assert who_is_asked(["Relief", "Approver"], spared={"Approver"}) == ["Relief"]
    assert who_is_asked(["Approver"], spared={"Approver"}) == ["Approver"]
    assert who_is_asked(["Relief", "Approver"], spared={"Approver", "Deputy"}) == ["Relief", "Approver"]
    assert who_is_asked([], spared={"Approver"}) == []
