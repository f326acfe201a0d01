"""Reports for those who automate: one report to standard output, or the demonstration year into a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar

import click
from flask.cli import AppGroup

from core.access import Scope
from core.dates import local_day
from core.errors import Refusal
from core.figures import FileKind
from core.figures.answers import data_cut_off, issued
from core.figures.storing import frozen_of
from core.periods import Period, period_choices, period_of
from grants.awards import queries as awards
from grants.claims import queries as claims
from grants.claims.report import ClaimPack, draft_of, pack_of
from grants.closing import queries as closing
from grants.closing.report import Outturn, freeze_outturn
from grants.published import queries as published
from grants.published.report import ReleasedUsage
from grants.reconciliation import queries as reconciling
from grants.reconciliation.report import ReconciledPeriod
from grants.reports.report import Statement, freeze_statement
from inventory.usage.report import UsageReport, freeze_usage

Asked = TypeVar("Asked", ClaimPack, ReconciledPeriod, Outturn, ReleasedUsage)

reports = AppGroup("reports", help="Make reports.")
_KIND = click.Choice([kind.value for kind in FileKind])


@reports.command("statement")
@click.argument("award")
@click.option("--from", "first", required=True, help="First day, like 2022-07-01.")
@click.option("--to", "last", required=True, help="Last day, like 2022-09-30.")
@click.option("--format", "kind", type=_KIND, default="pdf", show_default=True)
@click.option("--output", type=click.File("wb"), default="-", help="A file; standard output when left out.")
def statement(award: str, first: str, last: str, kind: str, output: BinaryIO) -> None:
    """Make the statement of grant usage of an AWARD for a period."""
    try:
        made = freeze_statement(award, period_of(first, last), at=data_cut_off())
    except Refusal as refusal:
        raise click.ClickException(_words(refusal, award)) from refusal
    output.write(_statement(made, FileKind(kind)))


def _statement(made: Statement, kind: FileKind) -> bytes:
    """Paint a statement that leaves by a command, and register it."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.reports.pdf import file_of

    pence = made.total.eligible
    return issued(made, kind, file_of, sort="statement", filters=made.filters, by=None, eligible_pence=pence)


def _usage(made: UsageReport, kind: FileKind) -> bytes:
    """Paint a usage report that leaves by a command, and register it."""
    from inventory.usage.pdf import MARKING, file_of

    count = made.issued_count
    return issued(made, kind, file_of, sort="usage", filters=made.filters, by=None, marking=MARKING, issued_count=count)


def _words(refusal: Refusal, award: str) -> str:
    return f"There is no award {award}." if refusal.status == 404 else f"{refusal.message}."


@reports.command("usage")
@click.option("--from", "first", required=True, help="First day, like 2022-07-01.")
@click.option("--to", "last", required=True, help="Last day, like 2022-09-30.")
@click.option("--format", "kind", type=_KIND, default="pdf", show_default=True)
@click.option("--output", type=click.File("wb"), default="-", help="A file; standard output when left out.")
def usage(first: str, last: str, kind: str, output: BinaryIO) -> None:
    """Make the usage report by station for a period."""
    try:
        made = freeze_usage(period_of(first, last), scope=Scope.everywhere(), at=data_cut_off())
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    output.write(_usage(made, FileKind(kind)))


@reports.command("demonstration-pdfs")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def demonstration_pdfs(folder: Path) -> None:
    """Make each report of the demonstration year into a FOLDER, as PDF and CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    at = data_cut_off()
    for name, kind, data in chain(_of_periods(at), _of_awards(at), _of_releases()):
        (folder / f"{name}.{kind}").write_bytes(data)
        click.echo(f"{name}.{kind}: {len(data):,} bytes")


_ON_PAPER = (FileKind.PDF, FileKind.CSV)
Left = Iterator[tuple[str, FileKind, bytes]]
"""Files that left: name of the report, form, bytes."""


def _of_periods(at: datetime) -> Left:
    """Make the statement of every award, and usage by station, for the year and its quarters."""
    for period in _year_and_quarters(local_day(at)):
        for award in awards.awards():
            if award.starts_on <= period.last and award.ends_on >= period.first:
                made = freeze_statement(award.code, period, at=at)
                yield from ((made.reference, kind, _statement(made, kind)) for kind in _ON_PAPER)
        used = freeze_usage(period, scope=Scope.everywhere(), at=at)
        yield from ((used.reference, kind, _usage(used, kind)) for kind in _ON_PAPER)


def _of_awards(at: datetime) -> Left:
    """Make every award's claims, reconciliations and outturn: as signed where they are, else as known now."""
    from grants.claims.pdf import file_of as claim_of
    from grants.closing.pdf import file_of as outturn_of
    from grants.reconciliation.pdf import file_of as reconciliation_of

    for award in awards.awards():
        for claim in claims.claims_of(award.id):
            signed = claims.signed_of(claim.id)
            yield from _left(pack_of(signed.pack_json) if signed else draft_of(claim, at=at).pack, "claim", claim_of)
        for period in reconciling.periods_of(award):
            newest = reconciling.newest(award.id, period.first)
            if newest and newest.signed:
                made = frozen_of(ReconciledPeriod, newest.signed.figures_json)
                yield from _left(made, "reconciliation", reconciliation_of)
        closure = closing.newest_closure(award.id)
        if closure and closure.outturn_json:
            ended = frozen_of(Outturn, closure.outturn_json)
        else:
            ended = freeze_outturn(award, closing.standing(award).claims, at=at)
        yield from _left(ended, "outturn", outturn_of)


def _of_releases() -> Left:
    """Make every release of published usage, as it was published."""
    from grants.published.pdf import file_of

    for kept in published.releases(page=1).rows:
        frozen = published.release_by_reference(kept.reference).frozen_json
        yield from _left(frozen_of(ReleasedUsage, frozen), "published", file_of)


def _left(made: Asked, sort: str, paint: Callable[[Asked, FileKind], bytes]) -> Left:
    """Have a report leave in each form that goes on paper, registered."""
    for kind in _ON_PAPER:
        yield made.reference, kind, issued(made, kind, paint, sort=sort, filters=made.filters, by=None)


def _year_and_quarters(day: date) -> list[Period]:
    """Give the financial year that a day lies in and the quarters of it that have begun."""
    first = min((award.starts_on for award in awards.awards()), default=day)
    return [choice.period for choice in period_choices(min(first, day), day) if choice.period.first <= day]
