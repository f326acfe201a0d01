"""Coverage of the last twelve months, with every figure: for those who run the scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.figures import Figures, summed
from core.periods import Period, named
from core.sheets import Cell, Column, Kind
from grants.partnership import queries
from grants.partnership.rules import LOOK_BACK_DAYS, NO_TOWN, Covered, by_area


@dataclass(frozen=True)
class Coverage:
    """What a page of coverage shows.

    Attributes:
        without: places where no Go Bag stands.
        quiet: places that issued none in the period.
    """

    period: Period
    places: tuple[Covered, ...]
    areas: Figures
    by_place: Figures
    without: tuple[Covered, ...]
    quiet: tuple[Covered, ...]


def covered(*, today: date, at: datetime) -> Coverage:
    """Make the coverage of the twelve months up to today."""
    period = named(today - timedelta(days=LOOK_BACK_DAYS - 1), today)
    places = queries.coverage(period, today=today, at=at)
    return Coverage(
        period,
        tuple(places),
        _areas(places),
        _places(places),
        tuple(each for each in places if not each.bag_count),
        tuple(each for each in places if not each.given_count),
    )


_COUNTS = ("Go Bags there", "Issued, net", "Days without one", "Asked for, not given")


def _areas(places: Sequence[Covered]) -> Figures:
    headings = ("Places", "Without a Go Bag", "Go Bags there", "Issued, net", "Asked for, not given")
    columns = (Column("Area", width=26), *(Column(heading, Kind.COUNT) for heading in headings))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.name, each.place_count, each.without_count, each.bag_count, each.given_count, each.unmet_count)
        for each in by_area(places)
    )
    note = "Places, those without a Go Bag and Go Bags are as of today; the rest is of the twelve months."
    return Figures("Areas", "By area", columns, rows, summed("Total", columns, rows), note)


def _places(places: Sequence[Covered]) -> Figures:
    columns = (
        Column("Place", width=26),
        *(Column(heading, Kind.COUNT) for heading in _COUNTS),
        Column("Last issue", Kind.DATE),
        Column("Town"),
        Column("Area"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            each.name, each.bag_count, each.given_count, each.dry_days, each.unmet_count, each.last_issued_on,
            each.town, each.area,
        )
        for each in sorted(places, key=lambda each: (each.area == NO_TOWN, each.area, each.name))
    )  # fmt: skip
    note = "A day without one is a day at whose end no Go Bag stood there. Units asked for are of Go Bags and of items."
    return Figures("Places", "By place", columns, rows, summed("Total", columns, rows), note)
