"""Handsets and their SIMs go into one bag; no database."""

from __future__ import annotations

import pytest

from core.errors import RuleBroken
from inventory.bags.rules import Content, Pair, Part, kept_together
from inventory.catalogue.rules import ItemKind


def part(kind: ItemKind, lot_id: int, *units: int) -> Part:
    return Part(Content(lot_id, f"L-{lot_id:05d}", 1 if kind is ItemKind.PHONE else 2, kind, kind, len(units)), units)


def phone(*units: int) -> Part:
    return part(ItemKind.PHONE, 1, *units)


def sim(lot_id: int, *units: int) -> Part:
    return part(ItemKind.SIM, lot_id, *units)


def inside(bags: list[list[Part]]) -> list[list[tuple[int, tuple[int, ...]]]]:
    return [[(each.content.lot_id, each.unit_ids) for each in bag] for bag in bags]


PAIRS = [Pair(11, "3809", 21, "4826"), Pair(12, "1481", 22, "4834")]


def test_each_bag_gets_the_sim_of_its_own_handset_whatever_lot_it_is_of() -> None:
    dealt = kept_together([[phone(11), sim(2, 22)], [phone(12), sim(3, 21)], [phone(13), sim(3, 23)]], PAIRS)
    assert inside(dealt) == [[(1, (11,)), (3, (21,))], [(1, (12,)), (2, (22,))], [(1, (13,)), (3, (23,))]]
    assert sum(each.content.unit_count for bag in dealt for each in bag) == 6


def test_a_bag_without_sims_or_without_pairs_is_left_as_it_is() -> None:
    assert inside(kept_together([[phone(11)], [phone(12)]], PAIRS)) == [[(1, (11,))], [(1, (12,))]]
    assert inside(kept_together([[phone(13), sim(2, 23)]], PAIRS)) == [[(1, (13,)), (2, (23,))]]


@pytest.mark.parametrize("bag", [[phone(11), sim(2, 23)], [phone(13), sim(2, 21)]])
def test_a_handset_is_not_packed_without_its_own_sim_nor_a_sim_without_its_handset(bag: list[Part]) -> None:
    with pytest.raises(RuleBroken, match="The SIM ending 4826 is recorded in the phone ending 3809"):
        kept_together([bag], PAIRS)
