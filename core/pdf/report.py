"""Own the look of a report: its front, page furniture, and the few words a report is written with.

A report module builds a story from `h2`, `para`, `money_table` and the rest and hands it to `paint`. The marking
stands in capitals at the top and bottom of every page, the reference, version and page number run in the
footer, and all of that is page furniture to a screen reader. Nothing here knows the web or the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer
from reportlab.platypus.flowables import Flowable

from core.pdf.canvas import Tag, TaggedCanvas
from core.pdf.charts import BarChart, qr_drawing
from core.pdf.flowables import Block, Figure, Heading, P
from core.pdf.fonts import BOLD, REGULAR, register_fonts
from core.pdf.metadata import Meta
from core.pdf.rows import ListColumn, RowTable
from core.pdf.tables import NAVY, RULE, Cell, Column, Grid
from core.pdf.text import Span, Style
from core.pdf.writer import Attachment

_SIDE, _TOP, _BOTTOM = 56.0, 74.0, 74.0
_SOFT = "#505a5f"
BODY = Style(12, 17.5, after=9)
TITLE = Style(26, 32, bold=True, colour=NAVY, after=4, keep=True)
H2 = Style(17, 22, bold=True, colour=NAVY, before=14, after=7, keep=True)
H3 = Style(13, 18, bold=True, colour=NAVY, before=8, after=4, keep=True)
NOTE = Style(10.5, 15, colour=_SOFT, after=8)


class Marking(StrEnum):
    """Name the protective markings a report may bear."""

    OFFICIAL = "OFFICIAL"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True)
class Front:
    """Hold what the front of a report says; `more` adds further pairs of label and value."""

    title: str
    reference: str
    version: str
    organisation: str
    author: str
    period: str
    cut_off: str
    foi_disclosable: bool
    review_on: date | None = None
    marking: Marking = Marking.OFFICIAL
    subject: str = ""
    more: tuple[tuple[str, str], ...] = ()


def day(value: date) -> str:
    """Write a date as people read it: `5 August 2022`."""
    return f"{value.day} {value:%B} {value.year}"


def paint(
    story: Sequence[Flowable],
    *,
    front: Front,
    at: datetime,
    attachments: Iterable[Attachment] = (),
    landscape: bool = False,
    language: str = "en-GB",
) -> bytes:
    """Paint a report as tagged PDF/UA-1 and PDF/A-3a; the same arguments give the same bytes.

    `at` is the moment the report bears everywhere: it comes from the data (such as the approval), never from
    a clock, and needs a time zone. Attachments are embedded as associated files.

    Raises:
        ValueError: when the title is empty or `at` has no time zone.
    """
    register_fonts()
    out = BytesIO()
    meta = Meta(front.title, f"{front.author}, {front.organisation}", at, front.subject, language)
    template = _Template(front, landscape)
    template.build(
        [*_front(front, at), *story],
        canvasmaker=partial(TaggedCanvas, out=out, meta=meta, attachments=tuple(attachments)),
    )
    return out.getvalue()


class _Template(BaseDocTemplate):  # type: ignore[misc,unused-ignore]
    """Lay pages out upright and across."""

    def __init__(self, front: Front, landscape: bool) -> None:
        upright, across = (A4[0], A4[1]), (A4[1], A4[0])
        super().__init__(
            BytesIO(),
            pagesize=across if landscape else upright,
            initialFontName=REGULAR,
            title=front.title,
            author=front.author,
        )
        self.front = front
        pages = [
            PageTemplate(name, [_frame(size)], pagesize=size)
            for name, size in (("upright", upright), ("across", across))
        ]
        self.addPageTemplates(pages[::-1] if landscape else pages)

    def beforeDocument(self) -> None:
        """Tell the canvas how to finish each page once the number of pages is known."""
        canvas = self.canv
        canvas.document.tail = lambda page, pages, size: canvas.paint_apart(
            partial(_furniture, front=self.front, page=page, pages=pages, size=size)
        )


def _frame(size: tuple[float, float]) -> Frame:
    return Frame(_SIDE, _BOTTOM, size[0] - 2 * _SIDE, size[1] - _TOP - _BOTTOM, 0, 0, 0, 0)


def _furniture(
    canvas: TaggedCanvas, *, front: Front, page: int, pages: int, size: tuple[float, float]
) -> None:
    """Paint marking, rule, reference and page number as artifacts."""
    wide, high = size
    with canvas.artifact("Pagination", "Header"):
        canvas.setFillColor(NAVY)
        canvas.setFont(BOLD, 9.5)
        canvas.drawCentredString(wide / 2, high - 34, front.marking.upper())
    with canvas.artifact("Pagination", "Footer"):
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(_SIDE, 54, wide - _SIDE, 54)
        canvas.setFont(REGULAR, 8.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_SIDE, 40, f"{front.reference}  ·  Version {front.version}"[:110])
        canvas.drawRightString(wide - _SIDE, 40, f"Page {page} of {pages}")
        canvas.setFillColor(NAVY)
        canvas.setFont(BOLD, 9.5)
        canvas.drawCentredString(wide / 2, 22, front.marking.upper())


def _front(front: Front, at: datetime) -> list[Flowable]:
    """Build the front: organisation, title, period and a table of particulars."""
    pairs = [
        ("Reference", front.reference),
        ("Version", front.version),
        ("Period", front.period),
        ("Data cut-off", front.cut_off),
        ("Prepared by", front.author),
        ("Organisation", front.organisation),
        ("Created", day(at)),
        ("Review date", day(front.review_on) if front.review_on else "None set"),
        ("Disclosable under FOI", "Yes" if front.foi_disclosable else "No"),
        ("Protective marking", front.marking.upper()),
        *front.more,
    ]
    return [
        _Band(),
        P(front.organisation, Style(11, 15, bold=True, colour=_SOFT, after=3, keep=True), limit=300),
        Heading(front.title, 1, TITLE),
        P(front.period, Style(14, 20, colour=_SOFT, after=12), limit=300),
        facts(pairs),
        Spacer(0, 6),
    ]


class _Band(Block):
    """Paint the navy band above the title."""

    def __init__(self) -> None:
        super().__init__(0, 14)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 5

    def draw(self) -> None:
        with self.canvas.artifact():
            self.canvas.setFillColor(NAVY)
            self.canvas.rect(0, 0, self.width, 5, stroke=0, fill=1)


def h2(text: str) -> Heading:
    """Head a section; the title on the front is the only level 1."""
    return Heading(text, 2, H2)


def h3(text: str) -> Heading:
    """Head a part of a section."""
    return Heading(text, 3, H3)


def para(text: str | Span | Sequence[str | Span], language: str = "") -> P:
    """Set a paragraph of literal text; `Span(text, bold, link)` inside a row marks a stretch of it."""
    return P(text, BODY, language=language)


def note(text: str | Span | Sequence[str | Span]) -> P:
    """Set a small remark, such as the source of a table."""
    return P(text, NOTE)


def bullets(items: Sequence[str | Sequence[str | Span]], numbered: bool = False) -> list[Flowable]:
    """Set a list, one flowable an item; splice it into the story with `*bullets(...)`."""
    whole = Tag("L", extra="/A<</O/List/ListNumbering/" + ("Decimal" if numbered else "Disc") + ">>")
    return [
        _Item(item, f"{count}." if numbered else "•", whole, count == len(items))
        for count, item in enumerate(items, 1)
    ]


class _Item(P):
    """Paint one list item: label and body."""

    def __init__(self, text: str | Sequence[str | Span], label: str, whole: Tag, last: bool) -> None:
        self.item = Tag("LI", whole)
        self.label_text, self.label_tag = label, Tag("Lbl", self.item)
        super().__init__(text, BODY.but(indent=22, after=9 if last else 3), Tag("LBody", self.item))

    def draw(self) -> None:
        """Paint the label beside the first line, then the text."""
        style, canvas = self.style, self.canvas
        canvas.setFillColor(NAVY)
        canvas.setFont(BOLD, style.size)
        y = (
            len(self.set or ()) * style.leading
            - style.leading
            + (style.leading - style.size) / 2
            + style.size * 0.12
        )
        with canvas.content(self.label_tag):
            canvas.drawString(6, y, self.label_text)
        self.paint(canvas)


def facts(pairs: Sequence[tuple[str, str]], caption: str = "", row_height: float = 0) -> Grid:
    """Set pairs of label and value as a table whose labels are row headers."""
    return Grid(
        [Column("Particular"), Column("Value")],
        pairs,
        caption=caption,
        headless=True,
        size=10.5,
        row_height=row_height,
    )


def money_table(
    columns: Sequence[str | Column],
    rows: Sequence[Sequence[Cell]],
    total: Sequence[Cell] | None = None,
    *,
    caption: str = "",
    size: float | None = None,
) -> Grid:
    """Set a table of money or counts.

    The first column is text and heads its row; every other heading given as a plain string is a column of
    figures, so pass `Column(heading)` for further text columns. An int is pence and is painted as pounds with two
    decimals; pass counts as text. `total` stands ruled off in the foot.
    """
    found = [
        column if isinstance(column, Column) else Column(column, figures=index > 0)
        for index, column in enumerate(columns)
    ]
    return Grid(found, rows, [total] if total else [], caption=caption, size=size)


def table(
    headings: Sequence[str | Column],
    rows: Sequence[Sequence[Cell]],
    *,
    caption: str = "",
    size: float | None = None,
) -> Grid:
    """Set a table of text; the first column heads its row."""
    found = [column if isinstance(column, Column) else Column(column) for column in headings]
    return Grid(found, rows, caption=caption, size=size)


def listing(columns: Sequence[ListColumn], rows: Iterable[Sequence[Cell]], *, size: float = 8) -> RowTable:
    """Set a long listing of single-line rows from an iterator; up to `VOLUME` rows a document."""
    return RowTable(columns, rows, size=size)


def chart(picture: BarChart, wide: float = 483) -> Figure:
    """Set a bar chart as one figure whose text alternative says every value."""
    return Figure(picture.drawing(wide), picture.words())


def qr(text: str, alt: str, wide: float = 96) -> Figure:
    """Set a QR code of `text`; `alt` says what it opens."""
    return Figure(qr_drawing(text, wide), alt)


def signature_block(statement: str, *, role: str, name: str = "", signed: str = "") -> list[Flowable]:
    """Set a certificate to be signed: its statement, then name, role, signature and date.

    `signed` says when and how it was signed in the system; without it the lines stay open for ink.
    """
    rows = [("Name", name), ("Role", role), ("Signature", signed), ("Date", "")]
    return [
        P(statement, BODY.but(keep=True)),
        facts(rows[:3] if signed else rows, row_height=0 if signed else 30),
    ]


def page_break(landscape: bool | None = None) -> list[Flowable]:
    """Begin a new page; `landscape` turns this page and those after it."""
    turn = [] if landscape is None else [NextPageTemplate("across" if landscape else "upright")]
    return [*turn, PageBreak()]


def gap(points: float = 12) -> Flowable:
    """Leave some space."""
    return Spacer(0, points)
