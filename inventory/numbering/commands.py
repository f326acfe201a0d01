"""Numbering lots whose moves were written before numberings were kept, and mending what the check found."""

from __future__ import annotations

import click

from core.commands import SchemaGroup
from core.db import transaction
from inventory.numbering import services
from inventory.stock.rules import NothingThere

numbering = SchemaGroup("numbering", help="Keep the numbering of lots' units.")


@numbering.command("keep")
def keep() -> None:
    """Carry the kept numbering of every lot on to its last move, and make anew what is not what its moves give."""
    try:
        with transaction():
            behind, wrong = services.keep_all(), services.renumber()
    except NothingThere as broken:
        raise click.ClickException(f"Nothing has been changed: {broken}. Run audit verify") from broken
    click.echo(f"Lots numbered up to their last move: {behind:,}. Made anew: {len(wrong):,}.")
