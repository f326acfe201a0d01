"""Reading coverage, the briefings log, actions and packs, in a fixed number of statements.

A page of coverage is for the whole of the force and its partners, so no scope belongs here; who may see its figures,
the routes say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload, undefer

from core.access import Scope
from core.dates import day_bounds, local_day
from core.db import db
from core.errors import NotFound
from core.figures.storing import frozen_of
from core.periods import Period
from grants.partnership.models import Briefing, PartnershipAction, PartnershipActionDone, PartnershipPack
from grants.partnership.rules import NO_TOWN, Covered, dry_days
from grants.published.models import UsageRelease
from grants.published.report import ReleasedUsage
from inventory.bags.models import BagMove, BagPosition, Issue
from inventory.stock.models import Posting
from inventory.unmet.queries import unmet
from inventory.usage.queries import PlaceDays, issues, place_days
from inventory.usage.rules import Narrowing, net
from organisation.places.models import Body
from organisation.places.queries import towns_of_places

EVERYWHERE = Scope.everywhere()


def coverage(period: Period, *, today: date, at: datetime) -> list[Covered]:
    """Say of each place that was open in a period what stands there, what was given and what was asked for in vain."""
    known = [each for each in place_days(scope=EVERYWHERE) if each.was_open(period)]
    towns, standing, changes = towns_of_places(), _standing(), _changes(period.first)
    given = Counter(issue.place for issue in net(issues([period], scope=EVERYWHERE, at=at, to=Narrowing()).made))
    missed: Counter[int] = Counter()
    for want in unmet(scope=EVERYWHERE, since=period.first, until=period.last, at=at):
        missed[want.place_id] += want.unit_count
    last = _last_issues()
    found = []
    for each in known:
        key, town = each.named.key, towns.get(each.named.key)
        first, ends = _open_days(each, period, today)
        found.append(
            Covered(
                each.named.name,
                town.area if town else NO_TOWN,
                town.name if town else "",
                town.east_km if town else 0,
                town.north_km if town else 0,
                standing.get(key, 0),
                given[each.named.name],
                dry_days(standing.get(key, 0), changes.get(key, {}), first, ends, today),
                missed[key],
                last.get(key),
            )
        )
    return found


def _open_days(place: PlaceDays, period: Period, today: date) -> tuple[date, date]:
    """Give the first and last day of a period on which a place was open, up to today."""
    first = max(period.first, place.opened_on or period.first)
    return first, min(period.last, place.closed_on or period.last, today)


def _standing() -> dict[int, int]:
    """Count the Go Bags that stand at each place: place id → how many."""
    asked = select(BagPosition.place_id, func.count()).group_by(BagPosition.place_id)
    return {place_id: int(count) for place_id, count in db.session.execute(asked)}


def _changes(first: date) -> dict[int, Mapping[date, int]]:
    """Say by how many the Go Bags of each place changed on each day since one: place id → day → more or fewer."""
    since, _ = day_bounds(first, first)
    corrected = aliased(Posting)
    happened = func.coalesce(corrected.happened_at, Posting.happened_at)
    sides: list[Select[int, datetime, int]] = [
        select(place_id, happened, literal(sign))
        .join(Posting, Posting.id == BagMove.posting_id)
        .outerjoin(corrected, corrected.id == Posting.corrects_id)
        .where(happened >= since)
        for place_id, sign in ((BagMove.to_place_id, 1), (BagMove.from_place_id, -1))
    ]
    found: dict[int, Counter[date]] = defaultdict(Counter)
    for place_id, moment, sign in db.session.execute(union_all(*sides)):
        found[place_id][local_day(moment)] += sign
    return dict(found)


def _last_issues() -> dict[int, date]:
    asked = select(Issue.place_id, func.max(Issue.issued_at)).group_by(Issue.place_id)
    return {place_id: local_day(moment) for place_id, moment in db.session.execute(asked)}


# ---- The briefings log --------------------------------------------------------------------------


def _standing_briefings() -> Select[Briefing]:
    """Select the briefings that no other corrects, newest first."""
    corrected = select(Briefing.corrects_id).where(Briefing.corrects_id.is_not(None))
    return (
        select(Briefing)
        .where(Briefing.id.not_in(corrected))
        .order_by(Briefing.briefed_on.desc(), Briefing.id.desc())
        .options(joinedload(Briefing.place), joinedload(Briefing.note))
    )


def briefings() -> Select[Briefing]:
    """Select every entry of the log, newest first, for a page of them."""
    return (
        select(Briefing)
        .order_by(Briefing.briefed_on.desc(), Briefing.id.desc())
        .options(joinedload(Briefing.place), joinedload(Briefing.note))
    )


def briefings_in(period: Period) -> list[Briefing]:
    """List the briefings of a period that took place, as corrected, by place."""
    asked = _standing_briefings().where(
        Briefing.briefed_on.between(period.first, period.last), Briefing.attendee_count > 0
    )
    return list(db.session.scalars(asked))


def briefing(briefing_id: int) -> Briefing:
    """Find an entry of the log.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Briefing, briefing_id)
    if found is None:
        raise NotFound
    return found


def corrected_ids() -> frozenset[int]:
    """Give the entries that another stands in the stead of."""
    asked = select(Briefing.corrects_id).where(Briefing.corrects_id.is_not(None))
    return frozenset(each for each in db.session.scalars(asked) if each is not None)


# ---- Actions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AgreedAction:
    """An action and when it was done, or None."""

    action_id: int
    words: str
    owner: str
    due_on: date
    done_at: datetime | None


def actions(*, done_since: date | None = None) -> list[AgreedAction]:
    """List the actions that are open, and those done since a day, by when they are due."""
    asked = (
        select(PartnershipAction, PartnershipActionDone.done_at)
        .outerjoin(PartnershipActionDone, PartnershipActionDone.action_id == PartnershipAction.id)
        .order_by(PartnershipAction.due_on, PartnershipAction.id)
        .options(joinedload(PartnershipAction.note), joinedload(PartnershipAction.body))
    )
    if done_since is not None:
        since, _ = day_bounds(done_since, done_since)
        asked = asked.where(PartnershipActionDone.done_at.is_(None) | (PartnershipActionDone.done_at >= since))
    return [
        AgreedAction(each.id, str(each.note), each.body.name, each.due_on, done_at)
        for each, done_at in db.session.execute(asked)
    ]


def action(action_id: int) -> PartnershipAction:
    """Find an action.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(PartnershipAction, action_id)
    if found is None:
        raise NotFound
    return found


def is_done(action_id: int) -> bool:
    """Say whether an action is done."""
    asked = select(PartnershipActionDone.id).where(PartnershipActionDone.action_id == action_id)
    return db.session.scalar(asked) is not None


def owners() -> list[Body]:
    """List the bodies that can own an action."""
    return list(db.session.scalars(select(Body).order_by(Body.name)))


# ---- Packs --------------------------------------------------------------------------------------


def packs() -> Sequence[PartnershipPack]:
    """List the packs that were issued, newest quarter first."""
    return db.session.scalars(select(PartnershipPack).order_by(PartnershipPack.first_on.desc())).all()


def pack_json(reference: str) -> str:
    """Give the frozen text of a pack.

    Raises:
        NotFound: there is none of this reference.
    """
    whole = undefer(PartnershipPack.frozen_json)
    found = db.session.scalar(select(PartnershipPack).where(PartnershipPack.reference == reference).options(whole))
    if found is None:
        raise NotFound
    return found.frozen_json


def pack_of(period: Period) -> str | None:
    """Give the reference of the pack of a quarter, or None before it is issued."""
    return db.session.scalar(select(PartnershipPack.reference).where(PartnershipPack.first_on == period.first))


def releases_of(periods: Sequence[Period]) -> list[ReleasedUsage | None]:
    """Give the newest release of published usage for exactly the days of each period, or None."""
    days = [(period.first, period.last) for period in periods]
    asked = select(UsageRelease).where(or_(*(_for_exactly(*pair) for pair in days))).order_by(UsageRelease.id)
    found = {
        (each.first_on, each.last_on): each.frozen_json
        for each in db.session.scalars(asked.options(undefer(UsageRelease.frozen_json)))
    }
    return [frozen_of(ReleasedUsage, found[pair]) if pair in found else None for pair in days]


def _for_exactly(first: date, last: date) -> ColumnElement[bool]:
    return and_(UsageRelease.first_on == first, UsageRelease.last_on == last)
