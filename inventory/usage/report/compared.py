"""The tables of a usage report that compare: a period with the one before and the same a year before, unmet need too.

Everything is counted by one walk over the issues of each period (``weighed``), whatever it is counted by: a place, a
variant and a language weigh one for each Go Bag, an item the units that were inside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.dates import local_day
from core.figures import Figures, summed
from core.languages import language
from core.sheets import Cell, Column, Kind
from inventory.unmet.queries import Unmet
from inventory.unmet.rules import UnmetReason
from inventory.usage.report.tables import NO_BOOKLET
from inventory.usage.rules import (
    Choices,
    IssueFact,
    Narrowing,
    Tally,
    Window,
    Windows,
    net,
    standing,
    trend,
    trend_words,
)

Weights = Iterable[tuple[str, int, int]]
"""What an issue counts for: name, units issued, and how many of them are not handed back."""

Weigh = Callable[[IssueFact], Weights]

NET_ONLY = "Earlier periods are shown net. A period of which not everything is on record is left empty."

_BEFORE = "The same sum of the period before, net, as known now; empty where not all of it is on record."
_YEAR = "The same sum of the same period a year before, net, as known now; empty where not all of it is on record."
_TREND = "More or fewer only where the difference is greater than chance would bring about once in a hundred."
_COUNTS = {
    "Issued": "Undone issues left out.",
    "Handed back": "Of those issued, what came back, whenever that was.",
    "Net": "Issued less handed back.",
    "Period before": _BEFORE,
    "Year before": _YEAR,
    "Asked for, not given": "What somebody asked for at a place and could not be given, as the place noted it.",
}
_CHANGES = {
    "This period": "",
    "Period before": _BEFORE,
    "Change on it": "This period less the period before.",
    "Year before": _YEAR,
    "Change on that": "This period less the same a year before.",
}


@dataclass
class Sum:
    """What was counted of one name in one period.

    Attributes:
        occasions: place and day of each issue that stands and was not handed back.
    """

    issued_count: int = 0
    net_count: int = 0
    occasions: list[tuple[object, date]] = field(default_factory=list)

    @property
    def tally(self) -> Tally:
        """Its net issues, for the test of a trend."""
        return Tally.of(self.occasions)


@dataclass(frozen=True)
class Spell:
    """One of the periods compared: its window, the issues of it that stand, and what was asked for in vain."""

    window: Window
    issues: tuple[IssueFact, ...]
    unmet: tuple[Unmet, ...]

    @property
    def unmet_tally(self) -> Tally:
        """Units asked for in vain, and the places and days there were any."""
        return Tally(
            sum(each.unit_count for each in self.unmet), len({(each.place_id, each.wanted_on) for each in self.unmet})
        )


def spell(window: Window, issues: Iterable[IssueFact], unmet: Iterable[Unmet]) -> Spell:
    """Take out of issues and unmet need what belongs to a period."""
    held = window.period.holds
    return Spell(
        window,
        tuple(each for each in standing(issues) if held(local_day(each.issued_at))),
        tuple(each for each in unmet if held(each.wanted_on)),
    )


@dataclass(frozen=True)
class Spells:
    """The three periods; None for one that is not on record, or is the one before."""

    now: Spell
    before: Spell | None
    year_ago: Spell | None

    @classmethod
    def of(cls, three: Windows, issues: Sequence[IssueFact], unmet: Sequence[Unmet]) -> Spells:
        """Deal issues and unmet need over the periods that are on record."""

        def dealt(window: Window | None) -> Spell | None:
            return spell(window, issues, unmet) if window and window.is_known else None

        return cls(spell(three.now, issues, unmet), dealt(three.before), dealt(three.year_ago))

    @property
    def earlier(self) -> tuple[Spell | None, Spell | None]:
        """The one before, and a year before."""
        return self.before, self.year_ago


def weighed(spell: Spell | None, weigh: Weigh) -> dict[str, Sum]:
    """Count the issues of a period by whatever they are weighed by: name → what was counted."""
    found: dict[str, Sum] = defaultdict(Sum)
    for issue in spell.issues if spell else ():
        for name, issued, kept in weigh(issue):
            each = found[name]
            each.issued_count += issued
            each.net_count += kept
            if kept:
                each.occasions.append((issue.place, local_day(issue.issued_at)))
    return found


def by_one(of: Callable[[IssueFact], str]) -> Weigh:
    """Weigh each issue as one Go Bag, under a name."""
    return lambda issue: ((of(issue), 1, int(issue.back_at is None)),)


def by_contents(units: Mapping[int, Counter[int]], names: Mapping[int, str], only: int | None) -> Weigh:
    """Weigh each issue by the units inside, under the name of each item; only one item where it is given."""

    def weigh(issue: IssueFact) -> Weights:
        inside = units.get(issue.posting_id, Counter())
        kept = inside if issue.back_at is None else units.get(issue.back_posting_id or 0, Counter())
        for item_id, count in inside.items():
            if only in (None, item_id):
                yield names[item_id], count, kept[item_id]

    return weigh


# ---- Tables -------------------------------------------------------------------------------------


def dimension(
    name: str,
    caption: str,
    spells: Spells,
    weigh: Weigh,
    unmet: Counter[str],
    *,
    names: Sequence[str] = (),
    adds_up: bool = True,
) -> Figures:
    """Make a table by one thing: issued, handed back, net, the earlier periods, unmet need and what may be said.

    Args:
        name: of the table; its last word heads the first column.
        names: rows there are in any case, in this order; others follow by name.
        adds_up: whether its figures can be added up, as units of different items cannot.
    """
    now, before, year_ago = (weighed(each, weigh) for each in (spells.now, *spells.earlier))
    labels = [
        *names,
        *sorted({*now, *before, *year_ago, *unmet} - set(names), key=lambda each: (each == NO_BOOKLET, each)),
    ]
    columns = (
        Column(name.rpartition(" ")[2].capitalize(), width=30),
        *(Column(heading, Kind.COUNT, note) for heading, note in _COUNTS.items()),
        Column("Trend", note=_TREND, width=28),
    )
    rows: list[tuple[Cell, ...]] = []
    for label in labels:
        here = now.get(label, Sum())
        then = [
            found.get(label, Sum()) if known else None
            for found, known in ((before, spells.before), (year_ago, spells.year_ago))
        ]
        rows.append(
            (
                label,
                here.issued_count,
                here.issued_count - here.net_count,
                here.net_count,
                *(each.net_count if each else None for each in then),
                unmet[label],
                _words(spells, here.tally, *(each.tally if each else None for each in then)),
            )
        )
    total = _total(columns, rows, spells) if adds_up and rows else None
    return Figures(name, caption, columns, tuple(rows), total, NET_ONLY, "Nothing was issued or asked for in vain.")


def _total(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], spells: Spells) -> tuple[Cell, ...]:
    """Add a table up; a period that is not on record has no total."""
    added = list(summed("Total", columns, rows))
    for at, known in ((4, spells.before), (5, spells.year_ago)):
        added[at] = added[at] if known else None
    return tuple(added)


def _words(spells: Spells, now: Tally, before: Tally | None, year_ago: Tally | None) -> str:
    if not any(each.unit_count for each in (now, before, year_ago) if each):
        return ""
    days = spells.now.window.day_count
    ways = [
        trend(now, then, days, spell.window.day_count if spell else 0)
        for then, spell in zip((before, year_ago), spells.earlier, strict=True)
    ]
    return trend_words(ways[0], ways[1])


def compared(spells: Spells) -> Figures:
    """Set the whole against the period before and the same a year before."""
    rows: list[tuple[Cell, ...]] = []
    for label, count_of, tally_of in _MEASURES:
        now = count_of(spells.now)
        then = [count_of(each) if each else None for each in spells.earlier]
        words = _words(spells, tally_of(spells.now), *(tally_of(each) if each else None for each in spells.earlier))
        before, year_ago = then
        changes = [None if each is None else now - each for each in then]
        rows.append((label, now, before, changes[0], year_ago, changes[1], words))
    columns = (
        Column("Figure", width=26),
        *(Column(heading, Kind.COUNT, note) for heading, note in _CHANGES.items()),
        Column("Trend", note=_TREND, width=28),
    )
    return Figures("Compared", "This period against earlier ones", columns, tuple(rows), note=_compared_note(spells))


def _compared_note(spells: Spells) -> str:
    said = [
        f"{name}: {each.window.period.words}."
        for name, each in (("Period before", spells.before), ("Year before", spells.year_ago))
        if each
    ]
    return " ".join([*said, "" if all(spells.earlier) else "An earlier period not wholly on record is left empty."])


def _tally(issues: Iterable[IssueFact]) -> Tally:
    return Tally.of([(issue.place, local_day(issue.issued_at)) for issue in issues])


_MEASURES: tuple[tuple[str, Callable[[Spell], int], Callable[[Spell], Tally]], ...] = (
    ("Issued", lambda spell: len(spell.issues), lambda spell: _tally(spell.issues)),
    (
        "Handed back",
        lambda spell: len(spell.issues) - len(net(spell.issues)),
        lambda spell: _tally(each for each in spell.issues if each.back_at),
    ),
    ("Net", lambda spell: len(net(spell.issues)), lambda spell: _tally(net(spell.issues))),
    ("Asked for, not given", lambda spell: spell.unmet_tally.unit_count, lambda spell: spell.unmet_tally),
)


def against(spells: Spells) -> str:
    """Say in a sentence how the net count compares, with its figures."""
    now = len(net(spells.now.issues))
    said = [
        f"{len(net(each.issues)):,} {when}"
        for when, each in (("in the period before", spells.before), ("a year before", spells.year_ago))
        if each
    ]
    if not said:
        return f"{now:,} net. No earlier period is wholly on record to compare with."
    before, year_ago = (_tally(net(each.issues)) if each else None for each in spells.earlier)
    words = _words(spells, _tally(net(spells.now.issues)), before, year_ago)
    return f"{now:,} net, against {' and '.join(said)}{f': {words[0].lower()}{words[1:]}' if words else ''}."


# ---- Asked for, not given -----------------------------------------------------------------------


@dataclass(frozen=True)
class Wants:
    """Unmet need with the names of what it is about."""

    unmet: tuple[Unmet, ...]
    choices: Choices

    def by_place(self) -> Counter[str]:
        """Count it by place."""
        names = {each.key: each.name for each in self.choices.places}
        return self._counted(lambda each: names.get(each.place_id))

    def by_variant(self) -> Counter[str]:
        """Count Go Bags asked for, by variant."""
        names = {each.key: each.name for each in self.choices.variants}
        return self._counted(lambda each: names.get(each.recipe_id or 0))

    def by_item(self) -> Counter[str]:
        """Count items asked for."""
        names = {each.key: each.name for each in self.choices.items}
        return self._counted(lambda each: names.get(each.item_id or 0))

    def by_language(self) -> Counter[str]:
        """Count what was asked for in a language, or is printed in one."""
        printed = {each.key: each.language for each in self.choices.items}

        def of(each: Unmet) -> str | None:
            code = each.language or printed.get(each.item_id or 0)
            return language(code).english if code else None

        return self._counted(of)

    def by_thing(self) -> Counter[tuple[str, UnmetReason]]:
        """Count it by what was asked for and why it was not given."""
        counted: Counter[tuple[str, UnmetReason]] = Counter()
        for each in self.unmet:
            counted[self._thing(each), each.reason] += each.unit_count
        return counted

    def _thing(self, each: Unmet) -> str:
        named = {("item", item.key): item.name for item in self.choices.items}
        named |= {("bag", variant.key): f"Go Bag, {variant.name}" for variant in self.choices.variants}
        thing = named.get(("item", each.item_id or 0)) or named.get(("bag", each.recipe_id or 0))
        wanted = f"in {language(each.language).english}" if each.language else ""
        return ", ".join(part for part in (thing or "Anything", wanted) if part)

    def _counted(self, of: Callable[[Unmet], str | None]) -> Counter[str]:
        counted: Counter[str] = Counter()
        for each in self.unmet:
            if name := of(each):
                counted[name] += each.unit_count
        return counted


def narrowed_unmet(found: Iterable[Unmet], to: Narrowing, choices: Choices) -> tuple[Unmet, ...]:
    """Leave in what a report is narrowed to, its place apart: that is in the scope."""
    printed = {each.key: each.language for each in choices.items}
    return tuple(
        each
        for each in found
        if (to.variant is None or each.recipe_id == to.variant.key)
        and (to.item is None or each.item_id == to.item.key)
        and (to.language is None or to.language[0] in (each.language, printed.get(each.item_id or 0)))
    )


def unmet_by_place(wants: Wants) -> Figures:
    """Cross unmet need by place and reason."""
    names = {each.key: each.name for each in wants.choices.places}
    counted: Counter[tuple[str, UnmetReason]] = Counter()
    for each in wants.unmet:
        counted[names[each.place_id], each.reason] += each.unit_count
    return _by_reason("Asked for, not given, by place", "Place", counted)


def unmet_by_thing(wants: Wants) -> Figures:
    """Cross unmet need by what was asked for and reason."""
    return _by_reason("Asked for, not given, by thing", "What was asked for", wants.by_thing())


def _by_reason(name: str, heading: str, counted: Counter[tuple[str, UnmetReason]]) -> Figures:
    columns = (
        Column(heading, width=34),
        *(Column(reason.capitalize(), Kind.COUNT) for reason in UnmetReason),
        Column("Total", Kind.COUNT),
    )
    rows: list[tuple[Cell, ...]] = []
    for label in sorted({label for label, _ in counted}):
        cells = [counted[label, reason] for reason in UnmetReason]
        rows.append((label, *cells, sum(cells)))
    total = summed("Total", columns, rows) if rows else None
    said = "Nothing was asked for in vain in this period, or nobody noted it."
    return Figures(name, f"{name} and reason", columns, tuple(rows), total, empty=said)
