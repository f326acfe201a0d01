"""Whether the books agree with themselves: what is kept against what explains it, found by the database.

Each question gives findings in words, none when all is well. The rules themselves are held when rows are written;
these are asked afterwards, so that a row changed behind the program's back shows.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from sqlalchemy import Select, case, func, select

from core.dates import moment_text
from core.db import db
from core.money import pounds
from grants.position.queries.sums import kept_wrongly as sums_kept_wrongly
from grants.spending.models import Apportionment, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.numbering.queries import kept_wrongly
from inventory.phones.models import UnitMove, UnitPosition
from inventory.stock.models import Lot, Move, Posting
from inventory.stock.queries import unexplained_acts, unexplained_balances, unexplained_past
from organisation.places.models import Place

MOST_FINDINGS = 20


def balances() -> list[str]:
    """Compare every balance with the sum of its moves."""
    wrong = unexplained_balances()[:MOST_FINDINGS]
    return [
        f"{_name(Place, place_id)} keeps {kept:,} of lot {_code(lot_id)}; its moves add up to {explained:,}."
        for place_id, lot_id, kept, explained in wrong
    ]


def _name(model: type[Place], key: int) -> str:
    found = db.session.get(model, key)
    return found.name if found else f"place {key}"


def _code(lot_id: int) -> str:
    found = db.session.get(Lot, lot_id)
    return found.code if found else str(lot_id)


def past_balances() -> list[str]:
    """Compare what every place held at every moment with its moves, added up in the order in which they happened."""
    return [
        f"{_name(Place, place_id)} keeps {_units(kept)} of lot {_code(lot_id)} from {moment_text(at)}; "
        f"its moves add up to {_units(explained)}."
        for place_id, lot_id, at, kept, explained in unexplained_past(MOST_FINDINGS)
    ]


def _units(count: int | None) -> str:
    return "nothing" if count is None else f"{count:,}"


def acts() -> list[str]:
    """Compare the acts kept of every place with its moves."""
    wrong = unexplained_acts(MOST_FINDINGS)
    return [f"{_name(Place, at)} does not keep act {_document(act)} as its moves have it." for at, act in wrong]


def _document(posting_id: int) -> str:
    found = db.session.get(Posting, posting_id)
    return f"{posting_id} ({found.document})" if found else str(posting_id)


def numberings() -> list[str]:
    """Compare the kept numbering of each lot's units with its moves, folded from the first."""
    wrong = islice(kept_wrongly(), MOST_FINDINGS)
    return [f"The kept numbering of lot {_code(lot_id)} is not what its moves give." for lot_id in wrong]


def line_sums() -> list[str]:
    """Compare the kept sums of each grant line with the rows they rest on, folded from the first."""
    return [f"The kept sums of grant line {name} are not what its rows give." for name in sums_kept_wrongly()]


def bag_positions() -> list[str]:
    """Compare where each Go Bag is said to stand with its moves."""
    came = select(BagMove.bag_id.label("thing"), BagMove.to_place_id.label("place"), func.count().label("times"))
    left = select(BagMove.bag_id.label("thing"), BagMove.from_place_id.label("place"), (-func.count()).label("times"))
    both = came.group_by(BagMove.bag_id, BagMove.to_place_id).union_all(
        left.group_by(BagMove.bag_id, BagMove.from_place_id)
    )
    wrong = _ids(db.session.execute(_not_where_moves_say(both, BagPosition, BagPosition.bag_id)))
    return [f"Go Bag {_tag(bag_id)} is not where its moves say." for bag_id in wrong]


def _tag(bag_id: int) -> str:
    found = db.session.get(Bag, bag_id)
    return found.tag if found else str(bag_id)


def unit_positions() -> list[str]:
    """Compare where each handset and SIM is said to be with its moves."""
    came = select(UnitMove.unit_id.label("thing"), Move.to_place_id.label("place"), func.count().label("times"))
    left = select(UnitMove.unit_id.label("thing"), Move.from_place_id.label("place"), (-func.count()).label("times"))
    both = (
        came.join(Move, Move.id == UnitMove.move_id)
        .group_by(UnitMove.unit_id, Move.to_place_id)
        .union_all(left.join(Move, Move.id == UnitMove.move_id).group_by(UnitMove.unit_id, Move.from_place_id))
    )
    wrong = db.session.execute(_not_where_moves_say(both, UnitPosition, UnitPosition.unit_id))
    return [f"Serial unit {unit_id} is not where its moves say." for unit_id in _ids(wrong)]


def _not_where_moves_say(both: Any, position: Any, thing: Any) -> Select[Any]:
    """Select things whose moves do not put them exactly once at their position."""
    moved = both.subquery()
    net = (
        select(moved.c.thing, moved.c.place, func.sum(moved.c.times).label("times"))
        .group_by(moved.c.thing, moved.c.place)
        .subquery()
    )
    return (
        select(thing)
        .select_from(position)
        .outerjoin(net, (net.c.thing == thing) & (net.c.place == position.place_id))
        .where(func.coalesce(net.c.times, 0) != 1)
        .order_by(thing)
        .limit(MOST_FINDINGS)
    )


def _ids(rows: Any) -> list[int]:
    return [row[0] for row in rows]


def apportionments() -> list[str]:
    """Compare what is apportioned of each spending row with what it cost."""
    cost = SpendingRow.net_pence + case((SpendingRow.vat_recoverable, 0), else_=SpendingRow.vat_pence)
    given = func.sum(Apportionment.pence)
    wrong = db.session.execute(
        select(SpendingRow.reference, cost, given)
        .join(Apportionment, Apportionment.row_id == SpendingRow.id)
        .group_by(SpendingRow.id)
        .having((func.abs(given) > func.abs(cost)) | (given * cost < 0))
        .order_by(SpendingRow.id)
        .limit(MOST_FINDINGS)
    )
    return [f"Spending {ref} cost {pounds(c)} and {pounds(int(g))} is apportioned." for ref, c, g in wrong]


def invoices() -> list[str]:
    """Compare each invoice with the sum of its rows."""
    rows = func.sum(SpendingRow.net_pence + SpendingRow.vat_pence)
    wrong = db.session.execute(
        select(SupplierInvoice.reference, SupplierInvoice.gross_pence, rows)
        .join(SpendingRow, SpendingRow.invoice_id == SupplierInvoice.id)
        .group_by(SupplierInvoice.id)
        .having(rows != SupplierInvoice.gross_pence)
        .order_by(SupplierInvoice.id)
        .limit(MOST_FINDINGS)
    )
    return [
        f"Invoice {ref} is {pounds(gross)} and its rows add up to {pounds(int(sum_))}." for ref, gross, sum_ in wrong
    ]
