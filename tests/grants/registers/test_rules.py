"""What is published, and how awards are written as open data: plain values."""

from __future__ import annotations

import json
import re
from dataclasses import replace
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
PARTIES = ("recipientOrganization", "fundingOrganization")
KNOWN = {*REQUIRED, "amountDisbursed", "plannedDates"}


def demand_valid(package: dict[str, Any]) -> None:
    """Hold a package to what the standard's two schemas say of the fields we write (PUB-3), in our own words."""
    assert set(package) == {"version", "grants"}
    assert re.fullmatch(r"[0-9]+\.[0-9]+", package["version"])
    assert package["grants"]
    assert len({json.dumps(grant, sort_keys=True) for grant in package["grants"]}) == len(package["grants"])
    for grant in package["grants"]:
        assert set(grant) == KNOWN
        assert all(isinstance(grant[name], kind) for name, kind in REQUIRED.items())
        assert isinstance(grant["amountDisbursed"], int | float)
        assert all(grant[name] for name in ("id", "title", "description", *PARTIES))
        assert len(grant["title"]) < 140
        assert grant["currency"] == "GBP"
        assert DAY.match(grant["awardDate"])
        for organisation in (each for party in PARTIES for each in grant[party]):
            assert set(organisation) == {"id", "name"}
            assert all(isinstance(said, str) and said for said in organisation.values())
        for event in grant["plannedDates"]:
            assert set(event) == {"startDate", "endDate"}
            assert all(DAY.match(day) for day in event.values())


def _spoil(part: str, value: object) -> dict[str, Any]:
    package: dict[str, Any] = json.loads(grants_json([GRANT]))
    (package if part == "version" else package["grants"][0])[part] = value
    return package


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("version", "1"), ("amountAwarded", "22460.05"), ("awardDate", "2/3/2026"), ("currency", "pounds"),
        ("fundingOrganization", []), ("recipientOrganization", [{"name": "OPCC"}]), ("id", 7), ("title", "a" * 140),
        ("plannedDates", [{"startDate": "1.4.2026", "endDate": "2027-03-31"}]),
    ],
)  # fmt: skip
def test_a_package_that_the_standard_would_refuse_is_refused_by_these_tests(part: str, value: object) -> None:
    """All but the length of a title, which is advice, is in the standard's own schemas."""
    with pytest.raises((AssertionError, KeyError)):
        demand_valid(_spoil(part, value))


def test_a_grant_that_stands_twice_in_a_package_is_refused_by_these_tests() -> None:
    with pytest.raises(AssertionError):
        demand_valid(json.loads(grants_json([GRANT, GRANT])))


def test_awards_are_a_valid_package_of_the_standard_to_the_penny() -> None:
    text = grants_json([GRANT, replace(GRANT, code="GB2027")])
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
    shared = replace(loss, by_line=(("", 2_00), ("GB2026/A", 1_50), ("GB2026/C", 1_51)))
    assert (shared.granted_pence, shared.lines) == (3_01, "GB2026/A £1.50, GB2026/C £1.51")
