"""Spending rows and the lots they bought: read once, whatever a page goes on to say about them.

One statement gives everything money knows about a set of rows: what each costs, how it is split, what the ledger books
of it, and every link to a lot. Sets are handed on as selects and never as lists of ids, so that they may be of any
length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Select, SelectBase, Subquery, func, or_, select, union
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


def rows_behind(line_ids: Collection[int] | BindParameter[Any]) -> Select[int]:
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
    """Read rows with their credits, and what the lots they bought cost, in one statement."""
    return money_by(rows_and_links(rows, union(rows, rows_that_bought(lots_bought(rows)))))


def money_by(asked: Select[*tuple[Any, ...]], facts: Mapping[str, Any] | None = None) -> Money:
    """Read the same by ``rows_and_links``, built beforehand, with its parameters."""
    read = _read(asked, facts)
    found = {row_id: row for row_id, row in read.rows.items() if row_id in read.asked}
    behind = {row.behind_id for row in found.values()}
    lots = {link.lot_id: read.lots[link.lot_id] for link in read.links if link.row_id in behind}
    return Money(found, link_up(lots, read.links, sources_of(found, read.links)), read.received)


def lot_costs(lot_ids: Iterable[int]) -> dict[int, LotCost]:
    """Give what a few lots cost and who paid: lot id → its cost, £0 where no invoice stands behind it."""
    asked = select(Lot.id, Lot.unit_count).where(Lot.id.in_(list(lot_ids)))
    lots = {lot_id: int(count) for lot_id, count in db.session.execute(asked)}
    rows = rows_that_bought(lots)
    read = _read(rows_and_links(rows, rows))
    return link_up(lots, read.links, sources_of(read.rows, read.links))


def sources_of(rows: Mapping[int, RowMoney], links: Iterable[Link]) -> dict[int, tuple[Source, ...]]:
    """Give what pays for units: spending row id → the row and then its credits; nothing for rows that were not read."""
    found: dict[int, list[Source]] = defaultdict(list)
    for row_id in sorted(rows):
        found[rows[row_id].behind_id].append(rows[row_id].source)
    return {link.row_id: tuple(found.get(link.row_id, ())) for link in links}


_BEHIND = func.coalesce(SpendingRow.credits_row_id, SpendingRow.id)
"""The row that is credited, or the row itself."""


@dataclass
class _Read:
    """What one statement says of rows: the rows, every standing link of theirs, and the lots those lead to.

    Attributes:
        rows: spending row id → row.
        asked: ids of the rows that were asked for, and of their credits; the rest stand behind the same lots.
        links: in the order they were made.
        lots: lot id → units.
        received: spending row id → days its first and last goods came.
    """

    rows: dict[int, RowMoney]
    asked: set[int]
    links: list[Link]
    lots: dict[int, int]
    received: dict[int, tuple[date, date]]


def _read(asked_for: Select[*tuple[Any, ...]], facts_asked: Mapping[str, Any] | None = None) -> _Read:
    """Read rows with credits, shares and links. A row comes once for each pair of a share and a link of it."""
    facts: dict[int, tuple[str, int, Pence, int, bool, int]] = {}
    given: dict[int, dict[int, Pence]] = defaultdict(dict)
    links: dict[int, tuple[Link, int, date]] = {}
    asked: set[int] = set()
    for row_id, is_asked, reference, behind_id, cost, count, goods, booked, *joined in db.session.execute(
        asked_for, facts_asked
    ):
        facts[row_id] = (reference, behind_id, Pence(int(cost)), int(count), bool(goods), int(booked))
        if is_asked:
            asked.add(row_id)
        line_id, pence, link_id, lot_id, units, of_lot, received_on = joined
        if line_id is not None:
            given[row_id][line_id] = Pence(int(pence))
        if link_id is not None:
            links[link_id] = (Link(row_id, lot_id, int(units)), int(of_lot), received_on)
    return _Read({row_id: RowMoney(row_id, *mine, given[row_id]) for row_id, mine in facts.items()}, asked, *_of(links))


def _of(
    links: Mapping[int, tuple[Link, int, date]],
) -> tuple[list[Link], dict[int, int], dict[int, tuple[date, date]]]:
    """Put links in the order they were made, with the lots' units and the days goods came."""
    made = [links[link_id] for link_id in sorted(links)]
    days: dict[int, list[date]] = defaultdict(list)
    for link, _, received_on in made:
        days[link.row_id].append(received_on)
    lots = {link.lot_id: of_lot for link, of_lot, _ in made}
    return [link for link, *_ in made], lots, {row_id: (min(each), max(each)) for row_id, each in days.items()}


def rows_and_links(rows: Select[int], every: SelectBase) -> Select[*tuple[Any, ...]]:
    """Select rows with credits, shares and links.

    Args:
        rows: those asked for.
        every: those to read, no fewer; credits of theirs are read with them.
    """
    behind = every.cte("behind")
    credits_of = select(SpendingRow.id).where(SpendingRow.credits_row_id.in_(select(behind)))
    wanted = union(select(behind.columns[0].label("id")), credits_of).cte("wanted")
    credited = aliased(SpendingRow)
    shares, matched, links = _shares(select(wanted)), _matched(select(wanted)), _links(select(wanted))
    return (
        select(
            SpendingRow.id,
            _BEHIND.in_(rows),
            SpendingRow.reference,
            _BEHIND,
            spending.COST,
            func.coalesce(credited.unit_count, SpendingRow.unit_count, 1),
            or_(SpendingRow.item_id.is_not(None), credited.item_id.is_not(None)),
            func.coalesce(matched.c.pence, 0),
            shares.c.grant_line_id,
            shares.c.pence,
            links.c.id,
            links.c.lot_id,
            links.c.unit_count,
            links.c.of_lot,
            links.c.received_on,
        )
        .join(wanted, wanted.c.id == SpendingRow.id)
        .outerjoin(credited, credited.id == SpendingRow.credits_row_id)
        .outerjoin(matched, matched.c.row_id == SpendingRow.id)
        .outerjoin(shares, shares.c.row_id == SpendingRow.id)
        .outerjoin(links, links.c.row_id == SpendingRow.id)
        .order_by(SpendingRow.id, shares.c.first_id)
    )


def _shares(rows: Select[int]) -> Subquery:
    """Add apportionments of rows up by line, lines of nothing left out."""
    total = func.sum(Apportionment.pence)
    asked = (
        select(
            Apportionment.row_id,
            Apportionment.grant_line_id,
            total.label("pence"),
            func.min(Apportionment.id).label("first_id"),
        )
        .where(Apportionment.row_id.in_(rows))
        .group_by(Apportionment.row_id, Apportionment.grant_line_id)
        .having(total != 0)
    )
    return asked.subquery()


def _matched(rows: Select[int]) -> Subquery:
    """Add ledger matches of rows up."""
    return (
        select(LedgerMatch.row_id, func.sum(LedgerMatch.pence).label("pence"))
        .where(LedgerMatch.row_id.in_(rows))
        .group_by(LedgerMatch.row_id)
        .subquery()
    )


def _links(rows: Select[int]) -> Subquery:
    """List every standing link of rows with its lot and the day the goods came."""
    return (
        select(
            BilledDelivery.id,
            BilledDelivery.row_id,
            Lot.id.label("lot_id"),
            BilledDelivery.unit_count,
            Lot.unit_count.label("of_lot"),
            Delivery.received_on,
        )
        .join(Lot, Lot.delivery_line_id == BilledDelivery.delivery_line_id)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(spending.links_stand(), BilledDelivery.row_id.in_(rows))
        .subquery()
    )
