"""Bringing the workload into the product: lots through invoices and deliveries, moves through the import of history.

What was bought is invoiced, apportioned to the grant line that paid, and received, each by the service a person
uses. A kit is an ordinary item here: it is counted in as opening stock on the day it was built, for the product
knows no lot whose cost is taken over from others; what went into it leaves for *not yet made up*. What is found of a
lot before any of it was lost had come with it and was not counted in, so it is among the lost and found from the
first day on. Booklets, phones and cards are ordinary items too: the workload has no editions and no numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bench.force import Force
from bench.measure import seconds
from bench.workload.facts import BUILT, ISSUED, LOST, SUPPLIERS, THINGS, DrawnLot, DrawnMove, Workload
from core.dates import moment_on
from core.money import Pence
from grants.awards import services as awards
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.spending import services as spending
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.history.rules import PastMove
from inventory.history.services import import_moves
from inventory.stock import queries as stock
from organisation.places.rules import PlaceKind
from organisation.suppliers import services as suppliers

ROWS_AN_INVOICE, CHUNK = 10, 10_000
_LINES = [f"L{number}" for number in range(1, 9)]
_BUDGET = Pence(300_000_000)
_DAY_BEGINS, _DAY_LASTS = time(7), 36_000


@dataclass
class Loaded:
    """What was loaded, and what it took.

    Attributes:
        item_codes: item id → code.
        lot_ids: the workload's code of a lot → its id.
    """

    item_codes: dict[int, str] = field(default_factory=dict)
    lot_ids: dict[str, int] = field(default_factory=dict)
    move_count: int = 0
    lots_seconds: float = 0.0
    moves_seconds: float = 0.0


def load(force: Force, drawn: Workload) -> Loaded:
    """Bring the workload into a force that was founded and holds nothing."""
    loaded = Loaded()
    for code in SUPPLIERS:
        force.do("grants", suppliers.add_supplier, code=code, name=f"Supplier {code}")
    for thing in THINGS:
        item = force.do("storekeeper", catalogue.add_item, code=thing.code, name=thing.code, kind=ItemKind.CONTENT)
        loaded.item_codes[item.id] = thing.code
    for year in range(23, 27):
        for grant in range(1, 6):
            _award(force, f"G{grant}-FY{year}", date(1999 + year, 7, 1))
    uncounted = _uncounted(drawn.moves)
    loaded.lots_seconds = seconds(lambda: loaded.lot_ids.update(_lots(force, drawn, uncounted)))
    past = list(_past(force, drawn, uncounted, loaded.lot_ids))
    loaded.move_count = len(past)
    loaded.moves_seconds = seconds(lambda: _import(force, past))
    return loaded


def _import(force: Force, past: Sequence[PastMove]) -> None:
    for start in range(0, len(past), CHUNK):
        force.do("storekeeper", import_moves, past[start : start + CHUNK])


def _award(force: Force, code: str, first: date) -> None:
    terms = AwardTerms(
        code, f"Benchmark award {code}", "Home Office", f"HO/{code}", "OPCC", f"PX{code}",
        Pence(_BUDGET * len(_LINES)), first - timedelta(days=60), first, date(first.year + 1, 6, 30),
        Cadence.QUARTERLY, Basis.ACCRUALS,
    )  # fmt: skip
    force.do("grants", awards.record_award, terms, [NewLine(each, f"Line {each}", "Goods", _BUDGET) for each in _LINES])


def _uncounted(moves: Sequence[DrawnMove]) -> dict[str, int]:
    """Say how many units of each lot are found before as many were lost."""
    lost: defaultdict[str, int] = defaultdict(int)
    least: dict[str, int] = {}
    for move in moves:
        if LOST in (move.source, move.goal):
            lost[move.lot] += move.units if move.goal == LOST else -move.units
            least[move.lot] = min(least.get(move.lot, 0), lost[move.lot])
    return {lot: -units for lot, units in least.items() if units}


# ---- Lots


def _lots(force: Force, drawn: Workload, uncounted: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Bring every lot in; give its code and its id."""
    bought: defaultdict[tuple[str, str], list[DrawnLot]] = defaultdict(list)
    for lot in drawn.lots:
        if lot.built:
            line = DeliveredLine(lot.item, lot.units + uncounted.get(lot.code, 0))
            made = force.do(
                "storekeeper", deliveries.record_opening_stock, place_code=lot.place, counted_on=lot.day, lines=[line]
            )
            yield lot.code, made[0].id
        else:
            bought[lot.supplier, drawn.paid[lot.code][0][0][-4:]].append(lot)
    for lots in bought.values():
        for start in range(0, len(lots), ROWS_AN_INVOICE):
            yield from _invoice(force, drawn, lots[start : start + ROWS_AN_INVOICE], uncounted)


def _invoice(
    force: Force, drawn: Workload, lots: Sequence[DrawnLot], uncounted: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    """Record one invoice for lots of one supplier and year, apportion its rows, and receive each lot on its day."""
    lines = [DeliveredLine(lot.item, lot.units + uncounted.get(lot.code, 0)) for lot in lots]
    costs = [Pence(lot.units * lot.unit_pence) for lot in lots]
    rows = [
        NewRow(line.item_code, cost, SpendingKind.GOODS, 0, Pence(0), item_code=line.item_code,
               unit_count=line.unit_count)
        for line, cost in zip(lines, costs, strict=True)
    ]  # fmt: skip
    invoice = force.do(
        "grants", spending.record_invoice, rows, supplier_code=lots[0].supplier, number=f"I{lots[0].code}",
        invoiced_on=lots[-1].day, gross_pence=Pence(sum(costs)),
    )  # fmt: skip
    reference = str(invoice.reference)
    names = [str(row.reference) for row in invoice.rows]
    for lot, line, cost, row in zip(lots, lines, costs, names, strict=True):
        force.do("grants", spending.apportion, row, [Share(_line(drawn.paid[lot.code][0][0]), cost)])
        delivery = force.do(
            "storekeeper", spending.receive_against_invoice, reference, [ReceivedRow(row, line)],
            place_code=lot.place, delivery_note=f"DN{lot.code}", received_on=lot.day,
        )  # fmt: skip
        yield lot.code, delivery.lines[0].lot.id


def _line(name: str) -> str:
    """Turn the workload's name of a grant line, "G1-L2-FY23", into the product's: "G1-FY23/L2"."""
    grant, line, year = name.split("-")
    return f"{grant}-{year}/{line}"


# ---- Moves


def _past(
    force: Force, drawn: Workload, uncounted: Mapping[str, int], lot_ids: Mapping[str, int]
) -> Iterator[PastMove]:
    """Turn the moves into past ones, after what was never counted in of each lot."""
    lost = stock.outside(PlaceKind.LOST_AND_FOUND)
    places = force.place_ids | {
        ISSUED: stock.outside(PlaceKind.ISSUED),
        BUILT: stock.outside(PlaceKind.UNMADE),
        LOST: lost,
    }
    for lot in drawn.lots:
        if units := uncounted.get(lot.code, 0):
            at = moment_on(lot.day, time(12))
            yield PastMove(at, f"OLD-{lot.code}", lot_ids[lot.code], places[lot.place], lost, units)
    for move in drawn.moves:
        if move.source in places and move.source != BUILT:
            lot_id, source, goal = lot_ids[move.lot], places[move.source], places[move.goal]
            yield PastMove(_moment(move), f"OLD-{move.seq}", lot_id, source, goal, move.units)


def _moment(move: DrawnMove) -> datetime:
    """Spread the moves of a day over its working hours."""
    return moment_on(move.day, _DAY_BEGINS) + timedelta(seconds=move.seq * 37 % _DAY_LASTS)
