"""The self-audit shows what fails, in figures and words, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.periods import Period
from grants.claims.rules.figures import ClaimFigures, LineClaim
from grants.claims.rules.findings import (
    NEVER_WAIVED,
    AuditedRow,
    Finding,
    FindingKind,
    Hands,
    TwinInvoice,
    duplicates,
    of_line,
    of_row,
    still_open,
)

FUNDED = Period(date(2026, 4, 1), date(2027, 3, 31))
SOUND = AuditedRow(
    "INV-1-1", "INV-1-1 Towels", claimed_pence=100_00, apportioned_pence=100_00, invoiced_on=date(2026, 5, 1),
    invoice_reference="INV-00002", invoice_number="SI-2", invoice_pence=120_00, supplier="Bulk Hygiene Ltd",
    is_goods=True, order="PO-00001", hands=Hands(frozenset({1}), frozenset({2}), frozenset({1})),
)  # fmt: skip


def found(row: AuditedRow, *, vat_counts: bool = True) -> list[Finding]:
    return list(of_row(row, FUNDED, vat_counts=vat_counts, names={1: "Grant officer"}))


def test_a_claim_cannot_exceed_its_line_and_what_moved_onto_it() -> None:
    claimed = ClaimFigures(earlier=800_00, eligible=300_00)
    line = LineClaim(1, "A", "Go Bags", 1_000_00, 100_00, claimed, 0, "Dearer than foreseen")
    assert list(of_line(line, agreement="HO-1", limit_points=1_000)) == []
    (over,) = of_line(replace(line, virement=99_99), agreement="HO-1", limit_points=1_000)
    assert (over.kind, over.pence, over.may_be_waived) == (FindingKind.OVER_LINE, 1, False)
    assert over.words == (
        "This is £0.01 over the line. £1,100.00 would be claimed of line A Go Bags, whose budget is £1,099.99 "
        "(agreement HO-1)"
    )


def test_a_sound_row_fails_in_nothing() -> None:
    assert found(SOUND) == []


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        (
            {"invoiced_on": date(2026, 3, 31)},
            FindingKind.OUTSIDE_WINDOW,
            "The invoice for INV-1-1 Towels is of 31 March 2026, outside the funding period "
            "(1 April 2026 to 31 March 2027)",
        ),
        ({"left_pence": 1}, FindingKind.PENNY_SPLIT, "£0.01 of INV-1-1 Towels is apportioned to no grant line"),
        ({"order": ""}, FindingKind.WEAK_EVIDENCE, "No order stands behind INV-1-1 Towels"),
        (
            {"is_goods": False, "invoiced_on": None},
            FindingKind.WEAK_EVIDENCE,
            "INV-1-1 Towels has no invoice, and nothing says what shows it",
        ),
        (
            {"hands": Hands(frozenset({1}), frozenset({1, 2}), frozenset({1}))},
            FindingKind.ONE_PERSON,
            "Grant officer ordered, received and reconciled INV-1-1 Towels",
        ),
        (
            {"claimed_pence": 0, "left_out_pence": 40_00},
            FindingKind.NOT_RECEIVED,
            "The ledger holds £40.00 of INV-1-1 Towels, not received by the end of the period. The claim leaves it out",
        ),
    ],
)
def test_each_weakness_is_found_with_its_figures(changed: dict[str, Any], kind: FindingKind, words: str) -> None:
    (finding,) = found(replace(SOUND, **changed))
    assert (finding.kind, finding.words) == (kind, words)
    assert finding.may_be_waived


def test_vat_in_the_cost_is_found_only_where_the_award_pays_none() -> None:
    row = replace(SOUND, vat_in_cost_pence=20_00)
    assert found(row) == []
    (finding,) = found(row, vat_counts=False)
    assert finding.words == "INV-1-1 Towels costs the grant £20.00 of VAT, and this award pays no VAT"


def test_a_row_the_claim_does_not_concern_is_not_judged() -> None:
    assert found(replace(SOUND, claimed_pence=0, order="", invoiced_on=date(2020, 1, 1))) == []


def test_two_invoices_alike_are_found_once_and_only_when_near() -> None:
    near = TwinInvoice("INV-00001", "SI-1", "Bulk Hygiene Ltd", 120_00, date(2026, 4, 20))
    far = replace(near, dated_on=date(2026, 3, 1))
    other = replace(near, supplier="Moonraker Print")
    itself = replace(near, reference="INV-00002")
    rows = [SOUND, replace(SOUND, reference="INV-1-2")]
    (finding,) = duplicates(rows, [near, far, other, itself])
    assert finding.words == (
        "Invoice SI-2 and invoice SI-1 (INV-00001) are both from Bulk Hygiene Ltd, over £120.00, 11 days apart"
    )
    assert list(duplicates(rows, [far, other, itself])) == []


def test_a_waiver_counts_for_the_words_it_was_given_for() -> None:
    (finding,) = found(replace(SOUND, left_pence=1))
    assert still_open([finding], {finding.key: finding.words}) == []
    assert still_open([finding], {finding.key: "£0.02 of INV-1-1 Towels is apportioned to no grant line"}) == [finding]


@pytest.mark.parametrize("kind", sorted(NEVER_WAIVED))
def test_what_no_judgement_can_mend_is_never_waived(kind: FindingKind) -> None:
    finding = Finding(kind, "A", "words", "cure")
    assert still_open([finding], {finding.key: "words"}) == [finding]
