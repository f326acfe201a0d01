"""What happened to a Go Bag, in words, from the postings that moved it, opened it or brought it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from core.db import db
from inventory.bags import rules
from inventory.bags.models import Bag, BagMove, BagOpening
from inventory.bags.rules import BagAct
from inventory.catalogue.models import Item
from inventory.stock.models import Lot, Move, Posting
from inventory.stock.rules import PostingKind
from organisation.accounts.models import Account
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

_From = aliased(Place, name="came_from")
_To = aliased(Place, name="went_to")


@dataclass(frozen=True)
class BagEvent:
    """One thing that happened to a bag: what, when, by whom."""

    words: str
    happened_at: datetime
    recorded_at: datetime
    account_name: str
    note: str | None


def history_of(bag_id: int) -> list[BagEvent]:
    """List what happened to a bag, in the order it was recorded."""
    opened = _opened(bag_id)
    moved = {posting_id: event for posting_id, event in _moved(bag_id) if posting_id not in opened}
    return [event for _, event in sorted((moved | opened).items(), key=lambda pair: pair[0])]


def _moved(bag_id: int) -> list[tuple[int, BagEvent]]:
    """List the acts that moved a bag: (posting id, event)."""
    asked = (
        select(Posting, _From, _To, Account.name)
        .join(BagMove, BagMove.posting_id == Posting.id)
        .join(_From, _From.id == BagMove.from_place_id)
        .join(_To, _To.id == BagMove.to_place_id)
        .join(Account, Account.id == Posting.account_id)
        .where(BagMove.bag_id == bag_id)
        .options(joinedload(Posting.note))
        .order_by(BagMove.id)
    )
    return [
        (posting.id, _event(_happened(posting, came_from, went_to), posting, account))
        for posting, came_from, went_to, account in db.session.execute(asked)
    ]


def _event(words: str, posting: Posting, account: str) -> BagEvent:
    note = posting.note.text if posting.note else None
    return BagEvent(words, posting.happened_at, posting.recorded_at, account, note)


def _opened(bag_id: int) -> dict[int, BagEvent]:
    """Tell the acts that opened a bag or brought it back: posting id → event."""
    asked = (
        select(BagOpening, Posting, Place.name, Account.name)
        .join(Posting, Posting.id == BagOpening.posting_id)
        .join(Place, Place.id == BagOpening.place_id)
        .join(Account, Account.id == Posting.account_id)
        .where(BagOpening.bag_id == bag_id)
        .options(joinedload(Posting.note))
    )
    rows = db.session.execute(asked).all()
    moved = _things_moved([posting.id for _, posting, _, _ in rows]) if rows else {}
    return {
        posting.id: _event(_did(opening, place, moved.get(posting.id, ([], []))), posting, account)
        for opening, posting, place, account in rows
    }


Things = list[tuple[str, int]]
"""Item names with so many units of each."""


def _things_moved(posting_ids: list[int]) -> dict[int, tuple[Things, Things]]:
    """Tell what openings moved: posting id → what went in, and what came out."""
    asked = (
        select(Move.posting_id, Item.name, Move.unit_count, Bag.id)
        .join(Lot, Lot.id == Move.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .outerjoin(Bag, Bag.place_id == Move.to_place_id)
        .where(Move.posting_id.in_(posting_ids))
    )
    found: dict[int, tuple[Things, Things]] = {}
    for posting_id, name, count, into in db.session.execute(asked):
        found.setdefault(posting_id, ([], []))[into is None].append((name, count))
    return found


def _did(opening: BagOpening, place: str, moved: tuple[Things, Things]) -> str:
    """Say why a bag was opened, or that it came back."""
    went_in, came_out = (rules.things(each) for each in moved)
    if opening.act is BagAct.TAKEN_OUT:
        return f"Opened at {place} and sealed again: {came_out} taken out, {opening.fate}"
    if opening.act is BagAct.CAME_BACK_SEALED:
        return f"Handed back at {place}, sealed"
    if opening.act is BagAct.CAME_BACK_OPEN:
        return f"Handed back at {place}, opened, counted and taken apart"
    if opening.act is BagAct.RETIRED:
        return f"Unpacked at {place} and taken apart"
    said = [f"{went_in} put in"] if went_in else []
    said += [f"{came_out} written off"] if came_out else []
    return f"Opened at {place} and sealed again: {'; '.join(said)}"


def _happened(posting: Posting, came_from: Place, went_to: Place) -> str:
    """Say in words what a posting did to a bag."""
    if posting.kind is PostingKind.PACK:
        return f"Packed at {went_to.name}"
    if posting.kind is PostingKind.ISSUE:
        return f"Issued from {came_from.name}"
    if posting.kind is PostingKind.CORRECTION and came_from.kind is PlaceKind.ISSUED:
        return f"Issue undone: back at {went_to.name}"
    if went_to.kind is PlaceKind.IN_TRANSIT:
        return f"Sent from {came_from.name} to {went_to.name.removeprefix('In transit to ')}"
    if came_from.kind is PlaceKind.IN_TRANSIT:
        return f"Received at {went_to.name}"
    return f"Moved from {came_from.name} to {went_to.name}"
