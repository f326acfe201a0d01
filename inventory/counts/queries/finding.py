"""Finding counts and handovers, and when each place was last counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from core.access import ROLE_PERMISSIONS, Actor, Permission, Scope
from core.dates import local_day
from core.db import ask, db
from core.errors import NotFound
from inventory.counts.models import (
    CountEntry,
    CountLine,
    CountResult,
    CountSetting,
    CountTakenBack,
    Handover,
    HandoverSignature,
    StockCount,
)
from inventory.counts.rules import COUNT_EVERY, OPEN, RECOUNT_ABOVE, CountExtent, CountState, overdue_by
from organisation.accounts.models import Account, RoleHeld
from organisation.accounts.queries import held_on
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS


@dataclass(frozen=True)
class Setting:
    """How a place is counted."""

    recount_above_count: int = RECOUNT_ABOVE
    every_days: int = COUNT_EVERY.days


@dataclass(frozen=True)
class Standing:
    """Where a place stands with its counts.

    Attributes:
        last_on: the day the whole place was last counted and approved, or None.
        overdue_days: by how many days it should have been counted again, or None.
        due_since: the day on which it should have been, where it is overdue.
        open_reference: the count that is going on there, or None.
    """

    place: Place
    last_on: date | None
    overdue_days: int | None
    open_reference: str | None
    open_state: CountState | None
    due_since: date | None = None

    @property
    def never_counted(self) -> bool:
        """Whether a first count is due and nobody has begun one."""
        return self.overdue_days is not None and self.last_on is None and self.open_reference is None


def count_by_reference(reference: str, *, scope: Scope, lock: bool = False) -> StockCount:
    """Find a count with its lines and everything that was seen.

    Args:
        lock: hold it until the change commits, so that two people who decide on it queue.

    Raises:
        NotFound: there is none at a place in scope.
    """
    if lock:
        ask(_HELD, reference=reference)
    found = db.session.scalar(_in_full(), {"reference": reference}, execution_options={"populate_existing": lock})
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def line_to_count(reference: str, position: int, *, scope: Scope) -> CountLine:
    """Find one line of a count with what was seen of it, and hold the count until the change commits.

    Raises:
        NotFound: there is no such line at a place in scope.
    """
    ask(_HELD, reference=reference)
    found = db.session.scalar(
        _one_line(), {"reference": reference, "position": position}, execution_options={"populate_existing": True}
    )
    if found is None or not scope.covers(found.count.place_id):
        raise NotFound
    return found


_HELD = select(StockCount.id).where(StockCount.reference == bindparam("reference")).with_for_update()


@cache
def _one_line() -> Select[CountLine]:
    """Select one line of a count; built once, for preparing it costs more than running it."""
    return (
        select(CountLine)
        .join(CountLine.count)
        .where(StockCount.reference == bindparam("reference"), CountLine.position == bindparam("position"))
        .options(
            contains_eager(CountLine.count).joinedload(StockCount.place),
            joinedload(CountLine.item),
            selectinload(CountLine.entries),
        )
    )


@cache
def _in_full() -> Select[StockCount]:
    """Select a count by its reference with all it holds; built once, for preparing it costs more than running it."""
    lines = selectinload(StockCount.lines)
    return (
        select(StockCount)
        .where(StockCount.reference == bindparam("reference"))
        .options(
            joinedload(StockCount.place),
            joinedload(StockCount.started_by),
            joinedload(StockCount.approved_by),
            joinedload(StockCount.note),
            lines.joinedload(CountLine.item),
            lines.joinedload(CountLine.note),
            lines.joinedload(CountLine.result),
            lines.selectinload(CountLine.entries).joinedload(CountEntry.account),
            lines.selectinload(CountLine.entries).selectinload(CountEntry.numbers),
        )
    )


def counts(
    *,
    scope: Scope,
    place_id: int | None = None,
    state: CountState | None = None,
    not_counted_by: int | None = None,
) -> Select[StockCount]:
    """Select counts in scope, newest first, for a page of them.

    Args:
        not_counted_by: leaves out those of which this account counted anything.
    """
    asked = select(StockCount).options(
        joinedload(StockCount.place), joinedload(StockCount.started_by), joinedload(StockCount.approved_by)
    )
    if scope.place_ids is not None:
        asked = asked.where(StockCount.place_id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(StockCount.place_id == place_id)
    if state is not None:
        asked = asked.where(StockCount.state == state)
    if not_counted_by is not None:
        counted = select(CountLine.count_id).join(CountEntry, CountEntry.line_id == CountLine.id)
        asked = asked.where(StockCount.id.not_in(counted.where(CountEntry.account_id == not_counted_by)))
    return asked.order_by(StockCount.id.desc())


def counted_again(*, scope: Scope, account_id: int) -> list[tuple[StockCount, int]]:
    """List the counts in scope in which things are left for somebody else to count again who may be this account.

    Returns:
        Each count, and how many things of it this account may count again; the oldest first.
    """
    saw = exists().where(CountEntry.line_id == CountLine.id)
    things = (
        select(CountLine.count_id, func.count().label("things"))
        .where(
            CountLine.round_wanted > 1,
            ~saw.where(CountEntry.round >= CountLine.round_wanted),
            ~saw.where(CountEntry.round < CountLine.round_wanted, CountEntry.account_id == account_id),
        )
        .group_by(CountLine.count_id)
        .subquery()
    )
    asked = (
        select(StockCount, things.c.things)
        .join(things, things.c.count_id == StockCount.id)
        .where(StockCount.state == CountState.COUNTING)
        .options(joinedload(StockCount.place))
        .order_by(StockCount.id)
    )
    if scope.place_ids is not None:
        asked = asked.where(StockCount.place_id.in_(scope.place_ids))
    return [(count, int(many)) for count, many in db.session.execute(asked)]


def open_count(place_id: int) -> StockCount | None:
    """Give the count that is going on at a place, or None."""
    asked = select(StockCount).where(StockCount.place_id == place_id, StockCount.state.in_(OPEN))
    return db.session.scalars(asked.limit(1)).first()


def settings_of(place_ids: Collection[int]) -> dict[int, Setting]:
    """Give how places are counted: place id → setting."""
    newest = (
        select(func.max(CountSetting.id)).where(CountSetting.place_id.in_(place_ids)).group_by(CountSetting.place_id)
    )
    rows = db.session.scalars(select(CountSetting).where(CountSetting.id.in_(newest)))
    chosen = {row.place_id: Setting(row.recount_above_count, row.every_days) for row in rows}
    return {place_id: chosen.get(place_id, Setting()) for place_id in place_ids}


def standings(of: Collection[Place], *, today: date) -> list[Standing]:
    """Say of each place when it was last counted and whether it is overdue: the longest first, first counts last."""
    return _standings(Place.id.in_([place.id for place in of]), today)


def standings_in(*, scope: Scope, today: date) -> list[Standing]:
    """Say the same of the places of a scope that are open today, and of those that they supply."""
    wanted = Place.kind.in_(REAL_KINDS) & (Place.opened_on <= today)
    wanted &= Place.closed_on.is_(None) | (Place.closed_on >= today)
    if scope.place_ids is not None:
        wanted &= or_(Place.id.in_(scope.place_ids), Place.supplied_by_id.in_(scope.place_ids))
    return _standings(wanted, today)


def _standings(wanted: ColumnElement[bool], today: date) -> list[Standing]:
    """Ask in one statement, whatever the number of places: the home pages do."""
    here = StockCount.place_id == Place.id
    last = select(func.max(StockCount.finished_at)).where(
        here, StockCount.extent == CountExtent.WHOLE, StockCount.state == CountState.APPROVED
    )
    every = select(CountSetting.every_days).where(CountSetting.place_id == Place.id)
    going_on = select(StockCount.reference).where(here, StockCount.state.in_(OPEN))
    state = select(StockCount.state).where(here, StockCount.state.in_(OPEN))
    rows = db.session.execute(
        select(
            Place,
            last.correlate(Place).scalar_subquery(),
            every.order_by(CountSetting.id.desc()).limit(1).correlate(Place).scalar_subquery(),
            going_on.limit(1).correlate(Place).scalar_subquery(),
            state.limit(1).correlate(Place).scalar_subquery(),
        ).where(wanted)
    )
    found = [
        _standing(place, last_at, days, reference, state_, today) for place, last_at, days, reference, state_ in rows
    ]
    return sorted(found, key=lambda each: (each.never_counted, -(each.overdue_days or 0), each.place.name))


def _standing(
    place: Place,
    last: datetime | None,
    every_days: int | None,
    reference: str | None,
    state: CountState | None,
    today: date,
) -> Standing:
    day = local_day(last) if last is not None else None
    every = timedelta(days=every_days) if every_days else COUNT_EVERY
    late = overdue_by(day, opened_on=place.opened_on, every=every, today=today)
    return Standing(place, day, late, reference, state, today - timedelta(days=late) if late else None)


def handover_by_reference(reference: str, *, scope: Scope) -> Handover:
    """Find a handover of a cupboard.

    Raises:
        NotFound: there is none at a place in scope.
    """
    found = db.session.scalar(
        select(Handover)
        .where(Handover.reference == reference)
        .options(
            joinedload(Handover.place),
            joinedload(Handover.count),
            joinedload(Handover.outgoing),
            joinedload(Handover.incoming),
            selectinload(Handover.signatures).joinedload(HandoverSignature.account),
        )
    )
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def handovers_to_sign(account_id: int, *, scope: Scope) -> list[Handover]:
    """List the handovers in scope that wait for somebody's signature, their sample being counted; oldest first."""
    signed = exists().where(
        HandoverSignature.handover_id == Handover.id,
        HandoverSignature.account_id == account_id,
        HandoverSignature.signed_at >= StockCount.finished_at,
    )
    asked = (
        select(Handover)
        .join(StockCount, StockCount.id == Handover.count_id)
        .where(
            or_(Handover.outgoing_id == account_id, Handover.incoming_id == account_id),
            StockCount.state.in_((CountState.COUNTED, CountState.APPROVED)),
            ~signed,
        )
        .options(joinedload(Handover.place))
        .order_by(Handover.id)
    )
    if scope.place_ids is not None:
        asked = asked.where(Handover.place_id.in_(scope.place_ids))
    return list(db.session.scalars(asked))


def handovers(*, scope: Scope, place_id: int | None = None) -> list[Handover]:
    """List the newest handovers in scope, at most 25."""
    asked = select(Handover).options(
        joinedload(Handover.place),
        joinedload(Handover.outgoing),
        joinedload(Handover.incoming),
        joinedload(Handover.count),
        selectinload(Handover.signatures),
    )
    if scope.place_ids is not None:
        asked = asked.where(Handover.place_id.in_(scope.place_ids))
    if place_id is not None:
        asked = asked.where(Handover.place_id == place_id)
    return list(db.session.scalars(asked.order_by(Handover.id.desc()).limit(25)))


def handover_of(count_id: int) -> Handover | None:
    """Give the handover a count belongs to, or None."""
    return db.session.scalar(select(Handover).where(Handover.count_id == count_id))


def who_may(permission: Permission, place_id: int, *, on: date) -> list[Account]:
    """List the people who may do something at a place on a day by a role of their own there, by name."""
    roles = [role for role, allowed in ROLE_PERMISSIONS.items() if permission in allowed]
    asked = (
        select(Account)
        .join(RoleHeld, RoleHeld.account_id == Account.id)
        .where(RoleHeld.place_id == place_id, RoleHeld.role.in_(roles), held_on(on), Account.disabled_at.is_(None))
        .distinct()
        .order_by(Account.name)
    )
    return list(db.session.scalars(asked))


def taken_back(count_id: int) -> dict[int, str]:
    """Give the lines of a count whose difference was taken back: line id → why."""
    rows = db.session.execute(
        select(CountResult.line_id, CountTakenBack)
        .join(CountTakenBack, CountTakenBack.result_id == CountResult.id)
        .join(CountLine, CountLine.id == CountResult.line_id)
        .where(CountLine.count_id == count_id)
        .options(joinedload(CountTakenBack.note))
    )
    return {line_id: str(taken.note) for line_id, taken in rows}


def counted_by(count: StockCount, actor: Actor) -> bool:
    """Say whether a person counted anything of a count, or may approve there only as deputy of whoever did."""
    people = {entry.account_id: entry.account.name for line in count.lines for entry in line.entries}
    held = [each for each in actor.appointments if each.grants(Permission.APPROVE_COUNT)]
    counting = [each for each in held if each.place_id in (None, count.place_id)]
    stands_in = bool(counting) and all(each.deputising_for in people.values() for each in counting)
    return actor.account_id in people or stands_in
