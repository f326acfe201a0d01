"""What a store can send for a request: in date, on no hold, fit for who asks, what must be used first first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from core.access import Scope
from core.dates import day_text
from core.db import db
from inventory.bags.queries import BagView
from inventory.catalogue.models import KitRecipe
from inventory.catalogue.queries import current_editions
from inventory.catalogue.rules import ItemKind
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.phones.queries import sims_at
from inventory.phones.rules import SimState
from inventory.requests.models import RestockRequest
from inventory.requests.queries.free import apart, bags_apart, by_recipe, lots_in, standing_bags
from inventory.requests.rules import Course
from inventory.stock.queries import LotHeld, lots_held
from inventory.stock.rules import ANY_LOT, PickPolicy, UseBy


@dataclass(frozen=True)
class PickLine:
    """What can be picked for one request line.

    Attributes:
        position: of the request line.
        wanted_count: still to be sent.
        lots: those at the store in date, on no hold and free to go to the place, the first to be used first.
        proposed: lot code → units proposed.
        bags: ready Go Bags of the recipe at the store, the first to be used up first.
        proposed_tags: tags of the Go Bags proposed.
        serials: lot code → numbers of the units standing loose at the store, those that lapse first first.
        left_out: what stands there and may not be used or not go to the place, each as a sentence.
        use_by: lot code or tag → the day it should be used by, where that is not its own expiry.
        replaced_by: lot code → number of the edition in use, for lots of an older one, which come last.
    """

    position: int
    wanted_count: int
    lots: list[LotHeld] = field(default_factory=list)
    proposed: dict[str, int] = field(default_factory=dict)
    bags: list[BagView] = field(default_factory=list)
    proposed_tags: list[str] = field(default_factory=list)
    serials: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    use_by: dict[str, UseBy] = field(default_factory=dict)
    replaced_by: dict[str, int] = field(default_factory=dict)

    def about(self, view: BagView) -> str:
        """What to know of a Go Bag before choosing it, in sentences; nothing where there is nothing."""
        return ". ".join([*view.verdict.warnings, *filter(None, [self.last_day(view)])])

    def last_day(self, view: BagView) -> str:
        """Say by when a Go Bag should be used and why; nothing where nothing in it presses."""
        if view.tag in self.use_by:
            return self.use_by[view.tag].sentence
        return f"Expires {day_text(view.expires_on)}" if view.expires_on is not None else ""

    @property
    def tags(self) -> list[str]:
        """Tags of the Go Bags that can be picked."""
        return [view.tag for view in self.bags]


def proposed_picks(
    request: RestockRequest, course: Course, *, on: date, scope: Scope, policy: PickPolicy = ANY_LOT
) -> dict[int, PickLine]:
    """Propose what to pick for each line with anything still to be sent: position → what is there.

    What must be used first goes first: by its expiry, by the day its SIMs lapse, by the end of what pays for it;
    then the oldest. An edition that a newer one has replaced is the last to be sent. What is past its date is left
    out; what is on hold or may not go to the place is left out by name.
    """
    open_lines = [line for line in request.lines if course.lines[line.position].promised_count]
    item_ids = [line.item_id for line in open_lines if line.item_id is not None]
    there = lots_held(request.supplied_by_id, item_ids=item_ids)
    kept_apart = apart(there, policy)
    serials = _serials_at(request.supplied_by_id, there, on)
    by_lot = {lot.lot_id: _use_by(lot, serials[lot.lot_id], policy) for lot in there}
    replaced = _replaced(there, on)
    held = [
        lot
        for lot in sorted(there, key=lambda lot: (lot.code in replaced, _day_of(by_lot[lot.lot_id])))
        if lot.usable and lot.lot_id not in policy.kept_from and (lot.expires_on is None or lot.expires_on >= on)
    ]
    with_bags = any(line.recipe_id is not None for line in open_lines)
    standing = standing_bags(request.supplied_by_id, on=on, scope=scope) if with_bags else []
    ready = by_recipe(standing)
    picks = {}
    for line in open_lines:
        wanted = course.lines[line.position].promised_count
        lots = [lot for lot in held if lot.item_id == line.item_id]
        views, sealed_in, by_tag = _bags_for(line.recipe, ready, standing, policy)
        picks[line.position] = PickLine(
            position=line.position,
            wanted_count=wanted,
            lots=lots,
            proposed=_earliest({lot.code: lot.unit_count - serials[lot.lot_id].lapsed_count for lot in lots}, wanted),
            bags=views,
            proposed_tags=[view.tag for view in views[:wanted]],
            serials={lot.code: serials[lot.lot_id].numbers for lot in lots if lot.serial},
            left_out=[*kept_apart.get(line.item_id or 0, []), *sealed_in],
            use_by=_pressing({lot.code: (by_lot[lot.lot_id], lot.expires_on) for lot in lots} | by_tag),
            replaced_by={lot.code: replaced[lot.code] for lot in lots if lot.code in replaced},
        )
    return picks


def _replaced(lots: Collection[LotHeld], on: date) -> dict[str, int]:
    """Find the lots of an edition that a newer one has replaced: lot code → number of the edition in use."""
    printed = {lot.item_id for lot in lots if lot.edition_number is not None}
    in_use = current_editions(printed, on=on) if printed else {}
    return {
        lot.code: in_use[lot.item_id].number
        for lot in lots
        if lot.edition_number is not None and lot.item_id in in_use and lot.edition_number < in_use[lot.item_id].number
    }


def _use_by(lot: LotHeld, serials: _Serials, policy: PickPolicy) -> UseBy | None:
    """Give the day a lot should be used by."""
    own = UseBy(lot.expires_on) if lot.expires_on is not None else None
    return policy.use_by([lot.lot_id], own, UseBy(serials.lapses_on, "a SIM lapses") if serials.lapses_on else None)


def _day_of(use_by: UseBy | None) -> date:
    return use_by.day if use_by is not None else date.max


def _pressing(known: Mapping[str, tuple[UseBy | None, date | None]]) -> dict[str, UseBy]:
    """Leave out what its own expiry says already: lot code or tag → day to use it by."""
    return {name: each for name, (each, expires_on) in known.items() if each is not None and each.day != expires_on}


def _bags_for(
    recipe: KitRecipe | None, ready: Mapping[int, list[BagView]], standing: Iterable[BagView], policy: PickPolicy
) -> tuple[list[BagView], list[str], dict[str, tuple[UseBy | None, date | None]]]:
    """Give the Go Bags of a recipe that may go to the place, what is left out in words, and tag → day to use it by."""
    if recipe is None:
        return [], [], {}
    of_recipe = ready.get(recipe.id, [])
    by_tag = {}
    for view in of_recipe:
        own = UseBy(view.expires_on) if view.expires_on is not None else None
        by_tag[view.tag] = (policy.use_by(lots_in(view), own), view.expires_on)
    may_go = [view for view in of_recipe if policy.refusal(lots_in(view)) is None]
    left = bags_apart(standing, recipe.id, of_recipe, policy)
    return sorted(may_go, key=lambda view: _day_of(by_tag[view.tag][0])), left, by_tag


def _earliest(counts: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Share a wanted count over what there is, in the order given: lot code → units."""
    shares = {}
    for code, count in counts.items():
        shares[code] = min(count, wanted)
        wanted -= shares[code]
    return shares


@dataclass(frozen=True)
class _Serials:
    """The numbered units of a lot standing loose at a place.

    Attributes:
        numbers: those that lapse first first, those that lapsed already last.
        lapses_on: when the first of them lapses that has not, or None.
    """

    numbers: list[str] = field(default_factory=list)
    lapsed_count: int = 0
    lapses_on: date | None = None


def _serials_at(place_id: int, lots: Collection[LotHeld], on: date) -> dict[int, _Serials]:
    """Tell of the numbered units of lots standing loose at a place: lot id → units, none where they carry no number."""
    lot_ids = [lot.lot_id for lot in lots if lot.serial]
    numbers: dict[int, list[str]] = {lot.lot_id: [] for lot in lots}
    if lot_ids:
        rows = db.session.execute(
            select(SerialUnit.lot_id, SerialUnit.number)
            .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
            .where(UnitPosition.place_id == place_id, SerialUnit.lot_id.in_(lot_ids))
            .order_by(SerialUnit.id)
        )
        for lot_id, number in rows:
            numbers[lot_id].append(number)
    with_sims = any(lot.kind is ItemKind.SIM for lot in lots)
    states = {each.state.number: each.state for each in sims_at(place_id, on=on)} if with_sims else {}
    return {lot_id: _in_order(each, states, on) for lot_id, each in numbers.items()}


def _in_order(numbers: list[str], states: Mapping[str, SimState], on: date) -> _Serials:
    known = {number: states.get(number) or SimState(0, number) for number in numbers}
    days = {number: state.lapses_on or date.max for number, state in known.items()}
    lapsed = {number for number, state in known.items() if state.lapsed(on)}
    ringing = [day for number, day in days.items() if number not in lapsed and day != date.max]
    ordered = sorted(numbers, key=lambda number: (number in lapsed, days[number]))
    return _Serials(ordered, len(lapsed), min(ringing, default=None))
