"""What of an award's goods is unused and where, what was claimed of it, and how fast places use things.

Money is kept for the whole organisation, so no scope belongs here. A fixed number of statements, whatever the rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core.dates import day_bounds
from core.db import db
from core.money import Pence, share
from grants.awards.models import Award, GrantLine
from grants.claims.models import SignedRow
from grants.exposure.rules import DAYS_SEEN, Stand, exposed_pence
from grants.position.queries.money import lots_bought, money_behind, rows_behind
from grants.position.rules import UNUSED, whereabouts_of
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.catalogue.models import Item
from inventory.numbering.queries import folded
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, Posting
from inventory.stock.rules import count_of
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

RowLine = tuple[int, int]
"""(spending row id, grant line id)."""


@dataclass
class Exposed:
    """An award's unused goods.

    Attributes:
        units: (item, place) → units that stand there or are on their way there.
        by_line: grant line id → (item, place) → pence claimed and unused.
        claimed: grant line id → pence claimed in all.
    """

    units: dict[Stand, int] = field(default_factory=lambda: defaultdict(int))
    by_line: dict[int, dict[Stand, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    claimed: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def exposed_of(award: Award) -> Exposed:
    """Read what was claimed of an award's goods and is still unused, by line, item and place."""
    ids = {line.id for line in award.lines}
    rows = rows_behind(ids)
    lots = lots_bought(rows)
    money, places, items = money_behind(rows), _places(lots), _items(lots)
    found = Exposed()
    received: dict[RowLine, int] = defaultdict(int)
    unused: dict[RowLine, dict[Stand, int]] = defaultdict(lambda: defaultdict(int))
    for lot in folded(lots):
        for place_id, units in lot.standing.items():
            if not units or place_id not in places:
                continue
            stand = (items[lot.lot_id], places[place_id]) if places[place_id] else None
            parts = [part for part in money.costs[lot.lot_id].parts_of(units) if part.line_id in ids]
            if stand and parts:
                found.units[stand] += count_of(units)
            for part in parts:
                assert part.line_id is not None
                received[part.row_id, part.line_id] += part.pence
                if stand:
                    unused[part.row_id, part.line_id][stand] += part.pence
    _expose(found, received, unused, _claimed(award))
    return found


def _expose(
    found: Exposed, received: dict[RowLine, int], unused: dict[RowLine, dict[Stand, int]], claimed: dict[RowLine, int]
) -> None:
    """Share what was claimed of each row and is unused among the places its goods stand at."""
    for (_, line_id), pence in claimed.items():
        found.claimed[line_id] += pence
    for key, stands in unused.items():
        sign = -1 if received[key] < 0 else 1  # a credit takes from the exposure of what it credits
        there = {stand: sign * pence for stand, pence in stands.items() if sign * pence > 0}
        exposed = exposed_pence(sign * claimed.get(key, 0), sign * received[key], sum(there.values()))
        if not exposed:
            continue
        for stand, part in zip(there, share(Pence(exposed), list(there.values())), strict=True):
            found.by_line[key[1]][stand] += sign * part


def _claimed(award: Award) -> dict[RowLine, int]:
    """Add up what signed claims took of each row; an estimate has no goods that are billed yet."""
    asked = (
        select(SignedRow.row_id, SignedRow.grant_line_id, func.sum(SignedRow.eligible_pence))
        .join(GrantLine, GrantLine.id == SignedRow.grant_line_id)
        .where(GrantLine.award_id == award.id)
        .group_by(SignedRow.row_id, SignedRow.grant_line_id)
    )
    return {(row_id or 0, line_id): int(pence) for row_id, line_id, pence in db.session.execute(asked)}


def _places(lots: Select[int]) -> dict[int, str]:
    """Name the real place at which units count as unused: place id → its name, or nothing where they are used."""
    inside, real = aliased(Place), aliased(Place)
    holding = select(Balance.place_id).where(Balance.lot_id.in_(lots), IN_STOCK)
    asked = (
        select(Place.id, Place.kind, inside.kind, real.name)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(inside, inside.id == BagPosition.place_id)
        .join(real, real.id == func.coalesce(inside.destination_id, inside.id, Place.destination_id, Place.id))
        .where(Place.id.in_(holding) | ~Place.holds_stock)
    )
    return {
        place_id: name if whereabouts_of(kind, bag_stands_in=stands_in) in UNUSED else ""
        for place_id, kind, stands_in, name in db.session.execute(asked)
    }


def _items(lots: Select[int]) -> dict[int, str]:
    asked = select(Lot.id, Item.name).join(Item, Item.id == Lot.item_id).where(Lot.id.in_(lots))
    return {lot_id: str(name) for lot_id, name in db.session.execute(asked)}


def issued_lately(today: date) -> dict[Stand, int]:
    """Add up what places issued today and in the days before, undone issues left out: (item, place) → units.

    It is counted from the day and not from the clock: one day's page and files say the same of the same records.
    """
    since, _ = day_bounds(today - timedelta(days=DAYS_SEEN - 1), today)
    undoing, gone = aliased(Posting), aliased(Place)
    undone = select(undoing.id).where(undoing.corrects_id == Issue.posting_id).exists()
    asked = (
        select(Item.name, Place.name, func.sum(Move.unit_count))
        .join(Issue, Issue.posting_id == Move.posting_id)
        .join(Place, Place.id == Issue.place_id)
        .join(gone, gone.id == Move.to_place_id)
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Issue.issued_at >= since, gone.kind == PlaceKind.ISSUED, ~undone)
        .group_by(Item.name, Place.name)
    )
    return {(item, place): int(count) for item, place, count in db.session.execute(asked)}
