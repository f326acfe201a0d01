"""Reading timelines: what happened to a lot, a unit or a place, newest first, and what a place held on a day.

A person who answers for some places sees the acts that touched those places, and no other: a move at one of
them or on its way to one, or a Go Bag that left or reached one. What a place held is a sum of moves up to the
two clocks; only when neither is turned back do the kept balances answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased, joinedload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from core.paging import Paged, page_size
from inventory.bags.models import Bag, BagMove, BagPosition
from inventory.catalogue.models import Edition, Item
from inventory.phones.models import UnitMove
from inventory.stock.models import IN_STOCK, Balance, Lot, Move, PastBalance, PlaceAct, Posting
from inventory.stock.rules import PostingKind
from inventory.timelines.rules import Clocks, End, move_words, recorded_late
from organisation.accounts.models import Account
from organisation.places.models import Place
from organisation.places.rules import OUTSIDE_KINDS

_From = aliased(Place, name="came_from")
_To = aliased(Place, name="went_to")
_Here = aliased(Place, name="here")
_BagHere = aliased(Place, name="bag_here")

_LOTS_A_PAGE = 50


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
        .where(Balance.lot_id == lot_id, IN_STOCK)
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
    return asked.where(_until(clocks, Posting)).order_by(Posting.happened_at.desc(), Move.id.desc())


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


def place_acts(place_id: int, *, clocks: Clocks) -> Select[int]:
    """Select the acts on the stock of a place, newest first: ids of postings, for a page of them (``acts_in_words``).

    The caller has made sure that the place is in scope.
    """
    return (
        select(PlaceAct.posting_id)
        .where(PlaceAct.place_id == place_id, _until(clocks, PlaceAct))
        .order_by(PlaceAct.happened_at.desc(), PlaceAct.posting_id.desc())
    )


def acts_in_words(posting_ids: Sequence[int], place_id: int) -> list[Event]:
    """Tell one page of a place's acts: what went in and out of it, item by item, and Go Bags by number."""
    asked = (
        select(Posting, Account.name)
        .join(Account, Account.id == Posting.account_id)
        .options(joinedload(Posting.note))
        .where(Posting.id.in_(posting_ids))
        .order_by(Posting.happened_at.desc(), Posting.id.desc())
    )
    changes = _changes(posting_ids, place_id)
    return [
        _event("; ".join(changes.get(posting.id, [])) or "Nothing moved", posting, name)
        for posting, name in db.session.execute(asked)
    ]


def _changes(posting_ids: Sequence[int], place_id: int) -> dict[int, list[str]]:
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


@dataclass(frozen=True)
class Held:
    """What a place held: so many loose units and Go Bags, and a page of its lots by item and expiry."""

    loose_count: int
    bag_count: int
    lots: Paged[HeldThen]


def held_at(place_id: int, *, clocks: Clocks, number: int = 1) -> Held:
    """Say what a place held, with one page of its lots. The caller has made sure the place is in scope.

    Raises:
        NotFound: there are fewer pages.
    """
    held = (_held_then(place_id, clocks) if clocks.turned else _held_now(place_id)).subquery()
    asked = (
        select(Lot.code, Item.name, Lot.expires_on, Edition.number, held.c.loose_count, held.c.in_bags_count)
        .add_columns(func.count().over(), func.sum(held.c.loose_count).over())  # of all pages, and it is added up once
        .join(held, held.c.lot_id == Lot.id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Edition, Edition.id == Lot.edition_id)
        .order_by(Item.name, Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
    )
    size = page_size(_LOTS_A_PAGE)
    rows = db.session.execute(asked.limit(size).offset((number - 1) * size)).all()
    if not rows and number > 1:
        raise NotFound
    lots = [
        HeldThen(code, name, expires_on, edition, int(loose), int(in_bags))
        for code, name, expires_on, edition, loose, in_bags, _, _ in rows
    ]
    lot_count, loose_count = rows[0][-2:] if rows else (0, 0)
    return Held(int(loose_count), _bags_at(place_id, clocks), Paged(lots, number, lot_count, size))


def _bags_at(place_id: int, clocks: Clocks) -> int:
    standing = _bags_then(place_id, clocks) if clocks.turned else _bags_now(place_id)
    return db.session.scalar(select(func.count()).select_from(standing.subquery())) or 0


def _held_now(place_id: int) -> Select[int, int, int]:
    """Read the kept balances: lot id, loose units, and units in bags standing there."""
    held = select(Balance.lot_id, Balance.unit_count).where(IN_STOCK)
    return _loose_and_in_bags(
        [held.where(Balance.place_id == place_id)], [held.where(Balance.place_id.in_(_bags_now(place_id)))]
    )


def _bags_now(place_id: int) -> Select[int]:
    """Select the places that are the Go Bags standing at a place."""
    return select(Bag.place_id).join(BagPosition, BagPosition.bag_id == Bag.id).where(BagPosition.place_id == place_id)


def _held_then(place_id: int, clocks: Clocks) -> Select[int, int, int]:
    """Read the past balances of a moment: lot id, loose units, and units in bags that stood there.

    What was not known on the day the second clock shows had happened before its end and was recorded after, so it
    is taken off again.
    """
    until = clocks.happened_before
    kept = (
        select(PastBalance.unit_count)
        .where(
            PastBalance.place_id == Balance.place_id,
            PastBalance.lot_id == Balance.lot_id,
            PastBalance.happened_at < until,
        )
        .order_by(PastBalance.happened_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    held, bags = select(Balance.lot_id, kept), _bags_then(place_id, clocks)
    loose, in_bags = [held.where(Balance.place_id == place_id)], [held.where(Balance.place_id.in_(bags))]
    if clocks.as_known is not None:
        unknown = _unknown(clocks)
        loose.append(unknown.where(PlaceAct.place_id == place_id))
        in_bags.append(unknown.where(PlaceAct.place_id.in_(bags)))
    return _loose_and_in_bags(loose, in_bags)


def _unknown(clocks: Clocks) -> Select[int, int]:
    """Select what acts at places that were not known yet brought, as what is to be taken off: lot id and units."""
    return (
        select(Move.lot_id, case((Move.to_place_id == PlaceAct.place_id, -Move.unit_count), else_=Move.unit_count))
        .join(PlaceAct, PlaceAct.posting_id == Move.posting_id)
        .where(or_(Move.to_place_id == PlaceAct.place_id, Move.from_place_id == PlaceAct.place_id))
        .where(PlaceAct.happened_at < clocks.happened_before, PlaceAct.recorded_at >= clocks.recorded_before)
    )


def _loose_and_in_bags(loose: Sequence[Select[int, int]], in_bags: Sequence[Select[int, int]]) -> Select[int, int, int]:
    """Add counts of lots up, each lot's loose and in Go Bags apart: lot id, loose units, units in bags."""
    parts = [(each, 1, 0) for each in loose] + [(each, 0, 1) for each in in_bags]
    both = union_all(*(each.add_columns(literal(one), literal(other)) for each, one, other in parts))
    named = both.subquery().alias("part")
    lot_id, count, is_loose, is_inside = named.c
    loose_count = func.coalesce(func.sum(count * is_loose), 0)
    in_bags_count = func.coalesce(func.sum(count * is_inside), 0)
    return (
        select(lot_id.label("lot_id"), loose_count.label("loose_count"), in_bags_count.label("in_bags_count"))
        .group_by(lot_id)
        .having(or_(loose_count != 0, in_bags_count != 0))
    )


def _bags_then(place_id: int, clocks: Clocks) -> Select[int]:
    """Select the places that are the Go Bags standing at a place, as the clocks have it."""
    moves = union_all(
        select(BagMove.bag_id, BagMove.posting_id, literal(1).label("change")).where(BagMove.to_place_id == place_id),
        select(BagMove.bag_id, BagMove.posting_id, literal(-1)).where(BagMove.from_place_id == place_id),
    ).subquery()
    return (
        select(Bag.place_id)
        .join(moves, moves.c.bag_id == Bag.id)
        .join(Posting, Posting.id == moves.c.posting_id)
        .where(_until(clocks, Posting))
        .group_by(Bag.place_id)
        .having(func.sum(moves.c.change) > 0)
    )


def _until(clocks: Clocks, acts: type[Posting] | type[PlaceAct]) -> ColumnElement[bool]:
    """Keep acts that had happened and were known."""
    kept: ColumnElement[bool] = true()
    if clocks.turned:
        kept &= acts.happened_at < clocks.happened_before
    if clocks.as_known is not None:
        kept &= acts.recorded_at < clocks.recorded_before
    return kept


def _at_places(scope: Scope) -> ColumnElement[bool]:
    """Keep postings that moved anything at, or on its way to, the person's places."""
    if scope.place_ids is None:
        return true()
    ours = select(Place.id).where(or_(Place.id.in_(scope.place_ids), Place.destination_id.in_(scope.place_ids)))
    return exists().where(
        PlaceAct.place_id.in_(ours),
        PlaceAct.happened_at == Posting.happened_at,
        PlaceAct.posting_id == Posting.id,
    )
