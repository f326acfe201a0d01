"""Keeping phones ringing: recording that texts were sent from them, and undoing what was a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import AlreadyDone, NotFound, RuleBroken
from core.money import Pence
from inventory.phones import queries, rules
from inventory.phones.models import SerialUnit, SimUse, SimUseUndone
from inventory.phones.rules import UseKind
from organisation.places.models import Place
from organisation.places.queries import chosen_place


def record_uses(
    place_code: str,
    credit_pence: Mapping[int, Pence | None],
    *,
    kind: UseKind = UseKind.TEXT,
    used_on: date,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> list[SimUse]:
    """Record that SIMs at a place were used on a day, each with its credit where that was read.

    Args:
        credit_pence: id of each SIM → its credit in pence, or None when nobody looked.

    Raises:
        RuleBroken: a SIM is not at the place, the day lies ahead or before it was received, or a credit is no credit.
    """
    body = [place_code, sorted(credit_pence.items()), kind, used_on]
    if done := trail.earlier(submission_id, by=by, act="phones.use", body=body):
        return _uses_between(done)
    place = chosen_place(place_code, scope=scope, field="place")
    if not credit_pence:
        raise RuleBroken("Choose at least one phone")
    _check(place, credit_pence, kind, used_on, today=local_day(at))
    uses = [
        SimUse(
            sim_id=sim_id,
            kind=kind,
            used_on=used_on,
            credit_pence=credit,
            place_id=place.id,
            account_id=by.account_id,
            recorded_at=at,
        )
        for sim_id, credit in sorted(credit_pence.items())
    ]
    db.session.add_all(uses)
    db.session.flush()
    trail.record(
        act="phones.use",
        subject=f"use {uses[0].id} to {uses[-1].id}",
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        units=len(uses),
        kind=kind,
        used_on=used_on,
        sims=[[use.sim_id, use.credit_pence] for use in uses],
    )
    return uses


def _uses_between(subject: str) -> list[SimUse]:
    """Find the uses that one act recorded, by the subject of its leaf."""
    _, first, _, last = subject.split()
    return list(db.session.scalars(select(SimUse).where(SimUse.id.between(int(first), int(last))).order_by(SimUse.id)))


def _check(
    place: Place, credit_pence: Mapping[int, Pence | None], kind: UseKind, used_on: date, *, today: date
) -> None:
    here = {each.state.unit_id for each in queries.sims_at(place.id, on=today)}
    units = {unit.id: unit for unit in db.session.scalars(select(SerialUnit).where(SerialUnit.id.in_(credit_pence)))}
    held = queries.units_here([unit.number for unit in units.values()], scope=Scope.of([place.id]))
    for sim_id, credit in credit_pence.items():
        if sim_id not in here:
            raise RuleBroken(f"One of these phones is no longer at {place.name}. Look at the list again")
        number = units[sim_id].number
        rules.check_used_on(used_on, today=today, received_on=held[number].received_on, number=number)
        rules.check_credit(credit)
        if kind is UseKind.CREDIT_READ and credit is None:
            raise RuleBroken("Enter the credit that was read, like 8.40", "credit")


def undo_use(use_id: int, *, scope: Scope, by: Actor, at: datetime, submission_id: str) -> SimUse:
    """Undo a use that was recorded by mistake; both stay on record.

    Raises:
        NotFound: there is no such use for this person.
        AlreadyDone: it was undone before.
    """
    done = trail.earlier(submission_id, by=by, act="phones.undo_use", body=[use_id])
    asked = select(SimUse).where(SimUse.id == use_id).with_for_update(key_share=True)
    use = db.session.scalar(asked)
    if use is None or not scope.covers(use.place_id):
        raise NotFound
    if done:
        return use
    if db.session.scalar(select(SimUseUndone.id).where(SimUseUndone.sim_use_id == use_id)) is not None:
        raise AlreadyDone("This has been undone already")
    db.session.add(SimUseUndone(sim_use_id=use_id, account_id=by.account_id, recorded_at=at))
    db.session.flush()
    trail.record(
        act="phones.undo_use",
        subject=f"use {use_id}",
        by=by,
        at=at,
        submission_id=submission_id,
        sim=use.sim_id,
    )
    return use
