"""Ending a pairing: a SIM that was taken out of its handset, or lost its number, and nothing took its place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import NotFound, RuleBroken
from inventory.phones import queries, rules
from inventory.phones.models import PairingEnd, SerialUnit
from inventory.phones.rules import PairedSide


def end_pairing(
    unit_id: int, side: PairedSide, *, ended_on: date, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> None:
    """Record that a SIM was taken out of its handset, or lost its number, and nothing took its place.

    Raises:
        NotFound: there is no such unit for this person.
        RuleBroken: it is paired with nothing, or the day lies ahead or before the pairing began.
    """
    if trail.earlier(submission_id, by=by, act="phones.end_pairing", body=[unit_id, side, ended_on]):
        return
    db.session.execute(select(SerialUnit.id).where(SerialUnit.id == unit_id).with_for_update(key_share=True)).all()
    unit = db.session.get(SerialUnit, unit_id)
    if unit is None or unit.number not in queries.units_here([unit.number], scope=scope):
        raise NotFound
    standing = next(
        (each for each in queries.pairings_of([unit_id]) if each.side is side and each.ended_on is None), None
    )
    if standing is None:
        raise RuleBroken("It is paired with nothing now. Nothing has to be ended")
    rules.check_paired_on(
        ended_on, today=local_day(at), received_on=None, last_change=standing.began_on, what="This pairing"
    )
    db.session.add(
        PairingEnd(pairing_id=standing.pairing_id, ended_on=ended_on, account_id=by.account_id, recorded_at=at)
    )
    db.session.flush()
    trail.record(
        act="phones.end_pairing",
        subject=f"unit {unit_id}",
        by=by,
        at=at,
        submission_id=submission_id,
        pairing=standing.pairing_id,
        ended_on=ended_on,
    )
