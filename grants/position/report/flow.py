"""Geometry of the flow picture: columns of stops, joined by ribbons whose widths are pounds.

Only whole numbers come out, as attributes of SVG shapes: no style, no script. A stop too small for its words
still gets a line of its own, so nothing that has money is invisible; the table beside it holds every figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.money import Pence, pounds

WIDTH, BAR, GAP = 960, 14, 16
ROOM = 210
"""Left and right of the picture, for the words of its first and last stops."""

LEAST = 3
TEXT_ROOM = 34
MOST_STOPS = 7
OTHERS = "Others"
IN_PLACE = " · "
"""Between a state and the place it is in; the place stands on the second line of a stop."""


@dataclass(frozen=True)
class Stop:
    """A rectangle of the picture: something money passes through."""

    label: str
    place: str
    pence: Pence
    x: int
    y: int
    height: int
    text_x: int
    anchor: str
    column: int


@dataclass(frozen=True)
class Ribbon:
    """Money from one stop to the next, as a closed path."""

    path: str
    words: str
    column: int


@dataclass(frozen=True)
class Flow:
    """The whole picture, with a sentence that says what it shows."""

    height: int
    stops: tuple[Stop, ...]
    ribbons: tuple[Ribbon, ...]
    words: str


Path = tuple[str, ...]
"""The labels money passes through, one for each column."""


def flow_of(paths: Mapping[Path, int], *, columns: int) -> Flow:
    """Lay money out as a flow.

    Args:
        paths: labels from left to right → pence; what is not above nothing is left out.
        columns: how many labels each path has.
    """
    kept = {path: pence for path, pence in paths.items() if pence > 0}
    kept = _grouped(kept, columns)
    totals = [_totals(kept, column) for column in range(columns)]
    whole = max(1, sum(kept.values()))
    tallest = max((len(each) for each in totals), default=1)
    scale = max(120, 34 * tallest)
    heights = [{label: max(LEAST, scale * pence // whole) for label, pence in each.items()} for each in totals]
    places = [_placed(each) for each in heights]
    height = max((_bottom(place, each) for place, each in zip(places, heights, strict=True)), default=0) + GAP
    stops = tuple(stop for at in range(columns) for stop in _stops(totals[at], heights[at], places[at], at, columns))
    ribbons = tuple(
        ribbon for at in range(columns - 1) for ribbon in _ribbons(kept, at, heights, places, totals, columns)
    )
    return Flow(height, stops, ribbons, _words(totals))


def _grouped(paths: Mapping[Path, int], columns: int) -> dict[Path, int]:
    """Put all but the largest labels of each column together."""
    keep = []
    for column in range(columns):
        totals = _totals(paths, column)
        keep.append(set(totals) if len(totals) <= MOST_STOPS else set(list(totals)[: MOST_STOPS - 1]))
    grouped: dict[Path, int] = defaultdict(int)
    for path, pence in paths.items():
        grouped[tuple(label if label in keep[at] else OTHERS for at, label in enumerate(path))] += pence
    return grouped


def _totals(paths: Mapping[Path, int], column: int) -> dict[str, int]:
    """Add a column up: label → pence, largest first, the rest last."""
    total: dict[str, int] = defaultdict(int)
    for path, pence in paths.items():
        total[path[column]] += pence
    return dict(sorted(total.items(), key=lambda each: (each[0] == OTHERS, -each[1], each[0])))


def _placed(heights: Mapping[str, int]) -> dict[str, int]:
    """Stack a column's stops, with room for two lines of words each."""
    placed, y = {}, GAP
    for label, height in heights.items():
        placed[label] = y
        y += max(height, TEXT_ROOM) + GAP
    return placed


def _bottom(placed: Mapping[str, int], heights: Mapping[str, int]) -> int:
    return max((y + max(heights[label], TEXT_ROOM) for label, y in placed.items()), default=0)


def _x(column: int, columns: int) -> int:
    """Give a column's left edge: the first and last leave room for their words outside the ribbons."""
    return ROOM + (WIDTH - 2 * ROOM - BAR) * column // (columns - 1)


def _stops(
    totals: Mapping[str, int],
    heights: Mapping[str, int],
    placed: Mapping[str, int],
    column: int,
    columns: int,
) -> Iterable[Stop]:
    x = _x(column, columns)
    text_x, anchor = (x - 8, "end") if column == 0 else (x + BAR + 8, "start")
    for label, pence in totals.items():
        name, _, place = label.partition(IN_PLACE)
        yield Stop(name, place, Pence(pence), x, placed[label], heights[label], text_x, anchor, column)


def _ribbons(
    paths: Mapping[Path, int],
    column: int,
    heights: Sequence[Mapping[str, int]],
    places: Sequence[Mapping[str, int]],
    totals: Sequence[Mapping[str, int]],
    columns: int,
) -> Iterable[Ribbon]:
    """Join two columns; at each stop ribbons lie side by side in the order of the other column."""
    joined: dict[tuple[str, str], int] = defaultdict(int)
    for path, pence in paths.items():
        joined[path[column], path[column + 1]] += pence
    left_taken: dict[str, int] = defaultdict(int)
    right_taken: dict[str, int] = defaultdict(int)
    order = {label: at for at, label in enumerate(totals[column + 1])}
    first = {label: at for at, label in enumerate(totals[column])}
    left, right = _x(column, columns) + BAR, _x(column + 1, columns)
    for (start, end), pence in sorted(joined.items(), key=lambda each: (first[each[0][0]], order[each[0][1]])):
        y0 = _edge(places[column], heights[column], totals[column], start, left_taken[start])
        y1 = _edge(places[column], heights[column], totals[column], start, left_taken[start] + pence)
        z0 = _edge(places[column + 1], heights[column + 1], totals[column + 1], end, right_taken[end])
        z1 = _edge(places[column + 1], heights[column + 1], totals[column + 1], end, right_taken[end] + pence)
        left_taken[start] += pence
        right_taken[end] += pence
        words = f"{start} to {end}: {pounds(pence)}"
        yield Ribbon(_path(left, right, (y0, max(y1, y0 + 1)), (z0, max(z1, z0 + 1))), words, column)


def _edge(
    placed: Mapping[str, int], heights: Mapping[str, int], totals: Mapping[str, int], label: str, pence: int
) -> int:
    """Give how far down a stop so many of its pence reach."""
    return placed[label] + heights[label] * pence // totals[label]


def _path(left: int, right: int, start: tuple[int, int], end: tuple[int, int]) -> str:
    """Write the ribbon between two edges as two curves."""
    middle = (left + right) // 2
    return (
        f"M{left} {start[0]}C{middle} {start[0]} {middle} {end[0]} {right} {end[0]}"
        f"V{end[1]}C{middle} {end[1]} {middle} {start[1]} {left} {start[1]}Z"
    )


def _words(totals: Sequence[Mapping[str, int]]) -> str:
    """Say in a sentence what comes from where and ends where."""
    ends = [
        ", ".join(f"{label} {pounds(pence)}" for label, pence in column.items()) for column in (totals[0], totals[-1])
    ]
    return f"From: {ends[0]}. To: {ends[1]}." if len(ends) == 2 and ends[0] else "Nothing to follow yet."
