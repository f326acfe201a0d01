"""Reading, importing and matching a finance extract, with the answers known: seconds, precision and recall."""

from __future__ import annotations

import time
from functools import partial

from bench.extract import Extract, make
from bench.force import Force
from bench.rows import Row
from grants.ledgers import services as ledgers
from grants.ledgers.rules import guess_layout, read_table
from grants.ledgers.rules.matching import Proposal, propose_matches

INVOICES_OF = {10_000: 1_000, 100_000: 10_000, 1_000_000: 100_000}
"""Moves of a force → invoices in its books, as in the workload the targets were taken from."""
MOST_SECONDS = {1_000: 1.0, 10_000: 4.0, 100_000: 40.0}


def measure(force: Force, moves: int) -> list[Row]:
    """Measure over as many invoices as go with a number of moves."""
    extract = make(INVOICES_OF.get(moves, moves // 10))
    return [_imported(force, extract, moves), *_matched(extract, moves)]


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


def _matched(extract: Extract, moves: int) -> list[Row]:
    """Match as the service does; a link is a ledger line and the invoice row the machine is certain of."""
    began = time.process_time()
    proposed = propose_matches(extract.lines, extract.rows)
    took = time.process_time() - began
    links = [link for each in proposed if each.certain for link in _links(each)]
    right = [line for line, row in links if extract.truth[line] == row]
    booked = sum(row is not None for row in extract.truth.values())
    of_these = partial(Row, moves=moves)
    return [
        of_these(f"matching: {len(extract.lines):,} lines", figure=took * 1_000, unit="ms",
                 target=MOST_SECONDS.get(len(extract.rows), 4.0) * 1_000),
        of_these("matching: precision", figure=100 * len(right) / len(links), unit="%", target=99.95),
        of_these("matching: recall", figure=100 * len(set(right)) / booked, unit="%", target=98.5),
    ]  # fmt: skip


def _links(proposal: Proposal) -> list[tuple[int, int]]:
    return [(line, row) for line in proposal.line_ids for row in proposal.row_ids]
