"""Reading timelines: what happened to a lot, a unit or a place, newest first, and what a place held on a day.

A person who answers for some places sees the acts that touched those places, and no other: a move at one of
them or on its way to one, or a Go Bag that left or reached one. What a place held is a sum of moves up to the
two clocks; only when neither is turned back do the kept balances answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Edition, Item
from inventory.phones.models import UnitMove
from inventory.stock.models import Balance, Lot, Move, Posting
from inventory.stock.rules import PostingKind
from inventory.timelines.rules import Clocks, End, end_of, move_words, recorded_late
from organisation.accounts.models import Account
from organisation.places.models import Place
from organisation.places.rules import OUTSIDE_KINDS

_From = aliased(Place, name="came_from")
_To = aliased(Place, name="went_to")
_Here = aliased(Place, name="here")
_BagHere = aliased(Place, name="bag_here")


@dataclass(frozen=True)
class Event:
    """One act, as a timeline tells it.

    Attributes:
        late: it was recorded so long after it happened that both moments are told.
    """

    words: str
    kind: PostingKind
    document: str
    happened_at: datetime
    recorded_at: datetime
    account_name: str
    note: str | None
    late: bool


@dataclass(frozen=True)
class Standing:
    """So many units of a lot in one spot.

    Attributes:
        place_name: such as "Salisbury", "In transit to Salisbury" or "Issued".
        bag_tag: the Go Bag they are in, or None when they are loose.
    """

    place_name: str
    bag_tag: str | None
    unit_count: int


@dataclass(frozen=True)
class HeldThen:
    """What a place held of one lot: loose, and in Go Bags standing there."""

    lot_code: str
    item_name: str
    expires_on: date | None
    edition_number: int | None
    loose_count: int
    in_bags_count: int

    @property
    def total_count(self) -> int:
        """Loose and in Go Bags together."""
        return self.loose_count + self.in_bags_count


def lot_by_code(code: str, *, scope: Scope) -> Lot:
    """Find a lot that stands at, or was moved by an act at, one of the person's places.

    Raises:
        NotFound: there is none for this person.
    """
    asked = select(Lot).where(Lot.code == code).options(joinedload(Lot.item), joinedload(Lot.edition))
    lot = db.session.scalar(asked)
    if lot is None or not (scope.place_ids is None or standing(lot.id, scope=scope) or _touched(lot.id, scope)):
        raise NotFound
    return lot


def _touched(lot_id: int, scope: Scope) -> bool:
    """Say whether any act at the person's places moved the lot."""
    asked = select(Move.id).join(Posting, Posting.id == Move.posting_id).where(Move.lot_id == lot_id, _at_places(scope))
    return db.session.scalar(asked.limit(1)) is not None


def standing(lot_id: int, *, scope: Scope) -> list[Standing]:
    """Say where the units of a lot are in scope now: loose and on their way first, then by Go Bag."""
    asked = (
        select(func.coalesce(_BagHere.name, _Here.name), Bag.tag, Balance.unit_count)
        .select_from(Balance)
        .join(_Here, _Here.id == Balance.place_id)
        .outerjoin(Bag, Bag.place_id == _Here.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(_BagHere, _BagHere.id == BagPosition.place_id)
        .where(Balance.lot_id == lot_id, Balance.unit_count > 0)
        .order_by(Bag.tag.is_not(None), func.coalesce(_BagHere.name, _Here.name), Bag.tag)
    )
    if scope.place_ids is not None:
        spots = (_Here.id, _Here.destination_id, _BagHere.id, _BagHere.destination_id)
        asked = asked.where(or_(*(spot.in_(scope.place_ids) for spot in spots)))
    return [Standing(*row) for row in db.session.execute(asked)]


def gone(lot_id: int) -> list[Standing]:
    """Say where the units of a lot went that are held nowhere: issued, written off, missing. The source is none."""
    net = func.sum(case((Move.to_place_id == _Here.id, Move.unit_count), else_=-Move.unit_count))
    asked = (
        select(_Here.name, net)
        .join(Move, or_(Move.to_place_id == _Here.id, Move.from_place_id == _Here.id))
        .where(Move.lot_id == lot_id, _Here.kind.in_(OUTSIDE_KINDS))
        .group_by(_Here.id, _Here.name)
        .having(net > 0)
        .order_by(_Here.name)
    )
    return [Standing(name, None, int(count)) for name, count in db.session.execute(asked)]


def lot_events(lot_id: int, *, scope: Scope, clocks: Clocks) -> Select[*tuple[Any, ...]]:
    """Select what happened to a lot, newest first, for a page of it (``as_event`` turns a row into words)."""
    return _told(clocks).where(Move.lot_id == lot_id, _at_places(scope))


def unit_events(unit_id: int, *, scope: Scope, clocks: Clocks) -> Select[*tuple[Any, ...]]:
    """Select what happened to a handset or SIM, newest first, for a page of it."""
    return (
        _told(clocks).join(UnitMove, UnitMove.move_id == Move.id).where(UnitMove.unit_id == unit_id, _at_places(scope))
    )


def _told(clocks: Clocks) -> Select[*tuple[Any, ...]]:
    """Select moves with what their words need, up to both clocks."""
    asked = (
        select(Move, Posting, _From, _To, Account.name)
        .join(Posting, Posting.id == Move.posting_id)
        .join(_From, _From.id == Move.from_place_id)
        .join(_To, _To.id == Move.to_place_id)
        .join(Account, Account.id == Posting.account_id)
        .options(joinedload(Posting.note))
    )
    return asked.where(_until(clocks)).order_by(Posting.happened_at.desc(), Move.id.desc())


def as_event(move: Move, posting: Posting, came_from: Place, went_to: Place, account: str) -> Event:
    """Turn one selected move into what a page tells."""
    words = move_words(
        move.unit_count,
        End(came_from.kind, came_from.name),
        End(went_to.kind, went_to.name),
        undoes=move.corrects_id is not None and posting.kind is not PostingKind.OPEN_BAG,
    )
    return _event(words, posting, account)


def _event(words: str, posting: Posting, account: str) -> Event:
    return Event(
        words,
        posting.kind,
        posting.document,
        posting.happened_at,
        posting.recorded_at,
        account,
        str(posting.note) if posting.note else None,
        recorded_late(posting.happened_at, posting.recorded_at),
    )


def place_acts(place_id: int, *, clocks: Clocks) -> Select[*tuple[Any, ...]]:
    """Select the acts on the stock of a place, newest first, for a page of them (``as_act`` gives the words).

    The caller has made sure that the place is in scope.
    """
    loose = select(Move.posting_id).where(or_(Move.from_place_id == place_id, Move.to_place_id == place_id))
    bags = select(BagMove.posting_id).where(or_(BagMove.from_place_id == place_id, BagMove.to_place_id == place_id))
    return (
        select(Posting, Account.name)
        .join(Account, Account.id == Posting.account_id)
        .options(joinedload(Posting.note))
        .where(or_(Posting.id.in_(loose), Posting.id.in_(bags)), _until(clocks))
        .order_by(Posting.happened_at.desc(), Posting.id.desc())
    )


def acts_in_words(rows: Iterable[tuple[Posting, str]], place_id: int) -> list[Event]:
    """Tell one page of a place's acts: what went in and out of it, item by item, and Go Bags by number."""
    listed = list(rows)
    changes = _changes([posting.id for posting, _ in listed], place_id)
    return [
        _event("; ".join(changes.get(posting.id, [])) or "Nothing moved", posting, name) for posting, name in listed
    ]


def _changes(posting_ids: list[int], place_id: int) -> dict[int, list[str]]:
    """Say what each act changed at a place: posting id → such as "+4 Towel", "−2 Go Bags"."""
    signed = case((Move.to_place_id == place_id, Move.unit_count), else_=-Move.unit_count)
    items = (
        select(Move.posting_id, Item.name, func.sum(signed))
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Move.posting_id.in_(posting_ids), or_(Move.from_place_id == place_id, Move.to_place_id == place_id))
        .group_by(Move.posting_id, Item.name)
        .order_by(Item.name)
    )
    one = case((BagMove.to_place_id == place_id, 1), else_=-1)
    bags = (
        select(BagMove.posting_id, func.sum(one))
        .where(
            BagMove.posting_id.in_(posting_ids),
            or_(BagMove.from_place_id == place_id, BagMove.to_place_id == place_id),
        )
        .group_by(BagMove.posting_id)
    )
    found: dict[int, list[str]] = {}
    for posting_id, count in db.session.execute(bags):
        found.setdefault(posting_id, []).append(f"{_signed(int(count))} {'Go Bag' if abs(count) == 1 else 'Go Bags'}")
    for posting_id, name, count in db.session.execute(items):
        found.setdefault(posting_id, []).append(f"{_signed(int(count))} {name}")
    return found


def _signed(count: int) -> str:
    return f"+{count:,}" if count > 0 else f"−{-count:,}"


def stock_at(place_id: int, *, clocks: Clocks) -> list[HeldThen]:
    """Give what a place held, lot by lot, by item and expiry. The caller has made sure the place is in scope."""
    loose, in_bags = (_kept_now if not clocks.turned else _summed_then)(place_id, clocks)
    lots = db.session.execute(
        select(Lot.id, Lot.code, Item.name, Lot.expires_on, Edition.number)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .where(Lot.id.in_(loose.keys() | in_bags.keys()))
        .order_by(Item.name, Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
    )
    return [
        HeldThen(code, name, expires_on, edition, loose.get(lot_id, 0), in_bags.get(lot_id, 0))
        for lot_id, code, name, expires_on, edition in lots
    ]


def bags_at(place_id: int, *, clocks: Clocks) -> int:
    """Count the Go Bags that stood at a place."""
    return db.session.scalar(select(func.count()).select_from(_bag_places(place_id, clocks).subquery())) or 0


_Sums = tuple[dict[int, int], dict[int, int]]


def _kept_now(place_id: int, _: Clocks) -> _Sums:
    """Read the kept balances: lot id → loose units, and lot id → units in bags standing there."""
    held = select(Balance.lot_id, Balance.unit_count).where(Balance.place_id == place_id, Balance.unit_count > 0)
    bags = (
        select(Balance.lot_id, func.sum(Balance.unit_count))
        .join(Bag, Bag.place_id == Balance.place_id)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .where(BagPosition.place_id == place_id, Balance.unit_count > 0)
        .group_by(Balance.lot_id)
    )
    return _counted(held), _counted(bags)


def _summed_then(place_id: int, clocks: Clocks) -> _Sums:
    """Add up the moves before both clocks: lot id → loose units, and lot id → units in bags standing there."""
    there = or_(Move.to_place_id == place_id, Move.from_place_id == place_id)
    into = case((Move.to_place_id == place_id, Move.unit_count), else_=-Move.unit_count)
    loose = select(Move.lot_id, func.sum(into)).where(there)
    places = _bag_places(place_id, clocks).subquery()
    packed = case((Move.to_place_id == places.c.place_id, Move.unit_count), else_=-Move.unit_count)
    inside = select(Move.lot_id, func.sum(packed)).join(
        places, or_(Move.to_place_id == places.c.place_id, Move.from_place_id == places.c.place_id)
    )
    return _counted(_net(loose, into, clocks)), _counted(_net(inside, packed, clocks))


def _net(asked: Select[Any, Any], signed: ColumnElement[int], clocks: Clocks) -> Select[Any, Any]:
    upto = asked.join(Posting, Posting.id == Move.posting_id).where(_until(clocks))
    return upto.group_by(Move.lot_id).having(func.sum(signed) != 0)


def _bag_places(place_id: int, clocks: Clocks) -> Select[int]:
    """Select the places that are the Go Bags standing at a place, as the clocks have it."""
    into = func.sum(case((BagMove.to_place_id == place_id, 1), else_=-1))
    return (
        select(Bag.place_id)
        .join(BagMove, BagMove.bag_id == Bag.id)
        .join(Posting, Posting.id == BagMove.posting_id)
        .where(or_(BagMove.to_place_id == place_id, BagMove.from_place_id == place_id), _until(clocks))
        .group_by(Bag.place_id)
        .having(into > 0)
    )


def _counted(asked: Select[Any, Any]) -> dict[int, int]:
    return {lot_id: int(count) for lot_id, count in db.session.execute(asked)}


def _until(clocks: Clocks) -> ColumnElement[bool]:
    """Keep postings that had happened and were known."""
    kept: ColumnElement[bool] = true()
    if clocks.as_at is not None:
        kept &= Posting.happened_at < end_of(clocks.as_at)
    if clocks.as_known is not None:
        kept &= Posting.recorded_at < end_of(clocks.as_known)
    return kept


def _at_places(scope: Scope) -> ColumnElement[bool]:
    """Keep postings that moved anything at, or on its way to, the person's places."""
    if scope.place_ids is None:
        return true()
    ours = (
        select(Place.id)
        .where(or_(Place.id.in_(scope.place_ids), Place.destination_id.in_(scope.place_ids)))
        .scalar_subquery()
    )
    return _ends_in(Move.posting_id, Move, ours) | _ends_in(BagMove.posting_id, BagMove, ours)


def _ends_in(
    posting_id: InstrumentedAttribute[int], moves: type[Move] | type[BagMove], ours: ScalarSelect[int]
) -> ColumnElement[bool]:
    touching = select(posting_id).where(or_(moves.from_place_id.in_(ours), moves.to_place_id.in_(ours)))
    return Posting.id.in_(touching)
