"""An independent opinion from the command line: the ledger written for hledger or beancount."""

from __future__ import annotations

from pathlib import Path

import click

from core import trail
from core.commands import SchemaGroup
from core.db import db, now
from grants.opinion.report import freeze_books
from grants.opinion.rules import Form, lines

opinion = SchemaGroup("opinion", help="Have the books added up by somebody else.")


@opinion.command("write")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--for", "form", type=click.Choice([form.value for form in Form]), default="hledger", show_default=True,
    help="The program that is to read it.",
)  # fmt: skip
def write(file: Path, form: str) -> None:
    """Write the whole ledger of stock and money into FILE, with what we say it comes to as assertions.

    Then `hledger -f FILE check` or `bean-check FILE`: silence means that the program's sums are ours.
    """
    books = freeze_books()
    db.session.rollback()  # a reader of its own would keep the log's short transaction waiting
    try:
        with file.open("w", encoding="utf-8") as opened:
            opened.writelines(f"{line}\n" for line in lines(books, Form(form)))
    except OSError as problem:
        raise click.ClickException(f"{file} cannot be written: {problem.strerror}.") from problem
    trail.record_access(act="opinion.write", subject=file.name[:80], by=None, at=now(), entries=len(books.entries))
    click.echo(f"{len(books.entries):,} entries and {len(books.stated):,} assertions for {form}: {file}")
