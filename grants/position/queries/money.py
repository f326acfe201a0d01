"""Spending rows and the lots they bought: read once, whatever a page goes on to say about them.

Two statements give everything money knows about a set of rows: what each costs, how it is split, what the ledger books
of it; and every link to a lot, in the order the links were made. Sets are handed on as selects and never as lists of
ids, so that they may be of any length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select
from sqlalchemy.orm import aliased

from core.db import db
from core.money import Pence
from grants.ledgers.models import LedgerMatch
from grants.position.rules import Link, LotCost, Source, link_up, source_of
from grants.spending import queries as spending
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.stock.models import Lot


@dataclass(frozen=True)
class RowMoney:
    """A spending row, or a credit of one, as money sees it.

    Attributes:
        behind_id: the row itself, or the row a credit credits: the one units are numbered by.
        unit_count: units its cost is spread over.
        goods: whether it is of goods, or credits goods.
        matched_pence: what the ledger books of it.
        shares: grant line id → pence, in the order the lines were first given a share.
    """

    row_id: int
    reference: str
    behind_id: int
    cost_pence: Pence
    unit_count: int
    goods: bool
    matched_pence: int
    shares: Mapping[int, Pence]

    @property
    def source(self) -> Source:
        """The row as a source of units' pence."""
        return source_of(self.row_id, self.reference, self.cost_pence, self.unit_count, self.shares)


@dataclass(frozen=True)
class Money:
    """Spending rows with their credits, and what the lots they bought cost.

    Attributes:
        rows: spending row id → row, credits among them.
        costs: lot id → its cost, for every lot that one of the rows is behind.
        received: spending row id → days its first and last goods came.
    """

    rows: Mapping[int, RowMoney]
    costs: Mapping[int, LotCost]
    received: Mapping[int, tuple[date, date]]


def rows_behind(line_ids: Collection[int]) -> Select[int]:
    """Select the rows that are, or a credit of which is, apportioned to any of the grant lines."""
    paid = select(Apportionment.row_id).where(Apportionment.grant_line_id.in_(line_ids))
    return select(func.coalesce(SpendingRow.credits_row_id, SpendingRow.id)).where(SpendingRow.id.in_(paid))


def lots_bought(rows: Select[int]) -> Select[int]:
    """Select the lots that any of the rows is behind."""
    return (
        select(Lot.id)
        .join(BilledDelivery, BilledDelivery.delivery_line_id == Lot.delivery_line_id)
        .where(spending.links_stand(), BilledDelivery.row_id.in_(rows))
    )


def rows_that_bought(lots: Select[int] | Collection[int]) -> Select[int]:
    """Select every row behind any of the lots."""
    return (
        select(BilledDelivery.row_id)
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .where(spending.links_stand(), Lot.id.in_(lots))
    )


def money_behind(rows: Select[int]) -> Money:
    """Read rows with their credits, and what the lots they bought cost, in two statements."""
    found = rows_with_credits(rows)
    links, counts, received = _links(rows_that_bought(lots_bought(rows)))
    behind = {row.behind_id for row in found.values()}
    lots = {link.lot_id: counts[link.lot_id] for link in links if link.row_id in behind}
    return Money(found, link_up(lots, links, sources_of(found, links)), received)


def lot_costs(lot_ids: Iterable[int]) -> dict[int, LotCost]:
    """Give what a few lots cost and who paid: lot id → its cost, £0 where no invoice stands behind it."""
    asked = select(Lot.id, Lot.unit_count).where(Lot.id.in_(list(lot_ids)))
    lots = {lot_id: int(count) for lot_id, count in db.session.execute(asked)}
    rows = rows_that_bought(lots)
    links, _, _ = _links(rows)
    return link_up(lots, links, sources_of(rows_with_credits(rows), links))


def sources_of(rows: Mapping[int, RowMoney], links: Iterable[Link]) -> dict[int, tuple[Source, ...]]:
    """Give what pays for units: spending row id → the row and then its credits; nothing for rows that were not read."""
    found: dict[int, list[Source]] = defaultdict(list)
    for row_id in sorted(rows):
        found[rows[row_id].behind_id].append(rows[row_id].source)
    return {link.row_id: tuple(found.get(link.row_id, ())) for link in links}


def rows_with_credits(behind: Select[int]) -> dict[int, RowMoney]:
    """Read rows and the credits of them in one statement: spending row id → row."""
    credited = aliased(SpendingRow)
    wanted = or_(SpendingRow.id.in_(behind), SpendingRow.credits_row_id.in_(behind))
    shares, matched = _shares(wanted), _matched(wanted)
    asked = (
        select(
            SpendingRow.id,
            SpendingRow.reference,
            func.coalesce(SpendingRow.credits_row_id, SpendingRow.id),
            spending.COST,
            func.coalesce(credited.unit_count, SpendingRow.unit_count, 1),
            or_(SpendingRow.item_id.is_not(None), credited.item_id.is_not(None)),
            func.coalesce(matched.c.pence, 0),
            shares.c.grant_line_id,
            shares.c.pence,
        )
        .outerjoin(credited, credited.id == SpendingRow.credits_row_id)
        .outerjoin(matched, matched.c.row_id == SpendingRow.id)
        .outerjoin(shares, shares.c.row_id == SpendingRow.id)
        .where(wanted)
        .order_by(SpendingRow.id, shares.c.first_id)
    )
    facts: dict[int, tuple[str, int, Pence, int, bool, int]] = {}
    given: dict[int, dict[int, Pence]] = defaultdict(dict)
    for row_id, reference, behind_id, cost, count, goods, booked, line_id, pence in db.session.execute(asked):
        facts[row_id] = (reference, behind_id, Pence(int(cost)), int(count), bool(goods), int(booked))
        if line_id is not None:
            given[row_id][line_id] = Pence(int(pence))
    return {row_id: RowMoney(row_id, *mine, given[row_id]) for row_id, mine in facts.items()}


def _shares(wanted: ColumnElement[bool]) -> Subquery:
    """Add apportionments of rows up by line, lines of nothing left out."""
    total = func.sum(Apportionment.pence)
    asked = (
        select(
            Apportionment.row_id,
            Apportionment.grant_line_id,
            total.label("pence"),
            func.min(Apportionment.id).label("first_id"),
        )
        .where(Apportionment.row_id.in_(select(SpendingRow.id).where(wanted)))
        .group_by(Apportionment.row_id, Apportionment.grant_line_id)
        .having(total != 0)
    )
    return asked.subquery()


def _matched(wanted: ColumnElement[bool]) -> Subquery:
    """Add ledger matches of rows up."""
    return (
        select(LedgerMatch.row_id, func.sum(LedgerMatch.pence).label("pence"))
        .where(LedgerMatch.row_id.in_(select(SpendingRow.id).where(wanted)))
        .group_by(LedgerMatch.row_id)
        .subquery()
    )


def _links(rows: Select[int]) -> tuple[list[Link], dict[int, int], dict[int, tuple[date, date]]]:
    """List every standing link of rows in the order they were made; also the lots' units and the days goods came.

    Returns:
        The links; lot id → units; spending row id → first and last day.
    """
    asked = (
        select(BilledDelivery.row_id, Lot.id, BilledDelivery.unit_count, Lot.unit_count, Delivery.received_on)
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(spending.links_stand(), BilledDelivery.row_id.in_(rows))
        .order_by(BilledDelivery.id)
    )
    links, counts, days = [], {}, defaultdict(list)
    for row_id, lot_id, count, of_lot, received_on in db.session.execute(asked):
        links.append(Link(row_id, lot_id, int(count)))
        counts[lot_id] = int(of_lot)
        days[row_id].append(received_on)
    return links, counts, {row_id: (min(each), max(each)) for row_id, each in days.items()}
