"""What a store can promise and send: free of promises, in date, earliest expiry first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select

from core.access import Scope
from core.db import db
from inventory.bags import queries as bags
from inventory.bags.queries import BagView
from inventory.bags.rules import Readiness
from inventory.catalogue.models import KitRecipe
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.recalls.queries import holds_on, not_held
from inventory.recalls.rules import left_out
from inventory.requests.models import RestockRequest
from inventory.requests.rules import Course
from inventory.stock.models import Balance, Lot
from inventory.stock.queries import LotHeld, lots_held, promised


@dataclass(frozen=True)
class StockFree:
    """What a store has of one thing, and how much of it can still be promised.

    Attributes:
        there_count: on hand, in date, on no hold (Go Bags: ready ones).
        promised_count: of those, promised already.
    """

    there_count: int
    promised_count: int

    @property
    def free_count(self) -> int:
        """What can still be promised."""
        return max(0, self.there_count - self.promised_count)


@dataclass(frozen=True)
class PickLine:
    """What can be picked for one request line.

    Attributes:
        position: of the request line.
        wanted_count: still to be sent.
        lots: those at the store in date and on no hold, earliest expiry first.
        proposed: lot code → units proposed.
        bags: ready Go Bags of the recipe at the store, the first to be used up first.
        proposed_tags: tags of the Go Bags proposed.
        serials: lot code → numbers of the units standing loose at the store.
        left_out: what stands there and may not be used, because of a hold or recall, each as a sentence.
    """

    position: int
    wanted_count: int
    lots: list[LotHeld] = field(default_factory=list)
    proposed: dict[str, int] = field(default_factory=dict)
    bags: list[BagView] = field(default_factory=list)
    proposed_tags: list[str] = field(default_factory=list)
    serials: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def tags(self) -> list[str]:
        """Tags of the Go Bags that can be picked."""
        return [view.tag for view in self.bags]


def free_at(
    place_id: int, *, item_ids: Collection[int], recipe_ids: Collection[int], on: date, scope: Scope
) -> tuple[dict[int, StockFree], dict[int, StockFree]]:
    """Tell what is free at a store: item id → stock, recipe id → Go Bags."""
    kept, kept_bags = promised(place_id)
    there = _in_date(place_id, item_ids, on) if item_ids else {}
    items = {item: StockFree(there.get(item, 0), kept.get(item, 0)) for item in item_ids}
    if not recipe_ids:
        return items, {}
    standing = _by_recipe(_standing_bags(place_id, on=on, scope=scope))
    codes = db.session.execute(select(KitRecipe.id, KitRecipe.code).where(KitRecipe.id.in_(recipe_ids)))
    recipes = {}
    for recipe, code in codes:
        recipes[recipe] = StockFree(len(standing.get(code, [])), kept_bags.get(recipe, 0))
    return items, recipes


def _in_date(place_id: int, item_ids: Collection[int], on: date) -> dict[int, int]:
    """Add up loose units that have not expired on a day and that no recall covers: item id → units."""
    rows = db.session.execute(
        select(Lot.item_id, func.sum(Balance.unit_count))
        .join(Lot, Lot.id == Balance.lot_id)
        .where(
            Balance.place_id == place_id,
            Lot.item_id.in_(item_ids),
            Lot.expires_on.is_(None) | (Lot.expires_on >= on),
            not_held(),
        )
        .group_by(Lot.item_id)
    )
    return {item_id: int(count) for item_id, count in rows}


def _standing_bags(place_id: int, *, on: date, scope: Scope) -> list[BagView]:
    """List the Go Bags at a place, earliest expiry first."""
    return bags.earliest_first(bags.bag_views([place_id], scope=scope, on=on))


def _by_recipe(views: Iterable[BagView]) -> dict[str, list[BagView]]:
    """Put the Go Bags that are ready by their recipe: recipe code → bags, in the order given."""
    found: dict[str, list[BagView]] = {}
    for view in views:
        if view.verdict.readiness is Readiness.READY:
            found.setdefault(view.recipe_code, []).append(view)
    return found


def proposed_picks(request: RestockRequest, course: Course, *, on: date, scope: Scope) -> dict[int, PickLine]:
    """Propose what to pick for each line with anything still to be sent: position → what is there.

    Lots go earliest expiry first, then oldest; those past their date or on hold are left out, the latter by name.
    """
    open_lines = [line for line in request.lines if course.lines[line.position].promised_count]
    item_ids = [line.item_id for line in open_lines if line.item_id is not None]
    there = lots_held(request.supplied_by_id, item_ids=item_ids)
    held = [lot for lot in there if lot.usable and (lot.expires_on is None or lot.expires_on >= on)]
    kept_apart = _kept_apart([lot for lot in there if not lot.usable])
    serials = _serials_at(request.supplied_by_id, [lot.lot_id for lot in held if lot.serial])
    with_bags = any(line.recipe_id is not None for line in open_lines)
    standing = _standing_bags(request.supplied_by_id, on=on, scope=scope) if with_bags else []
    ready = _by_recipe(standing)
    picks = {}
    for line in open_lines:
        wanted = course.lines[line.position].promised_count
        lots = [lot for lot in held if lot.item_id == line.item_id]
        views = ready.get(line.recipe.code, []) if line.recipe is not None else []
        sealed_in = _sealed_in(standing, line.recipe.code) if line.recipe is not None else []
        picks[line.position] = PickLine(
            position=line.position,
            wanted_count=wanted,
            lots=lots,
            proposed=_earliest(lots, wanted),
            bags=views,
            proposed_tags=[view.tag for view in views[:wanted]],
            serials={lot.code: serials.get(lot.lot_id, []) for lot in lots if lot.serial},
            left_out=[*kept_apart.get(line.item_id or 0, []), *sealed_in],
        )
    return picks


def _kept_apart(lots: Collection[LotHeld]) -> dict[int, list[str]]:
    """Say which lots are left out because they are held or recalled: item id → sentences."""
    holds = {code: hold for _, code, hold in reversed(holds_on([lot.lot_id for lot in lots]))}
    found: dict[int, list[str]] = {}
    for lot in lots:
        found.setdefault(lot.item_id, []).append(left_out(lot.code, lot.unit_count, holds[lot.code]))
    return found


def _sealed_in(views: Iterable[BagView], recipe_code: str) -> list[str]:
    """Say which Go Bags of a recipe are left out because of what is sealed in them."""
    return [
        f"{view.tag} left out: {each.item_name} (lot {each.lot_code}) {each.hold.words}"
        for view in views
        if view.recipe_code == recipe_code
        for each in view.contents
        if each.hold is not None
    ]


def _earliest(lots: list[LotHeld], wanted: int) -> dict[str, int]:
    """Share a wanted count over lots in the order given: lot code → units."""
    shares = {}
    for lot in lots:
        shares[lot.code] = min(lot.unit_count, wanted)
        wanted -= shares[lot.code]
    return shares


def _serials_at(place_id: int, lot_ids: Collection[int]) -> dict[int, list[str]]:
    """List the serial units standing loose at a place: lot id → numbers."""
    if not lot_ids:
        return {}
    rows = db.session.execute(
        select(SerialUnit.lot_id, SerialUnit.number)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .where(UnitPosition.place_id == place_id, SerialUnit.lot_id.in_(lot_ids))
        .order_by(SerialUnit.id)
    )
    numbers: dict[int, list[str]] = {}
    for lot_id, number in rows:
        numbers.setdefault(lot_id, []).append(number)
    return numbers
