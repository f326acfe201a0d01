"""The story of the demonstration year: buying, packing, issuing and restocking, day by day.

Issues come at the pace published schemes have (docs/SOURCES.md, KIT-3): two to nine a month, and one surge day of
twenty-six. Stations ask when they run low; the store packs when its shelf runs low. Nothing is written past the
services: what they would refuse a person, they refuse here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.access import Scope
from core.money import Pence, vat_on
from demonstration.acts import Acts
from demonstration.calendar import Calendar
from demonstration.goods import LANGUAGES
from demonstration.money import (
    EARLIER,
    MAIN,
    Bought,
    Purchases,
    contents_for,
    move_budget,
    printing,
)
from demonstration.people import STATIONS, STORE, Station
from grants.spending import services as spending
from grants.spending.rules import NewRow, Share, SpendingKind
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from inventory.catalogue import services as catalogue
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.requests import queries as requests_read
from inventory.requests import services as requests
from inventory.requests.rules import ShortReason
from organisation.places.rules import PlaceKind

SURGE = "SALISBURY"
MONTHLY_ISSUES = (4, 6, 3, 5, 7, 4, 5, 8, 4, 6, 3, 5)
SURGE_MONTH, SURGE_BAGS = 8, 26


@dataclass(frozen=True)
class Handover:
    """One Go Bag to hand over: on which day of the year, at which station."""

    number: int
    station: Station


class Year:
    """The state the story needs between days."""

    def __init__(self, acts: Acts, calendar: Calendar) -> None:
        self.acts, self.calendar = acts, calendar
        self.random = Random(4471)
        self.purchases = Purchases(acts)
        self.seals = 7_100
        self.stations = {station.code: station for station in STATIONS}
        self.place_ids: dict[str, int] = {}

    # ---- Buying -------------------------------------------------------------------------------------

    def award_on(self, day: date) -> str | None:
        """Give the award that pays for what is bought on a day, if one runs."""
        year = self.calendar.award_year
        if day > year.last:
            return None
        return MAIN if day >= year.first else EARLIER

    def buy(self, number: int, goods: dict[str, list[Bought]]) -> None:
        """Order, be invoiced, apportion and receive within ten days from a day of the year."""
        day = self.calendar.day(number)
        award = self.award_on(day)
        if award is None or self.award_on(day + timedelta(days=10)) != award:
            return
        orders = {}
        with self._day(day, 10):
            orders = {supplier: self.purchases.order(award, supplier, bought) for supplier, bought in goods.items()}
        with self._day(day + timedelta(days=5), 11):
            invoices = {
                supplier: self.purchases.invoice_goods(
                    supplier, bought, day + timedelta(days=4), order=orders[supplier]
                )
                for supplier, bought in goods.items()
            }
            for supplier, bought in goods.items():
                self.purchases.apportion_whole(invoices[supplier], award, bought)
        with self._day(day + timedelta(days=7), 9):
            for place, (supplier, bought) in enumerate(goods.items(), start=1):
                self.purchases.receive(invoices[supplier], bought, f"DN-{number:03d}-{place}")

    def pay_for(self, number: int, supplier: str, what: str, net: int, shares: list[tuple[str, int]]) -> None:
        """Be invoiced for a service and charge it to lines of the award that runs, in pence."""
        day = self.calendar.day(number)
        award = self.award_on(day)
        if award != MAIN:
            return
        row = NewRow(what, Pence(net), SpendingKind.SERVICE, 2000, vat_on(Pence(net), 2000))
        with self._day(day, 12):
            invoice = self.purchases.invoice(supplier, [row], day)
            split = [Share(f"{award}/{line}", Pence(pence)) for line, pence in shares]
            self.acts.do("grants", spending.apportion, invoice.rows[0].reference, split)

    def receive_gift(self, number: int) -> None:
        """Receive a donation at £0: wash kits and period packs from the Soroptimists."""
        day = self.calendar.day(number)
        with self._day(day, 14):
            self.acts.do(
                "storekeeper", deliveries.receive_delivery, supplier_code="SOROPT", place_code=STORE,
                delivery_note="GIFT-1", received_on=day,
                lines=[
                    DeliveredLine("WASH", 12, expires_on=day + timedelta(days=400)),
                    DeliveredLine("PERIOD", 10, expires_on=day + timedelta(days=700)),
                ],
            )  # fmt: skip

    def print_again(self, number: int) -> None:
        """Publish a second edition of the Romanian and Albanian booklets, and buy it."""
        day = self.calendar.day(number)
        with self._day(day, 9, 30):
            for code in ("BOOK-RO", "BOOK-SQ"):
                self.acts.do(
                    "storekeeper", catalogue.publish_edition, item_code=code, number=2, published_on=day,
                    review_on=day + timedelta(days=540),
                )  # fmt: skip

    # ---- Packing and handing over -------------------------------------------------------------------

    def pack(self, day: date, recipe: str, wanted: int) -> int:
        """Pack as many bags of a recipe as stock allows, up to a number; give how many."""
        scope = self.acts.people["storekeeper"].scope
        self.acts.go_to(day, 13)
        for count in (wanted, wanted // 2, 1):
            if count < 1:
                continue
            proposal = bags_read.proposed_contents(recipe, self.place_ids[STORE], bag_count=count, on=day, scope=scope)
            if proposal.short:
                continue
            seals = [f"S{self.seals + number:06d}" for number in range(count)]
            self.seals += count
            self.acts.do(
                "storekeeper", bags.pack_run, recipe, place_code=STORE, seal_numbers=seals,
                contents=proposal.packed_lines(), happened_at=self.acts.at,
            )  # fmt: skip
            return count
        return 0

    def fill_shelf(self, day: date, levels: dict[str, int]) -> None:
        """Pack until the store holds so many bags of each recipe."""
        views = bags_read.bag_views([self.place_ids[STORE]], scope=Scope.everywhere(), on=day)
        for recipe, level in levels.items():
            held = sum(1 for view in views if view.recipe_code == recipe)
            if held < level:
                self.pack(day, recipe, level - held)

    def hand_over(self, handover: Handover) -> bool:
        """Issue a bag that stands ready at the station; say whether there was one."""
        station = handover.station
        day = self.calendar.day(handover.number)
        self.acts.go_to(day, self.random.choice((2, 3, 9, 14, 18, 22)), self.random.randrange(60))
        sergeant = self.acts.people[station.sergeant]
        views = bags_read.bag_views([self.place_ids[station.code]], scope=sergeant.scope, on=day)
        ready = [view for view in views if view.can_be_issued]
        if not ready:
            return False
        route = IssueRoute.PARTNER if station.kind == PlaceKind.PARTNER else IssueRoute.OFFICER
        chosen = self.random.choice(ready[:4])
        self.acts.do(station.sergeant, bags.issue_bag, chosen.tag, route=route, issued_at=self.acts.at)
        return True

    # ---- Restocking ---------------------------------------------------------------------------------

    def restock(self, day: date, station: Station, *, steps: int = 4, short: bool = False) -> str | None:
        """Ask for the shortage of a station, then approve, send and receive it on the days after.

        Args:
            steps: how far it gets: 1 asked, 2 approved, 3 sent, 4 received.
            short: one loose line arrives one short.

        Returns:
            The reference of the request, or None when the station lacks nothing.
        """
        asked = self._ask(day, station)
        if asked is None or steps < 2 or not self._approve(day + timedelta(days=1), asked) or steps < 3:
            return asked
        sent = self._send(day + timedelta(days=1), asked)
        if sent is not None and steps == 4:
            self._receive(day + timedelta(days=2), station, sent, short=short)
        return asked

    def _ask(self, day: date, station: Station) -> str | None:
        self.acts.go_to(day, 7, 40)
        scope = self.acts.people[station.sergeant].scope
        levels = requests_read.levels(self.place_ids[station.code], scope=scope, on=day)
        lines = [
            requests.AskedLine(level.shortage_count, *((None, level.code) if level.is_bag else (level.code, None)))
            for level in levels
            if level.shortage_count > 0
        ]
        if not lines:
            return None
        return self.acts.do(station.sergeant, requests.ask, station.code, lines, note=None).reference

    def _approve(self, day: date, reference: str) -> bool:
        """Approve what the store can give; refuse when it can give nothing."""
        self.acts.go_to(day, 8, 20)
        request = requests_read.request_by_reference(reference, scope=Scope.everywhere())
        items, recipes = requests_read.free_at(
            request.supplied_by_id,
            item_ids=[line.item_id for line in request.lines if line.item_id],
            recipe_ids=[line.recipe_id for line in request.lines if line.recipe_id],
            on=day,
            scope=Scope.everywhere(),
        )
        given = {}
        for line in request.lines:
            free = items[line.item_id] if line.item_id else recipes[line.recipe_id or 0]
            given[line.position] = min(line.asked_count, free.free_count)
        if not any(given.values()):
            reason = "None of this is at the store; the next delivery is ordered"
            self.acts.do("approver", requests.refuse, reference, reason=reason, version=request.version)
            return False
        self.acts.do("approver", requests.approve, reference, given, version=request.version)
        return True

    def _send(self, day: date, reference: str) -> str | None:
        """Pick as proposed, earliest expiry first, and send."""
        self.acts.go_to(day, 11)
        scope = self.acts.people["storekeeper"].scope
        request = requests_read.request_by_reference(reference, scope=scope)
        picks: list[requests.PickedLot | requests.PickedBag] = []
        course = requests_read.course_of(request)
        for position, line in requests_read.proposed_picks(request, course, on=day, scope=scope).items():
            picks += [requests.PickedBag(position, tag) for tag in line.proposed_tags]
            for code, units in line.proposed.items():
                numbers = tuple(line.serials.get(code, [])[:units])
                picks.append(requests.PickedLot(position, code, units, numbers))
        if not picks:
            return None
        sent = self.acts.do(
            "storekeeper", requests.dispatch, reference, picks, expected_on=day + timedelta(days=2),
            version=request.version,
        )  # fmt: skip
        return sent.reference

    def _receive(self, day: date, station: Station, reference: str, *, short: bool) -> None:
        """Count a dispatch in; a short one lacks a unit of its first loose line."""
        self.acts.go_to(day, 15)
        scope = self.acts.people[station.sergeant].scope
        sending = requests_read.dispatch_by_reference(reference, scope=scope)
        numbers = requests_read.serials_of([sending])
        counted = []
        for number, line in enumerate(sending.lines, start=1):
            lacks = int(short and line.lot_id is not None and line.id not in numbers)
            short = short and not lacks
            counted.append(
                requests.Counted(
                    number,
                    line.unit_count - lacks,
                    tuple(numbers.get(line.id, ())),
                    ShortReason.MISSING if lacks else None,
                )
            )
        self.acts.do(station.sergeant, requests.receive, reference, counted)

    # ---- The year -----------------------------------------------------------------------------------

    def handovers(self) -> list[Handover]:
        """Draw the year's issues: day and station of each, the surge day among them."""
        drawn = []
        weights = [station.share for station in STATIONS]
        for month, count in enumerate(MONTHLY_ISSUES):
            for _ in range(count):
                station = self.random.choices(STATIONS, weights)[0]
                drawn.append(Handover(30 * month + self.random.randrange(14, 30), station))
        surge = 30 * SURGE_MONTH + 12
        drawn += [Handover(surge, self.stations[SURGE])] * SURGE_BAGS
        return sorted(drawn, key=lambda each: each.number)

    def steps(self) -> Iterator[tuple[str, int]]:
        """Live through the year, giving after each stretch what was done and the day reached."""
        yield from self._first_stock()
        issues = self.handovers()
        for week in range(3, 52):
            first, last = 7 * week, 7 * week + 6
            self._planned(first, last)
            if week % 2 == 1:
                with self._day(self.calendar.day(first), 6):
                    self.fill_shelf(self.calendar.day(first), {"ADULT-M": 12, "ADULT-L": 8, "CHILD": 5})
            self._week([issue for issue in issues if first <= issue.number <= last])
            yield "Issues and restocking", last

    def _first_stock(self) -> Iterator[tuple[str, int]]:
        """Buy and pack the first bags, and bring every station to its par level."""
        first = contents_for(34, 22, 14)
        first["PLAINPRINT"] = printing(40, 40, edition=1)
        self.buy(1, first)
        yield "First deliveries", 8
        with self._day(self.calendar.day(9), 9):
            self.fill_shelf(self.calendar.day(9), {"ADULT-M": 34, "ADULT-L": 22, "CHILD": 12})
        yield "Go Bags packed", 9
        for place, station in enumerate(STATIONS):
            with self._day(self.calendar.day(10), 7):
                self.restock(self.calendar.day(10), station, short=place == 2)
        yield "Stations stocked", 12

    def _planned(self, first: int, last: int) -> None:
        """Do what is planned for the days of a week: purchases, services, a gift, a new edition."""
        start = (self.calendar.award_year.first - self.calendar.first).days
        plan = {
            start + 2: lambda number: self._open_main(number),
            start + 9: lambda number: self.buy(number, contents_for(26, 16, 10, lasts_days=260)),
            start + 30: lambda number: self.pay_for(
                number, "MOONRAKER", "Storage, first quarter", 18_000, [("E", 18_000)]
            ),
            start + 44: lambda number: self.receive_gift(number),
            start + 58: lambda number: self.pay_for(
                number, "LANTERN", "Briefing of 24 officers", 42_000, [("F", 42_000)]
            ),
            start + 72: lambda number: self._print_new(number),
            start + 120: lambda number: self.pay_for(
                number, "MOONRAKER", "Storage, second quarter", 18_000, [("E", 18_000)]
            ),
            start + 121: lambda number: self.pay_for(
                number, "PLAINPRINT", "Artwork for cards and booklets", 38_005, [("C", 12_668), ("D", 25_337)]
            ),
            start + 124: lambda number: self.buy(number, contents_for(24, 16, 8)),
        }
        for number, act in plan.items():
            if first <= number <= last:
                act(number)

    def _open_main(self, number: int) -> None:
        """Nothing but the budget change waits for the main award to run; its offer came before."""
        with self._day(self.calendar.day(number), 10):
            move_budget(self.acts, self.calendar.day(number))

    def _print_new(self, number: int) -> None:
        self.print_again(number)
        languages = [code for code in LANGUAGES if code in ("ro", "sq")]
        self.buy(number + 1, {"PLAINPRINT": printing(0, 60, edition=2, languages=languages)})

    def _week(self, issues: list[Handover]) -> None:
        """Hand over the week's bags; a station that gives its last ones asks for more."""
        low: dict[str, int] = {}
        by_day: dict[int, list[Handover]] = {}
        for issue in issues:
            by_day.setdefault(issue.number, []).append(issue)
        for number, several in by_day.items():
            surge = len(several) > 10
            with self._day(self.calendar.day(number), 1):
                if surge:
                    self._surge(number, several[0].station, len(several))
                for issue in several:
                    if self.hand_over(issue):
                        low[issue.station.code] = number
        for code, number in low.items():
            with self._day(self.calendar.day(number + 1), 7):
                self.restock(self.calendar.day(number + 1), self.stations[code])

    def _surge(self, number: int, station: Station, wanted: int) -> None:
        """Bring the store's bags to a station the same morning: many people were found at once."""
        day = self.calendar.day(number)
        scope = self.acts.people["storekeeper"].scope
        views = bags_read.bag_views([self.place_ids[STORE]], scope=scope, on=day)
        ready: dict[str, int] = {}
        for view in views:
            if view.can_be_issued:
                ready[view.recipe_code] = ready.get(view.recipe_code, 0) + 1
        lines = [requests.AskedLine(count, recipe_code=code, confirmed_count=count) for code, count in ready.items()]
        self.acts.go_to(day, 5, 10)
        asked = self.acts.do(
            station.sergeant, requests.ask, station.code, lines, note=f"{wanted} people found today, all hands"
        )
        if self._approve(day, asked.reference) and (sent := self._send(day, asked.reference)):
            self._receive(day, station, sent, short=False)

    @contextmanager
    def _day(self, day: date, hour: int, minute: int = 0) -> Iterator[None]:
        """Do a day's acts in one transaction."""
        self.acts.go_to(day, hour, minute)
        with self.acts.together():
            yield
