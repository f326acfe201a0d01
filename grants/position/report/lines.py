"""One grant line followed to the end: invoices, lots, places and issued Go Bags, in pence that add up.

Every table of the page is a sum of the same strands, so each adds up to the same figure; goods that have not come
and spending that is no goods stand beside them under their own names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.money import Pence
from grants.awards.models import GrantLine
from grants.position import queries
from grants.position.queries.costs import rows_and_credits
from grants.position.queries.followed import IssuedBag, LotFacts, bags_issued, lots_named
from grants.position.queries.outcomes import LineOutcome, RowSplit
from grants.position.queries.places import Standing
from grants.position.report.flow import IN_PLACE, Flow, flow_of
from grants.position.rules import OUTSIDE, Strand, Whereabouts
from grants.spending.models import SpendingRow

Key = TypeVar("Key", bound=Hashable)

TO_COME, NO_GOODS = "Still to come", "Services and other"


@dataclass(frozen=True)
class FollowedDocument:
    """An invoice's (or other spending's) pence on the line, its rows together.

    Attributes:
        reference: of the invoice, or of the spending row that has none.
    """

    reference: str
    is_invoice: bool
    supplier: str
    number: str
    dated_on: date
    words: str
    apportioned_pence: Pence
    received_pence: Pence
    ledger_pence: Pence


@dataclass(frozen=True)
class FollowedLot:
    """A lot's pence on the line, and how many of its units they are in."""

    code: str
    item: str
    unit_count: int
    pence: Pence


@dataclass(frozen=True)
class FollowedPlace:
    """The line's pence at one place or in one state."""

    whereabouts: Whereabouts
    place: str
    unit_count: int
    pence: Pence


@dataclass(frozen=True)
class FollowedBag:
    """An issued Go Bag and the line's pence in it."""

    tag: str
    slip: str
    place: str
    issued_on: date
    pence: Pence


@dataclass(frozen=True)
class FollowedLine:
    """A grant line's pence, followed to where they are."""

    outcome: LineOutcome
    documents: tuple[FollowedDocument, ...]
    lots: tuple[FollowedLot, ...]
    places: tuple[FollowedPlace, ...]
    bags: tuple[FollowedBag, ...]
    flow: Flow

    @property
    def ledger_pence(self) -> Pence:
        """What the finance ledger books of the documents."""
        return Pence(sum(document.ledger_pence for document in self.documents))

    @property
    def lots_pence(self) -> Pence:
        """What the lots add up to: the goods received."""
        return Pence(sum(lot.pence for lot in self.lots))

    @property
    def places_pence(self) -> Pence:
        """What the places add up to: the same."""
        return Pence(sum(place.pence for place in self.places))

    @property
    def bags_pence(self) -> Pence:
        """What the issued Go Bags add up to."""
        return Pence(sum(bag.pence for bag in self.bags))


def freeze_line(line: GrantLine) -> FollowedLine:
    """Read what became of a grant line's pence and freeze it."""
    trail = queries.line_trail(line.id)
    rows, lots = rows_and_credits(trail.rows), lots_named(trail.lots)
    postings = {strand.end.posting_id for strand in trail.strands if strand.end.posting_id is not None}
    issued = bags_issued(trail.lots, postings)
    return FollowedLine(
        outcome=queries.outcome_of(line.id, trail),
        documents=tuple(_documents(trail.split.values(), rows)),
        lots=tuple(_lots(trail.strands, lots)),
        places=tuple(_places(trail.strands, trail.places)),
        bags=tuple(_bags(trail.strands, issued)),
        flow=_flow(trail.strands, trail.split.values(), trail.places, lots, rows),
    )


def _documents(splits: Iterable[RowSplit], rows: Mapping[int, SpendingRow]) -> list[FollowedDocument]:
    together: dict[str, list[RowSplit]] = defaultdict(list)
    for split in splits:
        row = rows[split.row_id]
        together[row.invoice.reference if row.invoice else row.reference].append(split)
    found = [_document(reference, mine, rows) for reference, mine in together.items()]
    return sorted(found, key=lambda each: (each.dated_on, each.reference))


def _document(reference: str, splits: Sequence[RowSplit], rows: Mapping[int, SpendingRow]) -> FollowedDocument:
    first = rows[splits[0].row_id]
    invoice = first.invoice
    return FollowedDocument(
        reference=reference,
        is_invoice=invoice is not None,
        supplier=invoice.supplier.name if invoice else first.kind.capitalize(),
        number=invoice.number if invoice else "",
        dated_on=first.incurred_on,
        words=first.description if len(splits) == 1 else f"{len(splits)} rows",
        apportioned_pence=Pence(sum(split.apportioned_pence for split in splits)),
        received_pence=Pence(sum(split.received_pence for split in splits)),
        ledger_pence=Pence(sum(split.ledger_pence for split in splits)),
    )


def _units(strands: Sequence[Strand]) -> int:
    """Count units once, though a row and its credit, or several rows, may pay for the same ones."""
    return sum({(strand.lot_id, strand.end): strand.unit_count for strand in strands}.values())


def _together(strands: Sequence[Strand], key: Callable[[Strand], Key]) -> dict[Key, list[Strand]]:
    found: dict[Key, list[Strand]] = defaultdict(list)
    for strand in strands:
        found[key(strand)].append(strand)
    return found


def _lots(strands: Sequence[Strand], lots: Mapping[int, LotFacts]) -> list[FollowedLot]:
    together = _together(strands, lambda strand: strand.lot_id)
    found = [
        FollowedLot(lots[lot_id].code, lots[lot_id].item, _units(mine), _sum(mine)) for lot_id, mine in together.items()
    ]
    return sorted(found, key=lambda lot: lot.code)


def _sum(strands: Sequence[Strand]) -> Pence:
    return Pence(sum(strand.pence for strand in strands))


def _places(strands: Sequence[Strand], places: Mapping[int, Standing]) -> list[FollowedPlace]:
    """Add up by what has become of the units and the place; outside, the place says nothing more."""

    def key(strand: Strand) -> tuple[Whereabouts, str]:
        place = places[strand.end.place_id]
        return place.whereabouts, _place_name(place)

    order = list(Whereabouts)
    found = [FollowedPlace(*where, _units(mine), _sum(mine)) for where, mine in _together(strands, key).items()]
    return sorted(found, key=lambda each: (order.index(each.whereabouts), each.place))


def _place_name(place: Standing) -> str:
    return "" if place.whereabouts in OUTSIDE else place.stands_in


def _bags(strands: Sequence[Strand], issued: Mapping[int, IssuedBag]) -> list[FollowedBag]:
    together = _together(strands, lambda strand: strand.end.posting_id)
    found = [
        FollowedBag(bag.tag, bag.issue.slip, bag.issue.place, bag.issue.issued_on, _sum(together[posting_id]))
        for posting_id, bag in issued.items()
    ]
    return sorted(found, key=lambda bag: (bag.issued_on, bag.tag), reverse=True)


def _flow(
    strands: Sequence[Strand],
    splits: Iterable[RowSplit],
    places: Mapping[int, Standing],
    lots: Mapping[int, LotFacts],
    rows: Mapping[int, SpendingRow],
) -> Flow:
    """Draw suppliers, items and ends; what has not come, or is no goods, ends under its own name."""
    paths: dict[tuple[str, ...], int] = defaultdict(int)
    for strand in strands:
        paths[_from(rows[strand.row_id]), lots[strand.lot_id].item, _end(places[strand.end.place_id])] += strand.pence
    for split in splits:
        row = rows[split.row_id]
        bought = (row.credited or row).item
        name = bought.name if bought else row.description
        paths[_from(row), name, TO_COME] += split.to_come_pence
        paths[_from(row), name, NO_GOODS] += split.other_pence
    return flow_of(paths, columns=3)


def _from(row: SpendingRow) -> str:
    return row.invoice.supplier.name if row.invoice else row.kind.capitalize()


def _end(place: Standing) -> str:
    match place.whereabouts:
        case Whereabouts.ON_HAND | Whereabouts.IN_BAGS as state:
            return f"{state.words}{IN_PLACE}{place.stands_in}"
        case state:
            return state.words
