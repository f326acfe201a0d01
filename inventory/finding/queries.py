"""Finding stock records by what is printed on them, all kinds in one statement.

Each kind looks where its index is: a reference from its beginning, a name anywhere. Everything typed is taken
literally. Rows outside the person's places are not found.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.access import Scope
from core.db import db
from inventory.bags import queries as bags
from inventory.bags.models import Bag, BagPosition, Issue, Seal
from inventory.cards import queries as cards
from inventory.cards.models import CardRange
from inventory.catalogue.models import Item
from inventory.deliveries.models import Delivery
from inventory.finding.rules import MOST_OF_A_KIND, Found, FoundKind, Sought
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.phones.rules import NUMBER_WORDS, NumberKind, masked
from inventory.recalls.models import Recall
from inventory.requests.models import Dispatch, RestockRequest
from inventory.stock.models import IN_STOCK, Balance, Lot, Move
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind

_Here = aliased(Place, name="here")
_BagHere = aliased(Place, name="bag_here")

Strand = Select[Any, Any, Any, Any, Any]
"""One kind's select: kind, key, title, detail, exact."""


def find(asked: Sought, *, scope: Scope) -> list[Found]:
    """Find stock records, whole references first, then kind by kind; at most one more of each than is listed."""
    strands = [
        _bags(asked, scope),
        _units(asked, scope),
        _lots(asked, scope),
        _cards(asked, scope),
        _requests(asked, scope),
        _dispatches(asked, scope),
        _deliveries(asked, scope),
        _issues(asked, scope),
        _recalls(asked),
        _places(asked, scope),
        _items(asked),
    ]
    order = list(FoundKind)
    found = [_found(*row) for row in db.session.execute(union_all(*(_some(strand) for strand in strands)))]
    return sorted(found, key=lambda each: (not each.exact, order.index(FoundKind(each.kind)), each.title))


def _found(kind: str, key: str, title: str, detail: str, exact: int) -> Found:
    if kind == FoundKind.UNIT:
        number_kind, _, number = title.partition(" ")
        title = f"{NUMBER_WORDS[NumberKind(number_kind)]} {masked(number)}"
    return Found(kind, key, title, detail, bool(exact))


def _some(strand: Strand) -> Select[Any]:
    """Keep the best few of a kind: SQLite takes a limit only inside."""
    few = strand.order_by(strand.selected_columns[4].desc(), strand.selected_columns[2])
    return select(few.limit(MOST_OF_A_KIND + 1).subquery())


def _strand(kind: FoundKind, key: Any, title: Any, detail: Any, exact: ColumnElement[bool]) -> Strand:
    return select(
        literal(kind.value).label("kind"),
        cast(key, String).label("key"),
        cast(title, String).label("title"),
        cast(detail, String).label("detail"),
        case((exact, 1), else_=0).label("exact"),
    )


def begins(column: InstrumentedAttribute[str], asked: Sought) -> ColumnElement[bool]:
    """Say that a reference begins with what was typed."""
    return or_(column.istartswith(asked.reference, autoescape=True), column.istartswith(asked.text, autoescape=True))


def holds(asked: Sought, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Say that one of the texts holds what was typed."""
    return or_(*(column.icontains(asked.text, autoescape=True) for column in columns))


def _within(scope: Scope, *spots: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Keep rows of which one spot is in scope."""
    return true() if scope.place_ids is None else or_(*(spot.in_(scope.place_ids) for spot in spots))


def _bags(asked: Sought, scope: Scope) -> Strand:
    typed = {asked.reference, asked.text.upper()}  # a seal may look like a counted reference: S-3 is no S-00003
    sealed = select(Seal.bag_id).where(func.upper(Seal.number).in_(typed))
    left = Bag.id.in_(bags.seen_under(asked.reference, scope=scope))
    return (
        _strand(FoundKind.BAG, Bag.tag, Bag.tag, _Here.name, or_(Bag.tag == asked.reference, Bag.id.in_(sealed)))
        .join_from(Bag, BagPosition, BagPosition.bag_id == Bag.id)
        .join(_Here, _Here.id == BagPosition.place_id)
        .where(
            or_(begins(Bag.tag, asked), Bag.id.in_(sealed)), or_(_within(scope, _Here.id, _Here.destination_id), left)
        )
    )


def _units(asked: Sought, scope: Scope) -> Strand:
    place = func.coalesce(_BagHere.name, _Here.name)
    spots = (_Here.id, _Here.destination_id, _BagHere.id, _BagHere.destination_id)
    fits = SerialUnit.number.endswith(asked.digits, autoescape=True) if asked.digits else false()
    return (
        _strand(
            FoundKind.UNIT,
            SerialUnit.id,
            SerialUnit.number_kind + " " + SerialUnit.number,
            Item.name + ", " + place,
            SerialUnit.number == asked.digits,
        )
        .join_from(SerialUnit, UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(_Here, _Here.id == UnitPosition.place_id)
        .outerjoin(Bag, Bag.place_id == _Here.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(_BagHere, _BagHere.id == BagPosition.place_id)
        .where(fits, _within(scope, *spots))
    )


def _lots(asked: Sought, scope: Scope) -> Strand:
    return (
        _strand(FoundKind.LOT, Lot.code, Lot.code, Item.name, Lot.code == asked.reference)
        .join_from(Lot, Item, Item.id == Lot.item_id)
        .where(begins(Lot.code, asked), true() if scope.place_ids is None else Lot.id.in_(_lots_at(scope.place_ids)))
    )


def _lots_at(place_ids: Collection[int]) -> Select[int]:
    """Select the lots held at places or on their way there, loose or in Go Bags."""
    spots = (_Here.id, _Here.destination_id, _BagHere.id, _BagHere.destination_id)
    return (
        select(Balance.lot_id)
        .join(_Here, _Here.id == Balance.place_id)
        .outerjoin(Bag, Bag.place_id == _Here.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(_BagHere, _BagHere.id == BagPosition.place_id)
        .where(IN_STOCK, or_(*(spot.in_(place_ids) for spot in spots)))
    )


def _cards(asked: Sought, scope: Scope) -> Strand:
    """Find the lot that a card's number belongs to, also where the person's places have issued all they had of it."""
    number = asked.card
    fits = (
        and_(
            CardRange.prefix == number.prefix,
            CardRange.first_number <= number.number,
            CardRange.last_number >= number.number,
            cards.standing(),
        )
        if number
        else false()
    )
    ours: ColumnElement[bool] = true()
    if scope.place_ids is not None:
        issued = select(Move.lot_id).join(Issue, Issue.posting_id == Move.posting_id)
        ours = or_(
            Lot.id.in_(_lots_at(scope.place_ids)),
            Lot.id.in_(issued.where(Issue.place_id.in_(scope.place_ids))),
        )
    return (
        _strand(
            FoundKind.CARD, Lot.code + "/" + str(number), literal(str(number)), Item.name + ", lot " + Lot.code, true()
        )
        .join_from(CardRange, Lot, Lot.id == CardRange.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(fits, ours)
    )


def _of_requests(scope: Scope) -> ColumnElement[bool]:
    return _within(scope, RestockRequest.place_id, RestockRequest.supplied_by_id)


def _requests(asked: Sought, scope: Scope) -> Strand:
    reference = RestockRequest.reference
    return (
        _strand(FoundKind.REQUEST, reference, reference, Place.name, reference == asked.reference)
        .join_from(RestockRequest, Place, Place.id == RestockRequest.place_id)
        .where(begins(reference, asked), _of_requests(scope))
    )


def _dispatches(asked: Sought, scope: Scope) -> Strand:
    """Find a dispatch; its page is that of its request."""
    detail = literal("for request ") + RestockRequest.reference
    exact = Dispatch.reference == asked.reference
    return (
        _strand(FoundKind.DISPATCH, RestockRequest.reference, Dispatch.reference, detail, exact)
        .join_from(Dispatch, RestockRequest, RestockRequest.id == Dispatch.request_id)
        .where(begins(Dispatch.reference, asked), _of_requests(scope))
    )


def _deliveries(asked: Sought, scope: Scope) -> Strand:
    note = func.upper(Delivery.delivery_note) == asked.text.upper()
    exact = or_(Delivery.reference == asked.reference, note)
    return (
        _strand(FoundKind.DELIVERY, Delivery.reference, Delivery.reference, Place.name, exact)
        .join_from(Delivery, Place, Place.id == Delivery.place_id)
        .where(or_(begins(Delivery.reference, asked), note), _within(scope, Delivery.place_id))
    )


def _issues(asked: Sought, scope: Scope) -> Strand:
    """Find an issue by its whole slip: an opaque reference is not to be guessed at."""
    exact = func.replace(Issue.slip, "-", "") == asked.reference.replace("-", "").replace(" ", "")
    return (
        _strand(FoundKind.ISSUE, Issue.slip, Issue.slip, Bag.tag + ", " + Place.name, exact)
        .join_from(Issue, Bag, Bag.id == Issue.bag_id)
        .join(Place, Place.id == Issue.place_id)
        .where(exact, _within(scope, Issue.place_id))
    )


def _recalls(asked: Sought) -> Strand:
    """Find a hold or recall: it is a notice to all, and belongs to no place."""
    return _strand(
        FoundKind.RECALL, Recall.reference, Recall.reference, Recall.kind, Recall.reference == asked.reference
    ).where(begins(Recall.reference, asked))


def _places(asked: Sought, scope: Scope) -> Strand:
    kind = case((Place.kind == PlaceKind.STORE, FoundKind.STORE.value), else_=FoundKind.PLACE.value)
    return select(
        kind.label("kind"),
        Place.code.label("key"),
        Place.name.label("title"),
        cast(Place.kind, String).label("detail"),
        case((and_(func.upper(Place.code) == asked.reference), 1), else_=0).label("exact"),
    ).where(Place.kind.in_(REAL_KINDS), holds(asked, Place.name, Place.code), _within(scope, Place.id))


def _items(asked: Sought) -> Strand:
    return _strand(FoundKind.ITEM, Item.code, Item.name, Item.code, Item.code == asked.reference).where(
        holds(asked, Item.name, Item.code)
    )
