"""Kinds of record, and the papers that prove each.

Without the original papers the money can be reclaimed, so each kind of record has one paper that it should have.
"""

from __future__ import annotations

from enum import StrEnum

from core.errors import NotFound


class RecordKind(StrEnum):
    """Kinds of record that evidence stands beside; each word is part of an address."""

    AWARD = "award"
    BUDGET_CHANGE = "budget-change"
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    SPENDING_ROW = "spending-row"


class Proof(StrEnum):
    """What a paper is."""

    AGREEMENT = "grant agreement"
    CONSENT = "funder's consent"
    ORDER = "order"
    DELIVERY_NOTE = "delivery note"
    INVOICE = "invoice"
    PAYMENT = "proof of payment"
    JOURNAL = "journal or recharge paper"
    OTHER = "other paper"


PROOFS_OF: dict[RecordKind, tuple[Proof, ...]] = {
    RecordKind.AWARD: (Proof.AGREEMENT, Proof.OTHER),
    RecordKind.BUDGET_CHANGE: (Proof.CONSENT, Proof.OTHER),
    RecordKind.ORDER: (Proof.ORDER, Proof.OTHER),
    RecordKind.DELIVERY: (Proof.DELIVERY_NOTE, Proof.OTHER),
    RecordKind.INVOICE: (Proof.INVOICE, Proof.PAYMENT, Proof.OTHER),
    RecordKind.SPENDING_ROW: (Proof.JOURNAL, Proof.PAYMENT, Proof.OTHER),
}
"""Kind of record → the papers that can stand beside it, the expected one first."""

EXPECTED = {kind: proofs[0] for kind, proofs in PROOFS_OF.items()}
"""Kind of record → the paper without which its evidence is missing."""

SPENDING_PAPERS = {
    proof
    for kind in (RecordKind.ORDER, RecordKind.DELIVERY, RecordKind.INVOICE, RecordKind.SPENDING_ROW)
    for proof in PROOFS_OF[kind]
}
"""Papers that can stand beside what a spending row rests on."""


def record_named(word: str) -> RecordKind:
    """Read the kind of record in an address.

    Raises:
        NotFound: there is no such kind.
    """
    try:
        return RecordKind(word)
    except ValueError:
        raise NotFound from None
