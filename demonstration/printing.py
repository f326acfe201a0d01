"""Every report of the year on paper: as signed, published or issued where it is, else as known now.

How a sort of report is painted, the register of issued reports knows: a new sort only says here where its reports are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import chain
from typing import Any

from audit.issued.report import SORTS
from audit.makings.report import EXTRACT, SORT_OF, Surroundings
from audit.makings.report import SORTS as MAKINGS
from audit.samples import queries as samples
from audit.samples.report import freeze_paper
from audit.trail.queries import Asked
from audit.trail.report import MARKING, LogExtract, counted, filters_of, freeze_extract
from core.access import Scope
from core.dates import local_day
from core.figures import FileKind
from core.figures.answers import data_cut_off, issued
from core.figures.storing import frozen_of
from core.paging import whole_lists
from core.periods import Period, period_choices
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.bids.report import freeze_bid
from grants.claims import queries as claims
from grants.claims.report import draft_of, pack_of
from grants.closing import queries as closing
from grants.closing.report import Outturn, freeze_outturn
from grants.exposure.report import freeze_exposure
from grants.partnership import queries as partnership
from grants.partnership.report import QuarterPack
from grants.position.report import freeze_position
from grants.published import queries as published
from grants.published.report import ReleasedUsage
from grants.reconciliation import queries as reconciling
from grants.reconciliation.report import ReconciledPeriod
from grants.registers.report import freeze_items, freeze_losses, freeze_spending
from grants.reports.report import freeze_statement
from inventory.usage.report import freeze_usage

_ON_PAPER = (FileKind.PDF, FileKind.CSV)
LESS = 10
"""By how many per cent the printed bid is cut, so that it says what that would do."""
_SENSITIVE = frozenset({"bid", "exposure", "items", "sample", "usage"})
"""Sorts that show small counts, or what an auditor found."""

Made = tuple[str, Any]
"""A report with its sort, which says what class it is of."""


def printed() -> Iterator[tuple[str, bytes]]:
    """Make every report as PDF and as CSV, registered: name of the file, bytes."""
    for sort, made in reports(at=data_cut_off()):
        again = SORTS[sort].again
        assert again is not None  # what is made here is frozen
        marking = "OFFICIAL-SENSITIVE" if sort in _SENSITIVE else "OFFICIAL"
        for kind in _ON_PAPER:
            data = issued(made, kind, again()[1], sort=sort, filters=made.filters, by=None, marking=marking)
            yield f"{made.reference}.{kind}", data
    yield from _extract()


def _extract() -> Iterator[tuple[str, bytes]]:
    """Make the extract of the log of changes: a process makes it elsewhere, for a log may be longer than a year's."""
    asked = Asked()
    made = counted(freeze_extract(asked, filters_of(asked)))
    for kind in _ON_PAPER:
        data = issued(made, kind, _written, sort=EXTRACT, filters=made.filters, by=None, marking=MARKING)
        yield f"{made.reference}.{kind}", data


def _written(made: LogExtract, kind: FileKind) -> bytes:
    out = BytesIO()
    MAKINGS[SORT_OF[kind]].write(made, out, lambda _: None, Surroundings(made.checkpoint.cut_off, None))
    return out.getvalue()


def reports(*, at: datetime) -> Iterator[Made]:
    """Give every report there is, those of today as known at a moment."""
    yield from chain(_of_periods(at), _of_awards(at), _told(), _of_samples(at))
    yield "bid", freeze_bid(less=LESS, at=at)
    yield "items", freeze_items(at=at)
    yield "losses", freeze_losses(at=at)


def _of_periods(at: datetime) -> Iterator[Made]:
    """Make the statement of every award, usage by station and spending over £500, for the years and their quarters."""
    for period in _years_and_quarters(local_day(at)):
        for award in awards.awards():
            if award.starts_on <= period.last and award.ends_on >= period.first:
                yield "statement", freeze_statement(award.code, period, at=at)
        yield "usage", freeze_usage(period, scope=Scope.everywhere(), at=at)
        yield "spending", freeze_spending(period, at=at)


def _years_and_quarters(day: date) -> list[Period]:
    """Give the financial years since the first award and the quarters of them that have begun."""
    first = min((award.starts_on for award in awards.awards()), default=day)
    return [choice.period for choice in period_choices(min(first, day), day) if choice.period.first <= day]


def _of_awards(at: datetime) -> Iterator[Made]:
    """Make every award's position, exposure, claims, reconciliations and outturn."""
    for award in awards.awards():
        yield "position", freeze_position(award, at=at, today=local_day(at))
        yield "exposure", freeze_exposure(award, at=at, today=local_day(at))
        for claim in claims.claims_of(award.id):
            signed = claims.signed_of(claim.id)
            yield "claim", pack_of(signed.pack_json) if signed else draft_of(claim, at=at).pack
        for period in reconciling.periods_of(award):
            newest = reconciling.newest(award.id, period.first)
            if newest and newest.signed:
                yield "reconciliation", frozen_of(ReconciledPeriod, newest.signed.figures_json)
        yield "outturn", _outturn(award, at)


def _outturn(award: Award, at: datetime) -> Outturn:
    closure = closing.newest_closure(award.id)
    if closure and closure.outturn_json:
        return frozen_of(Outturn, closure.outturn_json)
    return freeze_outturn(award, closing.standing(award).claims, at=at)


def _told() -> Iterator[Made]:
    """Give every release of published usage and every pack for the partnership, as others were shown it."""
    with whole_lists():
        references = [kept.reference for kept in published.releases(page=1).rows]
    for reference in references:
        yield "published", frozen_of(ReleasedUsage, published.release_by_reference(reference).frozen_json)
    for pack in partnership.packs():
        yield "partnership", frozen_of(QuarterPack, partnership.pack_json(pack.reference))


def _of_samples(at: datetime) -> Iterator[Made]:
    """Make the working paper of every sample."""
    with whole_lists():
        references = [sample.reference for sample, _ in samples.samples(number=1).rows]
    for reference in references:
        yield "sample", freeze_paper(samples.sample_by_reference(reference, whole=True), at=at)
