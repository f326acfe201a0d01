"""The story of the demonstration year: buying, packing, issuing and restocking, day by day.

Issues come at the pace published schemes have (docs/SOURCES.md): two to nine a month, and one surge day of
twenty-six. Stations ask when they have handed bags over; the store packs when its shelf runs low. Nothing is
written past the services: what they would refuse a person, they refuse here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from demonstration.acts import Acts
from demonstration.buying import Buying
from demonstration.calendar import Calendar
from demonstration.counting import Counting
from demonstration.diary import Diary
from demonstration.money import Purchases
from demonstration.partnership import Partnership
from demonstration.people import STATIONS, STORE, Station
from demonstration.recalling import Recalling
from demonstration.restocking import APPROVED, ASKED, SENT, Restocking
from demonstration.ringing import Ringing
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from inventory.bags.rules import PackedLine
from inventory.catalogue import queries as catalogue
from inventory.catalogue.rules import PRINTED
from inventory.pars import services as pars
from inventory.pars.services import ParAsked
from inventory.requests import services as requests
from inventory.stock import queries as stock
from organisation.places.rules import PlaceKind

SURGE_STATION, SURGE_DAY, SURGE_BAGS = "SALISBURY", 252, 26
"""One operation found twenty-six people on one day in one city."""

MONTHLY_ISSUES = (0, 6, 3, 5, 7, 4, 5, 8, 4, 6, 3, 5)
FIRST_SHELF = {"ADULT-M": 30, "ADULT-L": 20, "CHILD": 10}
SHELF = {"ADULT-M": 8, "ADULT-L": 5, "CHILD": 3}
SURGE_SHELF = {"ADULT-M": 14, "ADULT-L": 9, "CHILD": 4}
"""How many bags of each kind the store packs up to: at first, on any day, and as the reserve of the summer."""

ASKED_FOR = {"ro": 5, "sq": 5, "vi": 4, "en": 3, "pl": 2, "ar": 2, "ti": 2, "zh": 1}
"""How often each language of a booklet is taken, against the others."""

NIGHT_AND_DAY = (2, 3, 9, 14, 18, 21)
"""Hours at which bags are handed over."""


class Year:
    """The year's plan, and what packing and handing over need between days."""

    def __init__(self, acts: Acts, calendar: Calendar, place_ids: dict[str, int]) -> None:
        self.acts, self.calendar, self.place_ids = acts, calendar, place_ids
        self.random = Random(4471)
        self.diary = Diary(acts, calendar)
        self.purchases = Purchases(acts)
        self.restocking = Restocking(self.diary, place_ids)
        self.stations = {station.code: station for station in STATIONS}
        self._seals = 7_100

    def live(self) -> Iterator[int]:
        """Live through the year, giving the number of each day that is over."""
        Buying(self.diary, self.purchases).plan()
        self.diary.enter(9, lambda: self._fill_shelf(FIRST_SHELF), hour=9)
        self.diary.enter(SURGE_DAY - 4, lambda: self._fill_shelf(SURGE_SHELF), hour=6)
        for station in STATIONS:
            self.restocking.enter(10, station)
        for number in range(21, 362, 10):
            self.diary.enter(number, lambda: self._fill_shelf(SHELF), hour=6)
        self._plan_handovers()
        self._plan_last_days()
        Counting(self.diary).plan()
        Ringing(self.diary).plan()
        Recalling(self.diary).plan()
        Partnership(self.diary).plan()
        yield from self.diary.live()

    def _plan_handovers(self) -> None:
        """Draw the days and stations of the year's issues, the surge day among them."""
        weights = [station.share for station in STATIONS]
        for month, bags_given in enumerate(MONTHLY_ISSUES):
            for station in self.random.choices(STATIONS, weights, k=bags_given):
                self._plan_handover(30 * month + self.random.randrange(30), station)
        surge = self.stations[SURGE_STATION]
        self.diary.enter(SURGE_DAY, lambda: self._surge(surge), hour=5)
        self.diary.enter(SURGE_DAY, lambda: self._hand_over(SURGE_DAY, surge, SURGE_BAGS), hour=9)

    def _plan_handover(self, number: int, station: Station) -> None:
        hour, minute = self.random.choice(NIGHT_AND_DAY), self.random.randrange(60)
        self.diary.enter(number, lambda: self._hand_over(number, station), hour=hour, minute=minute)

    def _plan_last_days(self) -> None:
        """Leave something to do for everybody: to approve, to pick, to receive, to chase."""
        for code, number in (("GABLECROSS", 343), ("TROWBRIDGE", 355), ("MELKSHAM", 355), ("SALISBURY", 356)):
            self._plan_handover(number, self.stations[code])

        def ask() -> None:
            more = [ParAsked(3, item_code="BOOK-TI")]
            self.acts.do("approver", pars.set_pars, "GABLECROSS", more, reason="Tigrinya was asked for twice")
            self.restocking.enter(347, self.stations["GABLECROSS"], short=True)
            self.restocking.enter(363, self.stations["SALISBURY"], until=SENT)
            self.restocking.enter(362, self.stations["MELKSHAM"], until=APPROVED)
            self.restocking.enter(364, self.stations["TROWBRIDGE"], until=ASKED)

        self.diary.enter(346, ask, hour=1)
        self.diary.enter(364, self._leave_salisbury_short, hour=20)

    def _leave_salisbury_short(self) -> None:
        """Leave the station that newcomers sign in to short of something nobody has asked for yet."""
        more = [ParAsked(4, item_code="BOOK-TI"), ParAsked(5, recipe_code="ADULT-M")]
        self.acts.do("approver", pars.set_pars, "SALISBURY", more, reason="More was given out here than foreseen")

    def _fill_shelf(self, levels: dict[str, int]) -> None:
        """Pack until the store holds so many bags of each recipe."""
        standing = stock.bags_standing(self.place_ids[STORE])
        held = {recipe.code: standing.get(recipe.id, 0) for recipe in catalogue.recipes()}
        for recipe, level in levels.items():
            if held[recipe] < level:
                self._pack(recipe, level - held[recipe])

    def _pack(self, recipe: str, wanted: int) -> None:
        """Pack as many bags of a recipe as stock allows, up to a number."""
        scope = self.acts.people["storekeeper"].scope
        place_id, day = self.place_ids[STORE], self.acts.at.date()
        here = bags_read.packing_at(recipe, place_id, on=day, scope=scope)
        most = wanted
        for count in (wanted, wanted // 2, 1):
            if not 1 <= count <= most:
                continue
            proposal = here.proposal(count)
            if proposal.short:
                most = min((line.needed_count - line.short_count) // line.wanted.unit_count for line in proposal.short)
                continue
            seals = [f"S{self._seals + number:06d}" for number in range(count)]
            self._seals += count
            contents = self._in_languages(proposal.packed_lines())
            facts = {"place_code": STORE, "seal_numbers": seals, "contents": contents, "happened_at": self.acts.at}
            self.acts.do("storekeeper", bags.pack_run, recipe, **facts)
            return

    def _in_languages(self, contents: Sequence[PackedLine]) -> list[PackedLine]:
        """Deal printed matter over languages as they are asked for, instead of all from the first lot."""
        dealt = list(contents)
        for kind in PRINTED:
            lots = {lot.code: lot for lot in stock.lots_held(self.place_ids[STORE], kind=kind)}
            wanted = sum(line.unit_count for line in dealt if line.lot_code in lots)
            current = catalogue.current_editions(on=self.acts.at.date())
            left = {
                code: lot.unit_count for code, lot in lots.items() if lot.edition_number == current[lot.item_id].number
            }
            chosen: Counter[str] = Counter()
            for _ in range(wanted):
                codes = [code for code, count in left.items() if count > chosen[code]]
                weights = [ASKED_FOR.get(lots[code].language or "", 1) for code in codes]
                chosen[self.random.choices(codes, weights)[0]] += 1
            dealt = [line for line in dealt if line.lot_code not in lots]
            dealt += [PackedLine(code, count) for code, count in sorted(chosen.items())]
        return dealt

    def _hand_over(self, number: int, station: Station, bag_count: int = 1) -> None:
        """Issue bags that stand ready at the station, one after the other, and have the station ask for more."""
        sergeant = self.acts.people[station.sergeant]
        place_id = self.place_ids[station.code]
        views = bags_read.bag_views([place_id], scope=sergeant.scope, on=self.acts.at.date())
        ready = [view for view in views if view.can_be_issued]
        if not ready:
            return
        route = IssueRoute.PARTNER if station.kind == PlaceKind.PARTNER else IssueRoute.OFFICER
        for left in range(min(bag_count, len(ready)), 0, -1):
            chosen = ready.pop(self.random.randrange(min(4, len(ready))))
            self.acts.do(station.sergeant, bags.issue_bag, chosen.tag, route=route, issued_at=self.acts.at)
            self.acts.go_on(minutes=4, seconds=int(left > 1))
        if number < 330:
            self.restocking.enter(number + 1, station)

    def _surge(self, station: Station) -> None:
        """Bring the store's bags to a station the same morning: many people were found at once."""
        scope = self.acts.people["storekeeper"].scope
        views = bags_read.bag_views([self.place_ids[STORE]], scope=scope, on=self.acts.at.date())
        ready: dict[str, int] = {}
        for view in views:
            if view.can_be_issued:
                ready[view.recipe_code] = ready.get(view.recipe_code, 0) + 1
        lines = [requests.AskedLine(count, None, code, count) for code, count in ready.items()]
        asked = self.acts.do(station.sergeant, requests.ask, station.code, lines, note="Surge: all bags at the store")
        self.acts.go_on(minutes=15)
        if self.restocking.approve(asked.reference):
            self.acts.go_on(minutes=30)
            sent = self.restocking.send(asked.reference)
            self.acts.go_on(minutes=90)
            if sent is not None:
                self.restocking.receive(station, sent)
