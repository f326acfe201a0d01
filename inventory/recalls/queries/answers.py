"""Recalls by reference and as a list, how far each place is with one, and what a place has still to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.bags.models import Bag, BagPosition
from inventory.catalogue.models import Edition
from inventory.phones.models import UnitMove
from inventory.recalls.models import Recall, RecallAnswer, RecallArrival, RecallEnd, RecallLine, RecallPlace
from inventory.recalls.queries.holding import covers, is_open
from inventory.recalls.queries.reaching import Spot
from inventory.recalls.rules import PlaceStanding, RecallKind, Remedy
from inventory.stock.models import Balance, Lot, Move
from organisation.places.models import Place

_WHOLE = (
    joinedload(Recall.lot).joinedload(Lot.item),
    joinedload(Recall.edition).joinedload(Edition.item),
    joinedload(Recall.item),
    joinedload(Recall.note),
    joinedload(Recall.account),
)


def recalls(*, open_only: bool = False) -> Select[Recall]:
    """Select recalls, open ones first, then the newest, for a page of them."""
    asked = select(Recall).options(*_WHOLE).outerjoin(RecallEnd, RecallEnd.recall_id == Recall.id)
    if open_only:
        asked = asked.where(RecallEnd.id.is_(None))
    return asked.order_by(RecallEnd.id.is_not(None), Recall.id.desc())


def recall_by_reference(reference: str) -> Recall:
    """Find a recall; it belongs to no place, for it is a notice to all.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(select(Recall).where(Recall.reference == reference).options(*_WHOLE))
    if found is None:
        raise NotFound
    return found


def ends(recall_ids: Sequence[int]) -> dict[int, RecallEnd]:
    """Give how recalls ended: recall id → end; open ones are left out."""
    asked = select(RecallEnd).where(RecallEnd.recall_id.in_(recall_ids)).options(joinedload(RecallEnd.note))
    return {each.recall_id: each for each in db.session.scalars(asked)}


def end_of(recall_id: int) -> RecallEnd | None:
    """Give how a recall ended, or None while it is open."""
    return ends([recall_id]).get(recall_id)


def open_recall_of(*, lot_id: int | None, edition_id: int | None, item_id: int | None) -> Recall | None:
    """Find the open recall of exactly this lot, edition or item."""
    asked = select(Recall).where(
        Recall.lot_id == lot_id if lot_id is not None else Recall.lot_id.is_(None),
        Recall.edition_id == edition_id if edition_id is not None else Recall.edition_id.is_(None),
        Recall.item_id == item_id if item_id is not None else Recall.item_id.is_(None),
        is_open(),
    )
    return db.session.scalars(asked.options(*_WHOLE)).first()


def recall_over(lot_id: int) -> Recall | None:
    """Find the open recall that a lot is held by, the most serious first."""
    asked = select(Recall).join(Lot, covers()).where(Lot.id == lot_id, is_open())
    return db.session.scalars(asked.order_by(Recall.kind.desc(), Recall.id.desc()).options(*_WHOLE)).first()


def progress_of(recall_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Count places for a list of recalls: recall id → (answered, asked or answered)."""
    asked = select(RecallPlace.recall_id, RecallPlace.place_id).where(RecallPlace.recall_id.in_(recall_ids))
    answered = select(RecallAnswer.recall_id, RecallAnswer.place_id).where(RecallAnswer.recall_id.in_(recall_ids))
    places: dict[int, set[int]] = defaultdict(set)
    done: dict[int, set[int]] = defaultdict(set)
    for recall_id, place_id in db.session.execute(asked):
        places[recall_id].add(place_id)
    for recall_id, place_id in db.session.execute(answered):
        done[recall_id].add(place_id)
    return {each: (len(done[each]), len(places[each] | done[each])) for each in recall_ids}


# ---- How far each place is ----------------------------------------------------------------------


def standings(recall: Recall, found: Sequence[Spot], slips: dict[int, int]) -> list[PlaceStanding]:
    """Give how far each place is, by name: those asked, those that hold units now, and those that answered.

    Args:
        found: where its units are (``spots``), of every place.
        slips: id of the issuing place → slips that hold units.
    """
    names = select(Place.id, Place.code, Place.name, RecallPlace.unit_count)
    asked = names.join(RecallPlace, (RecallPlace.place_id == Place.id) & (RecallPlace.recall_id == recall.id))
    known = {
        place_id: PlaceStanding(place_id, code, name, asked_count=count)
        for place_id, code, name, count in db.session.execute(asked)
    }
    for spot in found:
        before = known.get(spot.place_id) or PlaceStanding(spot.place_id, spot.place_code, spot.place_name)
        known[spot.place_id] = _with_spot(before, spot)
    for answer in answers(recall.id):
        place = answer.place
        before = known.get(place.id) or PlaceStanding(place.id, place.code, place.name)
        known[place.id] = _with_answer(before, answer)
    return sorted(
        (replace(each, slip_count=slips.get(each.place_id, 0)) for each in known.values()), key=lambda each: each.name
    )


def _with_spot(before: PlaceStanding, spot: Spot) -> PlaceStanding:
    if spot.coming:
        return replace(before, coming_count=before.coming_count + spot.unit_count)
    if spot.bag_tag is not None:
        return replace(before, bag_count=before.bag_count + spot.unit_count)
    return replace(before, shelf_count=before.shelf_count + spot.unit_count)


def _with_answer(before: PlaceStanding, answer: RecallAnswer) -> PlaceStanding:
    """Take up the next answer: it tells of the whole shelf anew, beside what was removed before."""
    return replace(
        before,
        answered_at=answer.answered_at,
        found_count=before.removed_count + sum(line.found_count for line in answer.lines),
        removed_count=before.removed_count + sum(line.removed_count for line in answer.lines),
        short_count=sum(line.expected_count - line.found_count for line in answer.lines),
        told_count=before.told_count if answer.told_count is None else answer.told_count,
    )


def answers(recall_id: int) -> list[RecallAnswer]:
    """List the answers to a recall with their lines, oldest first."""
    asked = select(RecallAnswer).where(RecallAnswer.recall_id == recall_id).order_by(RecallAnswer.id)
    with_lines = selectinload(RecallAnswer.lines).joinedload(RecallLine.lot).joinedload(Lot.item)
    return list(db.session.scalars(asked.options(joinedload(RecallAnswer.place), with_lines)))


# ---- What was sent back -------------------------------------------------------------------------


@dataclass(frozen=True)
class SentBack:
    """What an answer sent back to a store, and nobody has counted in yet."""

    answer_id: int
    place_name: str
    store_id: int
    store_name: str
    sent_at: datetime
    unit_count: int


def sent_back(recall_id: int | None = None, *, scope: Scope, store_id: int | None = None) -> list[SentBack]:
    """List what is on its way back to stores in scope, oldest first."""
    store = aliased(Place)
    asked = (
        select(
            RecallAnswer.id, Place.name, store.id, store.name, RecallAnswer.answered_at,
            cast(func.sum(RecallLine.removed_count), BigInteger),
        )
        .join(Place, Place.id == RecallAnswer.place_id)
        .join(store, store.id == RecallAnswer.sent_to_id)
        .join(RecallLine, RecallLine.answer_id == RecallAnswer.id)
        .outerjoin(RecallArrival, RecallArrival.answer_id == RecallAnswer.id)
        .where(RecallArrival.id.is_(None))
        .group_by(RecallAnswer.id, Place.name, store.id, store.name, RecallAnswer.answered_at)
        .order_by(RecallAnswer.id)
    )  # fmt: skip
    if recall_id is not None:
        asked = asked.where(RecallAnswer.recall_id == recall_id)
    if scope.place_ids is not None:
        asked = asked.where(store.id.in_(scope.place_ids))
    if store_id is not None:
        asked = asked.where(store.id == store_id)
    return [SentBack(*row) for row in db.session.execute(asked)]


def answer_sent(answer_id: int, *, scope: Scope) -> RecallAnswer:
    """Find an answer that sent something back to a store in scope.

    Raises:
        NotFound: there is none for this person.
    """
    asked = select(RecallAnswer).where(RecallAnswer.id == answer_id, RecallAnswer.sent_to_id.is_not(None))
    with_lines = selectinload(RecallAnswer.lines).joinedload(RecallLine.lot).joinedload(Lot.item)
    found = db.session.scalar(asked.options(with_lines, joinedload(RecallAnswer.place)))
    if found is None or found.sent_to_id is None or not scope.covers(found.sent_to_id):
        raise NotFound
    return found


def arrival_of(answer_id: int) -> RecallArrival | None:
    """Give how what an answer sent back was counted in, or None while it was not."""
    return db.session.scalar(select(RecallArrival).where(RecallArrival.answer_id == answer_id))


# ---- What a place has still to do ---------------------------------------------------------------


@dataclass(frozen=True)
class RecallTask:
    """An open recall that a place has something to do about."""

    reference: str
    kind: RecallKind
    remedy: Remedy
    subject: str
    recalled_at: datetime
    standing: PlaceStanding


def tasks_at(place: Place) -> list[RecallTask]:
    """List the open recalls that concern a place, the oldest first, in one statement."""
    loose = (
        select(func.sum(Balance.unit_count))
        .join(Lot, Lot.id == Balance.lot_id)
        .where(covers(), Balance.place_id == place.id)
    )
    in_bags = (
        select(func.sum(Balance.unit_count))
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Bag, Bag.place_id == Balance.place_id)
        .join(BagPosition, BagPosition.bag_id == Bag.id)
        .where(covers(), BagPosition.place_id == place.id)
    )
    answered = select(func.max(RecallAnswer.answered_at)).where(
        RecallAnswer.recall_id == Recall.id, RecallAnswer.place_id == place.id
    )
    ours = (RecallPlace.recall_id == Recall.id) & (RecallPlace.place_id == place.id)
    counts = [func.coalesce(each.correlate(Recall).scalar_subquery(), 0) for each in (loose, in_bags)]
    rows = db.session.execute(
        select(Recall, RecallPlace.id, RecallPlace.slip_count, *counts, answered.scalar_subquery())
        .outerjoin(RecallPlace, ours)
        .where(is_open())
        .options(*_WHOLE)
        .order_by(Recall.id)
    )
    begun = PlaceStanding(place.id, place.code, place.name)
    return [
        _task(
            recall, replace(begun, slip_count=slips or 0, shelf_count=int(shelf), bag_count=int(bags), answered_at=at)
        )
        for recall, asked, slips, shelf, bags, at in rows
        if asked is not None or shelf or bags
    ]


def _task(recall: Recall, standing: PlaceStanding) -> RecallTask:
    return RecallTask(recall.reference, recall.kind, recall.remedy, recall.subject, recall.recalled_at, standing)


def codes_of(place_ids: Collection[int]) -> dict[int, str]:
    """Give the codes of places: id → code."""
    return dict(db.session.execute(select(Place.id, Place.code).where(Place.id.in_(place_ids))).all())


def units_of_answer(answer: RecallAnswer, lot_id: int) -> tuple[int, ...]:
    """Give the handsets or SIMs of a lot that an answer removed."""
    asked = (
        select(UnitMove.unit_id)
        .join(Move, Move.id == UnitMove.move_id)
        .where(Move.posting_id == answer.posting_id, Move.lot_id == lot_id)
        .order_by(UnitMove.unit_id)
    )
    return tuple(db.session.scalars(asked))
