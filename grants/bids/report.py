"""A bid, frozen: what to buy next year, why, for how much, and what less would do. Every form paints this object."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.dates import day_text, local_day, moment_text
from core.figures import Checkpoint, Figures, summed
from core.figures.storing import frozen_of
from core.languages import language
from core.money import pounds
from core.periods import Period, named
from core.register import IssuedReport
from core.sheets import Cell, Column, Kind
from core.trail.queries import head
from grants.bids import queries
from grants.bids.queries import Held, Variant, Year
from grants.bids.rules import (
    PARTS,
    YEAR_DAYS,
    AskedLine,
    GrantedLine,
    Needed,
    Ran,
    Shelf,
    answers,
    asked_lines,
    calm,
    day_of,
    dealt,
    headings_of,
    kept,
    run,
    to_buy,
)
from inventory.catalogue.rules import ItemKind
from inventory.pars.queries import Pars, pars_of
from inventory.unmet.queries import Unmet
from inventory.usage.queries import PlaceDays, place_days
from organisation.places.queries import commissioner_name

TITLE = "Bid for next year"
NO_LANGUAGE = "In no language"

FORMULA = (
    "Units to buy = given out in twelve months + asked for and not given + what par levels ask to stand ready − on "
    "hand in date, and never below nought. Pounds = units × the cost of the newest invoice row for the item ÷ its "
    "units, rounded up to the penny."
)
"""How every line is made, in words."""


@dataclass(frozen=True)
class Source:
    """What a line of the bid rests on: the item's code, and the invoice row its price comes from, or nothing."""

    name: str
    code: str
    row: str


@dataclass(frozen=True)
class Bid:
    """A draft of next year's application, as known at its checkpoint.

    Attributes:
        period: the twelve months it is drafted from.
        first_day: first day of the year it is for.
        less: by how many per cent less the cut is tried.
        pence, less_pence: what all lines cost, whole and cut, in pence.
        unpriced: items to buy for which no invoice row is on record.
        unprinted: languages asked for in vain in which nothing is printed.
        asked: what to ask for, by the headings of the grant lines things are bought under; a bid that left before
            there were any has none.
        lines: by item, what speaks for it and what it costs.
        languages: by language, what is printed in it.
        dry: places that could not give what was wanted, by variant, with the whole bid and with less.
    """

    organisation: str
    period: Period
    first_day: date
    checkpoint: Checkpoint
    less: int
    pence: int
    less_pence: int
    unpriced: tuple[str, ...]
    unprinted: tuple[str, ...]
    sources: tuple[Source, ...]
    lines: Figures
    languages: Figures
    bags: Figures
    dry: Figures
    asked: tuple[AskedLine, ...] = ()
    title: str = field(default=TITLE, init=False)

    @property
    def reference(self) -> str:
        """The same twelve months and the same cut always have the same."""
        return f"BID-{self.first_day:%Y%m%d}-{self.less}"

    @property
    def version(self) -> str:
        """Which state of the records it shows."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that it knows of."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def sentence(self) -> str:
        """What the bid comes to."""
        said = f"The bid comes to {pounds(self.pence)}"
        if self.less:
            said = f"{said}. With {self.less}% less it buys for {pounds(self.less_pence)}"
        if not self.dry.rows:
            return f"{said}, and no place runs dry of any kind of Go Bag."
        (whole, missed), (cut, missed_then) = self._dry_count(5), self._dry_count(8)
        said = f"{said}. With the whole bid {_shelves(whole)} dry on some day and {missed:,} Go Bags are not given"
        return f"{said}; with less, {_shelves(cut)} dry and {missed_then:,} are not given." if self.less else f"{said}."

    def _dry_count(self, at: int) -> tuple[int, int]:
        """Count the shelves that run dry and the Go Bags not given, by a column of the table."""
        missed = [count for row in self.dry.rows if isinstance(count := row[at], int) and count]
        return len(missed), sum(missed)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (
            ("For the year from", day_text(self.first_day)),
            ("The whole bid", pounds(self.pence)),
            *(((f"With {self.less}% less", pounds(self.less_pence)),) if self.less else ()),
            *self.checkpoint.on_front,
        )

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Drafted from", self.period.words), ("Less", f"{self.less}%"))

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            *self.filters,
            ("For the year from", day_text(self.first_day)),
            ("Formula", FORMULA),
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (*((self.by_heading,) if self.asked else ()), self.lines, self.languages, self.bags, self.dry)

    @property
    def by_heading(self) -> Figures:
        """What to ask for, by grant line."""
        return _by_heading(self.asked, self.less)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        said = [
            FORMULA,
            "Given out is what was handed over in Go Bags and not handed back. A Go Bag asked for and not given counts "
            "with everything that goes into one; units of any language are dealt over the languages as they were "
            "given. What was asked for in another language counts in that one.",
            "Par levels count for items and for what goes into the Go Bags that should stand ready.",
            f"Less money cuts every line alike, in whole units. What that does is tried by living through the twelve "
            f"months again: what is bought comes in {PARTS} equal parts, places are filled up to their par levels once "
            "a week, the emptiest first, and days far out of the ordinary are brought down, for no shelf is filled "
            "for a surge. A day is dry when a place could not give what was wanted on it.",
            "The year to come will not be the year that was: the days say how soon, not when.",
        ]
        if self.unpriced:
            said.append(
                f"No invoice row is on record for {', '.join(self.unpriced)}: add what they cost before it is sent."
            )
        if self.unprinted:
            said.append(
                f"Asked for, and nothing is printed in it: {', '.join(self.unprinted)}. It is in no line above."
            )
        return tuple(said)


def freeze_bid(*, less: int, at: datetime) -> Bid:
    """Draft next year's bid from the last twelve months, and try it with so many per cent less.

    Args:
        less: per cent, from 0 to 90.
    """
    today = local_day(at)
    period = named(today - timedelta(days=YEAR_DAYS - 1), today)
    log, known = head(), [each for each in place_days(scope=queries.EVERYWHERE) if not each.closed_on]
    items, kinds, year = queries.items_held(on=today), queries.variants(on=today), queries.year_of(period, at=at)
    pars, standing = pars_of([each.named.key for each in known]), queries.bags_standing()
    needed = _needed(items, kinds, year, pars)
    bags, dry = _tried(known, kinds, year, pars, standing, period, less)
    return Bid(
        commissioner_name(),
        period,
        today + timedelta(days=1),
        Checkpoint(log.sequence, log.chain_hash, at),
        less,
        sum(each.pence for each in needed),
        sum(each.pence_with(less) for each in needed),
        tuple(each.name for each in needed if each.buy_count and each.price is None),
        _unprinted(year, items),
        tuple(Source(each.name, each.code, each.price.row if each.price else "") for each in needed),
        _lines(needed, less),
        _languages(needed, less),
        bags,
        dry,
        asked_lines(needed, less),
    )


def sent_bid_of(report: IssuedReport) -> Bid:
    """Read a bid as it left the service."""
    return frozen_of(Bid, report.frozen_json or "{}")


def outcome(bid: Bid, granted: Sequence[GrantedLine]) -> Figures:
    """Put what was granted beside what a bid asked for, line by line."""
    columns = (
        Column("Asked for", width=30), Column("Asked", Kind.MONEY), Column("Granted", Kind.MONEY),
        Column("Difference", Kind.MONEY, "Granted less asked."), Column("Granted as", width=34),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for line, answering in answers(bid.asked, granted):
        asked, given = line.pence if line else 0, sum(each.pence for each in answering)
        words = f"{line.code} {line.heading}" if line else "Not asked for"
        names = ", ".join(f"{each.name} {each.heading}" for each in answering) or "Nothing"
        rows.append((words, asked, given, given - asked, names))
    return Figures("Outcome", "Asked against granted", columns, tuple(rows), summed("Total", columns, rows))


def _shelves(count: int) -> str:
    return f"{count:,} {'shelf runs' if count == 1 else 'shelves run'}"


# ---- What is needed -----------------------------------------------------------------------------


def _needed(items: Sequence[Held], kinds: Sequence[Variant], year: Year, pars: Mapping[int, Pars]) -> list[Needed]:
    """Make a line of every item that was wanted, or should stand ready."""
    unmet, par = Counter[int](), Counter[int]()
    bag_unmet: Counter[int] = Counter()
    for each in year.unmet:
        if each.recipe_id is not None:
            bag_unmet[each.recipe_id] += each.unit_count
        elif (item_id := _meant(each, items)) is not None:
            unmet[item_id] += each.unit_count
    for here in pars.values():
        par.update(here.items)
    bag_par = Counter[int]()
    for here in pars.values():
        bag_par.update(here.recipes)
    unmet.update(_contents(items, kinds, bag_unmet, year.items))
    par.update(_contents(items, kinds, bag_par, year.items))
    bought = queries.bought()
    known = {item_id: each.heading for item_id, each in bought.items() if each.heading is not None}
    under = headings_of({each.item_id: each.kind for each in items}, known)
    made = [
        Needed(
            each.code, each.name, each.language, year.items[each.item_id], unmet[each.item_id], par[each.item_id],
            each.held_count, bought[each.item_id].price if each.item_id in bought else None, under.get(each.item_id),
        )
        for each in items
    ]  # fmt: skip
    return [each for each in made if each.given_count or each.unmet_count or each.par_count]


def _meant(wanted: Unmet, items: Sequence[Held]) -> int | None:
    """Give the item that was asked for in vain; in another language, the one of its kind that is printed in it.

    None where nothing is printed in that language.
    """
    if wanted.language is None:
        return wanted.item_id
    kinds = {each.kind for each in items if each.item_id == wanted.item_id} or {ItemKind.BOOKLET}
    printed = [each.item_id for each in items if each.language == wanted.language and each.kind in kinds]
    return printed[0] if printed else None


def _unprinted(year: Year, items: Sequence[Held]) -> tuple[str, ...]:
    """List the languages asked for in vain in which nothing is printed."""
    codes = {each.language for each in year.unmet if each.language and _meant(each, items) is None}
    return tuple(sorted(language(code).english for code in codes))


def _contents(
    items: Sequence[Held], kinds: Sequence[Variant], bags: Mapping[int, int], given: Mapping[int, int]
) -> Counter[int]:
    """Turn Go Bags into what goes into them: recipe id → bags becomes item id → units."""
    found, of_kind = Counter[int](), Counter[str]()
    for variant in kinds:
        for part in variant.parts:
            units = part.unit_count * bags.get(variant.recipe_id, 0)
            if part.item_id is not None:
                found[part.item_id] += units
            elif part.kind is not None:
                of_kind[part.kind] += units
    for kind, units in of_kind.items():
        found.update(dealt(units, {each.item_id: given.get(each.item_id, 0) for each in items if each.kind == kind}))
    return found


# ---- What less would do -------------------------------------------------------------------------


def _tried(
    known: Sequence[PlaceDays],
    kinds: Sequence[Variant],
    year: Year,
    pars: Mapping[int, Pars],
    standing: Mapping[tuple[int, int], int],
    period: Period,
    less: int,
) -> tuple[Figures, Figures]:
    """Live through the year with the whole bid and with less; give Go Bags to make, and the shelves that run dry."""
    missed: dict[tuple[int, int], Counter[date]] = defaultdict(Counter)
    for each in year.unmet:
        if each.recipe_id is not None:
            missed[each.place_id, each.recipe_id][each.wanted_on] += each.unit_count
    days = [period.first + timedelta(days=number) for number in range((period.last - period.first).days + 1)]
    made, dry = list[tuple[Cell, ...]](), list[tuple[Cell, ...]]()
    for variant in kinds:
        key = variant.recipe_id
        shelves, at_store = list[Shelf](), 0
        for place in known:
            place_id, name = place.named.key, place.named.name
            given, vain = year.bags.get((name, variant.name), Counter()), missed.get((place_id, key), Counter())
            level, here = pars[place_id].recipes.get(key, 0), standing.get((place_id, key), 0)
            daily = tuple(given[day] + vain[day] for day in days)
            if level or any(daily):
                shelves.append(calm(Shelf(name, here, level, daily)))
            else:
                at_store += here
        given_count = sum(sum(each.values()) for (_, name), each in year.bags.items() if name == variant.name)
        vain_count = sum(sum(each.values()) for (_, recipe), each in missed.items() if recipe == key)
        par, held = sum(shelf.par for shelf in shelves), at_store + sum(shelf.standing for shelf in shelves)
        count = to_buy(given_count, vain_count, par, held)
        made.append((variant.name, given_count, vain_count, par, held, count, kept(count, less)))
        whole = run(shelves, store=at_store, bought=count)
        cut = run(shelves, store=at_store, bought=kept(count, less))
        first = period.last + timedelta(days=1)
        dry += [
            _fared(variant.name, *pair, first) for pair in zip(whole, cut, strict=True) if any(r.missed for r in pair)
        ]
    return _bags(made, less), _dry(dry, less)


def _fared(variant: str, whole: Ran, cut: Ran, first: date) -> tuple[Cell, ...]:
    return (
        whole.place, variant, whole.wanted, day_of(first, whole.first_day), whole.dry_days, whole.missed,
        day_of(first, cut.first_day), cut.dry_days, cut.missed,
    )  # fmt: skip


# ---- Tables -------------------------------------------------------------------------------------


_COUNTED = {
    "Given out": "In twelve months.",
    "Not given": "Asked for in twelve months, and could not be given.",
    "Par": "What par levels ask to stand ready.",
    "On hand": "On hand, in date.",
    "To buy": "Given out, not given and par, less on hand; never below nought.",
}


def _noted(*headings: str) -> tuple[Column, ...]:
    return tuple(Column(heading, Kind.COUNT, _COUNTED[heading]) for heading in headings)


def _in_pounds(less: int) -> tuple[Column, Column]:
    cut = Column(f"With {less}% less", Kind.MONEY, f"What is bought with {less}% less of each, in whole units.")
    return Column("Pounds", Kind.MONEY, "Units to buy at the price, rounded up to the penny."), cut


def _lines(needed: Sequence[Needed], less: int) -> Figures:
    columns = (
        Column("Item", width=34), *_noted("Given out", "Not given", "Par", "On hand", "To buy"),
        Column("Price", note="Of the newest invoice row for the item.", width=24), *_in_pounds(less),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            each.name, each.given_count, each.unmet_count, each.par_count, each.held_count, each.buy_count,
            f"{pounds(each.price.pence)} for {each.price.unit_count:,}" if each.price else "None on record",
            each.pence, each.pence_with(less),
        )
        for each in needed
    ]  # fmt: skip
    total: tuple[Cell, ...] = (
        "Total", None, None, None, None, None, None,
        sum(each.pence for each in needed), sum(each.pence_with(less) for each in needed),
    )  # fmt: skip
    said = "Nothing was given out, asked for or should stand ready, so there is nothing to bid for yet."
    return Figures("Lines", "What to buy, why, and for how much", columns, tuple(rows), total, FORMULA, said)


def _by_heading(asked: Sequence[AskedLine], less: int) -> Figures:
    columns = (Column("Line"), Column("Heading", width=40), Column("Items", Kind.COUNT), *_in_pounds(less))
    rows: list[tuple[Cell, ...]] = [
        (each.code, each.heading, each.item_count, each.pence, each.less_pence) for each in asked
    ]
    note = (
        "An item stands under the heading of the grant line it was bought under last, or else under that of most goods "
        "of its kind. What no goods are bought for, such as storage or briefings, is not drafted."
    )
    caption = "What to ask for, by grant line"
    return Figures("Grant lines", caption, columns, tuple(rows), summed("Total", columns, rows), note)


def _languages(needed: Iterable[Needed], less: int) -> Figures:
    columns = (
        Column("Language", width=26), *_noted("Given out", "Not given", "To buy"), *_in_pounds(less),
    )  # fmt: skip
    found: dict[str, list[Needed]] = defaultdict(list)
    for each in needed:
        found[language(each.language).english if each.language else NO_LANGUAGE].append(each)
    rows: list[tuple[Cell, ...]] = [
        (
            name, sum(each.given_count for each in mine), sum(each.unmet_count for each in mine),
            sum(each.buy_count for each in mine), sum(each.pence for each in mine),
            sum(each.pence_with(less) for each in mine),
        )
        for name, mine in sorted(found.items(), key=lambda pair: (pair[0] == NO_LANGUAGE, pair[0]))
    ]  # fmt: skip
    return Figures("Languages", "What to buy, by language", columns, tuple(rows), summed("Total", columns, rows))


def _bags(rows: Sequence[tuple[Cell, ...]], less: int) -> Figures:
    headings = ("Given out", "Not given", "Par", "Standing", "To make", f"With {less}% less")
    columns = (Column("Go Bag", width=26), *(Column(heading, Kind.COUNT) for heading in headings))
    note = "To make is the same sum, of Go Bags."
    return Figures(
        "Go Bags", "Go Bags to make, by kit recipe", columns, tuple(rows), summed("Total", columns, rows), note
    )


def _dry(rows: Sequence[tuple[Cell, ...]], less: int) -> Figures:
    columns = (
        Column("Place", width=24), Column("Go Bag"), Column("Wanted", Kind.COUNT),
        Column("Whole bid: dry from", Kind.DATE), Column("Dry days", Kind.COUNT), Column("Not given", Kind.COUNT),
        Column(f"{less}% less: dry from", Kind.DATE), Column("Dry days then", Kind.COUNT),
        Column("Not given then", Kind.COUNT),
    )  # fmt: skip
    ordered = sorted(rows, key=lambda row: (-int(str(row[8])), str(row[0]), str(row[1])))
    total = summed("Total", columns, ordered) if ordered else None
    said = "No place runs dry, with the whole bid or with less."
    return Figures("Runs dry", "Which places run dry, and when", columns, tuple(ordered), total, empty=said)
