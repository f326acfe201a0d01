"""What a store can still promise: in date, on no hold, free of promises and of the reserve, and fit for who asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from core.access import Scope
from core.db import db
from inventory.bags import queries as bags
from inventory.bags.queries import BagView
from inventory.bags.rules import Readiness
from inventory.recalls.queries import holds_on
from inventory.recalls.rules import left_out
from inventory.requests.models import RequestLine, RestockRequest
from inventory.stock.models import Promise
from inventory.stock.queries import NOTHING_KEPT, Kept, LotHeld, kept, lots_held
from inventory.stock.rules import ANY_LOT, PickPolicy, Policies, most_for


@dataclass(frozen=True)
class StockFree:
    """What a store has of one thing, and how much of it can still be promised.

    Attributes:
        there_count: on hand, in date, on no hold (Go Bags: ready ones).
        promised_count: of those, promised already.
        reserved_count: of those, in the surge reserve.
        left_out: what else stands there and may not be used or not go to the place, each as a sentence.
        may_go_count: of those, how many can be promised to the place that asks; None where any of them can.
    """

    there_count: int
    promised_count: int
    reserved_count: int = 0
    left_out: tuple[str, ...] = ()
    may_go_count: int | None = None

    @property
    def free_count(self) -> int:
        """What can still be promised."""
        free = max(0, self.there_count - self.promised_count - self.reserved_count)
        return free if self.may_go_count is None else min(free, self.may_go_count)


@dataclass(frozen=True)
class _Piece:
    """Units that stand together: of a lot, or a Go Bag with all lots in it."""

    unit_count: int
    lot_ids: tuple[int, ...]


@dataclass(frozen=True)
class _Asking:
    """Who asks a store, and what others know of its lots."""

    store_id: int
    to_id: int | None
    policies: Policies

    @property
    def policy(self) -> PickPolicy:
        """What others know of the lots for whoever asks."""
        return self.policies.get(self.to_id or 0, ANY_LOT)

    def free(
        self, pieces: Mapping[int, _Piece], back: Kept, apart: Iterable[str], promised: ColumnElement[bool]
    ) -> StockFree:
        """Tell what is free of one thing.

        Args:
            promised: selects the promises of it.
        """
        there = sum(piece.unit_count for piece in pieces.values())
        most = None
        if self.to_id is not None and any(self.policy.refusal(piece.lot_ids) for piece in pieces.values()):
            most = self._most(self.to_id, pieces, _promised(self.store_id, promised))
        return StockFree(there, back.promised_count, back.reserved_count, tuple(apart), most)

    def _most(self, to_id: int, pieces: Mapping[int, _Piece], promised: Mapping[int, int]) -> int:
        barred = {
            (place_id, key)
            for place_id in {to_id, *promised}
            for key, piece in pieces.items()
            if self.policies.get(place_id, ANY_LOT).refusal(piece.lot_ids)
        }
        counts = {key: piece.unit_count for key, piece in pieces.items()}
        return most_for(to_id, counts, promised, lambda place_id, key: (place_id, key) in barred)


def free_at(
    place_id: int,
    *,
    item_ids: Collection[int],
    recipe_ids: Collection[int],
    on: date,
    scope: Scope,
    to_id: int | None = None,
    policies: Policies | None = None,
) -> tuple[dict[int, StockFree], dict[int, StockFree]]:
    """Tell what is free at a store: item id → stock, recipe id → Go Bags.

    Args:
        to_id: the place it is wanted for; None where it is to stay.
        policies: what others know of the lots, for each place that asks this store.
    """
    asking = _Asking(place_id, to_id, policies or {})
    kept_items, kept_bags = kept(place_id)
    items = _items_free(asking, item_ids, kept_items, on) if item_ids else {}
    return items, _bags_free(asking, recipe_ids, kept_bags, on, scope) if recipe_ids else {}


def _items_free(asking: _Asking, item_ids: Collection[int], back: Mapping[int, Kept], on: date) -> dict[int, StockFree]:
    there = lots_held(asking.store_id, item_ids=item_ids)
    left = apart(there, asking.policy)
    usable = [lot for lot in there if lot.usable and (lot.expires_on is None or lot.expires_on >= on)]
    return {
        item_id: asking.free(
            {lot.lot_id: _Piece(lot.unit_count, (lot.lot_id,)) for lot in usable if lot.item_id == item_id},
            back.get(item_id, NOTHING_KEPT),
            left.get(item_id, ()),
            Promise.item_id == item_id,
        )
        for item_id in item_ids
    }


def _bags_free(
    asking: _Asking, recipe_ids: Collection[int], back: Mapping[int, Kept], on: date, scope: Scope
) -> dict[int, StockFree]:
    standing = standing_bags(asking.store_id, on=on, scope=scope)
    ready = by_recipe(standing)
    return {
        recipe_id: asking.free(
            {view.bag_id: _Piece(1, lots_in(view)) for view in ready.get(recipe_id, [])},
            back.get(recipe_id, NOTHING_KEPT),
            bags_apart(standing, recipe_id, ready.get(recipe_id, []), asking.policy),
            Promise.recipe_id == recipe_id,
        )
        for recipe_id in recipe_ids
    }


def _promised(store_id: int, of_what: ColumnElement[bool]) -> dict[int, int]:
    """Add up what a store has promised and not sent: place id → units."""
    rows = db.session.execute(
        select(RestockRequest.place_id, func.sum(Promise.unit_count))
        .join(RequestLine, RequestLine.request_id == RestockRequest.id)
        .join(Promise, Promise.request_line_id == RequestLine.id)
        .where(Promise.place_id == store_id, Promise.unit_count > 0, of_what)
        .group_by(RestockRequest.place_id)
    )
    return {place_id: int(count) for place_id, count in rows}


def standing_bags(place_id: int, *, on: date, scope: Scope) -> list[BagView]:
    """List the Go Bags at a place, earliest expiry first."""
    return bags.earliest_first(bags.bag_views([place_id], scope=scope, on=on))


def by_recipe(views: Iterable[BagView]) -> dict[int, list[BagView]]:
    """Put the Go Bags that are ready by their recipe: recipe id → bags, in the order given."""
    found: dict[int, list[BagView]] = {}
    for view in views:
        if view.verdict.readiness is Readiness.READY:
            found.setdefault(view.recipe_id, []).append(view)
    return found


def lots_in(view: BagView) -> tuple[int, ...]:
    """Give the ids of the lots in a Go Bag."""
    return tuple(each.lot_id for each in view.contents)


def apart(lots: Collection[LotHeld], policy: PickPolicy) -> dict[int, list[str]]:
    """Say which lots are left out, being held, recalled or not for the place: item id → sentences."""
    holds = {code: hold for _, code, hold in reversed(holds_on([lot.lot_id for lot in lots if not lot.usable]))}
    found: dict[int, list[str]] = {}
    for lot in lots:
        if not lot.usable:
            found.setdefault(lot.item_id, []).append(left_out(lot.code, lot.unit_count, holds[lot.code]))
        elif lot.lot_id in policy.kept_from:
            why = f"{lot.unit_count:,} of lot {lot.code} left out: {policy.kept_from[lot.lot_id]}"
            found.setdefault(lot.item_id, []).append(why)
    return found


def bags_apart(standing: Iterable[BagView], recipe_id: int, ready: Sequence[BagView], policy: PickPolicy) -> list[str]:
    """Say which Go Bags of a recipe are left out because of what is sealed in them, each as a sentence."""
    refused = [(view.tag, policy.refusal(lots_in(view))) for view in ready]
    return [*_sealed_in(standing, recipe_id), *(f"{tag} left out: {why}" for tag, why in refused if why)]


def _sealed_in(views: Iterable[BagView], recipe_id: int) -> list[str]:
    """Say which Go Bags of a recipe are left out because of what is sealed in them."""
    return [
        f"{view.tag} left out: {each.item_name} (lot {each.lot_code}) {each.hold.words}"
        for view in views
        if view.recipe_id == recipe_id
        for each in view.contents
        if each.hold is not None
    ]
