"""Tagged, archivable, repeatable PDFs from platypus stories.

The package turns stories into files that pass PDF/UA-1 and PDF/A-3a, with embedded fonts for many scripts,
bookmarks, associated files and the same bytes for the same data. `story` has the words a report is written
with and `report` paints it; below stand `flowables`, `tables`, `rows` and `charts` on `canvas` and `writer`,
with `text`, `lines`, `scripts` and `fonts` for setting type. Nothing here knows the domain, the web or the
database.
"""

from core.pdf.charts import Bar, BarChart
from core.pdf.columns import Column, pounds
from core.pdf.maps import Mark, MarkMap
from core.pdf.objects import Sink
from core.pdf.report import Front, Marking, paint, paint_to
from core.pdf.rows import VOLUME, ListColumn
from core.pdf.story import (
    bullets,
    chart,
    facts,
    gap,
    h1,
    h2,
    h3,
    listing,
    money_table,
    note,
    page_break,
    para,
    qr,
    signature_block,
    signature_field,
    table,
)
from core.pdf.svg import svg
from core.pdf.text import Span
from core.pdf.writer import Attachment, Packed

__all__ = [
    "VOLUME",
    "Attachment",
    "Bar",
    "BarChart",
    "Column",
    "Front",
    "ListColumn",
    "Mark",
    "MarkMap",
    "Marking",
    "Packed",
    "Sink",
    "Span",
    "bullets",
    "chart",
    "facts",
    "gap",
    "h1",
    "h2",
    "h3",
    "listing",
    "money_table",
    "note",
    "page_break",
    "paint",
    "paint_to",
    "para",
    "pounds",
    "qr",
    "signature_block",
    "signature_field",
    "svg",
    "table",
]
