"""Reading questions within a person's scope, and finding the record a question is about.

A question of stock is seen where it is answered, one of money by whoever answers for the whole organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, true
from sqlalchemy.orm import joinedload, selectinload

from audit.questions.models import Question, QuestionStep
from audit.questions.rules import QuestionAct, QuestionState, RecordKind, state_after
from core.access import Scope
from core.db import db
from core.errors import NotFound
from core.paging import Paged, paged
from grants.claims.models import Claim
from grants.spending.models import PurchaseOrder, SpendingRow, SupplierInvoice
from inventory.bags.models import Bag, BagPosition, Issue
from inventory.catalogue.models import Item
from inventory.counts.models import StockCount
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.requests.models import RestockRequest
from inventory.stock.models import Lot, Move
from organisation.places.models import Place
from organisation.suppliers.models import Supplier

MOST_OPEN = 200
"""How many open questions the pages tell a person of."""


@dataclass(frozen=True)
class Pinned:
    """A question that is not closed, as pages tell of it."""

    reference: str
    kind: RecordKind
    record: str
    place_id: int | None
    state: QuestionState


def pinned(*, scope: Scope) -> list[Pinned]:
    """List the questions of a scope that are not closed, oldest first."""
    asked = (
        select(Question.reference, Question.record_kind, Question.record, Question.place_id, _newest_act())
        .where(_visible(scope), func.coalesce(_newest_act(), "") != QuestionAct.CLOSE.value)
        .order_by(Question.id)
        .limit(MOST_OPEN)
    )
    return [
        Pinned(reference, kind, record, place_id, state_after(QuestionAct(act) if act else None))
        for reference, kind, record, place_id, act in db.session.execute(asked)
    ]


def _newest_act() -> ColumnElement[Any]:
    asked = select(QuestionStep.act).where(QuestionStep.question_id == Question.id)
    return asked.order_by(QuestionStep.id.desc()).limit(1).correlate(Question).scalar_subquery()


def _visible(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.place_ids is None else Question.place_id.in_(scope.place_ids)


def questions(*, scope: Scope, number: int) -> Paged[Question]:
    """List the questions of a scope: those that wait, then answered ones, then closed ones; newest first in each."""
    newest = func.coalesce(_newest_act(), "")
    turn = case((newest == QuestionAct.CLOSE.value, 2), (newest == QuestionAct.ANSWER.value, 1), else_=0)
    asked = (
        select(Question)
        .where(_visible(scope))
        .options(joinedload(Question.place), joinedload(Question.note), selectinload(Question.steps))
        .order_by(turn, Question.id.desc())
    )
    return paged(asked, number=number)


def question_by_reference(reference: str, *, scope: Scope) -> Question:
    """Find a question with everything that followed it.

    Raises:
        NotFound: there is none within the scope.
    """
    steps = selectinload(Question.steps)
    asked = select(Question).where(Question.reference == reference, _visible(scope)).options(
        joinedload(Question.place), joinedload(Question.note), joinedload(Question.account),
        steps.joinedload(QuestionStep.account), steps.joinedload(QuestionStep.note),
    )  # fmt: skip
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return found


def lock_question(question_id: int) -> None:
    """Let nobody else take a step of a question until the change is over."""
    db.session.execute(select(Question.id).where(Question.id == question_id).with_for_update())
    db.session.expire_all()


# ---- The record a question is about -------------------------------------------------------------


@dataclass(frozen=True)
class AskedRecord:
    """A record: what it is, in words, and the place whose people answer; None for money."""

    about: str
    place_id: int | None


def record_of(kind: RecordKind, reference: str) -> AskedRecord:
    """Find the record a question is to be about.

    Raises:
        NotFound: there is none.
    """
    found = db.session.execute(_record(kind, reference).limit(1)).first()
    if found is None:
        raise NotFound
    return AskedRecord(found[0], found[1])


def _record(kind: RecordKind, reference: str) -> Select[Any, Any]:
    """Select what a record is about, and its place."""
    match kind:
        case RecordKind.BAG:
            return _bag(reference)
        case RecordKind.LOT:
            return _lot(reference)
        case RecordKind.ISSUE:
            return select(Place.name, Place.id).join(Issue, Issue.place_id == Place.id).where(Issue.slip == reference)
        case RecordKind.REQUEST | RecordKind.DELIVERY | RecordKind.COUNT:
            table = _AT_PLACES[kind]
            said = select(Place.name, Place.id).join(table, table.place_id == Place.id)
            return said.where(table.reference == reference)
    return _of_money(kind, reference)


_AT_PLACES: dict[RecordKind, Any] = {
    RecordKind.REQUEST: RestockRequest,
    RecordKind.DELIVERY: Delivery,
    RecordKind.COUNT: StockCount,
}


def _of_money(kind: RecordKind, reference: str) -> Select[Any, Any]:
    """Select what a record of money is about; it has no place."""
    nowhere = literal(None)
    match kind:
        case RecordKind.SPENDING:
            return select(SpendingRow.description, nowhere).where(SpendingRow.reference == reference)
        case RecordKind.CLAIM:
            return select(Claim.reference, nowhere).where(Claim.reference == reference)
        case RecordKind.ORDER:
            said = select(Supplier.name, nowhere).join(PurchaseOrder, PurchaseOrder.supplier_id == Supplier.id)
            return said.where(PurchaseOrder.reference == reference)
    said = select(Supplier.name + ", number " + SupplierInvoice.number, nowhere)
    billed = said.join(SupplierInvoice, SupplierInvoice.supplier_id == Supplier.id)
    return billed.where(SupplierInvoice.reference == reference)


def _bag(tag: str) -> Select[Any, Any]:
    """Select the place a Go Bag stands at, or was last issued from."""
    issued = select(Issue.place_id).where(Issue.bag_id == Bag.id).order_by(Issue.id.desc()).limit(1).scalar_subquery()
    stands = select(BagPosition.place_id).join(Place, Place.id == BagPosition.place_id)
    stands = stands.where(BagPosition.bag_id == Bag.id, Place.opened_on.is_not(None))
    place_id = func.coalesce(stands.scalar_subquery(), issued)
    return select("Go Bag " + Bag.tag, place_id).where(Bag.tag == tag)


def _lot(code: str) -> Select[Any, Any]:
    """Select the place that received a lot, or where it first came to stand."""
    came = select(Move.to_place_id).where(Move.lot_id == Lot.id).order_by(Move.id).limit(1).scalar_subquery()
    received = (
        select(Delivery.place_id)
        .join(DeliveryLine, DeliveryLine.delivery_id == Delivery.id)
        .where(DeliveryLine.id == Lot.delivery_line_id)
        .scalar_subquery()
    )
    said = select(Item.name, func.coalesce(received, came)).join(Lot, Lot.item_id == Item.id)
    return said.where(Lot.code == code)


def place_name(place_id: int | None) -> str:
    """Name the place whose people answer, or who does for money."""
    return str(db.session.scalar(select(Place.name).where(Place.id == place_id))) if place_id else "the grant officers"
