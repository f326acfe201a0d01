"""What became of a grant line's pence: received, still to come, and where what was received is now.

For each line: apportioned = goods received + goods billed and still to come + services and other spending; and
goods received = on hand + in Go Bags + in transit + issued + written off + missing + sent back. Both hold to the
penny, because every figure is a sum of the same strands (``grants/position/rules.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select

from core.money import Pence
from grants.position.queries.money import RowMoney, lots_bought, money_behind, rows_behind
from grants.position.queries.places import Standing, standings
from grants.position.queries.sums import LineSums, booked_by_line, line_sums
from grants.position.rules import UNUSED, End, Strand, Whereabouts, ends_of, strands, together
from inventory.numbering.queries import Folded, folded, issued_units
from inventory.numbering.rules import IssuedUnits
from inventory.stock.rules import Units
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
    """One row's pence on one grant line: how much is goods received, goods to come, or no goods at all.

    Attributes:
        ledger_pence: what of it the finance ledger books.
    """

    row_id: int
    line_id: int
    apportioned_pence: Pence
    received_pence: Pence
    other_pence: Pence
    ledger_pence: Pence

    @property
    def to_come_pence(self) -> Pence:
        """Goods billed and not yet received."""
        return Pence(self.apportioned_pence - self.received_pence - self.other_pence)


def line_outcomes(line_ids: Collection[int]) -> dict[int, LineOutcome]:
    """Say what became of grant lines' pence: grant line id → outcome. At most four statements."""
    return {line_id: outcome_from(line_id, sums) for line_id, sums in line_sums(line_ids).items()}


def outcome_from(line_id: int, sums: LineSums) -> LineOutcome:
    """Say what became of a line's pence from its sums."""
    return LineOutcome(
        line_id,
        Pence(sums.apportioned_pence),
        Pence(sums.to_come_pence),
        Pence(sums.other_pence),
        {each: Pence(pence) for each, pence in sums.by_whereabouts.items()},
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
    splits = trail.split.values()
    return LineOutcome(
        line_id,
        Pence(sum(split.apportioned_pence for split in splits)),
        Pence(sum(split.to_come_pence for split in splits)),
        Pence(sum(split.other_pence for split in splits)),
        {each: Pence(pence) for each, pence in where.items()},
    )


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
            booked[line_id],
        )
        for row in rows
        for booked in [booked_by_line(row)]
        for line_id, pence in row.shares.items()
        if line_id in line_ids
    ]


__all__ = [
    "LineOutcome",
    "LineTrail",
    "RowSplit",
    "line_outcomes",
    "line_trail",
    "outcome_from",
    "outcome_of",
    "row_splits",
]
