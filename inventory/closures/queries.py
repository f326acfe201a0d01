"""What still keeps a place open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Item
from inventory.closures.rules import SERIES, Keeping, Keeps, SentBag, SentLot, SentUnit
from inventory.counts.queries import open_count
from inventory.cupboard.queries import still_out
from inventory.phones.models import SerialUnit, UnitMove
from inventory.requests.models import RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock.models import Balance, Lot, Move, PlaceAct, Posting
from inventory.stock.queries import transit_to
from inventory.stock.rules import PostingKind
from organisation.accounts.models import RoleHeld
from organisation.accounts.queries import held_on
from organisation.places import queries as places
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

ENDED = (RequestState.CLOSED, RequestState.REFUSED, RequestState.CANCELLED)


def place_to_close(code: str, *, scope: Scope, lock: bool = False) -> Place:
    """Give a real place by its code, locked until the change commits when asked.

    Raises:
        NotFound: there is none in scope.
    """
    place = places.place_by_code(code, scope=scope)
    if lock:
        db.session.refresh(place, with_for_update=True)
    return place


def kept_open_by(place: Place, *, on: date) -> list[str]:
    """List, in words with their figures, what has to be settled before a place can close."""
    return [each.words for each in keeping(place, on=on)]


def keeping(place: Place, *, on: date) -> list[Keeping]:
    """List what has to be settled before a place can close, in the order in which it is done."""
    transit = transit_to(place.id)
    counted = (
        (Keeps.REQUESTS, _open_requests(place.id), "open restock request", "open restock requests"),
        (Keeps.COMING, _units([transit]), "unit on its way there", "units on their way there"),
        (Keeps.COMING, _bags([transit]), "Go Bag on its way there", "Go Bags on their way there"),
        (Keeps.COUNT, int(open_count(place.id) is not None), "stock count going on", "stock counts going on"),
        (
            Keeps.SHEETS,
            _sheets_out(place.id),
            "cupboard sheet neither keyed in nor written off",
            "cupboard sheets neither keyed in nor written off",
        ),
        (Keeps.STOCK, _units([place.id]), "unit on its shelves", "units on its shelves"),
        (Keeps.STOCK, _bags([place.id]), "Go Bag standing there", "Go Bags standing there"),
        (Keeps.SUPPLIED, _supplied(place.id), "open place that it supplies", "open places that it supplies"),
        (Keeps.ROLES, _roles(place.id, on), "role held there", "roles held there"),
    )
    return [Keeping(sort, f"{count:,} {one if count == 1 else many}") for sort, count, one, many in counted if count]


def _units(place_ids: list[int]) -> int:
    return db.session.scalar(select(func.sum(Balance.unit_count)).where(Balance.place_id.in_(place_ids))) or 0


def _bags(place_ids: list[int]) -> int:
    return db.session.scalar(select(func.count()).where(BagPosition.place_id.in_(place_ids))) or 0


def _open_requests(place_id: int) -> int:
    asked = select(func.count()).where(
        or_(RestockRequest.place_id == place_id, RestockRequest.supplied_by_id == place_id),
        RestockRequest.state.not_in(ENDED),
    )
    return db.session.scalar(asked) or 0


def _sheets_out(place_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(still_out(place_id).subquery())) or 0


def _supplied(place_id: int) -> int:
    return (
        db.session.scalar(select(func.count()).where(Place.supplied_by_id == place_id, Place.closed_on.is_(None))) or 0
    )


def _roles(place_id: int, on: date) -> int:
    return db.session.scalar(select(func.count()).where(RoleHeld.place_id == place_id, held_on(on))) or 0


# ---- What a place sent back to its store --------------------------------------------------------

_Transit = aliased(Place, name="transit")
_Store = aliased(Place, name="store")
_Later = aliased(Posting, name="later")


@dataclass(frozen=True)
class SentBack:
    """What a place sent back to its store in one go.

    Attributes:
        counted_in: somebody has counted it in.
    """

    posting: Posting
    place: Place
    store: Place
    counted_in: bool


def _sent_asked() -> Select[Posting, Place, Place, bool]:
    """Ask for postings by which places sent all they had back: with the place, its store, whether it was counted in.

    They are found among the acts on the ways to stores, which are few, and not among all that ever moved.
    """
    return (
        select(Posting, Place, _Store, _arrived())
        .select_from(_Store)
        .join(_Transit, _Transit.destination_id == _Store.id)
        .join(PlaceAct, PlaceAct.place_id == _Transit.id)
        .join(Posting, Posting.id == PlaceAct.posting_id)
        .join(Place, Place.id == func.coalesce(_sender(Move), _sender(BagMove)))
        .where(
            _Store.kind == PlaceKind.STORE,
            Posting.document.startswith(f"{SERIES}-"),
            Posting.kind == PostingKind.DISPATCH,
        )
    )


def _sender(move: type[Move | BagMove]) -> ScalarSelect[int]:
    """Give, in SQL, the place that a posting took everything from."""
    return (
        select(func.max(move.from_place_id)).where(move.posting_id == Posting.id).correlate(Posting).scalar_subquery()
    )


def _arrived() -> ColumnElement[bool]:
    """Say, in SQL, that what a place sent back was counted in."""
    return exists().where(_Later.document == Posting.document, _Later.kind == PostingKind.RECEIPT)


def on_its_way_back(store_id: int) -> Select[str, str, datetime]:
    """Ask for what is on its way back to a store: the reference, the name of the place that sent it, and when."""
    asked = _sent_asked().where(_Store.id == store_id, ~_arrived())
    return asked.with_only_columns(Posting.document, Place.name, Posting.happened_at)


def sent_back(*, scope: Scope, reference: str | None = None) -> list[SentBack]:
    """List what is on its way back to stores in scope, oldest first; the one asked for also when it is counted in."""
    asked = _sent_asked().order_by(Posting.id)
    asked = asked.where(Posting.document == reference) if reference else asked.where(~_arrived())
    if scope.place_ids is not None:
        asked = asked.where(_Store.id.in_(scope.place_ids))
    return [SentBack(*row) for row in db.session.execute(asked)]


def sent_back_as(reference: str, *, scope: Scope) -> SentBack:
    """Find what was sent back to a store in scope under a reference.

    Raises:
        NotFound: there is none for this person.
    """
    found = sent_back(scope=scope, reference=reference)
    if not found:
        raise NotFound
    return found[0]


def lots_sent(posting_id: int) -> list[SentLot]:
    """List the loose lots of what was sent back, by item name, with the numbers of handsets and SIMs."""
    rows = db.session.execute(
        select(Move.id, Move.lot_id, Lot.code, Item.name, Move.unit_count)
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Move.posting_id == posting_id)
        .order_by(Item.name, Lot.id)
    ).all()
    units: dict[int, list[SentUnit]] = {}
    named = (
        select(UnitMove.move_id, SerialUnit.id, SerialUnit.number)
        .join(SerialUnit, SerialUnit.id == UnitMove.unit_id)
        .where(UnitMove.move_id.in_([move_id for move_id, *_ in rows]))
        .order_by(SerialUnit.id)
    )
    for move_id, unit_id, number in db.session.execute(named):
        units.setdefault(move_id, []).append(SentUnit(unit_id, number))
    return [SentLot(lot_id, code, name, count, tuple(units.get(move, ()))) for move, lot_id, code, name, count in rows]


def bags_sent(posting_id: int) -> list[SentBag]:
    """List the Go Bags of what was sent back, by tag."""
    rows = db.session.execute(
        select(Bag.id, Bag.tag).join(BagMove, BagMove.bag_id == Bag.id).where(BagMove.posting_id == posting_id)
    )
    return sorted((SentBag(*row) for row in rows), key=lambda each: each.tag)
