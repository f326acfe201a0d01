"""What became of a grant line's pence: received, still to come, and where what was received is now.

For each line: apportioned = goods received + goods billed and still to come + services and other spending; and
goods received = on hand + in Go Bags + in transit + issued + written off + missing + sent back. Both hold to the
penny, because every figure is a sum of the same strands (``grants/position/rules.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from core.db import db
from core.money import Pence
from grants.position.queries.costs import ends_of_lots, lot_costs
from grants.position.rules import UNUSED, Strand, Whereabouts, strands, whereabouts_of
from grants.spending import queries as spending
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow
from inventory.bags.models import Bag, BagPosition
from inventory.stock.models import Lot
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
    whereabouts: Whereabouts
    stands_in: str
    tag: str | None


@dataclass(frozen=True)
class LineTrail:
    """The strands of grant lines, with what is needed to tell where each one ends."""

    strands: tuple[Strand, ...]
    places: Mapping[int, Standing]
    split: Mapping[int, RowSplit]


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
    """Say what became of grant lines' pence: grant line id → outcome."""
    found = all_strands(line_ids)
    places = standings({strand.end.place_id for strand in found})
    where: dict[int, dict[Whereabouts, int]] = {line_id: dict.fromkeys(Whereabouts, 0) for line_id in line_ids}
    for strand in found:
        if strand.line_id is not None:
            where[strand.line_id][places[strand.end.place_id].whereabouts] += strand.pence
    splits = row_splits(line_ids, found)
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
    """Follow one grant line's pence: its strands, the places they end at, and its rows."""
    found = [strand for strand in all_strands([line_id]) if strand.line_id == line_id]
    places = standings({strand.end.place_id for strand in found})
    return LineTrail(tuple(found), places, {split.row_id: split for split in row_splits([line_id], found)})


def outcome_of(line_id: int, trail: LineTrail) -> LineOutcome:
    """Say what became of the line whose trail this is."""
    where: dict[Whereabouts, int] = dict.fromkeys(Whereabouts, 0)
    for strand in trail.strands:
        where[trail.places[strand.end.place_id].whereabouts] += strand.pence
    return _outcome(line_id, trail.split.values(), where)


def all_strands(line_ids: Collection[int]) -> list[Strand]:
    """List the strands that grant lines paid, of every lot their spending is behind."""
    wanted = set(line_ids)
    lots = lots_paid_by(wanted)
    costs, ends = lot_costs(lots), ends_of_lots(lots)
    return [
        strand for lot_id, cost in costs.items() for strand in strands(cost, ends[lot_id]) if strand.line_id in wanted
    ]


def lots_paid_by(line_ids: Collection[int]) -> list[int]:
    """List the lots behind which a row, or a credit of it, is apportioned to any of the lines."""
    credit = aliased(SpendingRow)
    paid = select(Apportionment.row_id).where(Apportionment.grant_line_id.in_(line_ids))
    credited = select(credit.credits_row_id).where(credit.id.in_(paid), credit.credits_row_id.is_not(None))
    asked = (
        select(Lot.id)
        .join(BilledDelivery, BilledDelivery.delivery_line_id == Lot.delivery_line_id)
        .where(spending.links_stand())
        .where(or_(BilledDelivery.row_id.in_(paid), BilledDelivery.row_id.in_(credited)))
        .distinct()
    )
    return sorted(db.session.scalars(asked))


def row_splits(line_ids: Collection[int], found: Iterable[Strand]) -> list[RowSplit]:
    """Split each row's pence on each line into goods received, goods to come, and no goods at all."""
    received: dict[tuple[int, int | None], int] = defaultdict(int)
    for strand in found:
        received[strand.row_id, strand.line_id] += strand.pence
    given = shares_on_lines(line_ids)
    goods = goods_rows({row_id for row_id, _ in given})
    return [
        RowSplit(
            row_id,
            line_id,
            pence,
            Pence(received[row_id, line_id]),
            Pence(0) if row_id in goods else pence,
        )
        for (row_id, line_id), pence in given.items()
    ]


def shares_on_lines(line_ids: Collection[int]) -> dict[tuple[int, int], Pence]:
    """Add up apportionments: (spending row id, grant line id) → pence, those that came to nothing left out."""
    asked = select(Apportionment.row_id, Apportionment.grant_line_id, Apportionment.pence)
    total: dict[tuple[int, int], int] = defaultdict(int)
    for row_id, line_id, pence in db.session.execute(asked.where(Apportionment.grant_line_id.in_(line_ids))):
        total[row_id, line_id] += pence
    return {key: Pence(pence) for key, pence in total.items() if pence}


def goods_rows(row_ids: Collection[int]) -> set[int]:
    """Give those of the rows that are goods, or credit goods."""
    credited = aliased(SpendingRow)
    asked = (
        select(SpendingRow.id)
        .outerjoin(credited, credited.id == SpendingRow.credits_row_id)
        .where(SpendingRow.id.in_(row_ids))
        .where(or_(SpendingRow.item_id.is_not(None), credited.item_id.is_not(None)))
    )
    return set(db.session.scalars(asked))


def standings(place_ids: Collection[int]) -> dict[int, Standing]:
    """Say what places mean for the units at them: place id → standing."""
    inside = aliased(Place)
    asked = (
        select(Place.id, Place.kind, Place.name, Bag.tag, inside.kind, inside.name)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(inside, inside.id == BagPosition.place_id)
        .where(Place.id.in_(place_ids))
    )
    return {
        place_id: Standing(place_id, _whereabouts(kind, stands_in), inner or name, tag)
        for place_id, kind, name, tag, stands_in, inner in db.session.execute(asked)
    }


def _whereabouts(kind: PlaceKind, stands_in: PlaceKind | None) -> Whereabouts:
    return whereabouts_of(kind, bag_stands_in=stands_in)


__all__ = [
    "LineOutcome",
    "LineTrail",
    "RowSplit",
    "Standing",
    "all_strands",
    "line_outcomes",
    "line_trail",
    "outcome_of",
    "row_splits",
    "standings",
]
