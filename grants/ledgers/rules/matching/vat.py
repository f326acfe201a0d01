"""VAT that a finance system books as a line of its own, beside the net lines of the same transaction."""

from grants.ledgers.rules.matching.evidence import LineView
from grants.ledgers.rules.matching.facts import MatchedPair, MatchKind
from grants.ledgers.rules.matching.workbench import CERTAIN_POINTS, Workbench


def settle_vat_lines(bench: Workbench) -> None:
    """Explain a line that is all the VAT of the rows its own transaction has explained net."""
    rows_of: dict[str, list[int]] = {}
    for row, position in sorted(bench.taken_by.items()):
        if row in bench.taken_net:
            rows_of.setdefault(bench.lines[position].facts.transaction, []).append(row)
    for line in bench.lines:
        rows = rows_of.get(line.facts.transaction, [])
        if bench.free_line[line.position] and line.facts.transaction and rows:
            _settle(bench, line, rows)


def _settle(bench: Workbench, line: LineView, rows: list[int]) -> None:
    """Pair a line with the VAT of rows when it is exactly their VAT."""
    vats = [bench.rows[row].vat_pence for row in rows]
    if sum(vats) != line.pence or any(vat * line.pence < 0 for vat in vats):
        return
    pairs = tuple(
        MatchedPair(line.facts.id, bench.rows[row].id, vat) for row, vat in zip(rows, vats, strict=True) if vat
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
