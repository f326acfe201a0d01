"""Lines that take each other back: booked once, reversed once.

They are found among the ledger lines alone, before any row is looked at, because the reversed booking must
not stand in the way of the right one. A credit note that has a spending row of its own is no reversal.
"""

from grants.ledgers.rules.matching.equals import Equals
from grants.ledgers.rules.matching.evidence import LineView, Reference, amount_points
from grants.ledgers.rules.matching.wording import is_reversing, one_edit_apart, without_reversing
from grants.ledgers.rules.matching.workbench import CERTAIN_POINTS, DayList, Workbench, nearest

_DAYS_BACK, _DAYS_AHEAD = 92, 3
_SAME_TEXT, _SAYS_SO, _BOTH_SILENT = 6, 3, 2
_SURE_POINTS = 12


def set_aside_reversals(bench: Workbench, equals: Equals) -> list[tuple[LineView, LineView, int]]:
    """Find reversals and take both lines off the table.

    Returns:
        For each: the line that booked, the line that takes it back, and points.
    """
    booked: dict[int, DayList] = {}
    in_order = sorted(bench.lines, key=lambda line: (line.day, line.position))
    for line in in_order:
        if line.pence > 0:
            booked.setdefault(line.pence, []).append((line.day, line.position))
    found = []
    for line in in_order:
        if line.pence >= 0 or -line.pence not in booked or _is_credit_note(equals, line):
            continue
        best = _best_booking(bench, line, booked[-line.pence])
        if best is not None:
            bench.free_line[line.position] = bench.free_line[best[1].position] = False
            found.append((best[1], line, best[0]))
    return found


def _is_credit_note(equals: Equals, line: LineView) -> bool:
    """Say whether a negative line has a spending row of its own."""
    likes = equals.of(line)
    return bool(likes) and likes[0].points >= CERTAIN_POINTS


def _best_booking(bench: Workbench, line: LineView, bookings: DayList) -> tuple[int, LineView] | None:
    """Give the free booking, of those in order of day, most like a negative line, if it is like enough."""
    base = amount_points(line.pence, len(bookings))
    places = nearest(bookings, line.day, before=_DAYS_BACK, after=_DAYS_AHEAD)
    likely = [
        (base + _alike(bench.lines[place], line), bench.lines[place]) for place in places if bench.free_line[place]
    ]
    likely.sort(key=lambda found: (-found[0], abs(line.day - found[1].day), found[1].position))
    return likely[0] if likely and likely[0][0] >= _SURE_POINTS else None


def _alike(booking: LineView, line: LineView) -> int:
    """Give points for what two lines say alike, their amounts apart."""
    points = _SAYS_SO if is_reversing(f"{line.facts.supplier} {line.facts.description}") else 0
    texts = {without_reversing(f"{view.facts.supplier} {view.facts.description}") for view in (booking, line)}
    points += _SAME_TEXT if len(texts) == 1 and texts != {""} else 0
    points += _SAME_TEXT if booking.facts.transaction == line.facts.transaction else 0
    if booking.key == line.key:
        return points + (Reference.SAME_NUMBER if line.key else _BOTH_SILENT)
    if booking.key and line.key:
        near = one_edit_apart(booking.key, line.key)
        return points + (Reference.ONE_EDIT if near else Reference.UNLIKE)
    return points
