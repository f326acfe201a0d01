"""Short words for ledgers: open one, import rows written as a small table, and book an invoice in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from core.db import transaction
from grants.ledgers import services
from grants.ledgers.models import LedgerImport
from grants.ledgers.rules import Layout, guess_layout, read_table
from tests.factories import AT, World, submission

FILES = Path(__file__).parents[2] / "data" / "ledgers"
REAL_FILES = (
    ("calderdale-card-2019-05.csv", 208, 1_124_858),
    ("gateshead-agresso-2018-05.csv", 5_212, 2_102_703_097),
    ("oxford-2016-04-to-06.csv", 3_335, 1_159_733_591),
    ("salford-sap-2018-05.csv", 1_425, 2_336_006_963),
)
"""File, lines in it, and their net total in pence."""

HEADINGS = "Transaction number,Line,Date,Supplier,Invoice number,Description,Project,Account code,Net amount,VAT amount"


def acting(world: World, name: str = "grants", at: datetime = AT) -> dict[str, Any]:
    """Give the arguments that say who, when and by which form."""
    return {"by": world.actor(name), "at": at, "submission_id": submission()}


def open_ledger(world: World, code: str = "GL", name: str = "Force general ledger") -> None:
    """Open a ledger as the grant officer."""
    with transaction():
        services.open_ledger(code, name, **acting(world))


def extract(*rows: str) -> bytes:
    """Write an extract of our own ledger: rows as in ``HEADINGS``."""
    return "\r\n".join((HEADINGS, *rows, "")).encode()


def layout_of(data: bytes, filename: str) -> Layout:
    """Give the guessed layout of a file."""
    return guess_layout(read_table(data, filename))


OUR_LAYOUT = layout_of(
    extract("100,1,20/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,60.00,12.00"), "extract.csv"
)
"""How our own ledger's extracts are read."""


def import_file(
    world: World,
    data: bytes,
    filename: str = "extract.csv",
    *,
    ledger: str = "GL",
    at: datetime = AT,
    layout: Layout | None = None,
) -> LedgerImport:
    """Import a file as the grant officer, through its guessed layout unless another is given."""
    with transaction():
        return services.import_extract(
            ledger,
            data,
            filename,
            layout or layout_of(data, filename),
            **acting(world, at=at),
        )


def import_rows(world: World, rows: Sequence[str], filename: str = "extract.csv") -> LedgerImport:
    """Import rows of our own ledger, through its layout."""
    return import_file(world, extract(*rows), filename, layout=OUR_LAYOUT)
