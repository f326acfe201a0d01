"""Making the usage report of a period, narrowed to what was asked for, as known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.access import Scope
from core.dates import day_bounds, local_day
from core.figures import Checkpoint
from core.periods import Period
from core.trail.queries import Head, head
from inventory.unmet.queries import Unmet, unmet
from inventory.usage import queries
from inventory.usage.report import compared, tables
from inventory.usage.report.compared import Spells, Wants
from inventory.usage.report.frozen import UsageReport
from inventory.usage.rules import (
    Asked,
    Bucket,
    Change,
    Choices,
    IssueFact,
    Narrowing,
    bucket_of,
    buckets,
    narrowed,
    net,
    standing,
    windows,
)


@dataclass(frozen=True)
class MadeUsage:
    """A report with what its page offers to narrow it to."""

    report: UsageReport
    choices: Choices


def freeze_usage(period: Period, *, scope: Scope, at: datetime, asked: Asked | None = None) -> UsageReport:
    """Make the usage report of a period for the places in scope, as known at a moment.

    Args:
        asked: what to narrow it to.

    Raises:
        RuleBroken: what is asked for is not there, or is outside the scope.
    """
    return make_usage(period, scope=scope, at=at, asked=asked).report


def make_usage(
    period: Period, *, scope: Scope, at: datetime, asked: Asked | None = None, log: Head | None = None
) -> MadeUsage:
    """Make the usage report, and say what it could be narrowed to; ``freeze_usage`` says what the arguments are."""
    known = queries.place_days(scope=scope)
    choices = queries.choices(known)
    to = narrowed(asked or Asked(), choices)
    if to.place:
        scope, known = Scope.of([to.place.key]), [each for each in known if each.named.key == to.place.key]
    return MadeUsage(_frozen(period, scope, at, to, known, choices, log or head()), choices)


def _frozen(
    period: Period,
    scope: Scope,
    at: datetime,
    to: Narrowing,
    known: Sequence[queries.PlaceDays],
    choices: Choices,
    log: Head,
) -> UsageReport:
    first_days = [each.opened_on for each in known if each.opened_on]
    three = windows(period, known_from=min(first_days, default=None), until=local_day(at))
    counted = [each.period for each in three.known]
    found = queries.issues(counted, scope=scope, at=at, to=to)
    spells = Spells.of(three, found.made, _wanted(counted, scope, at, to, choices))
    made = [issue for issue in found.made if period.holds(local_day(issue.issued_at))]
    kept, cut, wants = net(made), buckets(period), Wants(spells.now.unmet, choices)
    stock = _Stock.read(period, scope, at, to)
    names = _names(known, period, made, stock.changes)
    issued, given = _by_hand(standing(made), names), _by_hand(kept, names)
    return UsageReport(
        organisation=queries.force_name(),
        period=period,
        checkpoint=Checkpoint(log.sequence, log.chain_hash, at),
        issued=issued,
        recorded_count=len(made),
        busiest=_busiest([(place, officers + partners) for place, officers, partners in given]),
        by_time=tables.by_time(kept, names, cut),
        by_route=tables.by_route(made, names),
        by_recipe=tables.by("recipe", "kit recipe", kept, names, lambda issue: issue.recipe),
        by_language=tables.by("booklet language", "language of the booklet inside", kept, names, tables.spoken),
        bags=tables.bag_account(stock.bags, names) if to.has_bag_account else tables.NO_TABLE,
        loose=tables.loose_account(stock.loose, names) if to.has_item_account else tables.NO_TABLE,
        items=tables.items(stock.items) if to.has_item_account else tables.NO_TABLE,
        undone=tables.undone("Undone issues", "Issues of this period that were undone", made),
        undone_late=tables.undone(
            "Undone earlier issues",
            "Issues of earlier periods undone in this one: earlier reports change",
            found.undone_late,
        ),
        narrowed=to.words,
        mark=to.mark,
        net=given,
        by_bucket=_by_bucket(kept, wants, cut),
        against=compared.against(spells),
        compared=compared.compared(spells),
        places=compared.dimension(
            "Compared by place",
            "Go Bags, by place",
            spells,
            compared.by_one(lambda issue: issue.place),
            wants.by_place(),
            names=names,
        ),
        variants=compared.dimension(
            "Compared by variant",
            "Go Bags, by variant",
            spells,
            compared.by_one(lambda issue: issue.recipe),
            wants.by_variant(),
        ),
        languages=compared.dimension(
            "Compared by language",
            "Go Bags by language of the booklet inside, and what was asked for in a language",
            spells,
            compared.by_one(tables.spoken),
            wants.by_language(),
        ),
        contents=compared.dimension(
            "Compared by item",
            "Units handed over in Go Bags, by item",
            spells,
            _by_contents(counted, scope, choices, to),
            wants.by_item(),
            adds_up=False,
        ),
        unmet=compared.unmet_by_place(wants),
        unmet_things=compared.unmet_by_thing(wants),
        returned=tables.returned([*found.back_late, *standing(made)]),
    )


def _wanted(
    periods: Sequence[Period], scope: Scope, at: datetime, to: Narrowing, choices: Choices
) -> tuple[Unmet, ...]:
    """Read what was asked for in vain in any of some periods."""
    since, until = min(each.first for each in periods), max(each.last for each in periods)
    found = unmet(scope=scope, since=since, until=until, at=at)
    return compared.narrowed_unmet(found, to, choices)


def _by_contents(periods: Sequence[Period], scope: Scope, choices: Choices, to: Narrowing) -> compared.Weigh:
    names = {each.key: each.name for each in choices.items}
    units = queries.units_given(periods, scope=scope)
    return compared.by_contents(units, names, to.item.key if to.item else None)


@dataclass(frozen=True)
class _Stock:
    """Changes of stock in the period, and what is there at its end; nothing where it cannot be narrowed so far."""

    bags: list[Change]
    loose: list[Change]
    items: list[queries.ItemAtEnd]

    @classmethod
    def read(cls, period: Period, scope: Scope, at: datetime, to: Narrowing) -> _Stock:
        if not to.has_item_account:
            return cls([], [], [])
        since, before = day_bounds(period.first, period.last)
        item_id = to.item.key if to.item else None
        bags, loose = queries.changes(scope=scope, since=since, before=before, at=at, item_id=item_id)
        items = queries.items_at_end(scope=scope, before=before, at=at)
        if to.item:
            items = [each for each in items if each.name == to.item.name]
        return cls(bags, loose, items)

    @property
    def changes(self) -> list[Change]:
        """All of them, for the names of their places."""
        return [*self.bags, *self.loose]


def _names(
    known: Sequence[queries.PlaceDays], period: Period, issues: Sequence[IssueFact], changes: Sequence[Change]
) -> list[str]:
    """List every place that was open in the period or has a figure in it."""
    was_open = (each.named.name for each in known if each.was_open(period))
    return sorted({*was_open, *(issue.place for issue in issues), *(change.place for change in changes)})


def _by_hand(issues: Sequence[IssueFact], places: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    return tuple((place, *tables.by_hand(issues, place)) for place in places)


def _by_bucket(kept: Sequence[IssueFact], wants: Wants, cut: Sequence[Bucket]) -> tuple[tuple[str, int, int], ...]:
    """Count net issues and unmet need by month or quarter, for the chart by time."""
    return tuple(
        (
            bucket.label,
            sum(1 for issue in kept if bucket_of(issue, cut) == bucket.label),
            sum(each.unit_count for each in wants.unmet if bucket.first <= each.wanted_on <= bucket.last),
        )
        for bucket in cut
    )


def _busiest(counted: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """Name the place with the most, where one alone has."""
    first, *others = sorted(counted, key=lambda each: -each[1]) or [("", 0)]
    return first if others and first[1] > others[0][1] else None
