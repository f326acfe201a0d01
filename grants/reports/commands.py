"""Reports for those who automate: one report to standard output, or the demonstration year into a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup

from core.access import Scope
from core.dates import local_day
from core.errors import Refusal
from core.figures import FileKind
from core.figures.answers import data_cut_off, issued
from core.periods import Period, period_choices, period_of
from grants.awards import queries as awards
from grants.reports.report import Statement, freeze_statement
from inventory.usage.report import UsageReport, freeze_usage

reports = AppGroup("reports", help="Make reports.")
_KIND = click.Choice([kind.value for kind in FileKind])


@reports.command("statement")
@click.argument("award")
@click.option("--from", "first", required=True, help="First day, like 2022-07-01.")
@click.option("--to", "last", required=True, help="Last day, like 2022-09-30.")
@click.option("--format", "kind", type=_KIND, default="pdf", show_default=True)
@click.option("--output", type=click.File("wb"), default="-", help="A file; standard output when left out.")
def statement(award: str, first: str, last: str, kind: str, output: click.File) -> None:
    """Make the statement of grant usage of an AWARD for a period."""
    try:
        made = freeze_statement(award, period_of(first, last), at=data_cut_off())
    except Refusal as refusal:
        raise click.ClickException(_words(refusal, award)) from refusal
    click.echo(_statement(made, FileKind(kind)), nl=False, file=output)  # type: ignore[arg-type]


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
def usage(first: str, last: str, kind: str, output: click.File) -> None:
    """Make the usage report by station for a period."""
    try:
        made = freeze_usage(period_of(first, last), scope=Scope.everywhere(), at=data_cut_off())
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    click.echo(_usage(made, FileKind(kind)), nl=False, file=output)  # type: ignore[arg-type]


@reports.command("demonstration-pdfs")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def demonstration_pdfs(folder: Path) -> None:
    """Make each report of the demonstration year into a FOLDER, as PDF and CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    at = data_cut_off()
    for period in _year_and_quarters(local_day(at)):
        for award in awards.awards():
            if award.starts_on <= period.last and award.ends_on >= period.first:
                made = freeze_statement(award.code, period, at=at)
                _write(folder, made.reference, {kind: _statement(made, kind) for kind in _ON_PAPER})
        used = freeze_usage(period, scope=Scope.everywhere(), at=at)
        _write(folder, used.reference, {kind: _usage(used, kind) for kind in _ON_PAPER})


_ON_PAPER = (FileKind.PDF, FileKind.CSV)


def _year_and_quarters(day: date) -> list[Period]:
    """Give the financial year that a day lies in and the quarters of it that have begun."""
    first = min((award.starts_on for award in awards.awards()), default=day)
    return [choice.period for choice in period_choices(min(first, day), day) if choice.period.first <= day]


def _write(folder: Path, name: str, files: dict[FileKind, bytes]) -> None:
    for kind, data in files.items():
        (folder / f"{name}.{kind}").write_bytes(data)
        click.echo(f"{name}.{kind}: {len(data):,} bytes")
