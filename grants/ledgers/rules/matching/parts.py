"""Several ledger lines that add up to one row, or to one invoice.

Lines of one transaction or with one invoice number are tried whole first. Then two or three lines that
something else ties to the row are tried, and the more sums there were to try, the less one that fits says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, log2

from grants.ledgers.rules.matching.equals import Equals
from grants.ledgers.rules.matching.evidence import LineView, Target, pair_points, reasons
from grants.ledgers.rules.matching.facts import MatchKind
from grants.ledgers.rules.matching.workbench import (
    CERTAIN_MARGIN,
    CERTAIN_POINTS,
    MOST_COMPARED,
    PROPOSED_POINTS,
    DayList,
    Workbench,
    nearest,
)

_DAYS_BEFORE, _DAYS_AFTER = 7, 62
_MOST_TIED, _MOST_LOOSE = 14, 60
_LEAST_TIED_POINTS = 4
_NO_RIVAL = -99
_WHOLE_GROUP_POINTS = 8
_CERTAIN_SUM = CERTAIN_POINTS + 2


@dataclass(frozen=True, slots=True)
class _Sum:
    """Lines that add up to a target, with all points, and whether each is tied to it or unmistakable."""

    points: int
    target: Target
    lines: tuple[LineView, ...]
    is_tied: bool = True

    @property
    def lines_key(self) -> frozenset[int]:
        """Give the positions of the lines."""
        return frozenset(line.position for line in self.lines)


def settle_parts(bench: Workbench, equals: Equals, *, certain: bool) -> None:
    """Settle free targets that free lines add up to, the surest first.

    A line that may as well book a whole row of its own amount is no part of another.

    Args:
        bench: what is still free.
        equals: the likenesses of single lines.
        certain: settle only what is sure; otherwise propose the best of what is left.
    """
    pool = _Pool(bench, equals)
    sums = [found for target in bench.targets if bench.is_free(target) for found in _sums(bench, pool, target)]
    sums.sort(key=lambda found: (-found.points, len(found.lines), found.target.position))
    rivals = _rivals(sums)
    for found in sums:
        if not bench.is_free(found.target) or not all(bench.free_line[line.position] for line in found.lines):
            continue
        sure = found.is_tied and found.points >= _CERTAIN_SUM and found.points - rivals[id(found)] >= CERTAIN_MARGIN
        if sure or (not certain and found.points >= PROPOSED_POINTS):
            words = [f"{len(found.lines)} ledger lines add up to it"]
            words += [word for line in found.lines for word in reasons(line, found.target)]
            bench.settle(MatchKind.PARTS, found.lines, found.target, certain=sure, points=found.points, words=words)


def _rivals(sums: Sequence[_Sum]) -> dict[int, int]:
    """Give each sum → points of the best other sum for the same target, or of the same lines elsewhere."""
    best: dict[object, list[_Sum]] = {}
    for found in sums:
        for claim in (found.target.position, found.lines_key):
            kept = best.setdefault(claim, [])
            if len(kept) < 2:
                kept.append(found)
    return {
        id(found): max(
            (
                other.points
                for claim in (found.target.position, found.lines_key)
                for other in best[claim]
                if other is not found
            ),
            default=_NO_RIVAL,
        )
        for found in sums
    }


class _Pool:
    """Free lines, found by code, by named supplier, or by saying nothing."""

    def __init__(self, bench: Workbench, equals: Equals) -> None:
        self.by_code: dict[str, list[LineView]] = {}
        self.by_near: dict[str, list[LineView]] = {}
        self.by_name: dict[str, DayList] = {}
        self.silent: DayList = []
        self.by_transaction: dict[str, list[LineView]] = {}
        self._lines = bench.lines
        for line in bench.lines:
            if bench.free_line[line.position] and not _may_be_whole(equals, line):
                self._add(line)
        for found in (*self.by_name.values(), self.silent):
            found.sort()

    def _add(self, line: LineView) -> None:
        for code in {line.key, line.order_key, *line.mentions} - {""}:
            self.by_code.setdefault(code, []).append(line)
        for shorter in _with_one_dropped(line.key):
            self.by_near.setdefault(shorter, []).append(line)
        for name in line.named:
            self.by_name.setdefault(name, []).append((line.day, line.position))
        if not line.named:
            self.silent.append((line.day, line.position))
        if line.facts.transaction:
            self.by_transaction.setdefault(line.facts.transaction, []).append(line)

    def around(self, target: Target) -> list[LineView]:
        """Give the free lines that could be a part of a target, in the order of the ledger."""
        found = {
            line.position
            for code in (target.key, target.order_key)
            for line in self.by_code.get(code, [])[:MOST_COMPARED]
        }
        for shorter in _with_one_dropped(target.key):
            found.update(line.position for line in self.by_near.get(shorter, [])[:MOST_COMPARED])
        for listed in (self.by_name.get(target.facts.supplier, []), self.silent):
            found.update(nearest(listed, target.day, before=_DAYS_BEFORE, after=_DAYS_AFTER))
        return [self._lines[position] for position in sorted(found)]


def _may_be_whole(equals: Equals, line: LineView) -> bool:
    likes = equals.of(line)
    return bool(likes) and likes[0].points >= PROPOSED_POINTS


def _with_one_dropped(key: str) -> set[str]:
    """Give a key and every key with one sign dropped: two keys one edit apart share one of them."""
    return {key[:at] + key[at + 1 :] for at in range(len(key))} | {key} if len(key) > 4 else set()


def _sums(bench: Workbench, pool: _Pool, target: Target) -> list[_Sum]:
    """Find the sets of lines that add up to a target's net or gross amount, each set once."""
    scored = [
        (pair_points(line, target), line)
        for line in pool.around(target)
        if bench.free_line[line.position] and _fits_inside(line, target)
    ]
    tied = sorted((s for s in scored if s[0] >= _LEAST_TIED_POINTS), key=lambda s: (-s[0], s[1].position))
    tied = tied[:_MOST_TIED]
    loose = [s for s in scored if -1 <= s[0] < _LEAST_TIED_POINTS][:_MOST_LOOSE]
    if not tied or len(scored) < 2:
        return []
    best: dict[frozenset[int], _Sum] = {}
    for amount in sorted({target.pence, target.gross}):
        for found in (*_whole_groups(pool, target, amount, tied), *_small_sets(target, amount, tied, loose)):
            known = best.get(found.lines_key)
            if known is None or found.points > known.points:
                best[found.lines_key] = found
    return list(best.values())


def _fits_inside(line: LineView, target: Target) -> bool:
    """Say whether a line is of the target's sign and smaller."""
    return line.pence * target.pence > 0 and abs(line.pence) < max(abs(target.pence), abs(target.gross))


def _whole_groups(pool: _Pool, target: Target, amount: int, tied: Sequence[tuple[int, LineView]]) -> Iterator[_Sum]:
    """Try all lines of one transaction, and all lines with the invoice's number."""
    transactions = dict.fromkeys(line.facts.transaction for _, line in tied)
    groups = [pool.by_transaction.get(number, []) for number in transactions]
    for lines in [*groups, pool.by_code.get(target.key, [])]:
        if len(lines) > 1 and sum(line.pence for line in lines) == amount and _one_sign(lines):
            points = _WHOLE_GROUP_POINTS + max(pair_points(line, target) for line in lines)
            yield _Sum(points, target, tuple(lines))


def _one_sign(lines: Sequence[LineView]) -> bool:
    return len({line.pence > 0 for line in lines}) == 1


def _small_sets(
    target: Target,
    amount: int,
    tied: Sequence[tuple[int, LineView]],
    loose: Sequence[tuple[int, LineView]],
) -> Iterator[_Sum]:
    """Try every two and three lines of which at least one, or two, are tied to the target."""
    by_pence: dict[int, list[tuple[int, LineView]]] = {}
    for each in (*tied, *loose):
        by_pence.setdefault(each[1].pence, []).append(each)
    for size in (2, 3):
        points = _sum_points(amount, len(tied), len(loose), size)
        for some in combinations(tied, size - 1):
            rest = amount - sum(line.pence for _, line in some)
            for last in by_pence.get(rest, ()) if rest * amount > 0 else ():
                if all(last[1] is not line for _, line in some):
                    yield _summed(target, points, (*some, last))


def _sum_points(amount: int, tied: int, loose: int, size: int) -> int:
    """Give points for a sum that fits: fewer the more sums could have been tried."""
    tries = comb(tied, size) + comb(tied, size - 1) * loose
    grain = next((grain for grain in (1000, 100) if amount % grain == 0), 1)
    return round(log2(max(1, abs(amount) // grain) / max(1, tries)))


def _summed(target: Target, sum_points: int, parts: Sequence[tuple[int, LineView]]) -> _Sum:
    lines = tuple(sorted((line for _, line in parts), key=lambda line: line.position))
    is_tied = all(points >= _LEAST_TIED_POINTS or line.pence % 100 != 0 for points, line in parts)
    return _Sum(sum_points + sum(points for points, _ in parts), target, lines, is_tied)
