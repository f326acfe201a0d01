"""The register for those who automate: judging a file, and making a report again.

``issued check`` exits 0 when the file is the document that was issued, 1 when it is not, 2 when it could not be read.
"""

from __future__ import annotations

import sys
from hashlib import file_digest
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

import click
from flask import current_app

from audit.issued import queries
from audit.issued.report import judge_file, judge_long, judge_reference, made_again
from audit.issued.rules import LARGEST_FILE, LOOKED_AT, Answer, typed_reference
from core.certificates import CannotCertify, signer_of
from core.commands import SchemaGroup
from core.dates import moment_text
from core.db import now
from core.errors import NotFound, RuleBroken
from core.figures import FileKind

issued = SchemaGroup("issued", help="Judge documents against the register of issued reports.")

SOUND, NOT_SOUND, COULD_NOT_READ = 0, 1, 2


@issued.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether a FILE, or a reference, is a document that was issued."""
    reference = typed_reference(file.name) if not file.exists() else None
    try:
        answer = judge_reference(reference) if reference else _judged(file)
    except OSError as problem:
        click.echo(f"{file.name} cannot be read: {problem.strerror or type(problem).__name__}.", err=True)
        sys.exit(COULD_NOT_READ)
    except ValueError as problem:
        click.echo(f"{problem}.", err=True)
        sys.exit(COULD_NOT_READ)
    click.echo("\n".join([f"{answer.heading}.", *answer.sentences]))
    sys.exit(SOUND if answer.is_sound else NOT_SOUND)


def _judged(file: Path) -> Answer:
    """Judge a file, however long it is: an audit extract may be hundreds of megabytes."""
    size = file.stat().st_size
    if not size:
        raise ValueError(f"{file.name} is empty")
    if size <= LARGEST_FILE:
        return judge_file(file.read_bytes())
    with file.open("rb") as opened:
        digest = file_digest(opened, "sha256").hexdigest()
        opened.seek(0)
        ends = opened.read(LOOKED_AT)
        opened.seek(-LOOKED_AT, SEEK_END)
        return judge_long(digest, ends + opened.read())


@issued.command("certificate")
def certificate() -> None:
    """Say whose certificate certified claims are signed with, and until when it counts. Exit 1 where none can be."""
    try:
        signer = signer_of(current_app.config, at=now())
    except CannotCertify as problem:
        raise click.ClickException(f"Claims cannot be signed: {problem}.") from problem
    if signer is None:
        raise click.ClickException("Claims are not signed: SIGNING_CERTIFICATE names no certificate.")
    click.echo(
        f"Claims are signed as {signer.subject}, issued by {signer.issuer}, SHA-256 {signer.sha256}, "
        f"until {moment_text(signer.ends_at)}."
    )


@issued.command("again")
@click.argument("reference")
@click.option("--format", "kind", type=click.Choice([kind.value for kind in FileKind]), default="pdf")
@click.option("--output", type=click.File("wb"), default="-", help="A file; standard output when left out.")
def again(reference: str, kind: str, output: BinaryIO) -> None:
    """Make the report of a REFERENCE again, from its frozen figures."""
    try:
        report = queries.report_by_reference(typed_reference(reference) or reference, whole=True)
    except NotFound:
        raise click.ClickException(f"Nothing was issued under {reference}.") from None
    try:
        data = made_again(report, FileKind(kind), by=None)
    except NotFound:
        raise click.ClickException(f"{report.reference} cannot be made again: only its digest is kept.") from None
    except RuleBroken as refusal:
        raise click.ClickException(f"{refusal.message}.") from refusal
    output.write(data)
