"""What is typed becomes what is printed on a thing."""

from __future__ import annotations

import pytest

from inventory.finding.rules import Found, FoundKind, only_one, sought


@pytest.mark.parametrize(
    ("typed", "reference", "digits"),
    [
        ("gb12", "GB-00012", ""),
        ("GB 12", "GB-00012", ""),
        ("r-42", "R-00042", ""),
        ("gb-00012", "GB-00012", ""),
        ("35-693803 564380-9", "35-693803 564380-9", "356938035643809"),
        ("7518", "7518", "7518"),
        ("751", "751", ""),
        ("towel", "TOWEL", ""),
        ("Towel 12", "TOWEL 12", ""),
        ("٣٤٥٦", "٣٤٥٦", ""),
    ],
)
def test_what_is_typed_is_read_as_it_is_printed(typed: str, reference: str, digits: str) -> None:
    asked = sought(typed)
    assert (asked.text, asked.reference, asked.digits) == (typed, reference, digits)


def test_only_a_single_whole_reference_leads_straight_to_its_page() -> None:
    bag, part = Found(FoundKind.BAG, "a", "a", "", True), Found(FoundKind.LOT, "b", "b", "", False)
    assert only_one([bag, part]) is bag
    assert only_one([part]) is None
    assert only_one([bag, bag]) is None
    towel = Found(FoundKind.ITEM, "TOWEL", "Towel", "", True)
    assert only_one([towel]) is towel
    assert only_one([towel, part]) is None
