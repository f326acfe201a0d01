"""The chain from bought to the ledger on plain values, and who may sign."""

from __future__ import annotations

from datetime import date

import pytest

from core.access import Actor, Appointment, Role
from core.errors import NotPermitted
from core.periods import named
from grants.reconciliation.rules import (
    CHAIN,
    Figure,
    Gap,
    Hand,
    Ordered,
    age_words,
    demand_other_hand,
    entries_of,
)
from grants.reports.rules import LineFigures

QUARTER_2 = named(date(2026, 7, 1), date(2026, 9, 30))
IN, BEFORE, AFTER = date(2026, 8, 1), date(2026, 6, 30), date(2026, 10, 1)
A, D = 1, 4


def walk(
    incurred_on: date, by_line: dict[int, LineFigures], ordered: Ordered | None = None
) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for entry in entries_of(7, incurred_on, by_line, ordered, QUARTER_2):
        steps = found.setdefault(entry.line_id, {})
        steps[entry.step] = steps.get(entry.step, 0) + entry.pence
    return found


def demand_chain(steps: dict[str, int]) -> None:
    """Add the gaps up from each figure: they lead to the next."""
    total = 0
    for step in CHAIN:
        if isinstance(step, Gap):
            total += steps.get(step, 0)
        elif step is Figure.BOUGHT:
            total = steps.get(step, 0)
        else:
            assert total == steps.get(step, 0), step


def test_what_is_bought_received_and_booked_in_the_period_agrees_without_a_gap() -> None:
    found = walk(IN, {A: LineFigures(ledger=100, eligible=100)}, Ordered(7, A, 100, 100))
    assert found == {A: dict.fromkeys(Figure, 100)}


def test_an_order_for_one_line_apportioned_to_another_and_in_part_not_at_all_is_named_on_both() -> None:
    """£1.00 ordered for A: 60 apportioned to D, 10 to A, 30 to nobody."""
    by_line = {A: LineFigures(ledger=10, eligible=10), D: LineFigures(ledger=60, eligible=60)}
    found = walk(IN, by_line, Ordered(7, A, 100, 70))
    assert found[A][Figure.BOUGHT] == 100
    assert (found[A][Gap.TO_OTHER_LINE], found[A][Gap.NOT_APPORTIONED]) == (-60, -30)
    assert found[D] == {
        Gap.FROM_OTHER_LINE: 60, Figure.APPORTIONED: 60, Figure.RECEIVED: 60, Figure.BOOKED: 60,
    }  # fmt: skip
    for steps in found.values():
        demand_chain(steps)


def test_an_ordered_row_that_is_apportioned_to_nobody_is_bought_all_the_same() -> None:
    found = walk(IN, {}, Ordered(7, A, 100, 0))
    assert found == {A: {Figure.BOUGHT: 100, Gap.NOT_APPORTIONED: -100}}
    demand_chain(found[A])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("incurred_on", [BEFORE, IN, AFTER])
def test_the_chain_adds_up_whenever_goods_invoice_and_ledger_came(incurred_on: date, sign: int) -> None:
    """A row of 66: 10 received before (4 booked then), 20 in, 30 after, 6 never; 45 booked by the end of the period."""
    figures = LineFigures(
        earlier=10 * sign, ledger=41 * sign, opening_accrual=6 * sign, closing_prepaid=15 * sign, eligible=20 * sign,
        later=30 * sign, awaited=6 * sign,
    )  # fmt: skip
    found = walk(incurred_on, {A: figures})
    demand_chain(found[A])
    assert found[A][Figure.BOOKED] == 41 * sign
    assert found[A].get(Figure.BOUGHT, 0) == (66 * sign if incurred_on == IN else 0)


def test_the_unexplained_age_in_four_steps() -> None:
    assert [age_words(days) for days in (0, 30, 31, 60, 61, 90, 91, 4_000)] == [
        "Up to 30 days", "Up to 30 days", "31 to 60 days", "31 to 60 days", "61 to 90 days", "61 to 90 days",
        "More than 90 days", "More than 90 days",
    ]  # fmt: skip


def actor(account_id: int, deputising_for: str | None = None) -> Actor:
    return Actor(account_id, "Somebody", (Appointment(Role.BUDGET_HOLDER, None, deputising_for),))


def test_neither_the_preparer_nor_a_deputy_of_theirs_signs() -> None:
    prepared = Hand(5, "Grants")
    with pytest.raises(NotPermitted, match="You prepared this reconciliation"):
        demand_other_hand(prepared, actor(5))
    with pytest.raises(NotPermitted, match="Grants prepared this reconciliation, so their deputy cannot sign it"):
        demand_other_hand(prepared, actor(6, "Grants"))
    demand_other_hand(prepared, actor(6, "Another"))
    demand_other_hand(prepared, actor(6))
