"""Rows of invoices beside their order lines and deliveries, and the reasons given where they differ."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from core.db import db
from grants.awards.models import Award, GrantLine
from grants.spending.models import BilledDelivery, OrderLine, SpendingRow, SupplierInvoice
from grants.spending.rules import SpendingKind
from grants.threeway.models import MatchReason
from grants.threeway.rules import Apart, Billed, Tolerance, apart
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class Difference:
    """A row whose order, delivery and invoice differ: in which words, and the reason where one was given for them."""

    row_id: int
    reference: str
    supplier: str
    invoiced_on: date
    description: str
    net_pence: int
    apart: tuple[tuple[Apart, str], ...]
    reason: MatchReason | None = None

    @property
    def words(self) -> str:
        """All of it in one text, which a reason is given for."""
        return ". ".join(words for _, words in self.apart)


def rows_that_differ(since: date) -> list[Difference]:
    """List rows of invoices from a day on that differ: those without a reason first, the dearest first."""
    found = _differing(_asked().where(SupplierInvoice.invoiced_on >= since))
    return sorted(found, key=lambda each: (each.reason is not None, -each.net_pence, each.row_id))


def row_that_differs(reference: str) -> Difference | None:
    """Give one row as it differs, or None where it agrees."""
    return next(iter(_differing(_asked().where(SpendingRow.reference == reference))), None)


def differences_of(row_ids: Collection[int]) -> dict[int, Difference]:
    """Find those of some rows that differ: spending row id → how, and the reason where one was given for it."""
    if not row_ids:
        return {}
    return {each.row_id: each for each in _differing(_asked().where(SpendingRow.id.in_(row_ids)))}


@cache
def _asked() -> Select[Any]:
    """Select rows with what they are held against, once for each reason that was given of them, the newest last."""
    billed = (
        select(func.sum(BilledDelivery.unit_count)).where(BilledDelivery.row_id == SpendingRow.id).scalar_subquery()
    )
    credit, earlier = aliased(SpendingRow), aliased(SpendingRow)
    credited = select(-func.sum(credit.net_pence)).where(credit.credits_row_id == SpendingRow.id).scalar_subquery()
    before = (
        select(func.sum(earlier.unit_count))
        .where(earlier.order_line_id == SpendingRow.order_line_id, earlier.id < SpendingRow.id)
        .scalar_subquery()
    )
    return (
        select(
            SpendingRow, Supplier.name, SupplierInvoice.invoiced_on, OrderLine, billed, credited, before,
            Award.price_tolerance_points, Award.price_tolerance_pence, MatchReason,
        )
        .join(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .outerjoin(OrderLine, OrderLine.id == SpendingRow.order_line_id)
        .outerjoin(GrantLine, GrantLine.id == OrderLine.grant_line_id)
        .outerjoin(Award, Award.id == GrantLine.award_id)
        .outerjoin(MatchReason, MatchReason.row_id == SpendingRow.id)
        .options(joinedload(MatchReason.note), joinedload(MatchReason.account))
        .where(SpendingRow.kind.in_((SpendingKind.GOODS, SpendingKind.SERVICE)))
        .order_by(SpendingRow.id, MatchReason.id)
    )  # fmt: skip


def _differing(asked: Select[Any]) -> list[Difference]:
    found: dict[int, Difference] = {}
    for row, supplier, invoiced_on, line, came, credited, before, points, pence, reason in db.session.execute(asked):
        if row.id not in found:
            ways = apart(
                Billed(
                    row.reference, row.description, row.net_pence, row.unit_count,
                    line.unit_count if line else None, line.net_pence if line else None,
                    int(before or 0), int(came or 0), int(credited or 0),
                    Tolerance(points, pence) if line else Tolerance(),
                )
            )  # fmt: skip
            found[row.id] = Difference(
                row.id, row.reference, supplier, invoiced_on, row.description, row.net_pence, tuple(ways.items())
            )
        if reason is not None and reason.words == found[row.id].words:
            found[row.id] = replace(found[row.id], reason=reason)
    return [each for each in found.values() if each.apart]
