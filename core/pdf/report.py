"""Own the look of a report: its front, its page furniture and how pages follow each other.

The marking stands in capitals at the top and bottom of every page; reference, version and page number run in
the footer. All of that is page furniture to a screen reader. The words a report is written with are in
`story.py`. Nothing here knows the web or the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from io import BytesIO
from typing import Any, Concatenate, ParamSpec

from reportlab.lib.pagesizes import A4
from reportlab.platypus.doctemplate import BaseDocTemplate, FrameBreak, PageTemplate
from reportlab.platypus.flowables import Flowable
from reportlab.platypus.frames import Frame

from core.pdf.canvas import TaggedCanvas
from core.pdf.figures import Figure
from core.pdf.flowables import NAVY, Block, Heading, P
from core.pdf.fonts import REGULAR
from core.pdf.metadata import Meta
from core.pdf.objects import Sink
from core.pdf.qr import qr_drawing
from core.pdf.story import facts
from core.pdf.tables import RULE, Grid
from core.pdf.text import Style, plain
from core.pdf.writer import Attachment, Size

_SIDE, _EDGE = 56.0, 74.0
_MANY, _LOOSE, _CLOSE = 20, 10.5, 9.5
"""Particulars from which on a front sets them closer; type sizes in points."""
_SOFT = "#505a5f"
_Asked = ParamSpec("_Asked")
_LINE = 300
_QR = 96.0
_TITLE = Style(26, 32, bold=True, colour=NAVY, after=4, keep=True)
_OWNER = Style(11, 15, bold=True, colour=_SOFT, after=3, keep=True)
_PERIOD = Style(14, 20, colour=_SOFT, after=12)
_SMALL = Style(7, 9, colour=_SOFT, after=6)
# Not from the calendar of the machine: a report reads the same under any locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Marking(StrEnum):
    """Name the protective markings a report may bear."""

    OFFICIAL = "OFFICIAL"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True)
class Front:
    """Hold what the front of a report says; `more` adds further pairs of label and value.

    `period` and `cut_off` are text as people read it, such as "Quarter 2 (July to September 2022)". A document that
    is registered says as what (`registered_as`), and by a QR code where it can be verified (`verify_at`). A document
    of one page is `brief`: its particulars stand in small print below the title.
    """

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
    registered_as: str = ""
    verify_at: str = ""
    brief: bool = False


def day(value: date) -> str:
    """Write a date as people read it: `5 August 2022`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def paint_to(
    out: Sink,
    story: Sequence[Flowable],
    *,
    front: Front,
    at: datetime,
    attachments: Iterable[Attachment] = (),
    landscape: bool = False,
    language: str = "en-GB",
    bare: bool = False,
    furnished: bool = True,
) -> None:
    """Paint a report as tagged PDF/UA-1 and PDF/A-3a; the same arguments give the same bytes.

    Each page goes out as soon as it is full, so that a long listing is never held whole; `out` is only written to.
    `at` is the moment the report bears everywhere: it comes from the data (such as the approval), never from
    a clock, and needs a time zone. Attachments are embedded as associated files. A `bare` document has no front, as a
    form to write on: its story begins with `h1`. One that is not `furnished` has no marking, reference or page number
    on its pages, as a sheet of labels.

    Raises:
        ValueError: when the title is empty or `at` has no time zone.
    """
    author = ", ".join([part for part in (front.author, front.organisation) if part])
    named = plain(front.registered_as, _LINE)
    meta = Meta(plain(front.title, _LINE), plain(author, _LINE), at, plain(front.subject, _LINE), language, named)
    files = tuple(replace(item, name=plain(item.name, _LINE)) for item in attachments)
    canvas = partial(TaggedCanvas, out=out, meta=meta, attachments=files)
    template: Any = _Template(front, landscape, furnished)
    # Copies, because platypus writes on the flowables it is given: the same story may be painted again.
    template.build([*([] if bare else _front(front, at)), *(copy(flowable) for flowable in story)], canvasmaker=canvas)


def _whole(paint_to: Callable[Concatenate[Sink, _Asked], None]) -> Callable[_Asked, bytes]:
    """Give what paints as `paint_to` does and hands over the bytes."""

    def painted(*story: _Asked.args, **options: _Asked.kwargs) -> bytes:
        out = BytesIO()
        paint_to(out, *story, **options)
        return out.getvalue()

    return painted


paint = _whole(paint_to)
"""Paint a report as `paint_to` does, and give its bytes."""


class _Template(BaseDocTemplate):
    """Lay pages out upright and across, and finish each page when the number of pages is known."""

    def __init__(self, front: Front, landscape: bool, furnished: bool) -> None:
        sizes = {"upright": (A4[0], A4[1]), "across": (A4[1], A4[0])}
        first = "across" if landscape else "upright"
        base: Any = super()
        # platypus overwrites title and author unless it is given them too.
        base.__init__(
            BytesIO(),
            pagesize=sizes[first],
            initialFontName=REGULAR,
            title=front.title,
            author=front.author,
            keepTogetherClass=_Keep,
            pageTemplates=[
                PageTemplate(name, [_frame(sizes[name])], pagesize=sizes[name])
                for name in sorted(sizes, key=lambda name: name != first)
            ],
        )
        self.front, self.furnished = front, furnished

    def beforeDocument(self) -> None:  # noqa: N802 (reportlab's name)
        """Tell the document how to finish its pages."""
        canvas: TaggedCanvas = self.canv

        def tail(page: int, pages: int, size: Size) -> str:
            if not self.furnished:
                return ""
            return canvas.painted_apart(lambda canvas: _furnish(canvas, self.front, f"Page {page} of {pages}", size))

        canvas.document.tail = tail


def _frame(size: Size) -> Frame:
    return Frame(_SIDE, _EDGE, size[0] - 2 * _SIDE, size[1] - 2 * _EDGE, 0, 0, 0, 0)


class _Keep(Flowable):
    """Keep headings with the beginning of what follows, however long that is.

    reportlab's own keeps the whole together, and so leaves half a page empty before every long table.
    """

    def __init__(self, content: Sequence[Flowable], **_: Any) -> None:
        base: Any = super()
        base.__init__()
        self._content = list(content)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Ask to be split, always: only the contents are painted."""
        return width, height + 1

    def split(self, width: float, height: float) -> list[Flowable]:
        """Give the contents, after a page break when their beginning does not fit."""
        *heads, last = self._content
        needed = _least(last, width)
        for head in heads:
            needed += head.wrap(width, height)[1] + max(head.getSpaceBefore(), 0) + head.getSpaceAfter()
        at_top = getattr(getattr(self, "_frame", None), "_atTop", True)
        return self._content if needed <= height or at_top else [FrameBreak, *self._content]


def _least(flowable: Any, width: float) -> float:
    """Give the least height worth beginning, of any flowable."""
    return float(flowable.least(width) if isinstance(flowable, Block) else flowable.wrap(width, 10_000)[1])


def _furnish(canvas: TaggedCanvas, front: Front, page: str, size: Size) -> None:
    """Paint marking, rule, reference and page number as artifacts."""
    wide, high = size
    marking = front.marking.upper()
    with canvas.artifact("Pagination", "Header"):
        canvas.ink(NAVY)
        canvas.put(marking, wide / 2, high - 36, 9.5, bold=True, align=0.5)
    canvas.rule(_SIDE, 54, wide - _SIDE, 54, 0.6, RULE)
    with canvas.artifact("Pagination", "Footer"):
        canvas.ink(_SOFT)
        canvas.put(f"{_short(front.reference, 50)}  ·  Version {_short(front.version, 20)}", _SIDE, 40, 8.5)
        canvas.put(page, wide - _SIDE, 40, 8.5, align=1)
        canvas.ink(NAVY)
        canvas.put(marking, wide / 2, 22, 9.5, bold=True, align=0.5)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


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
    band, aside = _Band(), _QR if front.verify_at else 0
    return [
        band,
        P(plain(front.organisation, _LINE), _OWNER.but(aside=aside)),
        Heading(front.title, 1, _TITLE.but(aside=aside)),
        P(plain(front.period, _LINE), _PERIOD.but(aside=aside)),
        *([_Code(front, band)] if front.verify_at else []),
        _particulars(pairs, aside) if front.brief else _table_of(pairs),
    ]


def _table_of(pairs: Sequence[tuple[str, str]]) -> Grid:
    """Set the particulars as a table; many of them smaller, so that they stay on the front.

    The space below belongs to it: a flowable of its own would begin an empty page where the table ends at the foot.
    """
    table = facts(pairs, size=_CLOSE if len(pairs) > _MANY else _LOOSE)
    table.after += 6
    return table


def _particulars(pairs: Sequence[tuple[str, str]], aside: float) -> P:
    """Set the particulars of a brief front as one paragraph of small print."""
    said = ". ".join(f"{label}: {words}" for label, words in pairs if label not in ("Period", "Organisation"))
    return P(plain(f"{said}.", 4 * _LINE), _SMALL.but(aside=aside))


class _Code(Figure):
    """Paint the code that leads to the verification of this document, beside the title and below the band."""

    def __init__(self, front: Front, band: _Band) -> None:
        says = f"QR code that opens {front.verify_at}, where anybody can verify this document"
        super().__init__(qr_drawing(front.verify_at, _QR), says, after=0)
        self.band = band

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Take no space: it stands where the title leaves some."""
        self.width = width
        return width, 0

    def draw(self) -> None:
        """Paint it under the right end of the band."""
        self.at = (self.width - _QR + 7, self.band.foot - self.canvas.place(0, 0)[1] - _QR)
        super().draw()


class _Band(Block):
    """Paint the navy band above the title; `foot` is where its lower edge stands on the page."""

    foot = 0.0

    def __init__(self) -> None:
        super().__init__(0, 14)

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002 (reportlab's arguments)
        """Take the whole width."""
        self.width = width
        return width, 5

    def draw(self) -> None:
        """Paint it as an artifact."""
        self.foot = self.canvas.place(0, 0)[1]
        self.canvas.block(0, 0, self.width, 5, NAVY)
