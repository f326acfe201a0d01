"""What the stages of matching share: the prepared lines and targets, what is still free, what is decided."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.money import Pence
from grants.ledgers.rules.matching.evidence import LineView, Target, line_views, targets_of
from grants.ledgers.rules.matching.facts import (
    LedgerLineFacts,
    MatchedPair,
    MatchKind,
    Proposal,
    SpendingRowFacts,
)
from grants.ledgers.rules.matching.wording import SupplierNames, reference_key

CERTAIN_POINTS = 8
CERTAIN_MARGIN = 3
PROPOSED_POINTS = 6


DayList = list[tuple[int, int]]
MOST_COMPARED = 96


def nearest(listed: DayList, day: int, *, before: int, after: int) -> list[int]:
    """Give positions dated within some days of a day; of very many, those around it.

    Args:
        listed: day number and position, in order.
        day: the day in the middle.
        before: most days earlier.
        after: most days later.
    """
    low, high = bisect_left(listed, (day - before,)), bisect_left(listed, (day + after + 1,))
    if high - low > MOST_COMPARED:
        middle = bisect_left(listed, (day,))
        low = max(low, min(middle - MOST_COMPARED // 2, high - MOST_COMPARED))
        high = low + MOST_COMPARED
    return [position for _, position in listed[low:high]]


@dataclass(slots=True)
class Workbench:
    """Lines and rows on the table.

    Attributes:
        lines: prepared, in the order given.
        rows: as given.
        targets: rows, then invoices of several rows.
        free_line: by line position, whether nothing is decided about it.
        free_row: by row position, whether no line explains it.
        taken_by: row position → position of the first line that explains it.
        taken_for: row position → points it was taken for.
        taken_net: positions of rows of which only the net amount is surely explained.
        proposals: what is decided.
    """

    lines: list[LineView]
    rows: Sequence[SpendingRowFacts]
    targets: list[Target]
    free_line: list[bool]
    free_row: list[bool]
    taken_by: dict[int, int] = field(default_factory=dict)
    taken_for: dict[int, int] = field(default_factory=dict)
    taken_net: set[int] = field(default_factory=set)
    proposals: list[Proposal] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Sequence[LedgerLineFacts], rows: Sequence[SpendingRowFacts]) -> "Workbench":
        """Lay out lines and rows; an amount of nothing is never matched."""
        views = line_views(
            lines,
            SupplierNames(row.supplier for row in rows),
            {reference_key(row.invoice_number) for row in rows} - {""},
        )
        return cls(
            views,
            rows,
            targets_of(rows),
            [line.net_pence != 0 for line in lines],
            [row.net_pence != 0 for row in rows],
        )

    def is_free(self, target: Target) -> bool:
        """Say whether no row of the target is explained."""
        return all(self.free_row[row] for row in target.rows)

    def settle(
        self,
        kind: MatchKind,
        lines: Sequence[LineView],
        target: Target,
        *,
        certain: bool,
        points: int,
        words: Iterable[str],
    ) -> None:
        """Record that lines explain a target, and take both off the table."""
        whole = sum(line.pence for line in lines)
        by_gross = whole == target.gross and whole != target.pence
        amounts = [self._capacity(row, by_gross=by_gross) for row in target.rows]
        ids = self.ids(target)
        pairs = _poured([(line.facts.id, line.pence) for line in lines], ids, amounts)
        self.record(kind, lines, ids, pairs, certain=certain, points=points, words=words)
        for row in target.rows:
            self.free_row[row] = False
            self.taken_by[row] = lines[0].position
            self.taken_for[row] = points
        if certain and not by_gross:
            self.taken_net.update(target.rows)

    def ids(self, target: Target) -> tuple[int, ...]:
        """Give the ids of a target's rows."""
        return tuple(self.rows[row].id for row in target.rows)

    def record(
        self,
        kind: MatchKind,
        lines: Sequence[LineView],
        row_ids: Sequence[int],
        pairs: tuple[MatchedPair, ...],
        *,
        certain: bool,
        points: int,
        words: Iterable[str],
    ) -> None:
        """Record a proposal and take its lines off the table."""
        for line in lines:
            self.free_line[line.position] = False
        line_ids = tuple(line.facts.id for line in lines)
        reasons = tuple(dict.fromkeys(words))
        self.proposals.append(Proposal(kind, line_ids, tuple(row_ids), pairs, certain, points, reasons))

    def _capacity(self, row: int, *, by_gross: bool) -> int:
        facts = self.rows[row]
        return facts.net_pence + (facts.vat_pence if by_gross else 0)


def _poured(
    lines: Sequence[tuple[int, int]], row_ids: Sequence[int], amounts: Sequence[int]
) -> tuple[MatchedPair, ...]:
    """Pour the pence of lines into rows in order, never beyond either; all are of one sign."""
    sign = -1 if amounts[0] < 0 else 1
    room = [sign * amount for amount in amounts]
    pairs, row = [], 0
    for line_id, pence in lines:
        left = sign * pence
        while left > 0 and row < len(room):
            part = min(left, room[row])
            if part > 0:
                pairs.append(MatchedPair(line_id, row_ids[row], Pence(sign * part)))
                left, room[row] = left - part, room[row] - part
            if room[row] <= 0:
                row += 1
    return tuple(pairs)
