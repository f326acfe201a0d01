"""Reading how spending rows are apportioned: what each grant line bears, and what is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, func, select
from sqlalchemy.orm import joinedload

from core.db import ask, db
from core.money import Pence
from grants.awards.models import GrantLine
from grants.spending.models import (
    Apportionment,
    SpendingRow,
    SupplierInvoice,
)
from grants.spending.queries.bills import billed_counts

COST = SpendingRow.net_pence + case((SpendingRow.vat_recoverable, 0), else_=SpendingRow.vat_pence)
"""What a spending row costs a grant, as the database adds it up."""

_ROWS: BindParameter[Any] = bindparam("row_ids", expanding=True)
_OF_ROWS = (
    select(Apportionment.row_id, func.sum(Apportionment.pence))
    .where(Apportionment.row_id.in_(_ROWS))
    .group_by(Apportionment.row_id)
)
_BY_LINE = (
    select(Apportionment.grant_line_id, func.sum(Apportionment.pence))
    .where(Apportionment.grant_line_id.in_(bindparam("line_ids", expanding=True)))
    .group_by(Apportionment.grant_line_id)
)
_SHARES = (
    select(Apportionment.row_id, Apportionment.grant_line_id, func.sum(Apportionment.pence))
    .where(Apportionment.row_id.in_(_ROWS))
    .group_by(Apportionment.row_id, Apportionment.grant_line_id)
    .having(func.sum(Apportionment.pence) != 0)
    .order_by(Apportionment.row_id, func.min(Apportionment.id))
)
_CREDITS = (
    select(SpendingRow)
    .where(SpendingRow.credits_row_id.in_(_ROWS))
    .options(joinedload(SpendingRow.invoice))
    .order_by(SpendingRow.id)
)
"""Built once: preparing them costs more than running them."""


@dataclass(frozen=True)
class RowState:
    """A spending row with what has become of its cost and its units.

    Attributes:
        billed_count: units of it that have been received; 0 for what is no goods.
    """

    row: SpendingRow
    apportioned_pence: Pence
    billed_count: int

    @property
    def left_pence(self) -> Pence:
        """What remains to apportion."""
        return Pence(self.row.cost_pence - self.apportioned_pence)

    @property
    def left_count(self) -> int:
        """Units billed by the supplier and not yet received."""
        return (self.row.unit_count or 0) - self.billed_count


def states_of(rows: Iterable[SpendingRow]) -> list[RowState]:
    """Give rows with what has become of them, in the order given."""
    wanted = list(rows)
    ids = [row.id for row in wanted]
    given, billed = apportioned_of_rows(ids), billed_counts(ids)
    return [RowState(row, given.get(row.id, Pence(0)), billed.get(row.id, 0)) for row in wanted]


def rows_to_apportion() -> Select[SpendingRow]:
    """Select the spending rows that are not apportioned to the penny, largest remainder first."""
    given = (
        select(func.coalesce(func.sum(Apportionment.pence), 0))
        .where(Apportionment.row_id == SpendingRow.id)
        .scalar_subquery()
    )
    asked = select(SpendingRow).where(given != COST)
    return asked.options(
        joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier), joinedload(SpendingRow.item)
    ).order_by(func.abs(COST - given).desc(), SpendingRow.id)


def left_to_apportion(first: date, last: date) -> tuple[Pence, int]:
    """Add up what is apportioned to no grant line of rows incurred between two days: pence, and how many rows."""
    given = select(func.sum(Apportionment.pence)).where(Apportionment.row_id == SpendingRow.id).scalar_subquery()
    left = (
        select((COST - func.coalesce(given, 0)).label("pence"))
        .where(SpendingRow.incurred_on.between(first, last))
        .subquery()
    )
    asked = select(func.coalesce(func.sum(left.c.pence), 0), func.count()).where(left.c.pence != 0)
    pence, count = db.session.execute(asked).one()
    return Pence(int(pence)), int(count)


def apportioned_of_rows(row_ids: Collection[int]) -> dict[int, Pence]:
    """Add up apportionments, reversals included: spending row id → pence."""
    added = ask(_OF_ROWS, row_ids=list(row_ids))
    return {row_id: Pence(int(pence)) for row_id, pence in added}


def apportioned_by_line(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up apportionments, reversals included: grant line id → pence."""
    added = ask(_BY_LINE, line_ids=list(line_ids))
    return {line_id: Pence(int(pence)) for line_id, pence in added}


def shares_of_rows(row_ids: Collection[int]) -> dict[int, dict[int, Pence]]:
    """Give how rows are split now: spending row id → grant line id → pence, lines of nothing left out.

    Lines are in the order they were first given a share, so that whoever splits further does so stably.
    """
    shares: dict[int, dict[int, Pence]] = {row_id: {} for row_id in row_ids}
    if not shares:
        return shares
    for row_id, line_id, pence in ask(_SHARES, row_ids=list(shares)):
        shares[row_id][line_id] = Pence(int(pence))
    return shares


def apportionments_of(row_id: int) -> list[Apportionment]:
    """List a row's apportionments and reversals in the order they were made, with their grant lines and people."""
    asked = select(Apportionment).where(Apportionment.row_id == row_id).order_by(Apportionment.id)
    loaded = asked.options(joinedload(Apportionment.grant_line).joinedload(GrantLine.award))
    return list(db.session.scalars(loaded.options(joinedload(Apportionment.account))))


def credits_of(row_ids: Collection[int]) -> dict[int, list[SpendingRow]]:
    """List the credits of rows in the order they were recorded: spending row id → credits."""
    found: dict[int, list[SpendingRow]] = {row_id: [] for row_id in row_ids}
    for row in db.session.scalars(_CREDITS, {"row_ids": list(found)}):
        assert row.credits_row_id is not None
        found[row.credits_row_id].append(row)
    return found


@dataclass(frozen=True)
class Credited:
    """What credit notes take off what a row costs, and off what grant lines pay of it: nothing or negative pence.

    Attributes:
        shares: grant line id → pence.
    """

    cost_pence: Pence
    shares: Mapping[int, Pence]


def credited_of(row_ids: Collection[int]) -> dict[int, Credited]:
    """Add the credits of rows up: spending row id → what they take off."""
    credited = credits_of(row_ids)
    given = shares_of_rows([each.id for of_row in credited.values() for each in of_row])
    found = {}
    for row_id, of_row in credited.items():
        shares: dict[int, int] = {}
        for each in of_row:
            for line_id, pence in given[each.id].items():
                shares[line_id] = shares.get(line_id, 0) + pence
        cost = Pence(sum(each.cost_pence for each in of_row))
        found[row_id] = Credited(cost, {line_id: Pence(pence) for line_id, pence in shares.items()})
    return found


def left_of_invoices(invoice_ids: Collection[int]) -> dict[int, Pence]:
    """Give what of invoices is not yet apportioned: invoice id → pence, the size of each row's remainder added."""
    rows = select(SpendingRow).where(SpendingRow.invoice_id.in_(invoice_ids))
    left: dict[int, int] = dict.fromkeys(invoice_ids, 0)
    for state in states_of(db.session.scalars(rows)):
        if state.row.invoice_id is not None:
            left[state.row.invoice_id] += abs(state.left_pence)
    return {invoice_id: Pence(pence) for invoice_id, pence in left.items()}
