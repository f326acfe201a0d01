"""Own the words a report is written with: headings, paragraphs, lists, tables, charts, certificates.

Each gives a flowable, or a list of them to splice into the story with `*`. All text is literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.platypus.doctemplate import NextPageTemplate
from reportlab.platypus.flowables import Flowable, PageBreak, Spacer

from core.pdf.canvas import Tag
from core.pdf.charts import BarChart
from core.pdf.columns import Cell, Column
from core.pdf.figures import ChartFigure, Figure, SignatureField
from core.pdf.flowables import NAVY, Heading, Item, P
from core.pdf.qr import qr_drawing
from core.pdf.rows import ListColumn, Row, RowTable
from core.pdf.tables import Grid
from core.pdf.text import Style, Words

_BODY = Style(12, 17.5, after=9)
_H1 = Style(20, 26, bold=True, colour=NAVY, after=5, keep=True)
_H2 = Style(17, 22, bold=True, colour=NAVY, before=14, after=7, keep=True)
_H3 = Style(13, 18, bold=True, colour=NAVY, before=8, after=4, keep=True)
_NOTE = Style(10.5, 15, colour="#505a5f")


def h1(text: str) -> Heading:
    """Name a document that has no front."""
    return Heading(text, 1, _H1)


def h2(text: str) -> Heading:
    """Head a section; the title on the front is the only level 1."""
    return Heading(text, 2, _H2)


def h3(text: str) -> Heading:
    """Head a part of a section."""
    return Heading(text, 3, _H3)


def para(words: Words, language: str = "", *, keep: bool = False) -> P:
    """Set a paragraph; `Span(text, bold, link)` inside a row marks a stretch of it, `keep` holds on to what follows."""
    return P(words, _BODY.but(keep=keep), language=language)


def note(words: Words) -> P:
    """Set a small remark, such as the source of a table."""
    return P(words, _NOTE)


def bullets(items: Sequence[Words], numbered: bool = False) -> list[Flowable]:
    """Set a list, one flowable an item; splice it into the story with `*bullets(...)`."""
    whole = Tag("L", extra=f"/A<</O/List/ListNumbering/{'Decimal' if numbered else 'Disc'}>>")
    styles = [_BODY.but(indent=22, after=3)] * (len(items) - 1) + [_BODY.but(indent=22)]
    labels = [f"{count}." if numbered else "•" for count in range(1, len(items) + 1)]
    return [Item(item, label, whole, style) for item, label, style in zip(items, labels, styles, strict=True)]


def facts(pairs: Sequence[tuple[str, str]], caption: str = "", row_height: float = 0, *, size: float = 10.5) -> Grid:
    """Set pairs of label and value as a table whose labels are row headers."""
    columns = [Column("Particular", share=3), Column("Value", share=7)]
    return Grid(columns, pairs, caption=caption, headless=True, size=size, row_height=row_height)


def money_table(
    columns: Sequence[str | Column],
    rows: Sequence[Row],
    total: Row | None = None,
    *,
    caption: str = "",
    size: float = 0,
) -> Grid:
    """Set a table of money or counts.

    The first column is text and heads its row; every other heading given as a plain string is a column of
    figures, so pass `Column(heading)` for further text columns. An int is pence and is painted as pounds with
    two decimals; pass counts as text. `total` stands ruled off in the foot.
    """
    found = [
        column if isinstance(column, Column) else Column(column, bool(index)) for index, column in enumerate(columns)
    ]
    return Grid(found, rows, [total] if total is not None else [], caption=caption, size=size)


def table(headings: Sequence[str | Column], rows: Sequence[Row], *, caption: str = "", size: float = 0) -> Grid:
    """Set a table of text; the first column heads its row."""
    found = [column if isinstance(column, Column) else Column(column) for column in headings]
    return Grid(found, rows, caption=caption, size=size)


def listing(columns: Sequence[ListColumn], rows: Iterable[Sequence[Cell]], *, size: float = 8) -> RowTable:
    """Set a long listing of single-line rows from an iterator; up to `VOLUME` rows a document."""
    return RowTable(columns, rows, size=size)


def chart(picture: BarChart) -> ChartFigure:
    """Set a bar chart whose text alternative says every value; a long one goes on on the next page."""
    return ChartFigure(picture)


def qr(text: str, alt: str, wide: float = 96) -> Figure:
    """Set a QR code of `text`; `alt` says what it opens."""
    return Figure(qr_drawing(text, wide), alt)


def signature_block(statement: str, *, role: str, name: str = "", signed: str = "") -> list[Flowable]:
    """Set a certificate to be signed: its statement, then name, role, signature and date.

    `signed` says when and how it was signed in the system; without it the lines stay open for ink.
    """
    rows = [("Name", name), ("Role", role), ("Signature", signed)]
    certificate = P(statement, _BODY.but(keep=True))
    if signed:
        return [certificate, facts(rows)]
    return [certificate, facts([*rows, ("Date", "")], row_height=32)]


def signature_field(name: str, says: str) -> SignatureField:
    """Leave an empty field for a digital signature; `says` tells a listener what is signed."""
    return SignatureField(name, says)


def page_break(landscape: bool | None = None) -> list[Flowable]:
    """Begin a new page; `landscape` turns this page and those after it."""
    turn = [] if landscape is None else [NextPageTemplate("across" if landscape else "upright")]
    return [*turn, PageBreak()]


class _Gap(Spacer):
    """Space that shrinks to what is left of its page: it begins no new one, which would stay empty before a break."""

    def wrap(self, wide: float, high: float) -> tuple[float, float]:
        """Take no more than there is."""
        return wide, max(0.0, min(self.height, high))


def gap(points: float = 12) -> Flowable:
    """Leave some space, as far as the page goes."""
    space: Flowable = _Gap(0, points)
    return space
