"""An award's exposure, frozen: page, PDF, CSV and XLSX paint the same object."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from core.dates import day_text
from core.figures import AsKnown, Checkpoint, Figures, summed
from core.money import pounds
from core.sheets import Column, Kind
from core.trail.queries import head
from grants.awards.models import Award
from grants.exposure import queries
from grants.exposure.rules import DAYS_SEEN, Outlook, Stand, Transfer, outlooks, transfers

_M, _C = Kind.MONEY, Kind.COUNT

NOTE = (
    "Goods received first are taken to be used first, this award’s before others of the same kind, at the pace of the "
    f"last {DAYS_SEEN} days. A store that supplies others uses nothing itself: what it holds is used once it is sent."
)
"""How it is reckoned, in words."""


@dataclass(frozen=True)
class LineExposure:
    """One grant line: what was claimed, what of it is unused now, and what at the end, in pence."""

    name: str
    code: str
    claimed: int
    exposed: int
    left: int


@dataclass(frozen=True)
class Exposure(AsKnown):
    """What of an award's claims is still on shelves, and what will be at its end, as known at its checkpoint.

    Attributes:
        award_title, body: the award's title, and whose it is.
        day: the day it is looked at from: how many are left, and which were the last.
    """

    code: str
    award_title: str
    body: str
    ends_on: date
    day: date
    checkpoint: Checkpoint
    lines: tuple[LineExposure, ...]
    outlooks: tuple[Outlook, ...]
    transfers: tuple[Transfer, ...]
    title: str = field(default="Clawback exposure", init=False)

    @property
    def reference(self) -> str:
        """The same award on the same day always has the same."""
        return f"EXP-{self.code}-{self.day:%Y%m%d}"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Grant", self.code), ("On", day_text(self.day)))

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (
            ("Award", f"{self.code}, {self.award_title}"),
            ("Award ends", day_text(self.ends_on)),
            *self.checkpoint.on_front,
        )

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.body),
            ("Award", f"{self.code}, {self.award_title}"),
            ("Award ends", day_text(self.ends_on)),
            ("On", day_text(self.day)),
            ("Data cut-off", self.cut_off_words),
            ("What it says", self.sentence),
            ("Note", NOTE),
            *self.checkpoint.printed,
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table of it."""
        return (self.lines_table, self.places_table, self.transfers_table, self.items_table)

    @property
    def days_left(self) -> int:
        """Days until the award ends, none once it has."""
        return max(0, (self.ends_on - self.day).days)

    @property
    def exposed(self) -> int:
        """Claimed and unused, in pence."""
        return sum(line.exposed for line in self.lines)

    @property
    def left(self) -> int:
        """Of it, what is still unused at the end at the present pace."""
        return sum(each.left for each in self.outlooks)

    @property
    def cured(self) -> int:
        """What the proposed transfers would use of it."""
        return min(self.left, sum(each.pence for each in self.transfers))

    @property
    def sentence(self) -> str:
        """How much is at risk, in words."""
        ends = (
            f"the award ends in {self.days_left} days"
            if self.days_left
            else f"the award ended {day_text(self.ends_on)}"
        )
        said = f"{pounds(self.exposed)} is claimed and still on shelves, in Go Bags or on its way; {ends}."
        if not self.left:
            return f"{said} At the present pace all of it is used by then."
        cure = f" {pounds(self.cured)} of it would be used if the transfers below were made." if self.cured else ""
        return f"{said} At the present pace {pounds(self.left)} of it is unused then.{cure}"

    @property
    def lines_table(self) -> Figures:
        """What is exposed on each line."""
        columns = (
            Column("Grant line", width=34),
            Column("Claimed", _M),
            Column("Claimed and unused", _M),
            Column("Unused at the end", _M),
        )
        rows = [(line.name, line.claimed, line.exposed, line.left) for line in self.lines]
        return Figures(
            "By line", "Exposure by grant line, in pounds", columns, tuple(rows), summed("Total", columns, rows)
        )

    @property
    def places_table(self) -> Figures:
        """What is exposed at each place."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for each in self.outlooks:
            sums[each.place][0] += each.exposed
            sums[each.place][1] += each.left
        columns = (Column("Place", width=30), Column("Claimed and unused", _M), Column("Unused at the end", _M))
        rows = [
            (place, pence[0], pence[1])
            for place, pence in sorted(sums.items(), key=lambda each: -each[1][0])
            if any(pence)
        ]
        return Figures(
            "By place", "Exposure by place, in pounds", columns, tuple(rows), summed("Total", columns, rows),
            empty="Nothing that was claimed is unused.",
        )  # fmt: skip

    @property
    def items_table(self) -> Figures:
        """What stands where, and what will be used of it."""
        columns = (
            Column("Item", width=30),
            Column("Place", width=24),
            Column("Units", _C, "Of this award, standing there or on the way."),
            Column("Wanted by the end", _C, f"At the pace of the last {DAYS_SEEN} days, whether it is there or not."),
            Column("Left at the end", _C),
            Column("Claimed and unused", _M),
            Column("Unused at the end", _M),
        )
        rows = [
            (each.item, each.place, each.unit_count, each.expected_count, each.left_count, each.exposed, each.left)
            for each in sorted(self.outlooks, key=lambda each: (-each.left, -each.exposed, each.item, each.place))
            if each.unit_count
        ]
        return Figures(
            "By item and place", "Unused goods by item and place, in units and pounds", columns, tuple(rows),
            # Units of unlike things have no sum.
            ("Total", None, None, None, None, sum(row[-2] for row in rows), sum(row[-1] for row in rows)),
            empty="No goods of this award are unused.",
        )  # fmt: skip

    @property
    def transfers_table(self) -> Figures:
        """Transfers that would use more of it."""
        columns = (
            Column("Item", width=30), Column("From"), Column("To"), Column("Units", _C), Column("Would be used", _M),
        )  # fmt: skip
        rows = tuple((each.item, each.source, each.target, each.unit_count, each.pence) for each in self.transfers)
        return Figures(
            "Transfers", "Transfers that would use more of it", columns, rows,
            empty="No place will lack by the end what another has left.",
        )  # fmt: skip


def freeze_exposure(award: Award, *, at: datetime, today: date) -> Exposure:
    """Read an award's exposure and freeze it.

    Args:
        at: the moment it is as known at.
        today: the day it is looked at from.
    """
    log = head()
    found = queries.exposed_of(award)
    exposed: dict[Stand, int] = defaultdict(int)
    for stands in found.by_line.values():
        for stand, pence in stands.items():
            exposed[stand] += pence
    days_left = max(0, (award.ends_on - today).days)
    looks = outlooks(found.units, exposed, queries.issued_lately(today), days_left)
    left = _left_by_line(found, exposed, looks)
    return Exposure(
        award.code,
        award.title,
        award.body.name,
        award.ends_on,
        today,
        Checkpoint(log.sequence, log.chain_hash, at),
        tuple(
            LineExposure(
                f"{line.code} {line.heading}",
                line.code,
                found.claimed.get(line.id, 0),
                sum(found.by_line.get(line.id, {}).values()),
                left.get(line.id, 0),
            )
            for line in award.lines
        ),
        looks,
        transfers(looks),
    )


def _left_by_line(found: queries.Exposed, exposed: dict[Stand, int], looks: tuple[Outlook, ...]) -> dict[int, int]:
    """Share what is left at each place among the lines that paid, so that lines and places add up to the same."""
    total: dict[int, int] = defaultdict(int)
    for look in looks:
        stand = (look.item, look.place)
        before = 0
        paid = 0
        for line_id, stands in sorted(found.by_line.items()):
            before += stands.get(stand, 0)
            upto = look.left * before // exposed[stand] if exposed.get(stand) else 0
            total[line_id] += upto - paid
            paid = upto
    return total
