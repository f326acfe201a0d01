"""When a handset or SIM left in a Go Bag: the ground of quarantine, and of wiping what comes back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from core.db import db
from inventory.bags.models import Issue
from inventory.phones.models import UnitMove
from inventory.stock.models import Move, Posting

_Undo = aliased(Posting)


def handed_out(unit_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when units last left in a Go Bag that was issued: unit id → when; an issue undone does not count."""
    asked = (
        select(UnitMove.unit_id, func.max(Issue.issued_at))
        .join(Move, Move.id == UnitMove.move_id)
        .join(Issue, Issue.posting_id == Move.posting_id)
        .where(UnitMove.unit_id.in_(unit_ids), ~exists().where(_Undo.corrects_id == Issue.posting_id))
        .group_by(UnitMove.unit_id)
    )
    return {int(unit_id): moment for unit_id, moment in db.session.execute(asked)}
