"""Lines whose amount is a slip of the pen away from a row's: two digits swapped, or a penny more or less.

The pair is made for the smaller amount, so what differs stays unexplained and is shown. Where only the
references agree and the amounts do not, the pair is proposed and never made by itself.
"""

from dataclasses import dataclass

from core.money import Pence, pounds
from grants.ledgers.rules.matching.evidence import (
    EARLIEST_DAYS,
    LATEST_DAYS,
    LineView,
    Target,
    amount_points,
    pair_points,
    reasons,
)
from grants.ledgers.rules.matching.facts import MatchedPair, MatchKind
from grants.ledgers.rules.matching.workbench import (
    CERTAIN_MARGIN,
    CERTAIN_POINTS,
    MOST_COMPARED,
    DayList,
    Workbench,
    nearest,
)

_SLIP_COST = 3
_TOLD_POINTS = 12


@dataclass(frozen=True, slots=True)
class _Slip:
    """A line and a row of nearly its amount."""

    points: int
    line: LineView
    target: Target
    words: str


def settle_slips(bench: Workbench) -> None:
    """Settle lines whose amount is a slip away from that of one free row, the surest first."""
    by_amount: dict[int, DayList] = {}
    for target in bench.targets:
        if len(target.rows) == 1 and bench.is_free(target):
            by_amount.setdefault(target.pence, []).append((target.day, target.position))
    for listed in by_amount.values():
        listed.sort()
    every = [
        found for line in bench.lines if bench.free_line[line.position] for found in _slips_of(bench, line, by_amount)
    ]
    _settle(bench, every, sure_points=CERTAIN_POINTS)


def _slips_of(bench: Workbench, line: LineView, by_amount: dict[int, DayList]) -> list[_Slip]:
    """Give the rows a line's amount may be a slip of."""
    found = []
    for amount in _slips(line.pence):
        listed = by_amount.get(amount, [])
        for place in nearest(listed, line.day, before=LATEST_DAYS, after=-EARLIEST_DAYS):
            target = bench.targets[place]
            points = amount_points(amount, len(listed)) - _SLIP_COST + pair_points(line, target)
            words = "a penny apart" if abs(amount - line.pence) == 1 else "two digits swapped"
            found.append(_Slip(points, line, target, words))
    return found


def _slips(pence: int) -> set[int]:
    """Give the amounts a slip away, without the amount itself."""
    sign, digits = (-1 if pence < 0 else 1), str(abs(pence))
    padded = "0" + digits
    swapped = {int(padded[:at] + padded[at + 1] + padded[at] + padded[at + 2 :]) for at in range(len(padded) - 1)}
    return {sign * amount for amount in swapped | {abs(pence) + 1, abs(pence) - 1}} - {pence, 0}


def propose_by_reference(bench: Workbench) -> None:
    """Propose free rows that share a free line's reference and supplier, though not its amount."""
    by_code: dict[str, list[Target]] = {}
    for target in bench.targets:
        if len(target.rows) == 1 and bench.is_free(target):
            for code in {target.key, target.order_key} - {""}:
                by_code.setdefault(code, []).append(target)
    every = []
    for line in bench.lines:
        if not bench.free_line[line.position]:
            continue
        for code in sorted({line.key, line.order_key, *line.mentions} - {""}):
            for target in by_code.get(code, [])[:MOST_COMPARED]:
                points = pair_points(line, target)
                if line.pence * target.pence > 0 and points >= _TOLD_POINTS:
                    every.append(_Slip(points, line, target, "another amount"))
    _settle(bench, every, sure_points=None)


def _settle(bench: Workbench, every: list[_Slip], *, sure_points: int | None) -> None:
    """Settle what is clear, the surest first; propose only, where ``sure_points`` is None."""
    every.sort(key=lambda found: (-found.points, found.line.position, found.target.position))
    best: dict[int, list[int]] = {}
    for found in every:
        best.setdefault(found.line.position, []).append(found.points)
    for found in every:
        line, target = found.line, found.target
        if not bench.free_line[line.position] or not bench.is_free(target):
            continue
        points = best[line.position]
        clear = len(points) == 1 or points[0] - points[1] >= CERTAIN_MARGIN
        sure = sure_points is not None and found.points >= sure_points and clear
        if sure or sure_points is None:
            _record(bench, found, certain=sure)


def _record(bench: Workbench, found: _Slip, *, certain: bool) -> None:
    """Pair a line and a row for the smaller of their amounts."""
    line, target = found.line, found.target
    smaller = Pence(min(line.pence, target.pence, key=abs))
    difference = abs(line.pence - target.pence)
    words = [
        f"{found.words}: the ledger has {pounds(line.pence)} and the invoice {pounds(target.pence)}, "
        f"{pounds(difference)} apart",
        *reasons(line, target),
    ]
    pairs = (MatchedPair(line.facts.id, target.facts.id, smaller),)
    bench.record(
        MatchKind.DIFFERENT, [line], bench.ids(target), pairs, certain=certain, points=found.points, words=words
    )
    bench.free_row[target.rows[0]] = False
