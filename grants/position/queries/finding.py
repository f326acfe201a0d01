"""From what somebody types (a bag tag, a slip, a lot, an invoice, a grant line) to the record it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from core.db import db
from grants.awards.models import Award, GrantLine
from grants.spending.models import SpendingRow, SupplierInvoice
from grants.spending.rules import normalised_number
from inventory.bags.models import Bag, Issue
from inventory.stock.models import Lot

MOST = 20


@dataclass(frozen=True)
class Found:
    """A record that may be the one meant.

    Attributes:
        kind: "bag", "lot", "invoice", "spending", "line" or "award".
        name: what its page is found by; for a line its award's code and its own with a slash.
    """

    kind: str
    name: str
    words: str


def found_by(typed: str) -> list[Found]:
    """Find every record that what was typed names exactly, however it is spaced or capitalised."""
    plain = "".join(typed.upper().split())
    if not plain:
        return []
    finders: tuple[Callable[[str], list[Found]], ...] = (_bags, _slips, _lots, _lines, _invoices, _rows)
    found = [each for finder in finders for each in finder(plain)]
    return list(dict.fromkeys(found))[:MOST]


def _bags(plain: str) -> list[Found]:
    tags = db.session.scalars(select(Bag.tag).where(Bag.tag == plain))
    return [Found("bag", tag, f"Go Bag {tag}") for tag in tags]


def _slips(plain: str) -> list[Found]:
    asked = select(Issue.slip, Bag.tag).join(Bag, Bag.id == Issue.bag_id).where(Issue.slip == plain)
    return [Found("bag", tag, f"Go Bag {tag}, issued with slip {slip}") for slip, tag in db.session.execute(asked)]


def _lots(plain: str) -> list[Found]:
    codes = db.session.scalars(select(Lot.code).where(Lot.code == plain))
    return [Found("lot", code, f"Lot {code}") for code in codes]


def _lines(plain: str) -> list[Found]:
    award, _, line = plain.rpartition("/")
    asked = select(Award.code, GrantLine.code, GrantLine.heading).join(GrantLine)
    asked = asked.where(Award.code == award, GrantLine.code == line) if award else asked.where(Award.code == plain)
    return [
        Found("line", f"{award_code}/{code}", f"Grant line {award_code}/{code}, {heading}")
        for award_code, code, heading in db.session.execute(asked.order_by(GrantLine.position))
    ]


def _invoices(plain: str) -> list[Found]:
    """Find invoices by our reference or the supplier's own number."""
    asked = select(SupplierInvoice).where(
        (SupplierInvoice.reference == plain) | (SupplierInvoice.number_key == normalised_number(plain))
    )
    return [
        Found("invoice", each.reference, f"Invoice {each.number} from {each.supplier.name} ({each.reference})")
        for each in db.session.scalars(asked.order_by(SupplierInvoice.id).limit(MOST))
    ]


def _rows(plain: str) -> list[Found]:
    asked = select(SpendingRow).where(SpendingRow.reference == plain)
    return [
        Found("spending", row.reference, f"Spending {row.reference}, {row.description}")
        for row in db.session.scalars(asked)
    ]
