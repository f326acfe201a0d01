"""Equal amounts: one line and one row, or one line and all the rows of an invoice.

Every line looks only at targets of its own amount, found through indexes, so the work grows with the number
of true likenesses and not with lines times rows. The surest pairs settle first; what they take makes others
unambiguous, so the lines that are left are looked at again until nothing changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.money import pounds
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
from grants.ledgers.rules.matching.twins import are_twins, told_apart
from grants.ledgers.rules.matching.workbench import (
    CERTAIN_MARGIN,
    CERTAIN_POINTS,
    PROPOSED_POINTS,
    DayList,
    Workbench,
    nearest,
)

_CLOSEST = 4
_EVER = 10_000
_LONE_ODD_POINTS = 2
_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Likeness:
    """A target of a line's amount, with all points."""

    points: int
    target: Target


class Equals:
    """Targets by amount, and each line's best likenesses among them.

    A line that names a supplier looks only at that supplier's targets and at those with its reference;
    one that names none looks at the nearest dates. So a thousand equal monthly amounts cost no more than a few.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._by_amount: dict[int, DayList] = {}
        self._by_name: dict[tuple[int, str], DayList] = {}
        self._by_code: dict[tuple[int, str], DayList] = {}
        for target in bench.targets:
            for amount in {target.pence, target.gross} - {0}:
                self._list(amount, target)
        for listed in (*self._by_amount.values(), *self._by_name.values(), *self._by_code.values()):
            listed.sort()
        self._lines: dict[int, list[LineView]] = {}
        for line in bench.lines:
            self._lines.setdefault(line.pence, []).append(line)
        self._found: dict[int, list[Likeness]] = {}

    def _list(self, amount: int, target: Target) -> None:
        """Enter a target under one of its amounts."""
        entry = (target.day, target.position)
        self._by_amount.setdefault(amount, []).append(entry)
        self._by_name.setdefault((amount, target.facts.supplier), []).append(entry)
        for code in {target.key, target.order_key} - {""}:
            self._by_code.setdefault((amount, code), []).append(entry)

    def of(self, line: LineView) -> list[Likeness]:
        """Give a line's best targets of its amount, the surest first."""
        found = self._found.get(line.position)
        if found is None:
            found = self._found[line.position] = self._search(line)
        return found

    def lines_of(self, pence: int) -> Sequence[LineView]:
        """Give the lines of an amount, decided or not."""
        return self._lines.get(pence, ())

    def _search(self, line: LineView) -> list[Likeness]:
        bucket = self._by_amount.get(line.pence)
        if bucket is None:
            return []
        found = self._scored(line, [self._bench.targets[position] for position in self._near(line, bucket)])
        found.sort(key=lambda like: (-like.points, abs(line.day - like.target.day), like.target.position))
        if len(bucket) == 1 and len(self._lines[line.pence]) == 1 and line.pence % 100:
            found = [Likeness(like.points + _LONE_ODD_POINTS, like.target) for like in found]
        return [like for like in found[:_CLOSEST] if like.points >= 0]

    def _near(self, line: LineView, bucket: DayList) -> set[int]:
        """Give the positions of targets worth comparing with a line."""
        lists = [self._by_name.get((line.pence, name), []) for name in line.named] if line.named else [bucket]
        near = {
            position
            for listed in lists
            for position in nearest(listed, line.day, before=LATEST_DAYS, after=-EARLIEST_DAYS)
        }
        for code in {line.key, line.order_key, *line.mentions} - {""}:
            near.update(nearest(self._by_code.get((line.pence, code), []), line.day, before=_EVER, after=_EVER))
        return near

    @staticmethod
    def _scored(line: LineView, targets: Sequence[Target]) -> list[Likeness]:
        """Add up the points of each target; those that name another supplier do not make an amount common."""
        sharing = sum(1 for target in targets if not line.named or target.facts.supplier in line.named)
        base = amount_points(line.pence, max(1, sharing))
        return [Likeness(base + pair_points(line, target) - (line.pence != target.pence), target) for target in targets]


def settle_equals(bench: Workbench, equals: Equals) -> None:
    """Settle lines whose best free target is sure and clearly better than the next."""
    waiting = [line for line in bench.lines if bench.free_line[line.position] and equals.of(line)]
    for _ in range(_MOST_ROUNDS):
        waiting.sort(key=lambda line: (-_best_free_points(bench, equals, line), line.day, line.position))
        left = [line for line in waiting if not _settled(bench, equals, line)]
        if len(left) == len(waiting):
            return
        waiting = left


def _best_free_points(bench: Workbench, equals: Equals, line: LineView) -> int:
    return next((like.points for like in equals.of(line) if bench.is_free(like.target)), -1)


def _settled(bench: Workbench, equals: Equals, line: LineView) -> bool:
    """Settle one line if it can be; say whether it needs no further look."""
    free = [like for like in equals.of(line) if bench.is_free(like.target)]
    if not free or free[0].points < CERTAIN_POINTS:
        return not free
    close = [like for like in equals.of(line) if like is not free[0] and not _outdone(bench, like, free[0])]
    if not close:
        _settle(bench, line, free[0], certain=True)
        return True
    named = _named_twin(equals, line, [free[0], *close])
    if named is not None and bench.is_free(named.target):
        _settle(bench, line, named, certain=True, more=["wording tells it from its twin"])
        return True
    return False


def _named_twin(equals: Equals, line: LineView, close: Sequence[Likeness]) -> Likeness | None:
    """Give the one of a line's close targets that its wording names, where they are twins all of them."""
    if not all(are_twins(close[0].target, like.target) for like in close):
        return None
    rivals = [
        other
        for other in equals.lines_of(line.pence)
        if other is not line and any(like.target is each.target for like in equals.of(other) for each in close)
    ]
    named = told_apart(line, [like.target for like in close], rivals)
    return next((like for like in close if like.target is named), None)


def _outdone(bench: Workbench, like: Likeness, best: Likeness) -> bool:
    """Say whether another target is out of the question: far less like, or another line's with far more right."""
    if best.points - like.points >= CERTAIN_MARGIN or like.target.rows == best.target.rows:
        return True
    held_for = [bench.taken_for.get(row) for row in like.target.rows]
    return all(points is not None and points - like.points >= CERTAIN_MARGIN for points in held_for)


def _settle(bench: Workbench, line: LineView, like: Likeness, *, certain: bool, more: Sequence[str] = ()) -> None:
    target = like.target
    kind = MatchKind.SAME if len(target.rows) == 1 else MatchKind.WHOLE_INVOICE
    words = [_amount_words(line, target), *reasons(line, target), *more]
    bench.settle(kind, [line], target, certain=certain, points=like.points, words=words)


def _amount_words(line: LineView, target: Target) -> str:
    """Word how the amounts agree."""
    of = f"the {len(target.rows)} rows of the invoice together" if len(target.rows) > 1 else "same amount"
    return f"{of}, VAT included" if line.pence != target.pence else of


def propose_equals(bench: Workbench, equals: Equals) -> None:
    """Propose the best free target of each line that is left, surest first."""
    for points, line in _by_points(bench, equals):
        free = [like for like in equals.of(line) if bench.is_free(like.target)]
        if bench.free_line[line.position] and free and free[0].points == points:
            _settle(bench, line, free[0], certain=False)


def _by_points(bench: Workbench, equals: Equals) -> Iterator[tuple[int, LineView]]:
    """Give free lines with each of their likenesses that is worth proposing, surest first."""
    every = [
        (like.points, line)
        for line in bench.lines
        if bench.free_line[line.position]
        for like in equals.of(line)
        if like.points >= PROPOSED_POINTS
    ]
    every.sort(key=lambda found: (-found[0], found[1].day, found[1].position))
    return iter(every)


def settle_repeats(bench: Workbench, equals: Equals) -> None:
    """Explain lines that book once more what another line of the same amount has booked."""
    for line in bench.lines:
        if not bench.free_line[line.position]:
            continue
        likes = equals.of(line)
        taken = [like for like in likes if _holder(bench, like.target) is not None]
        if not taken or likes[0] is not taken[0] or taken[0].points < PROPOSED_POINTS:
            continue
        enough = CERTAIN_POINTS if line.pence % 100 else CERTAIN_POINTS + CERTAIN_MARGIN
        sure = taken[0].points >= enough and _clear(likes)
        holder = _holder(bench, taken[0].target)
        if holder is None or holder.pence != line.pence:
            continue
        words = [
            f"books {pounds(line.pence)} again, as transaction {holder.facts.transaction} already did",
            *reasons(line, taken[0].target),
        ]
        bench.record(
            MatchKind.REPEATED,
            [line],
            bench.ids(taken[0].target),
            (),
            certain=sure,
            points=taken[0].points,
            words=words,
        )


def _holder(bench: Workbench, target: Target) -> LineView | None:
    """Give the line that explains all of a target, if one does."""
    held = {bench.taken_by.get(row) for row in target.rows}
    position = held.pop() if len(held) == 1 else None
    return None if position is None else bench.lines[position]


def _clear(likes: Sequence[Likeness]) -> bool:
    return len(likes) == 1 or likes[0].points - likes[1].points >= CERTAIN_MARGIN


def settle_reversals(bench: Workbench, equals: Equals, pairs: Sequence[tuple[LineView, LineView, int]]) -> None:
    """Record lines that take each other back, with the row they were about where it is clear."""
    for booked, taken_back, points in pairs:
        likes = equals.of(booked)
        words = [f"transaction {taken_back.facts.transaction} takes back {pounds(booked.pence)}"]
        row_ids: tuple[int, ...] = ()
        amounts: tuple[MatchedPair, ...] = ()
        if likes and likes[0].points >= CERTAIN_POINTS and _clear(likes) and len(likes[0].target.rows) == 1:
            row_ids = bench.ids(likes[0].target)
            words += reasons(booked, likes[0].target)
            amounts = tuple(
                MatchedPair(line.facts.id, row_ids[0], line.facts.net_pence) for line in (booked, taken_back)
            )
        bench.record(
            MatchKind.REVERSED, [booked, taken_back], row_ids, amounts, certain=True, points=points, words=words
        )
