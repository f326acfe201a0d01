from typing import Any

import pytest

from inventory.catalogue.rules import ItemKind
from inventory.pars.rules import Level


def test_a_shortage_is_what_is_missing_after_all_that_is_coming() -> None:
    """Par 6, 2 held, 1 promised and 1 on its way leave 2 to ask for."""
    level = Level("ADULT-M", "Go Bag, Adult M", par_count=6, on_hand_count=2, promised_count=1, in_transit_count=1)

    assert level.shortage_count == 2
    assert level.reason == "par 6, held 2, 1 promised, 1 on its way"


@pytest.mark.parametrize(
    ("counts", "shortage"),
    [
        ({"par_count": 6}, 6),
        ({"par_count": 6, "on_hand_count": 9}, 0),
        ({"par_count": 6, "on_hand_count": 9, "kept_count": 5}, 2),
        ({"par_count": 6, "on_hand_count": 2, "asked_count": 4}, 0),
        ({"par_count": 0, "needed_count": 1}, 1),
        ({}, 0),
    ],
)
def test_the_shortage_counts_each_fact_once(counts: dict[str, Any], shortage: int) -> None:
    assert Level("SOAP", "Soap", ItemKind.CONTENT, **counts).shortage_count == shortage


def test_a_go_bag_that_needs_something_is_held_but_not_ready() -> None:
    level = Level("ADULT-M", "Go Bag, Adult M", par_count=4, on_hand_count=4, unready_count=1)

    assert (level.usable_count, level.below_par_count, level.shortage_count) == (3, 1, 0)
    assert level.reason == "par 4, held 4, 1 of them not ready"


def test_an_item_and_a_recipe_of_one_code_are_told_apart() -> None:
    assert Level("M", "Go Bag, M").key == "bag:M"
    assert Level("M", "Mirror", ItemKind.CONTENT).key == "item:M"
