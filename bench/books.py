"""Reading, importing and matching a finance extract, with the answers known: seconds, precision and recall."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from bench.extract import Extract, make
from bench.force import Force
from bench.measure import in_a_process
from bench.rows import Row
from grants.ledgers import services as ledgers
from grants.ledgers.rules import guess_layout, read_table
from grants.ledgers.rules.matching import Proposal, propose_matches

INVOICES_OF = {10_000: 1_000, 100_000: 10_000, 1_000_000: 100_000}
"""Moves of a force → invoices in its books, as in the workload the targets were taken from."""
_SMALL, _LARGE = (1.0, 99.95, 98.5, 400), (40.0, 99.9, 97.0, 400)
TARGETS = {1_000: _SMALL, 10_000: (4.0, *_SMALL[1:]), 100_000: _LARGE}
"""Invoices → seconds at most, precision and recall at least in per cent, and megabytes at most."""


@dataclass(frozen=True)
class _Matched:
    """What matching an extract took and gave: links made, those right, and lines that had one to be found."""

    line_count: int
    seconds: float
    link_count: int
    right_count: int
    found_count: int
    booked_count: int


def measure(force: Force, moves: int) -> list[Row]:
    """Measure over as many invoices as go with a number of moves."""
    invoices = INVOICES_OF.get(moves, moves // 10)
    return [_imported(force, make(invoices), moves), *_matched(invoices, moves)]


def _imported(force: Force, extract: Extract, moves: int) -> Row:
    data = extract.as_csv()
    ledger, name = f"BENCH-{moves}", "extract.csv"
    force.do("grants", ledgers.open_ledger, ledger, f"Ledger of {moves:,} moves")
    began = time.perf_counter()
    layout = guess_layout(read_table(data, name))
    held = force.do("grants", ledgers.import_extract, ledger, data, name, layout)
    took = time.perf_counter() - began
    assert held.imported_count == len(extract.lines), (held.imported_count, len(extract.lines))
    return Row("ledger: read, guess and import an extract", moves, len(extract.lines) / took, "lines/s")


def _matched(invoices: int, moves: int) -> list[Row]:
    """Match in a process of its own, so that the memory is that of matching and of the extract."""
    found, megabytes = in_a_process(partial(_match, invoices))
    most_seconds, precision, recall, most_megabytes = TARGETS.get(invoices, TARGETS[10_000])
    of_these = partial(Row, moves=moves)
    return [
        of_these(f"matching: {found.line_count:,} lines", figure=found.seconds * 1_000, unit="ms",
                 target=most_seconds * 1_000),
        of_these("matching: precision", figure=100 * found.right_count / found.link_count, unit="%", target=precision),
        of_these("matching: recall", figure=100 * found.found_count / found.booked_count, unit="%", target=recall),
        of_these("matching: memory", figure=megabytes, unit="MB", target=most_megabytes),
    ]  # fmt: skip


def _match(invoices: int) -> _Matched:
    """Match as the service does; a link is a ledger line and the invoice row the machine is certain of."""
    extract = make(invoices)
    began = time.process_time()
    proposed = propose_matches(extract.lines, extract.rows)
    took = time.process_time() - began
    links = [link for each in proposed if each.certain for link in _links(each)]
    right = [line for line, row in links if extract.truth[line] == row]
    booked = sum(row is not None for row in extract.truth.values())
    return _Matched(len(extract.lines), took, len(links), len(right), len(set(right)), booked)


def _links(proposal: Proposal) -> list[tuple[int, int]]:
    return [(line, row) for line in proposal.line_ids for row in proposal.row_ids]
