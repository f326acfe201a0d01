"""VAT that a finance system books as a line of its own, beside the net lines of the same transaction."""

from collections import defaultdict

from grants.ledgers.rules.matching.evidence import LineView
from grants.ledgers.rules.matching.facts import MatchedPair, MatchKind
from grants.ledgers.rules.matching.workbench import CERTAIN_POINTS, Workbench


def settle_vat_lines(bench: Workbench) -> None:
    """Explain a line that is all the VAT of the rows its own transaction has explained net.

    Where two lines of a transaction could be, neither is: which of them is left to a person.
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, position in sorted(bench.taken_by.items()):
        if row in bench.taken_net:
            rows_of[bench.lines[position].facts.transaction].append(row)
    lines_of: dict[str, list[LineView]] = defaultdict(list)
    for line in bench.lines:
        transaction = line.facts.transaction
        if bench.free_line[line.position] and transaction in rows_of and _is_vat(bench, line, rows_of[transaction]):
            lines_of[transaction].append(line)
    for transaction, lines in lines_of.items():
        if transaction and len(lines) == 1:
            _settle(bench, lines[0], rows_of[transaction])


def _is_vat(bench: Workbench, line: LineView, rows: list[int]) -> bool:
    """Say whether a line is exactly the VAT of rows, all of it of the line's sign."""
    vats = [bench.rows[row].vat_pence for row in rows]
    return sum(vats) == line.pence and all(vat * line.pence >= 0 for vat in vats)


def _settle(bench: Workbench, line: LineView, rows: list[int]) -> None:
    """Pair a line with the VAT of rows."""
    pairs = tuple(
        MatchedPair(line.facts.id, bench.rows[row].id, bench.rows[row].vat_pence)
        for row in rows
        if bench.rows[row].vat_pence
    )
    words = [f"the VAT of what transaction {line.facts.transaction} books net"]
    bench.record(
        MatchKind.VAT,
        [line],
        [pair.row_id for pair in pairs],
        pairs,
        certain=True,
        points=CERTAIN_POINTS,
        words=words,
    )
    bench.taken_net.difference_update(rows)
