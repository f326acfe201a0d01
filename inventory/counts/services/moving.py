"""Turning the differences of a count into moves: where a loss goes, and where a gain comes from.

A loss goes to *lost and found*, or to *written off* where it was thrown away. A gain is first what was lost here
before, which goes back to its own lot, so that each unit keeps its number and its pence; what is more than was ever
lost opens a lot of its own, found on a count, with numbers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from core.dates import local_day
from core.db import db
from core.errors import NotEnoughStock, RuleBroken
from core.references import next_reference
from inventory.bags import queries as bags
from inventory.bags.models import Bag, BagMove
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Item, KitRecipe
from inventory.catalogue.rules import PRINTED
from inventory.counts.models import StockCount
from inventory.counts.queries import Extra, Review
from inventory.counts.queries.lost import lost_here
from inventory.counts.rules import CountReason, Decision, check_loss
from inventory.phones import queries as phones
from inventory.phones.models import SerialUnit
from inventory.phones.rules import NUMBER_OF
from inventory.stock import queries as stock
from inventory.stock.models import Lot
from inventory.stock.queries import outside
from inventory.stock.rules import BagMovement, LotSource, Movement
from organisation.places.models import Place
from organisation.places.rules import PlaceKind


@dataclass
class Moves:
    """What a count moves.

    Attributes:
        unmoved: position → what was seen and stays where the ledger has it, in words.
        facts: position, lot code and units, for the audit leaf; less than nothing for a loss.
    """

    movements: list[Movement] = field(default_factory=list)
    bag_movements: list[BagMovement] = field(default_factory=list)
    unmoved: dict[int, list[str]] = field(default_factory=dict)
    facts: list[list[object]] = field(default_factory=list)

    @property
    def left_place_ids(self) -> set[int]:
        """Places that Go Bags left."""
        return {move.from_place_id for move in self.bag_movements}

    def add(self, position: int, lot: Lot, move: Movement, *, gain: bool) -> None:
        """Add one move of a lot."""
        self.movements.append(move)
        self.facts.append([position, lot.code, move.unit_count if gain else -move.unit_count])


def moves_of(
    count: StockCount, reviews: Mapping[int, Review], chosen: Mapping[int, Decision], *, at: datetime
) -> Moves:
    """Turn every difference into moves.

    Raises:
        RuleBroken: lots do not make up a loss, or a found lot lacks its expiry or edition.
    """
    moves = Moves()
    gains = [each.line.item_id for each in reviews.values() if each.difference.over_count and each.line.item_id]
    lost = lost_here(count.place_id, gains)
    for position, each in sorted(reviews.items()):
        if not each.difference.any:
            continue
        decision = chosen[position]
        if each.line.is_bags:
            _bags(moves, count, each, decision, at=at)
        elif each.line.by_number:
            _units(moves, count, each, decision)
        elif each.difference.short_count:
            _loss(moves, count, each, decision)
        else:
            _gain(moves, count, each, decision, lost.get(each.line.item_id or 0, {}))
    return moves


def _goes_to(decision: Decision) -> int:
    """Give the place a loss goes to."""
    thrown_away = decision.reason is CountReason.THROWN_AWAY
    return outside(PlaceKind.WRITTEN_OFF if thrown_away else PlaceKind.LOST_AND_FOUND)


def _loss(moves: Moves, count: StockCount, each: Review, decision: Decision) -> None:
    position, short = each.line.position, each.difference.short_count
    units = dict(decision.lots) if decision.lots is not None else each.proposed
    if sum(lot.unit_count for lot in each.lots) < short:
        there = sum(lot.unit_count for lot in each.lots)
        raise RuleBroken(
            f"{each.line.name}: {short:,} were short when it was seen and only {there:,} are there now. "
            "Ask for it to be counted again",
            f"reason-{position}",
        )
    check_loss(units, each.there, short_count=short, name=each.line.name, field=f"lots-{position}")
    lots = {lot.code: lot for lot in db.session.scalars(select(Lot).where(Lot.code.in_(units)))}
    for code, lost_count in sorted(units.items()):
        if lost_count:
            move = Movement(lots[code].id, count.place_id, _goes_to(decision), lost_count)
            moves.add(position, lots[code], move, gain=False)


def _gain(moves: Moves, count: StockCount, each: Review, decision: Decision, lost: Mapping[int, int]) -> None:
    """Bring units back to the lots they were lost from; open a lot for what is more."""
    left, came_from = each.difference.over_count, outside(PlaceKind.LOST_AND_FOUND)
    if decision.reason is not CountReason.ARRIVED:
        for lot_id, units in lost.items():
            back = min(units, left)
            if back:
                move = Movement(lot_id, came_from, count.place_id, back)
                moves.add(each.line.position, db.session.get_one(Lot, lot_id), move, gain=True)
                left -= back
    if left:
        lot = _found_lot(each, decision, left)
        moves.add(each.line.position, lot, Movement(lot.id, came_from, count.place_id, left), gain=True)


def _found_lot(each: Review, decision: Decision, unit_count: int) -> Lot:
    """Open a lot for units nobody knew of.

    Raises:
        RuleBroken: the expiry or the edition that its item needs is missing, or is out of place.
    """
    item, position = each.line.item, each.line.position
    assert item is not None
    if item.expires != (decision.expires_on is not None):
        words = "Enter the expiry date of the {} that were found" if item.expires else "{} does not expire"
        raise RuleBroken(words.format(item.name), f"expires-{position}")
    lot = Lot(
        code=next_reference("L"),
        item_id=item.id,
        source=LotSource.FOUND,
        unit_count=unit_count,
        expires_on=decision.expires_on,
        edition_id=_edition(item, decision.edition_number, position),
    )
    db.session.add(lot)
    db.session.flush()
    return lot


def _edition(item: Item, number: int | None, position: int) -> int | None:
    if item.kind not in PRINTED:
        return None
    editions = {edition.number: edition.id for edition in catalogue.editions_of(item.id)}
    if number not in editions:
        raise RuleBroken(f"Select the edition printed on the {item.name} that was found", f"edition-{position}")
    return editions[number]


def _units(moves: Moves, count: StockCount, each: Review, decision: Decision) -> None:
    """Move numbered units: those missing out, those found here from wherever the ledger had them."""
    position, goal = each.line.position, _goes_to(decision)
    units = {unit.id: unit for unit in _by_id([unit_id for _, unit_id in each.missing])}
    for _, unit_id in each.missing:
        lot = units[unit_id].lot
        moves.add(position, lot, Movement(lot.id, count.place_id, goal, 1, (unit_id,)), gain=False)
    for extra in each.extras:
        if extra.came_from_id is not None and extra.lot_id is not None and extra.unit_id is not None:
            move = Movement(extra.lot_id, extra.came_from_id, count.place_id, 1, (extra.unit_id,))
            moves.add(position, db.session.get_one(Lot, extra.lot_id), move, gain=True)
        elif not extra.new:
            moves.unmoved.setdefault(position, []).append(f"•••• {extra.number[-4:]}: {extra.where}")
    _new_units(moves, count, each, decision)


def _by_id(unit_ids: list[int]) -> list[SerialUnit]:
    return list(db.session.scalars(select(SerialUnit).where(SerialUnit.id.in_(unit_ids))))


def _new_units(moves: Moves, count: StockCount, each: Review, decision: Decision) -> None:
    """Open a lot for numbers nobody had recorded."""
    numbers = [extra.number for extra in each.extras if extra.new]
    if not numbers or each.line.item is None:
        return
    lot = _found_lot(each, decision, len(numbers))
    kind = NUMBER_OF[each.line.item.kind]
    units = [SerialUnit(lot_id=lot.id, number_kind=kind, number=number) for number in numbers]
    db.session.add_all(units)
    db.session.flush()
    # A unit never seen before cannot come from where lost ones are: the database lets it begin with suppliers alone.
    came_from = outside(PlaceKind.SUPPLIERS)
    move = Movement(lot.id, came_from, count.place_id, len(units), tuple(unit.id for unit in units))
    moves.add(each.line.position, lot, move, gain=True)


def _bags(moves: Moves, count: StockCount, each: Review, decision: Decision, *, at: datetime) -> None:
    """Move Go Bags: one that is gone takes its contents along, one that is found brings them back."""
    position, goal = each.line.position, _goes_to(decision)
    missing = [bag_id for _, bag_id in each.missing]
    contents = bags.contents_of(missing, on=local_day(at))
    for bag in db.session.scalars(select(Bag).where(Bag.id.in_(missing)).order_by(Bag.id)):
        moves.bag_movements.append(BagMovement(bag.id, count.place_id, goal))
        units = phones.units_standing(bag.place_id, [each.lot_id for each in contents.get(bag.id, [])])
        for content in contents.get(bag.id, []):
            numbered = tuple(unit.id for unit in units.get(content.lot_id, []))
            move = Movement(content.lot_id, bag.place_id, goal, content.unit_count, numbered)
            moves.add(position, db.session.get_one(Lot, content.lot_id), move, gain=False)
    for extra in each.extras:
        if extra.bag_id is None or extra.came_from_id is None:
            moves.unmoved.setdefault(position, []).append(f"{extra.number}: {extra.where}")
            continue
        moves.bag_movements.append(BagMovement(extra.bag_id, extra.came_from_id, count.place_id))
        _contents_back(moves, position, extra)


def _contents_back(moves: Moves, position: int, extra: Extra) -> None:
    """Put back into a found bag what left the books with it."""
    came_from = db.session.get_one(Place, extra.came_from_id)
    if came_from.kind not in (PlaceKind.LOST_AND_FOUND, PlaceKind.WRITTEN_OFF) or extra.bag_id is None:
        return
    inside = bags.inside_of(extra.bag_id)
    lost_by = db.session.scalar(
        select(func.max(BagMove.posting_id)).where(BagMove.bag_id == extra.bag_id, BagMove.to_place_id == came_from.id)
    )
    for move, units in bags.moves_of_posting(lost_by or 0):
        if move.from_place_id == inside and move.to_place_id == came_from.id:
            back = Movement(move.lot_id, came_from.id, inside, move.unit_count, units)
            moves.add(position, db.session.get_one(Lot, move.lot_id), back, gain=True)


def demand_bags_for_promises(left_place_ids: set[int]) -> None:
    """Refuse a count that leaves a place with fewer Go Bags of a recipe than it has promised.

    Keeps: INV-16 (promised never exceeds on hand).

    Raises:
        NotEnoughStock: with the figures and what to do first.
    """
    for left_id in sorted(left_place_ids):
        standing = stock.bags_standing(left_id)
        for recipe_id, kept in stock.kept_bags(left_id).items():
            if standing.get(recipe_id, 0) < kept.count:
                recipe = db.session.get_one(KitRecipe, recipe_id)
                raise NotEnoughStock(
                    f"Only {standing.get(recipe_id, 0)} of {recipe.name} would be left and {kept.words}. "
                    f"{kept.way_out}. Nothing has been recorded"
                )
