"""What became of a grant line's pence: received, still to come, and where what was received is now.

For each line: apportioned = goods received + goods billed and still to come + services and other spending; and
goods received = on hand + in Go Bags + in transit + issued + written off + missing + sent back. Both hold to the
penny, because every figure is a sum of the same strands (``grants/position/rules.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from core.db import db
from core.money import Pence
from grants.position.queries.money import Money, RowMoney, lots_bought, money_behind, rows_behind
from grants.position.rules import UNUSED, End, Strand, Whereabouts, ends_of, strands, together, whereabouts_of
from inventory.bags.models import Bag, BagPosition
from inventory.numbering.queries import Folded, folded, issued_units
from inventory.numbering.rules import IssuedUnits
from inventory.stock.models import Balance
from inventory.stock.rules import Units
from organisation.places.models import Place
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class LineOutcome:
    """What became of the pence apportioned to one grant line."""

    line_id: int
    apportioned_pence: Pence
    to_come_pence: Pence
    other_pence: Pence
    by_whereabouts: Mapping[Whereabouts, Pence]

    @property
    def received_pence(self) -> Pence:
        """Goods received, wherever they are now."""
        return Pence(sum(self.by_whereabouts.values()))

    @property
    def unused_pence(self) -> Pence:
        """Goods received that have not yet reached anybody."""
        return Pence(sum(self.by_whereabouts[each] for each in UNUSED))


@dataclass(frozen=True)
class Standing:
    """A place units are at, with what that means for them.

    Attributes:
        tag: of the Go Bag, when the place is one.
        stands_in: name of the place a Go Bag stands in; the place's own name otherwise.
    """

    place_id: int
    kind: PlaceKind
    whereabouts: Whereabouts
    stands_in: str
    tag: str | None


@dataclass(frozen=True)
class LineTrail:
    """The strands of a grant line, with what is needed to tell where each one ends."""

    strands: tuple[Strand, ...]
    places: Mapping[int, Standing]
    split: Mapping[int, RowSplit]
    rows: Select[int]
    """Selects the rows behind the line."""

    @property
    def lots(self) -> Select[int]:
        """Selects the lots behind the line."""
        return lots_bought(self.rows)


@dataclass(frozen=True)
class RowSplit:
    """One row's pence on one grant line: how much is goods received, goods to come, or no goods at all."""

    row_id: int
    line_id: int
    apportioned_pence: Pence
    received_pence: Pence
    other_pence: Pence

    @property
    def to_come_pence(self) -> Pence:
        """Goods billed and not yet received."""
        return Pence(self.apportioned_pence - self.received_pence - self.other_pence)


def line_outcomes(line_ids: Collection[int]) -> dict[int, LineOutcome]:
    """Say what became of grant lines' pence: grant line id → outcome. Four statements."""
    return outcomes_of(line_ids, money_behind(rows_behind(line_ids)))


def outcomes_of(line_ids: Collection[int], money: Money) -> dict[int, LineOutcome]:
    """Say what became of grant lines' pence, from the money behind them: grant line id → outcome.

    Units that are in one state wherever they stand are added up at once, so the work grows with lots.
    """
    where: dict[int, dict[Whereabouts, int]] = {line_id: dict.fromkeys(Whereabouts, 0) for line_id in line_ids}
    received: dict[tuple[int, int | None], int] = defaultdict(int)
    lots = lots_bought(rows_behind(line_ids))
    places = standings(lots)
    for lot in folded(lots):
        units = together(lot.standing, {place_id: place.whereabouts for place_id, place in places.items()})
        for whereabouts, there in units.items():
            for part in money.costs[lot.lot_id].parts_of(there):
                if part.line_id in where:
                    where[part.line_id][whereabouts] += part.pence
                    received[part.row_id, part.line_id] += part.pence
    splits = row_splits(line_ids, money.rows.values(), received)
    return {line_id: _outcome(line_id, splits, where[line_id]) for line_id in line_ids}


def _outcome(line_id: int, splits: Iterable[RowSplit], where: Mapping[Whereabouts, int]) -> LineOutcome:
    mine = [split for split in splits if split.line_id == line_id]
    return LineOutcome(
        line_id,
        Pence(sum(split.apportioned_pence for split in mine)),
        Pence(sum(split.to_come_pence for split in mine)),
        Pence(sum(split.other_pence for split in mine)),
        {each: Pence(pence) for each, pence in where.items()},
    )


def line_trail(line_id: int) -> LineTrail:
    """Follow one grant line's pence: its strands, the places they end at, and its rows. Five statements."""
    rows = rows_behind([line_id])
    money, lots = money_behind(rows), lots_bought(rows)
    places, found = standings(lots), folded(lots)
    issued: dict[int, list[IssuedUnits]] = defaultdict(list)
    for each in issued_units(lots, found):
        issued[each.lot_id].append(each)
    strung = [
        strand
        for lot in found
        for strand in strands(money.costs[lot.lot_id], _ends(lot, places, issued[lot.lot_id]))
        if strand.line_id == line_id
    ]
    received: dict[tuple[int, int | None], int] = defaultdict(int)
    for strand in strung:
        received[strand.row_id, line_id] += strand.pence
    splits = row_splits([line_id], money.rows.values(), received)
    return LineTrail(tuple(strung), places, {split.row_id: split for split in splits}, rows)


def _ends(lot: Folded, places: Mapping[int, Standing], issued: Sequence[IssuedUnits]) -> dict[End, Units]:
    """Part a lot's units by their ends; what stands at one place, loose or in whichever Go Bag, is one of two ends."""
    gone = next(place_id for place_id, place in places.items() if place.kind is PlaceKind.ISSUED)
    first = {(places[gone].whereabouts, places[gone].stands_in): gone}
    alike = {
        place_id: first.setdefault((places[place_id].whereabouts, places[place_id].stands_in), place_id)
        for place_id, units in lot.standing.items()
        if units
    }
    carried = [(each.posting_id, each.units) for each in issued]
    return ends_of(together(lot.standing, alike), issued_place_id=gone, issued=carried)


def outcome_of(line_id: int, trail: LineTrail) -> LineOutcome:
    """Say what became of the line whose trail this is."""
    where: dict[Whereabouts, int] = dict.fromkeys(Whereabouts, 0)
    for strand in trail.strands:
        where[trail.places[strand.end.place_id].whereabouts] += strand.pence
    return _outcome(line_id, trail.split.values(), where)


def row_splits(
    line_ids: Collection[int], rows: Iterable[RowMoney], received: Mapping[tuple[int, int | None], int]
) -> list[RowSplit]:
    """Split each row's pence on each line into goods received, goods to come, and no goods at all.

    Args:
        received: (spending row id, grant line id) → pence of goods received.
    """
    return [
        RowSplit(
            row.row_id,
            line_id,
            pence,
            Pence(received.get((row.row_id, line_id), 0)),
            Pence(0) if row.goods else pence,
        )
        for row in rows
        for line_id, pence in row.shares.items()
        if line_id in line_ids
    ]


def standings(lots: Select[int]) -> dict[int, Standing]:
    """Say what the places mean at which units of lots are, every place outside included: place id → standing."""
    inside = aliased(Place)
    holding = select(Balance.place_id).where(Balance.lot_id.in_(lots), Balance.unit_count > 0)
    asked = (
        select(Place.id, Place.kind, Place.name, Bag.tag, inside.kind, inside.name)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(inside, inside.id == BagPosition.place_id)
        .where(Place.id.in_(holding) | ~Place.holds_stock)
    )
    return {
        place_id: Standing(place_id, kind, whereabouts_of(kind, bag_stands_in=stands_in), inner or name, tag)
        for place_id, kind, name, tag, stands_in, inner in db.session.execute(asked)
    }


__all__ = [
    "LineOutcome",
    "LineTrail",
    "RowSplit",
    "Standing",
    "line_outcomes",
    "line_trail",
    "outcome_of",
    "outcomes_of",
    "row_splits",
    "standings",
]
