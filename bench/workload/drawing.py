"""Drawing the workload: from one seed the same bytes everywhere, for only ``Random.random`` is asked.

Awkward on purpose: 3% of moves are backdated by 1 to 45 days, 0.5% are reversed later, what was issued comes back,
kits are built of lots that different grant lines paid for, and lots are used first in, first out at each place but
not over the whole force. The order in which numbers are drawn is part of the data: a draw more or less changes all
that follows, and with it every digest.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar

from bench.workload.facts import (
    BUILT,
    DAYS,
    FIRST,
    ISSUED,
    KITS,
    LAST,
    LOST,
    PARTNERS,
    SERVICES,
    STATIONS,
    STORES,
    SUPPLIERS,
    THINGS,
    Bill,
    DrawnLot,
    DrawnMove,
    Workload,
)

SEED = 7
_BASE = {"booklet": 60, "kit": 0, "phone": 2_800, "card": 2_500, "plain": 350}
_CATEGORY = {"kit": 1, "phone": 2, "card": 3, "booklet": 4, "plain": 5}
_KIND = {each.code: each.kind for each in THINGS}
_PACK = {each.code: each.pack for each in THINGS}
_WANTED = (
    *(each.code for each in THINGS if each.kind != "plain"),
    *["WATER", "SNACKS", "SOCKSA", "DIAPER", "PADS", "COAT", "BLANKET", "WIPES", "PONCHO", "FORMULA"],
)
_USERS = (*STATIONS, *PARTNERS)
_TARIFF = (4_500, 9_900, 12_000, 25_000, 49_900, 75_000, 120_000, 250_000)
_LATE = ("issue", "transfer", "return")
_Any = TypeVar("_Any")


def draw(moves: int, *, invoices: int | None = None) -> Workload:
    """Draw a force with so many moves, and a few more: the last act is never cut short."""
    return _Drawing(moves, moves // 10 if invoices is None else invoices).run()


def by_code(code: str) -> int:
    """Give a number for a code, the same on every machine."""
    found = 0
    for letter in code:
        found = (found * 131 + ord(letter)) % 1_000_003
    return found


class _Drawing:
    """A force as it is drawn, day by day."""

    def __init__(self, moves: int, invoices: int) -> None:
        self.wanted_moves, self.wanted_invoices = moves, invoices
        self.random = Random(SEED)
        self.scale = max(1.0, (moves / 10_000) ** 0.2)
        self.day = FIRST
        self.shelves: defaultdict[tuple[str, str], deque[list[int]]] = defaultdict(deque)
        self.moves: list[DrawnMove] = []
        self.lots: list[DrawnLot] = []
        self.shares: list[dict[str, int]] = []
        self.orders: list[Bill] = []
        self.invoices: list[Bill] = []
        self.price = {each.code: int(_BASE[each.kind] * (0.4 + 2.0 * self.random.random())) or 1 for each in THINGS}
        self.thing_weights = self._popularity(len(_WANTED), 2)
        self.place_weights = self._popularity(len(_USERS), 6)

    # ---- Chance, through random() alone

    def _between(self, first: int, last: int) -> int:
        return first + int(self.random.random() * (last - first + 1))

    def _pick(self, those: Sequence[_Any]) -> _Any:
        return those[int(self.random.random() * len(those))]

    def _popularity(self, count: int, flatness: int) -> list[float]:
        """A few carry most of the traffic: weights, added up."""
        shuffled = [number for _, number in sorted((self.random.random(), number) for number in range(count))]
        return list(accumulate(1.0 / (number + flatness) for number in shuffled))

    def _weighed(self, those: Sequence[str], weights: Sequence[float]) -> str:
        drawn, low, high = self.random.random() * weights[-1], 0, len(weights) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if weights[middle] < drawn else (low, middle)
        return those[low]

    # ---- The ledger

    def _move(self, lot: int, source: str, goal: str, units: int, kind: str) -> None:
        self.random.random()  # the second it was recorded
        day = self.day
        if kind in _LATE and self.random.random() < 0.035:
            day = max(FIRST, day - timedelta(days=self._between(1, 45)))
        self.random.random()  # who recorded it
        drawn = self.lots[lot]
        self.moves.append(DrawnMove(len(self.moves) + 1, day, drawn.item, drawn.code, source, goal, units))

    def _put(self, place: str, item: str, lot: int, units: int) -> None:
        there = self.shelves[place, item]
        if there and there[-1][0] == lot:
            there[-1][1] += units
        else:
            there.append([lot, units])

    def _have(self, place: str, item: str) -> int:
        return sum(units for _, units in self.shelves[place, item])

    def _take(self, place: str, item: str, wanted: int) -> list[tuple[int, int]]:
        """Use the oldest lots first; give what there is of them."""
        there, taken = self.shelves[place, item], []
        while wanted > 0 and there:
            lot, units = there[0]
            now = min(units, wanted)
            taken.append((lot, now))
            wanted -= now
            if now == units:
                there.popleft()
            else:
                there[0][1] -= now
        return taken

    def _line(self, category: int) -> str:
        year = self.day.year + 1 if self.day.month >= 7 else self.day.year
        return f"G{self._between(1, 5)}-L{category}-FY{year % 100:02d}"

    def _new_lot(self, item: str, shares: dict[str, int], place: str, units: int, supplier: str = "") -> int:
        code = f"L{len(self.lots) + 1:06d}"
        cost = sum(shares.values())
        self.lots.append(DrawnLot(code, item, not supplier, self.day, units, cost, supplier, place))
        self.shares.append(shares)
        return len(self.lots) - 1

    def _buy(self, place: str, item: str, units: int) -> int:
        supplier = SUPPLIERS[(by_code(item) + self._between(0, 2)) % 10]
        cost = max(1, int(self.price[item] * (0.85 + 0.3 * self.random.random())))
        line = self._line(_CATEGORY[_KIND[item]])
        self._bill(line, units * cost)
        lot = self._new_lot(item, {line: cost}, place, units, supplier)
        self._move(lot, supplier, place, units, "receipt")
        self._put(place, item, lot, units)
        return lot

    def _bill(self, line: str, pence: int) -> None:
        """An order and its invoice, now and then of more than has been invoiced."""
        ordered_on = max(FIRST, self.day - timedelta(days=self._between(3, 25)))
        ordered = pence
        if (LAST - self.day).days < 120 and self.random.random() < 0.25:
            ordered += self._between(1, 4) * max(1_000, pence // 3)
        order = len(self.orders)
        self.orders.append(Bill(order, ordered_on, line, ordered))
        invoiced_on = min(LAST, self.day + timedelta(days=self._between(0, 12)))
        self._between(0, 3)  # the printed number
        self.invoices.append(Bill(order, invoiced_on, line, pence))

    def _ensure(self, store: str, item: str, units: int) -> None:
        """Bring at least so many to a store: buy them, or build the kit."""
        if self._have(store, item) >= units:
            return
        if item in KITS:
            self._build(store, item, max(units, int(self._between(20, 60) * self.scale)))
        else:
            least = 60 if _KIND[item] in ("phone", "card") else 150
            self._buy(store, item, max(int(self._between(least, least * 4) * self.scale), units))

    def _build(self, store: str, kit: str, count: int) -> None:
        shares: defaultdict[str, int] = defaultdict(int)
        for item, each in KITS[kit]:
            lot = self._component(store, item, count * each)
            self._move(lot, store, BUILT, count * each, "build")
            for line, pence in self.shares[lot].items():
                shares[line] += pence * each
        built = self._new_lot(kit, dict(sorted(shares.items())), store, count)
        self._move(built, BUILT, store, count, "build")
        self._put(store, kit, built, count)

    def _component(self, store: str, item: str, units: int) -> int:
        """Take all of a component from the oldest lot that has enough of it, or from a new one."""
        there = self.shelves[store, item]
        enough = next((each for each in there if each[1] >= units), None)
        if enough is None:
            bought = self._buy(store, item, max(units, int(self._between(150, 600) * self.scale)))
            enough = next(each for each in there if each[0] == bought)
        enough[1] -= units
        if not enough[1]:
            there.remove(enough)
        return enough[0]

    def _refill(self, place: str, item: str, units: int) -> None:
        store = STORES[by_code(place) % 3]
        self._ensure(store, item, units)
        self._transfer(store, place, item, units)

    def _transfer(self, source: str, goal: str, item: str, units: int) -> None:
        for lot, taken in self._take(source, item, units):
            self._move(lot, source, goal, taken, "transfer")
            self._put(goal, item, lot, taken)

    # ---- What happens

    def _act(self) -> None:
        """One act at a place: mostly an issue, now and then a transfer, a loss or something found."""
        what = self.random.random()
        place = self._weighed(_USERS, self.place_weights)
        item = self._weighed(_WANTED, self.thing_weights)
        if what < 0.90:
            self._issue(place, item)
        elif what < 0.94:
            other = self._weighed(_USERS, self.place_weights)
            if other != place:
                self._transfer(place, other, item, self._between(1, 6))
        elif what < 0.96:
            for lot, units in self._take(place, item, self._between(1, 3)):
                self._move(lot, place, LOST, units, "loss")
        elif what < 0.965 and self.shelves[place, item]:
            lot = self.shelves[place, item][0][0]
            self._move(lot, LOST, place, 1, "found")
            self._put(place, item, lot, 1)

    def _issue(self, place: str, item: str) -> None:
        """Issue, having more sent first where too little is there; some of it is reversed or comes back."""
        wanted = self._between(1, 10) if _KIND[item] == "booklet" else self._between(1, 3)
        if self._have(place, item) < wanted:
            self._refill(place, item, _PACK[item] * self._between(1, 2))
        for lot, units in self._take(place, item, wanted):
            self._move(lot, place, ISSUED, units, "issue")
            after = self.random.random()
            if after < 0.026:
                back, kind = (units, "reversal") if after < 0.006 else (self._between(1, units), "return")
                self._move(lot, ISSUED, place, back, kind)
                self._put(place, item, lot, back)

    def _services(self, count: int) -> None:
        """Invoices that are no stock: freight, staff, rent; amounts that repeat."""
        for _ in range(count):
            self._pick(SERVICES)
            pence = self._pick(_TARIFF) if self.random.random() < 0.35 else self._between(1_500, 900_000)
            self._bill(self._line(self._between(6, 8)), pence)

    def run(self) -> Workload:
        """Draw every day, and at the end the budgets and what was claimed."""
        for number in range(DAYS):
            self.day = FIRST + timedelta(days=number)
            wanted = int((number + 1) * (self.wanted_moves / DAYS)) if number < DAYS - 1 else self.wanted_moves
            while len(self.moves) < wanted:
                self._act()
            self._services(self.wanted_invoices * (number + 1) // DAYS - len(self.invoices))
        budgets = self._budgets()
        paid = {lot.code: list(shares.items()) for lot, shares in zip(self.lots, self.shares, strict=True)}
        return Workload(self.moves, self.lots, paid, self.orders, self.invoices, budgets, list(self._claimed()))

    def _budgets(self) -> dict[str, int]:
        ordered: defaultdict[str, int] = defaultdict(int)
        for each in self.orders:
            ordered[each.line] += each.pence
        lines = [f"G{grant}-L{n}-FY{year}" for year in range(23, 27) for grant in range(1, 6) for n in range(1, 9)]
        return {
            line: int(ordered.get(line, 50_000) * (0.9 + 0.5 * self.random.random())) // 10_000 * 10_000 + 10_000
            for line in lines
        }

    def _claimed(self) -> Iterable[int]:
        for number, invoice in enumerate(self.invoices):
            if quarter_end(invoice.day) < LAST - timedelta(days=60) and self.random.random() < 0.93:
                yield number


def quarter_end(day: date) -> date:
    """Give the last day of the calendar quarter of a day."""
    month = (day.month - 1) // 3 * 3 + 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
