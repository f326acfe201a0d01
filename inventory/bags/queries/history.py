"""What happened to a Go Bag, in words, from the postings that moved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from core.db import db
from inventory.bags.models import BagMove
from inventory.stock.models import Posting
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
    """List what happened to a bag, oldest first."""
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
        BagEvent(
            _happened(posting, came_from, went_to),
            posting.happened_at,
            posting.recorded_at,
            account,
            posting.note.text if posting.note else None,
        )
        for posting, came_from, went_to, account in db.session.execute(asked)
    ]


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
