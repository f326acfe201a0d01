"""The pack of a quarter on one page, in the other forms it leaves the service in, and the map of places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted
from core.pdf import Column, Mark, Marking, MarkMap, bullets, money_table, note, paint
from grants.partnership.report import QuarterPack, Stands

MARKING = Marking.OFFICIAL
"""It is made to be shown: its small counts are hidden."""

_SIZE = 8.0
"""Points of the tables: one page holds a force's places."""


def file_of(pack: QuarterPack, kind: FileKind) -> bytes:
    """Paint a pack in one of the forms it leaves the service in."""
    return painted(pack, kind, paint_pack, marking=MARKING)


def paint_pack(pack: QuarterPack) -> bytes:
    """Paint a pack as a PDF of one page; the same pack gives the same bytes."""
    helplines = "; ".join(f"{name}, {number}" for name, number in pack.helplines)
    story: list[Flowable] = [
        *bullets(pack.changes),
        _by_area(pack),
        *on_paper(pack.actions, size=_SIZE),
        note(f"Briefings: {_briefed(pack)}."),
        note(f"Helplines: {helplines}."),
        note(" ".join(pack.notes)),
    ]
    return paint(
        story,
        front=front_of(
            pack,
            organisation=pack.organisation,
            author="Stock records",
            period=pack.period.name,
            subject="Where help is",
            marking=MARKING,
            brief=True,
        ),
        at=pack.checkpoint.cut_off,
        attachments=csv_inside(pack, file_of, "pack"),
    )


def _by_area(pack: QuarterPack) -> Flowable:
    """Set places and areas as one table, a row for each area: the same figures in half the height."""
    here: dict[str, list[str]] = defaultdict(list)
    for name, stands, issued, _, area in pack.places.written:
        here[area].append(f"{name} {issued}{' (no Go Bag now)' if stands == 'None' else ''}")
    columns = [
        Column("Area", share=3),
        Column("Places, and Go Bags each issued", share=8),
        *(Column(heading, figures=True, share=2) for heading in ("Places", "Without one now", "Ran out", "Not given")),
    ]
    rows = [(area, ", ".join(here[area]), *counts) for area, *counts in pack.areas.written]
    area, *counts = pack.areas.written_total or ("All",)
    total = (area, "", *counts)
    return money_table(columns, rows, total, caption="By area", size=_SIZE)


def _briefed(pack: QuarterPack) -> str:
    """Say which briefings were held and how many attended each."""
    held = [f"{place}, {day} ({count} attended)" for place, day, count in pack.briefings.written]
    return "; ".join(held) or "none in this quarter"


def places_map(stands: Iterable[Stands]) -> MarkMap:
    """Draw places at their towns: a town is full where a Go Bag stands at one of its places."""
    towns: dict[tuple[str, int, int], list[Stands]] = defaultdict(list)
    for each in stands:
        towns[each.town, each.east_km, each.north_km].append(each)
    marks = tuple(
        Mark(town, east, north, any(each.has_bags for each in here), ", ".join(sorted(each.name for each in here)))
        for (town, east, north), here in sorted(towns.items())
    )
    return MarkMap("Places that hold Go Bags, at their towns", marks, "a Go Bag stands there", "none stands there")
