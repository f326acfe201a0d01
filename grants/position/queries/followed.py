"""What the pages of a followed pound need besides pence: lots by name, and the issues of bags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, joinedload

from core.dates import local_day
from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.position.queries.costs import ThingPart, came_of, parts_in_words
from grants.position.queries.money import lot_costs
from grants.position.queries.places import standings
from grants.position.rules import OUTSIDE, LotCost, Whereabouts
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.catalogue.models import Item
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.numbering.models import IssuedRuns
from inventory.numbering.queries import folded
from inventory.stock.models import Lot, Posting
from inventory.stock.rules import Units, count_of
from organisation.places.models import Place

_CHUNK = 500


@dataclass(frozen=True)
class LotFacts:
    """A lot's code and what it is of."""

    code: str
    item: str


@dataclass(frozen=True)
class IssueOfBag:
    """The issue that counts for a bag: its newest that was not undone."""

    slip: str
    place: str
    issued_on: date


@dataclass(frozen=True)
class BagAt:
    """A Go Bag, where it is, and the issue that counts."""

    bag: Bag
    place: str
    issue: IssueOfBag | None


def lots_named(lots: Select[int]) -> dict[int, LotFacts]:
    """Name lots: id → code and item."""
    asked = select(Lot.id, Lot.code, Item.name).join(Item, Item.id == Lot.item_id).where(Lot.id.in_(lots))
    return {lot_id: LotFacts(code, name) for lot_id, code, name in db.session.execute(asked)}


def issues_of_bags(tags: Collection[str]) -> dict[str, IssueOfBag]:
    """Give the issue that counts for each bag: tag → issue."""
    undoing = aliased(Posting)
    undone = select(undoing.id).where(undoing.corrects_id == Issue.posting_id).exists()
    newest = (
        select(func.max(Issue.id))
        .join(Bag, Bag.id == Issue.bag_id)
        .where(Bag.tag.in_(tags), ~undone)
        .group_by(Issue.bag_id)
    )
    asked = (
        select(Bag.tag, Issue.slip, Place.name, Issue.issued_at)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(Place, Place.id == Issue.place_id)
        .where(Issue.id.in_(newest))
    )
    return {tag: IssueOfBag(slip, place, local_day(at)) for tag, slip, place, at in db.session.execute(asked)}


@dataclass(frozen=True)
class IssuedBag:
    """A bag as one posting issued it."""

    tag: str
    issue: IssueOfBag


def bags_issued(lots: Select[int], posting_ids: Collection[int]) -> dict[int, IssuedBag]:
    """Give the bags that postings issued with units of any of the lots: posting id → bag and issue.

    The kept issues find all of them in one statement; those of lots that are not numbered yet are asked for apart.
    """
    found = _issued(Issue.posting_id.in_(select(IssuedRuns.posting_id).where(IssuedRuns.lot_id.in_(lots))))
    others = sorted(set(posting_ids) - found.keys())
    for start in range(0, len(others), _CHUNK):
        found |= _issued(Issue.posting_id.in_(others[start : start + _CHUNK]))
    return {posting_id: bag for posting_id, bag in found.items() if posting_id in posting_ids}


def _issued(wanted: ColumnElement[bool]) -> dict[int, IssuedBag]:
    asked = (
        select(Issue.posting_id, Bag.tag, Issue.slip, Place.name, Issue.issued_at)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(Place, Place.id == Issue.place_id)
        .where(wanted)
        .order_by(Issue.posting_id)
    )
    return {
        posting_id: IssuedBag(tag, IssueOfBag(slip, place, local_day(at)))
        for posting_id, tag, slip, place, at in db.session.execute(asked)
    }


def bag_at(tag: str) -> BagAt:
    """Find a Go Bag by its tag, with where it is now.

    Raises:
        NotFound: there is none.
    """
    asked = (
        select(Bag, Place.name)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(Place, Place.id == BagPosition.place_id)
        .where(Bag.tag == tag)
        .options(joinedload(Bag.recipe_version))
    )
    found = db.session.execute(asked).first()
    if found is None:
        raise NotFound
    return BagAt(found[0], found[1] or "", issues_of_bags([tag]).get(tag))


@dataclass(frozen=True)
class LotEnd:
    """Units of a lot at one place (or in Go Bags there), and what they cost."""

    whereabouts: Whereabouts
    place: str
    unit_count: int
    pence: Pence


@dataclass(frozen=True)
class LotView:
    """A lot with its cost, who paid, and where its units are; the ends add up to the cost."""

    code: str
    item: str
    delivery: str
    unit_count: int
    billed_count: int
    pence: Pence
    parts: tuple[ThingPart, ...]
    ends: tuple[LotEnd, ...]
    came: str


def followed_lot(code: str) -> LotView:
    """Follow a lot by its code.

    Raises:
        NotFound: there is none.
    """
    asked = select(Lot, Delivery.reference).where(Lot.code == code).options(joinedload(Lot.item))
    asked = asked.outerjoin(DeliveryLine, DeliveryLine.id == Lot.delivery_line_id)
    found = db.session.execute(asked.outerjoin(Delivery, Delivery.id == DeliveryLine.delivery_id)).first()
    if found is None:
        raise NotFound
    lot, delivery = found
    cost, (numbering,) = lot_costs([lot.id])[lot.id], folded([lot.id])
    return LotView(
        code=lot.code,
        item=lot.item.name,
        delivery=delivery or "",
        unit_count=lot.unit_count,
        billed_count=cost.billed_count,
        pence=cost.total_pence,
        parts=parts_in_words(cost.parts_of(cost.all_units)),
        ends=tuple(_ends(cost, numbering.standing)),
        came=came_of(lot.source, cost.billed_count, lot.unit_count),
    )


def _ends(cost: LotCost, standing: Mapping[int, Units]) -> list[LotEnd]:
    """Add a lot's units up by what has become of them and where; issued ones together."""
    held = {place_id: units for place_id, units in standing.items() if units}
    places = standings(select(Lot.id).where(Lot.id == cost.lot_id))
    total: dict[tuple[Whereabouts, str], tuple[int, int]] = {}
    for place_id, units in held.items():
        place = places[place_id]
        key = (place.whereabouts, "" if place.whereabouts in OUTSIDE else place.stands_in)
        count, pence = total.get(key, (0, 0))
        total[key] = (count + count_of(units), pence + cost.pence_of(units))
    order = list(Whereabouts)
    keys = sorted(total, key=lambda each: (order.index(each[0]), each[1]))
    return [LotEnd(*key, total[key][0], Pence(total[key][1])) for key in keys]
