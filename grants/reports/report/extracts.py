"""The finance extracts a report rests on: which files, to the bit, and how much of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.figures import Figures
from core.sheets import Column, Kind
from grants.reports import queries
from grants.reports.queries import LineName


@dataclass(frozen=True)
class Extract:
    """A finance extract a report rests on: the file, to the bit."""

    reference: str
    ledger: str
    filename: str
    file_hash: str
    line_count: int
    net_pence: int


def extracts_of(lines: Iterable[LineName]) -> tuple[Extract, ...]:
    """Name the files that ledger lines came from."""
    count: dict[int, int] = defaultdict(int)
    pence: dict[int, int] = defaultdict(int)
    for line in lines:
        count[line.import_id] += 1
        pence[line.import_id] += line.net_pence
    ids = sorted(count)
    return tuple(
        Extract(each.reference, each.ledger, each.filename, each.file_hash, count[import_id], pence[import_id])
        for import_id, each in zip(ids, queries.imports_of(ids), strict=True)
    )


def extracts_table(extracts: Iterable[Extract], project_code: str) -> Figures:
    """List the finance extracts that a period's ledger lines came from."""
    return Figures(
        "Finance extracts",
        f"Finance extracts read for project {project_code} in the period",
        (
            Column("Import", width=14),
            Column("Ledger"),
            Column("File", width=30),
            Column("Lines", Kind.COUNT),
            Column("Net (£)", Kind.MONEY),
            Column("SHA-256 of the file", width=66),
        ),
        tuple(
            (each.reference, each.ledger, each.filename, each.line_count, each.net_pence, each.file_hash)
            for each in extracts
        ),
        empty=f"No finance extract holds a line of project {project_code} in this period.",
    )
