"""Each grant line's pence added up: what is kept up to a mark, and what changed since folded afresh.

What is kept says how far it goes. Rows after that name the lots and spending rows that something happened to; for these
nothing kept is read. So a reader is right whether or not anybody kept the sums up, and the work grows with what
happened since they were kept and not with history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import reduce
from operator import add as add_up
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Date,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)

from core.db import ask, db
from core.money import Pence, funding_of_pence
from grants.awards.models import Award, GrantLine
from grants.ledgers.models import LedgerMatch
from grants.position.models import LinesKept, LotOnLine, RowOnLine
from grants.position.queries.money import (
    Money,
    RowMoney,
    lots_bought,
    money_by,
    rows_and_links,
    rows_behind,
    rows_that_bought,
)
from grants.position.queries.places import places_of, standings_by
from grants.position.rules import Whereabouts, together
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow
from inventory.bags.models import Bag, BagMove
from inventory.numbering.queries import Folded, folded_by, kept_and_later
from inventory.stock.models import IN_STOCK, Balance, Lot, Move

RESTS_ON: dict[str, type[Move | BagMove | Apportionment | BilledDelivery | LedgerMatch]] = {
    "move_id": Move,
    "bag_move_id": BagMove,
    "apportionment_id": Apportionment,
    "billed_delivery_id": BilledDelivery,
    "ledger_match_id": LedgerMatch,
}
"""Column of the mark → the append-only table whose newest id it names."""


@dataclass(frozen=True)
class Mark:
    """How far the kept sums go; the fields are the columns of ``LinesKept`` and the keys of ``RESTS_ON``."""

    move_id: int = 0
    bag_move_id: int = 0
    apportionment_id: int = 0
    billed_delivery_id: int = 0
    ledger_match_id: int = 0


@dataclass(frozen=True)
class LotPart:
    """What one grant line paid for the units of a lot that are in one state."""

    grant_line_id: int
    lot_id: int
    whereabouts: Whereabouts
    pence: int


@dataclass(frozen=True)
class RowPart:
    """What of a spending row is one grant line's; the fields are the columns of ``RowOnLine``."""

    grant_line_id: int
    row_id: int
    behind_id: int
    apportioned_pence: int
    other_pence: int
    ledger_pence: int
    first_received_on: date | None
    last_received_on: date | None


@dataclass
class LineSums:
    """A grant line's pence added up.

    Attributes:
        other_pence: spent on what is no goods.
        ledger_pence: what the ledger books of it.
        early_pence, late_pence: apportioned of rows any goods of which came before, or after, the days asked about.
        by_whereabouts: goods received, by what has become of them.
    """

    apportioned_pence: int = 0
    other_pence: int = 0
    ledger_pence: int = 0
    early_pence: int = 0
    late_pence: int = 0
    by_whereabouts: dict[Whereabouts, int] = field(default_factory=lambda: dict.fromkeys(Whereabouts, 0))

    def add_row(self, apportioned: int, other: int, ledger: int, early: int, late: int) -> None:
        """Add what of a spending row is the line's, in pence."""
        self.apportioned_pence += apportioned
        self.other_pence += other
        self.ledger_pence += ledger
        self.early_pence += early
        self.late_pence += late

    @property
    def to_come_pence(self) -> int:
        """Goods billed and not yet received."""
        return self.apportioned_pence - sum(self.by_whereabouts.values()) - self.other_pence


def line_sums(line_ids: Collection[int], *, first: date = date.min, last: date = date.max) -> dict[int, LineSums]:
    """Add grant lines' pence up: grant line id → sums. One statement, three more where anything changed since kept.

    All of them read one moment (``core/db.py``), so what is left out of what is kept is what is folded afresh.

    Args:
        first, last: the days goods should have come between.
    """
    found = {line_id: LineSums() for line_id in line_ids}
    rows_since: int | None = None
    asked = {"line_ids": list(line_ids), "first": first, "last": last}
    for line_id, whereabouts, *pence in db.session.execute(_KEPT, asked):
        if line_id is None:
            rows_since = pence[0]
        elif whereabouts is None:
            found[line_id].add_row(*map(int, pence))
        else:
            found[line_id].by_whereabouts[Whereabouts(whereabouts)] += int(pence[0])
    for part in changed_parts(line_ids, whole=rows_since is None) if rows_since != 0 else ():
        add(found[part.grant_line_id], part, first, last)
    return found


def add(sums: LineSums, part: LotPart | RowPart, first: date, last: date) -> None:
    """Add a part to the sums of its line."""
    if isinstance(part, LotPart):
        sums.by_whereabouts[part.whereabouts] += part.pence
        return
    early = part.first_received_on is not None and part.first_received_on < first
    late = part.last_received_on is not None and part.last_received_on > last
    given = part.apportioned_pence
    sums.add_row(given, part.other_pence, part.ledger_pence, given if early else 0, given if late else 0)


def _kept() -> CompoundSelect[*tuple[Any, ...]]:
    """Select what is kept and unchanged since: line, state and its pence for lots; line, no state and sums for rows.

    One row more, without a line, says how many rows came since the mark; nothing where there is none.
    """
    given, nothing = RowOnLine.apportioned_pence, literal(0)
    line_ids: BindParameter[int] = bindparam("line_ids", expanding=True)
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    lots = (
        select(
            LotOnLine.grant_line_id, LotOnLine.whereabouts.label("state"), func.sum(LotOnLine.pence),
            nothing, nothing, nothing, nothing,
        )
        .where(LotOnLine.grant_line_id.in_(line_ids), LotOnLine.lot_id.not_in(changed_lots()))
        .group_by(LotOnLine.grant_line_id, LotOnLine.whereabouts)
    )  # fmt: skip
    rows = (
        select(
            RowOnLine.grant_line_id, null(), func.sum(given), func.sum(RowOnLine.other_pence),
            func.sum(RowOnLine.ledger_pence),
            func.sum(case((RowOnLine.first_received_on < first, given), else_=0)),
            func.sum(case((RowOnLine.last_received_on > last, given), else_=0)),
        )
        .where(RowOnLine.grant_line_id.in_(line_ids), RowOnLine.behind_id.not_in(changed_rows()))
        .group_by(RowOnLine.grant_line_id)
    )  # fmt: skip
    since = select(null(), null(), _newest() - _marked(), nothing, nothing, nothing, nothing).select_from(LinesKept)
    return union_all(lots, rows, since)


def _newest() -> ColumnElement[int]:
    """Add the newest ids of the tables up that the sums rest on."""
    return reduce(
        add_up, (func.coalesce(select(func.max(model.id)).scalar_subquery(), 0) for model in RESTS_ON.values())
    )


def _marked() -> ColumnElement[int]:
    """Add the ids of the mark up."""
    return reduce(add_up, (getattr(LinesKept, name) for name in RESTS_ON))


def rows_since() -> int:
    """Count the rows since the mark, by their numbers; all there are where nothing is kept."""
    marked = select(_marked()).scalar_subquery()
    return int(db.session.scalar(select(_newest() - func.coalesce(marked, 0))) or 0)


def kept_to() -> Mark | None:
    """Tell how far the kept sums go, None when nothing is kept."""
    row = db.session.execute(select(*(getattr(LinesKept, name) for name in RESTS_ON))).first()
    return Mark(*row) if row else None


# ---- What changed --------------------------------------------------------------------------------


def _since(name: str) -> ScalarSelect[int]:
    """Give, in SQL, how far the kept sums go in one table."""
    return select(getattr(LinesKept, name)).scalar_subquery()


def _spent() -> CompoundSelect[int]:
    """Select the rows whose split, links or ledger matches changed since the mark, credits as the row they credit."""
    return union(
        *(
            select(func.coalesce(SpendingRow.credits_row_id, SpendingRow.id))
            .join(model, model.row_id == SpendingRow.id)
            .where(model.id > _since(name))
            for model, name in (
                (Apportionment, "apportionment_id"),
                (BilledDelivery, "billed_delivery_id"),
                (LedgerMatch, "ledger_match_id"),
            )
        )
    )


def changed_lots() -> CompoundSelect[int]:
    """Select the lots that moved since the mark, were in a Go Bag that did, or were bought by a row that changed."""
    return union(
        select(Move.lot_id).where(Move.id > _since("move_id")),
        select(Balance.lot_id)
        .join(Bag, Bag.place_id == Balance.place_id)
        .join(BagMove, BagMove.bag_id == Bag.id)
        .where(BagMove.id > _since("bag_move_id"), IN_STOCK),
        select(Lot.id)
        .join(BilledDelivery, BilledDelivery.delivery_line_id == Lot.delivery_line_id)
        .where(BilledDelivery.row_id.in_(_spent())),
    )


def changed_rows() -> CompoundSelect[int]:
    """Select the rows that changed since the mark, and every row behind a lot that did."""
    return union(_ids(_spent()), rows_that_bought(_ids(changed_lots())))


def _ids(those: CompoundSelect[int]) -> Select[int]:
    """Make one select of several."""
    return select(those.subquery().columns[0])


_KEPT = _kept()
"""Built once: preparing it costs more than running it."""


# ---- Folding afresh ------------------------------------------------------------------------------


def changed_parts(line_ids: Collection[int], *, whole: bool = False) -> Iterable[LotPart | RowPart]:
    """Fold afresh what changed since the mark, of grant lines. Three statements.

    Args:
        whole: fold everything, as if nothing were kept.
    """
    asking, facts = _EVERYTHING if whole else _SINCE, {"line_ids": list(line_ids)}
    money = money_by(asking.money, facts)
    yield from _row_parts(line_ids, money)
    places = {place_id: each.whereabouts for place_id, each in standings_by(asking.places, facts).items()}
    yield from _lot_parts(line_ids, money, folded_by(asking.lots, facts), places)


@dataclass(frozen=True)
class _Asking:
    """The three statements that fold grant lines afresh: their money, its lots, and the places those are at."""

    money: Select[*tuple[Any, ...]]
    lots: Select[*tuple[Any, ...]]
    places: Select[*tuple[Any, ...]]


def _asking(*, whole: bool) -> _Asking:
    rows = rows_behind(bindparam("line_ids", expanding=True))
    lots = lots_bought(rows)
    if not whole:
        rows = rows.where(func.coalesce(SpendingRow.credits_row_id, SpendingRow.id).in_(changed_rows()))
        lots = lots.where(Lot.id.in_(changed_lots()))
    every = union(rows, rows_that_bought(lots_bought(rows)))
    return _Asking(rows_and_links(rows, every), kept_and_later(lots), places_of(lots))


_EVERYTHING, _SINCE = _asking(whole=True), _asking(whole=False)
"""Built once: preparing them costs more than running them."""


def _row_parts(line_ids: Collection[int], money: Money) -> Iterable[RowPart]:
    for row in money.rows.values():
        first, last = money.received.get(row.row_id, (None, None))
        booked = booked_by_line(row)
        for line_id, pence in row.shares.items():
            if line_id in line_ids:
                yield RowPart(
                    line_id, row.row_id, row.behind_id, pence, 0 if row.goods else pence, booked[line_id], first, last
                )


def booked_by_line(row: RowMoney) -> dict[int, Pence]:
    """Say what the ledger books of a row on each line it is split over: grant line id → pence.

    A ledger line is matched to a spending row, so what is matched of a row counts on its lines by the same rule that
    gives units their pence: what is not yet apportioned comes last.
    """
    if not row.matched_pence:
        return dict.fromkeys(row.shares, Pence(0))
    left = Pence(row.cost_pence - sum(row.shares.values()))
    parts = funding_of_pence([*row.shares.values(), left], _within(row.matched_pence, row.cost_pence))
    return dict(zip(row.shares, parts, strict=False))


def _within(pence: int, cost: int) -> int:
    """Keep a matched amount between nothing and the cost, whatever its sign."""
    return max(0, min(pence, cost)) if cost >= 0 else min(0, max(pence, cost))


def _lot_parts(
    line_ids: Collection[int], money: Money, lots: Iterable[Folded], places: Mapping[int, Whereabouts]
) -> Iterable[LotPart]:
    """Add up what lines paid for lots, by state; units in one state are added up at once wherever they stand."""
    for lot in lots:
        paid: dict[tuple[int, Whereabouts], int] = defaultdict(int)
        for whereabouts, there in together(lot.standing, places).items():
            for part in money.costs[lot.lot_id].parts_of(there):
                if part.line_id is not None and part.line_id in line_ids:
                    paid[part.line_id, whereabouts] += part.pence
        yield from (LotPart(line_id, lot.lot_id, state, pence) for (line_id, state), pence in paid.items() if pence)


# ---- The check ----------------------------------------------------------------------------------


def kept_wrongly() -> list[str]:
    """Fold every line from its first row and name those of which something else is kept. Seven statements."""
    kept = set(_kept_parts())
    if not kept and kept_to() is None:
        return []
    names = {line_id: f"{award}/{code}" for line_id, award, code in ask(_NAMES)}
    changed = {(kind, changed_id) for kind, changed_id in db.session.execute(_changed())}
    wrong = kept ^ set(changed_parts(names, whole=True))
    return sorted({names[part.grant_line_id] for part in wrong if _what(part) not in changed})


def _changed() -> CompoundSelect[*tuple[Any, ...]]:
    """Select what changed since the mark: "lot" or "row", and its id."""
    lots, rows = changed_lots().subquery(), changed_rows().subquery()
    return union_all(select(literal("lot"), lots.columns[0]), select(literal("row"), rows.columns[0]))


def _what(part: LotPart | RowPart) -> tuple[str, int]:
    return ("lot", part.lot_id) if isinstance(part, LotPart) else ("row", part.behind_id)


_NAMES = select(GrantLine.id, Award.code, GrantLine.code).join(Award, Award.id == GrantLine.award_id)


def _kept_parts() -> Iterable[LotPart | RowPart]:
    """Read everything that is kept."""
    for model, kind in ((LotOnLine, LotPart), (RowOnLine, RowPart)):
        columns = [getattr(model, each.name) for each in fields(kind)]
        yield from (kind(*row) for row in db.session.execute(select(*columns)))
