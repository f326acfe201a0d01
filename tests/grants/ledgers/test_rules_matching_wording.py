"""References and supplier names are compared as people write them, not as machines store them."""

import pytest

from grants.ledgers.rules.matching.wording import (
    FIRST_WORD,
    PART_OF_NAME,
    SAME_NAME,
    SupplierNames,
    mentioned_keys,
    name_words,
    one_edit_apart,
    reference_key,
    without_reversing,
)

NAMES = SupplierNames(["Hope Supplies Ltd", "Hope Printing plc", "Evergreen Logistics LLP", "Infomill", "M&S Food"])


@pytest.mark.parametrize("written", ["INV-00417", "inv 00417", "Inv/00417", "INV.00417"])
def test_a_reference_is_the_same_however_it_is_punctuated(written: str) -> None:
    assert reference_key(written) == "inv00417"


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("inv417", "inv4l7", True),
        ("inv417", "inv47", True),
        ("inv47", "inv417", True),
        ("inv417", "inv471", True),
        ("xnv417", "inv417", True),
        ("inv417", "inv417", False),
        ("inv417", "inv174", False),
        ("inv417", "inv4178x", False),
        ("ab", "", False),
    ],
)
def test_one_edit_is_one_sign_changed_dropped_added_or_swapped(a: str, b: str, apart: bool) -> None:
    assert one_edit_apart(a, b) is apart
    assert one_edit_apart(b, a) is apart


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("HOPE SUPPLIES LIMITED", {"Hope Supplies Ltd": SAME_NAME}),
        ("hope supplies april bags", {"Hope Supplies Ltd": SAME_NAME}),
        ("HOPE SUPPL", {"Hope Supplies Ltd": PART_OF_NAME}),
        ("BACS EVERGREEN", {"Evergreen Logistics LLP": FIRST_WORD}),
        ("HOPE", {"Hope Supplies Ltd": FIRST_WORD, "Hope Printing plc": FIRST_WORD}),
        ("Hope Catering", {}),
        ("M & S Food", {"M&S Food": SAME_NAME}),
        ("INFOMILL", {"Infomill": SAME_NAME}),
        ("CHQ 001234", {}),
        ("", {}),
    ],
)
def test_a_supplier_is_found_in_what_a_ledger_says(text: str, named: dict[str, int]) -> None:
    assert NAMES.named_in(text) == named


def test_a_cheque_or_redacted_payee_names_nobody() -> None:
    assert name_words("CHQ 001234") == ()
    assert "redacted" not in name_words("REDACTED PERSONAL DATA")


def test_only_codes_are_mentioned_and_not_words() -> None:
    assert mentioned_keys("Bags INV-00417, April 2026 (PO 7)") == {"inv00417"}


def test_both_sides_of_a_reversal_read_alike() -> None:
    assert without_reversing("REV Hope  Supplies") == without_reversing("hope supplies")
