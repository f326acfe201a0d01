"""A position on paper, and in the other forms it leaves the service in."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.dates import day_text
from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import h2, note, page_break, paint, para
from grants.position.report import Position


def file_of(made: Position, kind: FileKind) -> bytes:
    """Paint a position in one of the forms it leaves the service in."""
    return painted(made, kind, paint_position)


def paint_position(made: Position) -> bytes:
    """Paint a position as a PDF; the same position gives the same bytes."""
    story: list[Flowable] = [
        para(made.sentence),
        *page_break(True),
        h2("Position"),
        *on_paper(made.lines_table),
        note(made.note),
        *page_break(False),
    ]
    for heading, table in (("Goods", made.goods_table), ("Deadlines and exposures", made.notices_table)):
        story += [room_for(table), h2(heading), *on_paper(table)]
    return paint(
        story,
        front=front_of(
            made,
            organisation=made.body,
            author="Grant accounts",
            period=f"On {day_text(made.day)}",
            subject=made.award_title,
        ),
        at=made.checkpoint.cut_off,
        attachments=csv_inside(made, file_of, "position"),
    )
