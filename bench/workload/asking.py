"""Asking the product the workload's questions through its own queries, beside one bare statement each.

An answer counts only when its digest is the reference's. Two are put together here of the product's answers: what
to restock, for the product suggests levels by another rule, and the value first in, first out, which no grant asks
for; what a lot cost is the workload's there, for the product knows no lot built of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from bench.force import AT, Force
from bench.measure import timed
from bench.rows import Row
from bench.workload import reference
from bench.workload.facts import AS_AT, LAST, PLACES, RESTOCK_FROM, STATION, USED_FROM, USED_TO, Workload
from bench.workload.loading import Loaded
from core.access import Scope
from core.dates import day_bounds
from core.db import db
from core.paging import whole_lists
from grants.awards.queries import award_by_code
from grants.position.queries import line_positions
from inventory.stock import queries as stock
from inventory.stock.models import Posting
from inventory.timelines.queries import held_at
from inventory.timelines.rules import Clocks
from inventory.usage import queries as usage
from organisation.places.rules import PlaceKind

NOT_ASKED = (
    "Not asked of the product: spent, committed, claimed, remaining, issued, shelf and lost of the workload's "
    "statement. It spends over its budgets, which the product refuses, and its kits take their cost over from the "
    "lots they were built of, for which the product has no place. What was received is asked."
)

_USED = (
    "SELECT m.from_place_id, l.item_id, sum(m.unit_count) FROM posting p JOIN move m ON m.posting_id = p.id "
    "JOIN lot l ON l.id = m.lot_id WHERE p.happened_at >= :since AND p.happened_at < :before "
    "AND m.to_place_id = :issued GROUP BY m.from_place_id, l.item_id"
)
_THEN = (
    "SELECT f.place_id, l.item_id, sum(f.units) FROM ("
    "SELECT m.to_place_id AS place_id, m.lot_id, m.unit_count AS units "
    "FROM move m JOIN posting p ON p.id = m.posting_id WHERE p.happened_at < :before UNION ALL "
    "SELECT m.from_place_id, m.lot_id, -m.unit_count "
    "FROM move m JOIN posting p ON p.id = m.posting_id WHERE p.happened_at < :before"
    ") f JOIN lot l ON l.id = f.lot_id GROUP BY f.place_id, l.item_id"
)
_ON_HAND = (
    "SELECT b.place_id, l.item_id, sum(b.unit_count) FROM balance b JOIN lot l ON l.id = b.lot_id "
    "WHERE b.unit_count > 0 GROUP BY b.place_id, l.item_id"
)
_STATION = (
    "SELECT l.item_id, sum(b.unit_count) FROM balance b JOIN lot l ON l.id = b.lot_id "
    "WHERE b.place_id = :place AND b.unit_count > 0 GROUP BY l.item_id"
)
_RECEIVED = "SELECT grant_line_id, sum(pence) FROM lot_on_line GROUP BY grant_line_id"


@dataclass(frozen=True)
class _Question:
    """What is asked of the product, the bare statement beside it, and the target in milliseconds."""

    name: str
    words: str
    ask: Callable[[], list[reference.Row]]
    bare: str
    target: float
    facts: dict[str, Any]


def measure(force: Force, loaded: Loaded, drawn: Workload, *, moves: int, repeats: int) -> Iterator[Row]:
    """Ask every question, compare the answer, and time it beside its bare statement."""
    for each in _questions(force, loaded, drawn):
        same = reference.digest(each.ask()) == reference.digest(reference.ANSWERS[each.name](drawn))
        bare = timed(partial(_rows, _bare(each.bare), each.facts), repeats=repeats)
        ours = timed(each.ask, repeats=repeats, warm=True)
        yield Row(
            f"asked: {each.words}", moves, ours.p50, "ms",
            worst=ours.worst, anchor=bare.p50, target=each.target, same=same,
        )  # fmt: skip


def _rows(asked: TextClause, facts: dict[str, Any]) -> object:
    return db.session.execute(asked, facts).all()


def _bare(sql: str) -> TextClause:
    moments = [bindparam(name, type_=Posting.happened_at.type) for name in ("since", "before") if f":{name}" in sql]
    return text(sql).bindparams(*moments)


def _questions(force: Force, loaded: Loaded, drawn: Workload) -> list[_Question]:
    product, period = _Product(force, loaded, drawn), ("since", "before")
    issued = {"issued": stock.outside(PlaceKind.ISSUED)}
    quarter = dict(zip(period, day_bounds(USED_FROM, USED_TO), strict=True)) | issued
    days = dict(zip(period, day_bounds(RESTOCK_FROM, LAST), strict=True)) | issued
    then = {"before": Clocks(AS_AT).happened_before}
    return [
        _Question("on_hand", "on hand, every place and item", product.on_hand, _ON_HAND, 15, {}),
        _Question("station", "on hand at one station", product.station, _STATION, 1,
                  {"place": force.place_ids[STATION]}),
        _Question("as_at", "as at a past day, every place", product.as_at, _THEN, 10, then),
        _Question("usage", "used in a quarter, every place and item", product.usage, _USED, 15, quarter),
        _Question("restock", "what to restock of 90 days' use", product.restock, _USED, 30, days),
        _Question("fifo", "value first in, first out", product.fifo, _ON_HAND, 20, {}),
        _Question("received", "received on 160 grant lines", product.received, _RECEIVED, 5, {}),
    ]  # fmt: skip


class _Product:
    """The product's answers in the workload's words."""

    def __init__(self, force: Force, loaded: Loaded, drawn: Workload) -> None:
        self.place_ids = {code: key for code, key in force.place_ids.items() if code in PLACES}
        self.place_codes = {key: code for code, key in self.place_ids.items()}
        self.item_codes, self.drawn = loaded.item_codes, drawn

    def _held(self) -> dict[tuple[str, str], int]:
        held = stock.on_hand_everywhere(scope=Scope.everywhere())
        return {(self.place_codes[place], self.item_codes[item]): count for (place, item), count in held.items()}

    def on_hand(self) -> list[reference.Row]:
        return reference.as_rows(self._held())

    def station(self) -> list[reference.Row]:
        held = stock.on_hand(self.place_ids[STATION])
        return [(self.item_codes[item], count) for item, count in held.items()]

    def as_at(self) -> list[reference.Row]:
        """Ask place by place, as a person does; lots are added up by item."""
        counts: dict[tuple[str, str], int] = {}
        with whole_lists():
            for place, key in self.place_ids.items():
                for lot in held_at(key, clocks=Clocks(AS_AT)).lots.rows:
                    counts[place, lot.item_name] = counts.get((place, lot.item_name), 0) + lot.loose_count
        return reference.as_rows(counts)

    def _used(self, first: date, last: date) -> dict[tuple[str, str], int]:
        """Ask item by item, as the report of usage is narrowed."""
        since, before = day_bounds(first, last)
        counts: dict[tuple[str, str], int] = {}
        for item_id, item in self.item_codes.items():
            _, loose = usage.changes(scope=Scope.everywhere(), since=since, before=before, at=AT, item_id=item_id)
            for each in loose:
                if each.other is PlaceKind.ISSUED:
                    counts[each.place, item] = counts.get((each.place, item), 0) + each.left_count - each.came_count
        return counts

    def usage(self) -> list[reference.Row]:
        return reference.as_rows(self._used(USED_FROM, USED_TO))

    def restock(self) -> list[reference.Row]:
        return reference.restock(self._held(), self._used(RESTOCK_FROM, LAST))

    def fifo(self) -> list[reference.Row]:
        return reference.fifo(self.drawn, reference.by_item(self._held()))

    def received(self) -> list[reference.Row]:
        """Ask award by award what was received on each of its lines."""
        found: list[reference.Row] = []
        for grant, year in dict.fromkeys((name[:2], name[-4:]) for name in self.drawn.budgets):
            lines = line_positions(award_by_code(f"{grant}-{year}"))
            found += [(f"{grant}-{line.code}-{year}", int(line.received_pence)) for line in lines]
        return found
