"""The usage report by station, frozen: screen, PDF, CSV and XLSX all paint this one object."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.dates import local_day
from core.figures import AsKnown, Checkpoint, Figures
from core.periods import Period
from inventory.usage.report.tables import NO_TABLE

TITLE = "Usage by station"
_NO_ISSUE = "No Go Bag was issued in this period."


@dataclass(frozen=True)
class UsageReport(AsKnown):
    """Usage by station for a period, as known at its checkpoint.

    Attributes:
        issued: Go Bags issued, undone issues left out: place name → (by officers, by partners).
        recorded_count: issues recorded, undone ones too.
        busiest: the place with the most, net, and how many; None where no place stands out.
        narrowed: what it is narrowed to: label and words.
        mark: the same for the same narrowing; part of the reference.
        net: issued less handed back: place name → (by officers, by partners).
        by_bucket: month or quarter → (net, asked for and not given).
        against: how the net count compares with the earlier periods, in one sentence.
        compared: the whole against the period before and the same period a year before.
        places, variants, languages, contents: the same by place, variant, language and item.
        unmet, unmet_things: asked for and not given, by place and by what was asked for.
        returned: Go Bags handed back: issued in the period, or handed back in it.
    """

    organisation: str
    period: Period
    checkpoint: Checkpoint
    issued: tuple[tuple[str, int, int], ...]
    recorded_count: int
    busiest: tuple[str, int] | None
    by_time: Figures
    by_route: Figures
    by_recipe: Figures
    by_language: Figures
    bags: Figures
    loose: Figures
    items: Figures
    undone: Figures
    undone_late: Figures
    narrowed: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    net: tuple[tuple[str, int, int], ...] = ()
    by_bucket: tuple[tuple[str, int, int], ...] = ()
    against: str = ""
    compared: Figures = NO_TABLE
    places: Figures = NO_TABLE
    variants: Figures = NO_TABLE
    languages: Figures = NO_TABLE
    contents: Figures = NO_TABLE
    unmet: Figures = NO_TABLE
    unmet_things: Figures = NO_TABLE
    returned: Figures = NO_TABLE
    title: str = field(default=TITLE, init=False)

    @property
    def reference(self) -> str:
        """The report's reference: the same period, narrowed to the same, always has the same."""
        days = f"USE-{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}"
        return f"{days}-{self.mark}" if self.mark else days

    @property
    def issued_count(self) -> int:
        """Go Bags issued, undone issues left out."""
        return sum(officers + partners for _, officers, partners in self.issued)

    @property
    def net_count(self) -> int:
        """Go Bags issued and not handed back."""
        return sum(officers + partners for _, officers, partners in self.net)

    @property
    def unmet_count(self) -> int:
        """Units asked for and not given."""
        return sum(count for _, _, count in self.by_bucket)

    @property
    def sentence(self) -> str:
        """What the chart says, in one sentence."""
        if not self.issued_count:
            return _NO_ISSUE
        officers = sum(count for _, count, _ in self.net)
        bags = "Go Bag was" if self.issued_count == 1 else "Go Bags were"
        back = self.issued_count - self.net_count
        came = f" and {back:,} of them handed back, which leaves {self.net_count:,}" if back else ""
        said = f"{self.issued_count:,} {bags} issued{came}: {officers:,} by officers and "
        said += f"{self.net_count - officers:,} by partners."
        return f"{said} {self.busiest[0]} issued the most, {self.busiest[1]:,}." if self.busiest else said

    @property
    def time_sentence(self) -> str:
        """What the chart by time says."""
        if not self.unmet_count:
            return f"{self.against} Nothing was asked for in vain."
        verb = "was" if self.unmet_count == 1 else "were"
        return f"{self.against} {self.unmet_count:,} more {verb} asked for and could not be given."

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (*self.narrowed, *self.checkpoint.on_front)

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Period", self.period.words), *self.narrowed)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            *self.narrowed,
            ("Data cut-off", self.cut_off_words),
            *self.checkpoint.printed,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures are made, and what a reader must know before relying on them."""
        said = [
            "A Go Bag counts as issued on the day it was handed over, by the clock in London.",
            "An issue that was undone did not happen: it is left out of the day it was recorded for, and listed apart.",
            "A Go Bag that was handed back was issued, and is not one given out. It counts as issued and as handed "
            "back on the day it was issued, whenever it came back. Net is issued less handed back. The account of Go "
            "Bags has it on the day it came back.",
            "Asked for, not given: what somebody asked for at a place and could not be given, as the place noted it. "
            "No word about a person is recorded.",
            "A period before and a year before are counted as known now. Where not all of one is on record, nothing is "
            "shown. More and fewer are said only where units, and days and places with any, both differ by more than "
            "chance would bring about once in a hundred; otherwise the figures stand without a word.",
            "A language is that of the booklet in the bag. No language, or anything else, of a person is recorded.",
            "Items are counted in units of their kind; the contents of Go Bags are not in the account of loose items.",
            "Counts below 5 are shown, so this report is for those who run the scheme and not for publication.",
        ]
        if local_day(self.checkpoint.cut_off) < self.period.last:
            said.append("The period had not ended at the data cut-off; the figures will change.")
        return tuple(said)

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed; those a narrowed report cannot have are left out."""
        every = (
            self.compared,
            self.by_time,
            self.by_route,
            self.places,
            self.variants,
            self.languages,
            self.contents,
            self.by_recipe,
            self.by_language,
            self.unmet,
            self.unmet_things,
            self.bags,
            self.loose,
            self.items,
            self.returned,
            self.undone,
            self.undone_late,
        )
        return tuple(table for table in every if table.name)
