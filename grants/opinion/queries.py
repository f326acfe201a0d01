"""Reading the ledger as double entries, and what the service itself says each account comes to.

Moves carry the pence of the units they carry, folded afresh from every move of the lot, while what is stated of a place
is read from what is kept: two ways that must meet to the penny.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core.dates import local_day
from core.db import db
from grants.awards.models import Award, BudgetChange, GrantLine
from grants.opinion.rules import Account, Amount, Entry, between, part
from grants.position.queries import line_positions, lot_costs
from grants.position.rules import LotCost
from grants.spending.models import Apportionment, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.numbering.queries import folded
from inventory.stock.models import Balance, Lot, Move, Posting
from inventory.stock.queries import numbering_of
from organisation.places.models import Place

_CHUNK = 500


@dataclass(frozen=True)
class _Places:
    """How places are called: place id → code, and which of them hold stock."""

    codes: dict[int, str]
    ours: frozenset[int]

    def stock(self, place_id: int, lot: str) -> Account:
        """Name the account of a lot at a place."""
        inside = place_id in self.ours
        return (*(("Assets", "Stock") if inside else ("Equity", "Outside")), self.codes[place_id], part(lot))

    def bags(self, place_id: int) -> Account:
        """Name the account of the Go Bags standing at a place."""
        return (*(("Assets", "Bags") if place_id in self.ours else ("Equity", "OutsideBags")), self.codes[place_id])


def places() -> _Places:
    """Read how places are called."""
    rows = db.session.execute(select(Place.id, Place.code, Place.holds_stock)).all()
    return _Places({row.id: part(row.code) for row in rows}, frozenset(row.id for row in rows if row.holds_stock))


# ---- Money --------------------------------------------------------------------------------------


def _line(line: GrantLine, root: str) -> Account:
    return ("Assets", root, part(line.award.code), part(line.code))


def budget_entries() -> Iterator[Entry]:
    """Give what each line was awarded, and every budget change."""
    for line in db.session.scalars(select(GrantLine).options(joinedload(GrantLine.award)).order_by(GrantLine.id)):
        awarded = between(("Equity", "Awarded", part(line.award.code)), _line(line, "Budget"), line.budget_pence)
        yield Entry(line.award.starts_on, f"budget {line.full_code}", awarded)
    changes = select(BudgetChange).options(
        joinedload(BudgetChange.from_line).joinedload(GrantLine.award),
        joinedload(BudgetChange.to_line).joinedload(GrantLine.award),
    )
    for change in db.session.scalars(changes.order_by(BudgetChange.id)):
        moved = between(_line(change.from_line, "Budget"), _line(change.to_line, "Budget"), change.pence)
        yield Entry(change.agreed_on, f"budget change {change.reference}", moved)


def spending_entries() -> Iterator[Entry]:
    """Give every spending row: what it costs, the VAT that is recovered, and whom it is owed to."""
    rows = select(SpendingRow).options(joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier))
    for row in db.session.scalars(rows.order_by(SpendingRow.id)):
        invoice = row.invoice
        owed = ("Equity", "Ledger") if invoice is None else ("Liabilities", "Suppliers", part(invoice.supplier.code))
        gross = row.net_pence + row.vat_pence
        amounts = [Amount(_spending(row), row.cost_pence), Amount(owed, -gross)]
        if row.cost_pence != gross:
            amounts.append(Amount(("Assets", "Recovered-VAT"), gross - row.cost_pence))
        yield Entry(row.incurred_on, f"spending {row.reference}", tuple(amounts))


def _spending(row: SpendingRow) -> Account:
    return ("Expenses", "Spending", part(row.reference))


def apportionment_entries() -> Iterator[Entry]:
    """Give every apportionment: what a grant line owes us for a row."""
    asked = select(Apportionment).options(
        joinedload(Apportionment.row), joinedload(Apportionment.grant_line).joinedload(GrantLine.award)
    )
    for given in db.session.scalars(asked.order_by(Apportionment.id)):
        source: Account = ("Income", "Apportioned", part(given.row.reference))
        moved = between(source, _line(given.grant_line, "Grants"), given.pence)
        yield Entry(local_day(given.recorded_at), f"apportionment of {given.row.reference}", moved)


def stated_money() -> Iterator[Amount]:
    """Give what we say each grant line's budget is, and what is apportioned to it."""
    for award in db.session.scalars(select(Award).options(selectinload(Award.lines)).order_by(Award.id)):
        for line, position in zip(award.lines, line_positions(award), strict=True):
            yield Amount(_line(line, "Budget"), position.revised_pence)
            yield Amount(_line(line, "Grants"), position.apportioned_pence)


# ---- Stock --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LotsRead:
    """What lots did and what they come to: their entries, and the amounts we state."""

    entries: list[Entry]
    stated: list[Amount]


def lots_in_chunks(named: _Places) -> Iterator[LotsRead]:
    """Read every lot with its moves, some hundreds at a time."""
    last = 0
    while lots := db.session.scalars(select(Lot).where(Lot.id > last).order_by(Lot.id).limit(_CHUNK)).all():
        last = lots[-1].id
        costs = lot_costs([lot.id for lot in lots])
        bought = [entry for lot in lots for entry in _bought(lot, costs[lot.id])]
        yield LotsRead([*bought, *_moves(lots, costs, named)], [*_stated_lots(lots, costs, named)])


def _bought(lot: Lot, cost: LotCost) -> Iterator[Entry]:
    """Give what of each spending row a lot's units are."""
    pence: dict[int, int] = defaultdict(int)
    for each in cost.parts_of(cost.all_units):
        pence[each.row_id] += each.pence
    rows = select(SpendingRow).where(SpendingRow.id.in_(pence)).order_by(SpendingRow.id)
    for row in db.session.scalars(rows) if pence else ():
        moved = between(_spending(row), ("Assets", "Bought", part(lot.code)), pence[row.id])
        yield Entry(row.incurred_on, f"{row.reference} bought {lot.code}", moved)


def _moves(lots: Sequence[Lot], costs: dict[int, LotCost], named: _Places) -> Iterator[Entry]:
    """Give every move of lots: its units, and the pence of just those units."""
    codes = {lot.id: lot.code for lot in lots}
    numberings = numbering_of(codes)
    asked = select(Move, Posting).join(Posting).where(Move.lot_id.in_(codes)).order_by(Move.id)
    for move, posting in db.session.execute(asked):
        code = codes[move.lot_id]
        source, target = named.stock(move.from_place_id, code), named.stock(move.to_place_id, code)
        pence = costs[move.lot_id].pence_of(numberings[move.lot_id].carried[move.id])
        value = between(source, target, pence) if pence else ()
        amounts = (*between(source, target, move.unit_count, code), *value)
        yield Entry(local_day(posting.happened_at), f"{posting.kind} {posting.document}", amounts)


def _stated_lots(lots: Sequence[Lot], costs: dict[int, LotCost], named: _Places) -> Iterator[Amount]:
    """Give what we say of lots: every balance, the pence at each place, and the whole cost."""
    codes = {lot.id: lot.code for lot in lots}
    standing = {lot.lot_id: lot.standing for lot in folded(codes)}
    balances = select(Balance).where(Balance.lot_id.in_(codes)).order_by(Balance.lot_id, Balance.place_id)
    # Where nothing stands any more, not a penny may be left either.
    for kept in db.session.scalars(balances):
        code, here = codes[kept.lot_id], standing[kept.lot_id].get(kept.place_id, ())
        account = named.stock(kept.place_id, code)
        yield Amount(account, kept.unit_count, code)
        yield Amount(account, costs[kept.lot_id].pence_of(here))
    for lot_id, code in codes.items():
        yield Amount(("Assets", "Bought", part(code)), costs[lot_id].total_pence)


def bag_entries(named: _Places) -> Iterator[Entry]:
    """Give every move of a Go Bag."""
    asked = select(BagMove, Bag.tag, Posting).join(Bag, Bag.id == BagMove.bag_id).join(Posting).order_by(BagMove.id)
    for move, tag, posting in db.session.execute(asked):
        moved = between(named.bags(move.from_place_id), named.bags(move.to_place_id), 1, tag)
        yield Entry(local_day(posting.happened_at), f"{posting.kind} {posting.document}", moved)


def stated_bags(named: _Places) -> Iterator[Amount]:
    """Give where we say each Go Bag stands."""
    asked = select(BagPosition.place_id, Bag.tag).join(Bag, Bag.id == BagPosition.bag_id).order_by(Bag.id)
    for place_id, tag in db.session.execute(asked):
        yield Amount(named.bags(place_id), 1, tag)
