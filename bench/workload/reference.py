"""The right answers, by the obvious loop over what was drawn, and how an answer is written down.

Two systems agree on an answer when its digest is the same. Those of 10,000 moves stand in the tests, as the neutral
workload's own programs print them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from bench.workload.facts import (
    AS_AT,
    COVER_DAYS,
    ISSUED,
    LAST,
    LOST,
    PARTNERS,
    PLACES,
    RESTOCK_FROM,
    STATION,
    STATIONS,
    THINGS,
    USED_DAYS,
    USED_FROM,
    USED_TO,
    Workload,
)

Row = tuple[str | int, ...]
Counts = Mapping[tuple[str, str], int]
"""Place and item → units."""

_PACK = {each.code: each.pack for each in THINGS}


def digest(answer: Iterable[Row]) -> str:
    """Write an answer's rows down in order, and give the first 16 digits of their SHA-256."""
    lines = sorted("|".join(map(str, row)) for row in answer)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def as_rows(counts: Counts) -> list[Row]:
    """Write counts as rows, those of nothing left out."""
    return [(*key, units) for key, units in counts.items() if units]


def held(load: Workload, *, until: date = LAST) -> dict[tuple[str, str], int]:
    """Add up what every place of ours held at the end of a day."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for move in load.moves:
        if move.day <= until:
            found[move.goal, move.item] += move.units
            found[move.source, move.item] -= move.units
    return {key: units for key, units in found.items() if units and key[0] in PLACES}


def used(load: Workload, first: date, last: date) -> dict[tuple[str, str], int]:
    """Add up what was issued in a period, less what was reversed or came back in it."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for move in load.moves:
        if first <= move.day <= last:
            if move.goal == ISSUED:
                found[move.source, move.item] += move.units
            elif move.source == ISSUED:
                found[move.goal, move.item] -= move.units
    return dict(found)


def restock(on_hand: Counts, use: Counts) -> list[Row]:
    """Say what to send so that a place's use of 90 days, taken over 44, is on hand; whole packs."""
    found: list[Row] = []
    for (place, item), units in use.items():
        need = -(-units * COVER_DAYS // USED_DAYS) - on_hand.get((place, item), 0)
        if place in (*STATIONS, *PARTNERS) and units > 0 and need > 0:
            found.append((place, item, -(-need // _PACK[item]) * _PACK[item]))
    return found


def fifo(load: Workload, on_hand: Mapping[str, int]) -> list[Row]:
    """Value what is on hand of each item, wherever, at its newest lots: each grant line's pence.

    Args:
        on_hand: item → units.
    """
    left, worth = dict(on_hand), dict.fromkeys(load.budgets, 0)
    for lot in reversed(load.lots):
        now = min(left.get(lot.item, 0), lot.units)
        if now > 0:
            left[lot.item] -= now
            for line, pence in load.paid[lot.code]:
                worth[line] += now * pence
    return list(worth.items())


def by_item(counts: Counts) -> dict[str, int]:
    """Add counts up over places: item → units."""
    found: defaultdict[str, int] = defaultdict(int)
    for (_, item), units in counts.items():
        found[item] += units
    return dict(found)


def statement(load: Workload) -> list[Row]:
    """Say of each grant line: budget, spent, committed, claimed, remaining, received, issued, shelf, lost."""
    worth = _worth(load)
    spent, invoiced, committed, claimed = (defaultdict[str | int, int](int) for _ in range(4))
    for invoice in load.invoices:
        spent[invoice.line] += invoice.pence
        invoiced[invoice.order] += invoice.pence
    for order in load.orders:
        committed[order.line] += max(0, order.pence - invoiced[order.order])
    for number in load.claimed:
        claimed[load.invoices[number].line] += load.invoices[number].pence
    return [
        (line, budget, spent[line], committed[line], claimed[line], budget - spent[line] - committed[line],
         *worth[line])
        for line, budget in load.budgets.items()
    ]  # fmt: skip


def _worth(load: Workload) -> Mapping[str, list[int]]:
    """Add up each line's pence in what was received, issued, is on the shelf and was lost, by the lots themselves."""
    state = dict.fromkeys(PLACES, 2) | {ISSUED: 1, LOST: 3}
    lots: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for move in load.moves:
        for place, units in ((move.goal, move.units), (move.source, -move.units)):
            if place in state:
                lots[move.lot][state[place]] += units
        if move.source.startswith("V"):
            lots[move.lot][0] += move.units
    worth: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for lot, counts in lots.items():
        for line, pence in load.paid[lot]:
            worth[line] = [had + units * pence for had, units in zip(worth[line], counts, strict=True)]
    return worth


def received(load: Workload) -> list[Row]:
    """Give of each line's statement what was received."""
    worth = _worth(load)
    return [(line, worth[line][0]) for line in load.budgets]


ANSWERS: Mapping[str, Callable[[Workload], list[Row]]] = {
    "on_hand": lambda load: as_rows(held(load)),
    "station": lambda load: [row[1:] for row in as_rows(held(load)) if row[0] == STATION],
    "as_at": lambda load: as_rows(held(load, until=AS_AT)),
    "usage": lambda load: as_rows(used(load, USED_FROM, USED_TO)),
    "restock": lambda load: restock(held(load), used(load, RESTOCK_FROM, LAST)),
    "fifo": lambda load: fifo(load, by_item(held(load))),
    "statement": statement,
    "received": received,
}
"""The seven questions, and the part of the statement that the product is asked for."""
