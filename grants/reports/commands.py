"""Reports for those who automate: one report to standard output."""

from __future__ import annotations

from typing import BinaryIO

import click

from core.access import Scope
from core.commands import SchemaGroup
from core.errors import Refusal
from core.figures import FileKind
from core.figures.answers import data_cut_off, issued
from core.periods import period_of
from grants.reports.report import Statement, freeze_statement
from inventory.usage.report import UsageReport, freeze_usage

reports = SchemaGroup("reports", help="Make reports.")
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
