"""What an auditor and a scheduler run: the check of the books, checkpoints and their key, and the sealed pack.

``audit verify`` exits 0 when all agrees, 1 when it does not, 2 when it could not run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from audit.desk.report import LedgerCheck, check_everything
from audit.issued.report import figures_stand
from audit.issued.rules import typed_reference
from audit.makings import queries as makings
from audit.makings.report import SORT_OF, SORTS, Surroundings, entry, issued_extract, volumes_in
from audit.makings.rules import Ending
from audit.packs.report import usual_period, write_pack
from audit.trail.queries import Asked
from audit.trail.report import LogExtract, filters_of, freeze_extract
from core import register, trail
from core.commands import SchemaGroup
from core.dates import local_day, moment_text
from core.db import db, now, transaction
from core.errors import NotFound, Refusal
from core.figures import FileKind
from core.parse import iso_date
from core.periods import period_of
from core.trail import Log, checkpoints
from core.trail.keys import CannotSign
from core.trail.signing import NotReadable

audit = SchemaGroup("audit", help="Check the books.")

AGREES, DOES_NOT_AGREE, COULD_NOT_RUN = 0, 1, 2


@audit.command("verify")
@click.option(
    "--checkpoint", "checkpoints", type=(int, str), multiple=True, help="Entry and chain hash printed on a report."
)
@click.option("--json", "as_json", is_flag=True, help="Say it to a program.")
def verify(checkpoints: tuple[tuple[int, str], ...], as_json: bool) -> None:
    """Check the file, both logs from their first entry, the books against what explains them, and every signed row."""
    try:
        found = check_everything(at=now(), checkpoints=checkpoints)
    except SQLAlchemyError as problem:
        click.echo(json.dumps({"agrees": None, "problem": type(problem).__name__}) if as_json else _could_not(problem))
        sys.exit(COULD_NOT_RUN)
    click.echo(json.dumps(_plain(found), indent=2) if as_json else "\n".join(_lines(found)))
    sys.exit(AGREES if found.agrees else DOES_NOT_AGREE)


@audit.command("make-key")
@click.option("--name", required=True, help="Name of the log, like gobags.example.police.uk/log.")
@click.option("--begin-again", is_flag=True, help="The key is lost for good: nothing vouches for the new one.")
def make_key(name: str, begin_again: bool) -> None:
    """Make the key that signs the log, in a file outside the database, and print what it is checked with."""
    with _saying_why():
        with transaction():
            key = checkpoints.begin_key(name, at=now(), again=begin_again)
        checkpoints.make_checkpoint(at=now(), occasion="key.begin")
    click.echo(f"Give this to everybody who checks:\n{key}")


@audit.command("hand-over-key")
def hand_over_key() -> None:
    """Make a new key that the old one signs for, and print what it is checked with."""
    with _saying_why():
        key = checkpoints.hand_over(at=now())
    click.echo(f"The key before it signed for this one:\n{key}")


@audit.command("checkpoint")
@click.option("--print", "printed", is_flag=True, help="Print the checkpoint itself.")
def checkpoint(printed: bool) -> None:
    """Sign how far the log goes, when something changed; for a scheduler, by the hour."""
    with _saying_why():
        made = checkpoints.make_checkpoint(at=now(), occasion="hour")
    if made is not None:
        click.echo(made.note if printed else f"Checkpoint {made.id:,}: {made.size:,} entries.", nl=not printed)


@audit.command("pack")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "first", help="First day of the figures; the first day any award funds when left out.")
@click.option("--to", "last", help="Last day of the figures; today when left out.")
def pack(file: Path, first: str | None, last: str | None) -> None:
    """Write everything an auditor needs to check the books offline into one FILE."""
    usual = usual_period(local_day(now()))
    try:
        period = period_of(first or usual.first.isoformat(), last or usual.last.isoformat())
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    waiting = file.with_name(f".{file.name}.part")
    try:
        with waiting.open("wb") as out:
            packed = write_pack(out, period=period, at=now(), evidence_folder=_evidence_folder())
        waiting.replace(file)
    finally:
        waiting.unlink(missing_ok=True)
    trail.record_access(
        act="pack.take", subject=file.name[:80], by=None, at=now(), manifest_sha256=packed.manifest_sha256
    )
    click.echo(f"{file.name}: {packed.file_count:,} files, {packed.byte_count:,} bytes before packing.")
    if packed.why_unsigned:
        click.echo(f"It is not signed: {packed.why_unsigned}.", err=True)


@audit.command("extract")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--log", "log", type=click.Choice([each.value for each in Log]), default=Log.CHANGES.value)
@click.option("--from", "first", help="First day; the first entry when left out.")
@click.option("--to", "last", help="Last day; the last entry when left out.")
@click.option("--format", "form", type=click.Choice([each.value for each in FileKind]), default=FileKind.CSV.value)
@click.option("--again", help="The one that left under this reference of the register, byte for byte.")
def extract(file: Path, log: str, first: str | None, last: str | None, form: str, again: str | None) -> None:
    """Write the entries of a log in a period into a FILE, with little memory however many there are.

    The file appears when it is whole. One that is broken off leaves nothing: run it again. A PDF of more than 10,000
    entries is a ZIP of volumes.
    """
    kind = FileKind(form)
    sort = SORTS[SORT_OF[kind]]
    made = sort.freeze(_issued(again) if again else _frozen(log, first, last))
    waiting, parts = file.with_name(f".{file.name}.part"), list[register.Painted]()
    try:
        with (
            waiting.open("w+b") as out,
            click.progressbar(length=sort.count(made), label="Entries", file=sys.stderr) as bar,
        ):
            sort.write(made, out, bar.update, Surroundings(now(), None))
            if sort.ending(made) is Ending.ZIP:
                parts = volumes_in(out, kind)
        with waiting.open("rb") as whole:
            painted = register.Painted(kind, file_digest(whole, "sha256").hexdigest(), waiting.stat().st_size)
        _register(made, painted, parts)
        waiting.replace(file)
    finally:
        waiting.unlink(missing_ok=True)
    words = f"{sort.count(made):,} entries, {made.checkpoint.registered_as}, SHA-256 {painted.sha256}"
    click.echo(f"{file.name}: {words}")
    if parts:
        click.echo(f"It is a ZIP of {len(parts) - 1:,} volumes and their front.", err=True)


def _frozen(log: str, first: str | None, last: str | None) -> LogExtract:
    """Freeze what an extract will show, by the words of the command."""
    try:
        days = [iso_date(day) if day else None for day in (first, last)]
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    asked = Asked(Log(log), first=days[0], last=days[1])
    return freeze_extract(asked, filters_of(asked))


def _issued(reference: str) -> LogExtract:
    """Give an extract as it left under a reference."""
    try:
        report = makings.issued_report(typed_reference(reference) or reference)
    except NotFound:
        raise click.ClickException(f"Nothing was issued under {reference}.") from None
    found = issued_extract(report)
    if found is None or not figures_stand(report):
        raise click.ClickException(f"{report.reference} cannot be made again: it is no extract whose figures stand.")
    return found


def _register(made: LogExtract, painted: register.Painted, parts: Sequence[register.Painted]) -> None:
    kept, imprint = entry(made), made.checkpoint.imprint
    db.session.rollback()  # a reader of its own would keep the register's short transaction waiting
    assert imprint is not None
    rows = made.figures.entry_count
    if register.keep(kept, imprint, painted, parts=parts, by=None, at=now(), version=kept.sequence, rows=rows):
        raise click.ClickException("The same extract left meanwhile in another file. Run this again.")


def _evidence_folder() -> Path | None:
    named = current_app.config.get("EVIDENCE_DIR")
    return Path(named) if named else None


@contextmanager
def _saying_why() -> Iterator[None]:
    """Turn what keeps the log from being signed into a message and exit code 1."""
    try:
        yield
    except (CannotSign, NotReadable) as problem:
        raise click.ClickException(f"{str(problem)[:1].upper()}{str(problem)[1:]}.") from problem


def _could_not(problem: SQLAlchemyError) -> str:
    return f"The check could not run: the database cannot be read ({type(problem).__name__}). Is DATABASE_URL right?"


def _lines(found: LedgerCheck) -> list[str]:
    lines = [f"Checked on {moment_text(found.at)}."]
    for each in found.checks:
        lines += [f"{each.name}: {each.agrees}"] if not each.findings else [f"{each.name}: DOES NOT AGREE"]
        lines += [f"  {words}" for words in each.findings]
    for state in found.logs:
        lines.append(f"Log of {state.log.value}: entry {state.entry_count:,}, chain hash {state.chain_hash}")
    if found.unsealed_count:
        lines.append(f"Recorded and not yet in a log: {found.unsealed_count:,}")
    wrong = "One thing does" if found.finding_count == 1 else f"{found.finding_count:,} things do"
    lines.append("Everything agrees." if found.agrees else f"{wrong} not agree.")
    return lines


def _plain(found: LedgerCheck) -> dict[str, Any]:
    return {
        "agrees": found.agrees,
        "checked_at": found.at.isoformat(),
        "checks": [{"name": each.name, "findings": list(each.findings)} for each in found.checks],
        "logs": {
            state.log.value: {
                "entries": state.entry_count,
                "chain_hash": state.chain_hash,
                "unsealed": state.unsealed_count,
            }
            for state in found.logs
        },
    }
