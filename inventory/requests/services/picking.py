"""What was picked for a request, turned into the rows it stands for; a pick that does not fit is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from core.access import Scope
from core.dates import day_text, local_day
from core.db import ask, db
from core.errors import RuleBroken
from inventory.bags import queries as bags
from inventory.bags.rules import Readiness
from inventory.bags.services import queue_for_bags
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.requests.models import RequestLine, RestockRequest
from inventory.stock.models import Lot
from inventory.stock.rules import PickPolicy

_LOTS = select(Lot).where(Lot.code.in_(bindparam("codes", expanding=True))).options(joinedload(Lot.item))
_UNITS = (
    select(SerialUnit.number, SerialUnit.id)
    .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
    .where(
        SerialUnit.lot_id == bindparam("lot_id"),
        SerialUnit.number.in_(bindparam("numbers", expanding=True)),
        UnitPosition.place_id == bindparam("place_id"),
    )
)
"""Built once: preparing a statement costs more than running it."""


@dataclass(frozen=True)
class PickedLot:
    """Units of one lot picked for a request line.

    Attributes:
        position: of the request line.
        serial_numbers: the very units, for things that carry numbers.
    """

    position: int
    lot_code: str
    unit_count: int
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PickedBag:
    """One Go Bag picked for a request line."""

    position: int
    tag: str


Picked = PickedLot | PickedBag


@dataclass(frozen=True)
class Chosen:
    """A pick with the rows it stands for."""

    line: RequestLine
    unit_count: int
    lot: Lot | None = None
    bag_id: int | None = None
    unit_ids: tuple[int, ...] = ()


def merged(picks: Sequence[Picked]) -> list[Picked]:
    """Add up picks of one lot for one line, drop those of nothing, and put them in the order of the lines.

    Raises:
        RuleBroken: a count is below zero, or a Go Bag is picked twice.
    """
    lots: dict[tuple[int, str], PickedLot] = {}
    tags: dict[str, PickedBag] = {}
    for pick in picks:
        if isinstance(pick, PickedBag):
            if pick.tag in tags:
                raise RuleBroken(f"Go Bag {pick.tag} is picked twice", f"line-{pick.position}")
            tags[pick.tag] = pick
            continue
        if pick.unit_count < 0:
            raise RuleBroken("Quantity must be 0 or more", f"line-{pick.position}")
        before = lots.get((pick.position, pick.lot_code))
        lots[pick.position, pick.lot_code] = (
            replace(
                before,
                unit_count=before.unit_count + pick.unit_count,
                serial_numbers=before.serial_numbers + pick.serial_numbers,
            )
            if before
            else pick
        )
    kept: list[Picked] = [pick for pick in lots.values() if pick.unit_count]
    return sorted([*kept, *tags.values()], key=lambda pick: pick.position)


def chosen_rows(
    request: RestockRequest, picks: Sequence[Picked], *, at: datetime, scope: Scope, policy: PickPolicy
) -> list[Chosen]:
    """Find the rows each pick stands for.

    Raises:
        RuleBroken: a pick does not fit its line, is past its date, or may not go to the place.
    """
    lines = {line.position: line for line in request.lines}
    codes = [pick.lot_code for pick in picks if isinstance(pick, PickedLot)]
    lots = {lot.code: lot for lot in db.session.scalars(_LOTS, {"codes": codes})}
    ready = _ready_bags(request, picks, at=at, scope=scope)
    chosen = []
    for pick in picks:
        line = lines[pick.position]
        if isinstance(pick, PickedBag):
            view = ready.get(pick.tag)
            if view is None or line.recipe is None or view.recipe_code != line.recipe.code:
                raise RuleBroken(
                    f"Go Bag {pick.tag} is not one of {line.name} standing ready at "
                    f"{request.supplied_by.name}. Pick another",
                    f"line-{pick.position}",
                )
            _demand_may_go(request, f"Go Bag {pick.tag}", [each.lot_id for each in view.contents], pick, policy)
            chosen.append(Chosen(line, 1, bag_id=view.bag_id))
            continue
        lot = lots.get(pick.lot_code)
        if lot is None or lot.item_id != line.item_id:
            raise RuleBroken(f"Lot {pick.lot_code} is not {line.name}. Pick another", f"line-{pick.position}")
        if lot.expires_on is not None and lot.expires_on < local_day(at):
            raise RuleBroken(
                f"Lot {lot.code} of {line.name} expired on {day_text(lot.expires_on)}. Pick another lot",
                f"line-{pick.position}",
            )
        _demand_may_go(request, f"Lot {lot.code} of {line.name}", [lot.id], pick, policy)
        unit_ids = _units(request.supplied_by_id, lot, pick) if lot.item.serial else ()
        chosen.append(Chosen(line, pick.unit_count, lot=lot, unit_ids=unit_ids))
    return chosen


def _demand_may_go(
    request: RestockRequest, what: str, lot_ids: Sequence[int], pick: Picked, policy: PickPolicy
) -> None:
    """Refuse to send a place what was bought for others."""
    refused = policy.refusal(lot_ids)
    if refused is not None:
        raise RuleBroken(
            f"{what} may not go to {request.place.name}: {refused}. Pick another. Nothing has been recorded",
            f"line-{pick.position}",
        )


def _ready_bags(
    request: RestockRequest, picks: Sequence[Picked], *, at: datetime, scope: Scope
) -> dict[str, bags.BagView]:
    """Give the Go Bags ready at the store, when any is picked: tag → bag."""
    if not any(isinstance(pick, PickedBag) for pick in picks):
        return {}
    queue_for_bags(request.supplied_by_id)
    views = bags.bag_views([request.supplied_by_id], scope=scope, on=local_day(at))
    return {view.tag: view for view in views if view.verdict.readiness is Readiness.READY}


def _units(store_id: int, lot: Lot, pick: PickedLot) -> tuple[int, ...]:
    """Find the numbered units picked.

    Raises:
        RuleBroken: not as many numbers as units, or one of them does not stand at the store.
    """
    if len(set(pick.serial_numbers)) != pick.unit_count:
        raise RuleBroken(
            f"Choose {pick.unit_count:,} of the numbers of {lot.item.name}, one for each unit",
            f"line-{pick.position}",
        )
    return tuple(units_at(store_id, lot, pick.serial_numbers, field=f"line-{pick.position}"))


def units_at(place_id: int, lot: Lot, numbers: Collection[str], *, field: str | None = None) -> list[int]:
    """Find units of a lot by number where they should be.

    Raises:
        RuleBroken: one of them is not there.
    """
    rows = ask(_UNITS, lot_id=lot.id, numbers=list(numbers), place_id=place_id)
    found = {str(number): int(unit_id) for number, unit_id in rows}
    for number in numbers:
        if number not in found:
            raise RuleBroken(
                f"The {lot.item.name} whose number ends in {number[-4:]} is not there. Choose another", field
            )
    return sorted(found.values())
