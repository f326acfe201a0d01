"""What is published, and how awards are written as open data: plain values."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from grants.registers.rules import GRANT_COLUMNS, Loss, OpenGrant, grant_row, grants_json, is_published

GRANT = OpenGrant(
    "GB2026", "Go Bags “for victims”", "Grant for Contents; Booklets", 22_460_05, 17_600_00, date(2026, 3, 2),
    date(2026, 4, 1), date(2027, 3, 31), "OPCC", "Office of the PCC", "Home Office & partners",
)  # fmt: skip

DAY = re.compile(r"^[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$")
REQUIRED: dict[str, type | tuple[type, ...]] = {
    "id": str, "title": str, "description": str, "currency": str, "amountAwarded": (int, float), "awardDate": str,
    "recipientOrganization": list, "fundingOrganization": list,
}  # fmt: skip
"""What the 360Giving schema requires of a grant, and of which JSON type (PUB-3)."""
KNOWN = {*REQUIRED, "amountDisbursed", "plannedDates"}


def demand_valid(package: dict[str, Any]) -> None:
    """Hold a package to what the standard's two schemas say of the fields we write."""
    assert re.fullmatch(r"\d+\.\d+", package["version"])
    assert package["grants"]
    for grant in package["grants"]:
        assert set(grant) == KNOWN
        assert all(isinstance(grant[name], kind) for name, kind in REQUIRED.items())
        assert len(grant["title"]) < 140
        assert grant["currency"] == "GBP"
        assert DAY.match(grant["awardDate"])
        for organisation in (*grant["recipientOrganization"], *grant["fundingOrganization"]):
            assert isinstance(organisation["id"], str)
            assert isinstance(organisation["name"], str)
        for event in grant["plannedDates"]:
            assert DAY.match(event["startDate"])
            assert DAY.match(event["endDate"])


def test_awards_are_a_valid_package_of_the_standard_to_the_penny() -> None:
    text = grants_json([GRANT, GRANT])
    package = json.loads(text)
    demand_valid(package)
    assert '"amountAwarded": 22460.05, "amountDisbursed": 17600.00' in text
    assert package["grants"][0]["fundingOrganization"] == [
        {"id": "GOBAGS-ORG-HOME-OFFICE-PARTNERS", "name": "Home Office & partners"}
    ]


def test_the_spreadsheet_row_has_a_cell_for_each_heading() -> None:
    row = dict(zip((column.heading for column in GRANT_COLUMNS), grant_row(GRANT), strict=True))
    assert (row["Amount Awarded"], row["Award Date"], row["Recipient Org:Name"]) == (
        "22460.05", "2026-03-02", "Office of the PCC",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pence", "published"), [(500_00, False), (500_01, True), (-500_00, False), (-500_01, True), (0, False)]
)
def test_spending_is_published_above_500_pounds_with_vat_credits_too(pence: int, published: bool) -> None:
    assert is_published(pence) is published


def test_the_funder_is_told_of_what_grants_paid_and_of_nothing_else() -> None:
    loss = Loss(1, date(2026, 5, 4), "count", "C-1", "Towel", "L-1", "Store", 3, (("", 2_00), ("GB2026/A", 3_00)))
    assert (loss.pence, loss.granted_pence, loss.lines) == (5_00, 3_00, "GB2026/A")
