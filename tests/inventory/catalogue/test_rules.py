"""How the catalogue names what a recipe asks for."""

from __future__ import annotations

import pytest

from inventory.catalogue.rules import ItemKind, any_of


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ItemKind.BOOKLET, "Booklet in any language"),
        (ItemKind.PHONE, "Any phone"),
        (ItemKind.SIM, "Any SIM"),
        (ItemKind.CLOTHING, "Any clothing"),
    ],
)
def test_a_line_that_any_item_of_a_kind_meets_is_named_by_the_kind(kind: ItemKind, words: str) -> None:
    assert any_of(kind) == words
