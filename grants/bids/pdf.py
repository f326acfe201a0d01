"""A bid on paper, and in the other forms it leaves the service in."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Marking, bullets, h2, page_break, paint, para
from grants.bids.report import Bid

MARKING = Marking.OFFICIAL_SENSITIVE
"""It shows small counts by place: for those who run the scheme."""


def file_of(bid: Bid, kind: FileKind) -> bytes:
    """Paint a bid in one of the forms it leaves the service in."""
    return painted(bid, kind, paint_bid, marking=MARKING)


def paint_bid(bid: Bid) -> bytes:
    """Paint a bid as a PDF; the same bid gives the same bytes."""
    story: list[Flowable] = [para(bid.sentence), *page_break(True)]
    if bid.asked:
        story += [h2("What to ask for"), *on_paper(bid.by_heading)]
    story += [h2("What to buy"), *on_paper(bid.lines)]
    for heading, table in (
        ("By language", bid.languages), ("Go Bags to make", bid.bags), ("With less money", bid.dry),
    ):  # fmt: skip
        story += [room_for(table), h2(heading), *on_paper(table)]
    story += [*page_break(False), h2("Notes"), *bullets(bid.notes, numbered=True)]
    return paint(
        story,
        front=front_of(
            bid,
            organisation=bid.organisation,
            author="Grant accounts",
            period=bid.period.words,
            subject="Bid for next year",
            marking=MARKING,
            foi_disclosable=False,
        ),
        at=bid.checkpoint.cut_off,
        attachments=csv_inside(bid, file_of, "bid"),
    )
