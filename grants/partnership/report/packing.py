"""The pack of a quarter for the partnership, frozen with its small counts hidden: page, PDF, CSV and XLSX paint it.

What was issued comes from the release of published usage for the very quarter, which was decided over every release
before it; so the pack tells nothing that is not published. What was asked for in vain is decided here, and a quarter
has one pack, so that no two of them can be subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from core.dates import day_text, local_day, moment_text
from core.errors import RuleBroken
from core.figures import Checkpoint, Figures
from core.figures.hiding import WHY
from core.figures.storing import digest_of_parts
from core.periods import Period, before
from core.sheets import Cell, Column, Kind
from core.suppression import HIDDEN
from core.trail.queries import Head, head
from grants.partnership import queries
from grants.partnership.rules import HELPLINES, NO_TOWN, Covered, by_area, names_of, told_unmet
from grants.published.report import ReleasedUsage

TITLE = "Where help is"
DRAFT = "Not issued"

PROMISE = (
    "A Go Bag is given to whoever needs one, whether or not they speak to the police or enter the National Referral "
    "Mechanism. Nothing about the person is recorded: no name, no address, no nationality."
)
"""What the partnership tells the public. Source: HLP-1."""

DEFINITIONS = (
    "Issued: handed over, by the day it was handed over, even if handed back later; undone issues are left out. Asked "
    "for, not given: noted by a place that could not give it. Ran out: a day ended with no Go Bag there. Places are "
    "drawn at their town, never nearer."
)
"""The same words in every pack, so that agencies count alike."""


@dataclass(frozen=True)
class Stands:
    """A place on the map, at its town."""

    name: str
    town: str
    east_km: int
    north_km: int
    has_bags: bool


@dataclass(frozen=True)
class QuarterPack:
    """What the partnership is told of a quarter.

    Attributes:
        reference: of the pack, or "Not issued" in a draft.
        threshold: counts of 1 up to, and not including, this are hidden.
        release: reference of the published usage the issues come from.
        changes: what is different from the quarter before, each in a sentence.
        marks: the places that have a town, for the map.
    """

    reference: str
    organisation: str
    period: Period
    checkpoint: Checkpoint
    threshold: int
    release: str
    changes: tuple[str, ...]
    places: Figures
    areas: Figures
    actions: Figures
    briefings: Figures
    marks: tuple[Stands, ...]
    helplines: tuple[tuple[str, str], ...] = HELPLINES
    title: str = field(default=TITLE, init=False)

    @property
    def version(self) -> str:
        """Which state of the records it shows."""
        return f"{self.checkpoint.sequence:,}"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Pack", self.reference), ("Period", self.period.words))

    @property
    def cut_off_words(self) -> str:
        """When the newest change was recorded that the pack knows of."""
        return moment_text(self.checkpoint.cut_off)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (("Issues come from release", self.release), *self.checkpoint.on_front)

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.organisation),
            ("Period", self.period.words),
            ("Data cut-off", self.cut_off_words),
            ("Smallest count shown", f"{self.threshold}, and nought"),
            ("Issues come from release", self.release),
            *((f"Helpline: {name}", number) for name, number in self.helplines),
            *self.checkpoint.printed,
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table, in the order they are printed."""
        return (self.areas, self.places, self.actions, self.briefings, self._changed)

    @property
    def _changed(self) -> Figures:
        """The changes as rows, so that the CSV has them too."""
        rows = tuple((f"Change {number}", words) for number, words in enumerate(self.changes, start=1))
        return Figures("Changes", "What changed", (Column("Number"), Column("Change", width=80)), rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know."""
        return (PROMISE, DEFINITIONS, f"Counts above nought and below {self.threshold} are hidden. {WHY}")

    @property
    def digest(self) -> str:
        """Fingerprint of what a person reads before it is issued."""
        return digest_of_parts(self, ("changes", "places", "areas", "actions", "briefings"))


def propose_pack(period: Period, *, today: date, at: datetime, log: Head | None = None) -> QuarterPack:
    """Make the pack of a quarter that is over, as known at a moment.

    Raises:
        RuleBroken: the quarter is not over, or its usage is not published yet.
    """
    if period.last >= today:
        raise RuleBroken(f"The quarter ends on {day_text(period.last)}. Its pack can be made the day after")
    release, earlier = queries.releases_of([period, before(period)])
    if release is None:
        raise RuleBroken(
            f"Publish usage for {period.name} first: the pack shows the issues that are published, and no others"
        )
    log, covered = log or head(), queries.coverage(period, today=today, at=at)
    shown = dict(release.issued)
    return QuarterPack(
        DRAFT,
        release.organisation,
        period,
        Checkpoint(log.sequence, log.chain_hash, at),
        release.threshold,
        release.reference,
        _changes(covered, release, earlier),
        _places(covered, shown),
        _areas(covered, release.threshold),
        _actions(period),
        _briefings(period),
        tuple(
            Stands(each.name, each.town, each.east_km, each.north_km, each.bag_count > 0)
            for each in covered
            if each.is_on_map
        ),
    )


def _places(covered: Sequence[Covered], shown: Mapping[str, int | None]) -> Figures:
    columns = (
        Column("Place", width=26), Column("Go Bags there now", note="Whether any stands there; never how many."),
        Column("Issued", Kind.COUNT, "In the quarter, net, as it is published; small counts are withheld."),
        Column("Town"), Column("Area", width=20),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for each in sorted(covered, key=lambda each: (each.area == NO_TOWN, each.area, each.name)):
        count = shown.get(each.name, 0)
        cell: Cell = HIDDEN if count is None else count
        rows.append((each.name, "Yes" if each.bag_count else "None", cell, each.town or "–", each.area))
    return Figures("Places", "Places", columns, tuple(rows), empty="No place was open in this quarter.")


_AREAS = {
    "Places": "Open in the quarter.",
    "Without a Go Bag now": "Places where none stands at the data cut-off.",
    "Ran out": "Places that had none on some day of the quarter.",
    "Asked for, not given": "What places noted that they could not give; small counts are withheld.",
}


def _areas(covered: Sequence[Covered], threshold: int) -> Figures:
    columns = (Column("Area", width=26), *(Column(heading, Kind.COUNT, note) for heading, note in _AREAS.items()))
    areas = by_area(covered)
    cells, whole = told_unmet(areas, threshold)
    rows: list[tuple[Cell, ...]] = [
        (each.name, each.place_count, each.without_count, each.ran_out_count, cell)
        for each, cell in zip(areas, cells, strict=True)
    ]
    sums = [sum(getattr(each, name) for each in areas) for name in ("place_count", "without_count", "ran_out_count")]
    return Figures("Areas", "Areas", columns, tuple(rows), ("All", *sums, whole))


def _actions(period: Period) -> Figures:
    columns = (Column("Action", width=50), Column("Owner", width=26), Column("Due", Kind.DATE), Column("State"))
    rows = tuple(
        (each.words, each.owner, each.due_on, f"Done {day_text(local_day(each.done_at))}" if each.done_at else "Open")
        for each in queries.actions(done_since=period.first)
    )
    return Figures("Actions", "Actions", columns, rows, empty="No action is open.")


def _briefings(period: Period) -> Figures:
    columns = (Column("Place", width=26), Column("Date", Kind.DATE), Column("Attended", Kind.COUNT))
    found = sorted(queries.briefings_in(period), key=lambda each: (each.briefed_on, each.id))
    rows = tuple((each.place.name, each.briefed_on, each.attendee_count) for each in found)
    return Figures("Briefings", "Briefings", columns, rows, empty="No briefing was held in this quarter.")


def _changes(covered: Sequence[Covered], release: ReleasedUsage, earlier: ReleasedUsage | None) -> tuple[str, ...]:
    """Say what is different from the quarter before, in sentences; hidden counts are compared with nothing."""
    said = [_issued(release.issued_count, earlier)]
    if earlier is not None:
        then, now = {place for place, _ in earlier.issued}, {place for place, _ in release.issued}
        said += [f"New since the quarter before: {', '.join(sorted(now - then))}."] if now - then else []
        said += [f"Closed since: {', '.join(sorted(then - now))}."] if then - now else []
    bare = [each for each in covered if not each.bag_count]
    said.append(f"No Go Bag stands now at {names_of(bare)}." if bare else "A Go Bag stands now at every place.")
    dry = [each for each in covered if each.dry_days]
    said.append(f"Ran out on some day of the quarter: {names_of(dry)}." if dry else "No place ran out.")
    return tuple(said)


def _issued(count: int | None, earlier: ReleasedUsage | None) -> str:
    if count is None:
        return "How many Go Bags were issued is a small count, or would give one away."
    bags = "Go Bag was" if count == 1 else "Go Bags were"
    if earlier is None or earlier.issued_count is None:
        return f"{count:,} {bags} issued; the quarter before is not published to compare with."
    return f"{count:,} {bags} issued, against {earlier.issued_count:,} in the quarter before."
