"""Long PDFs: our tagged listing in volumes against the raw canvas of reportlab, each in a process of its own.

The floor is what anyone gets who draws each cell as text on a page, untagged, without wrapping or scripts: the least
that a PDF of so many rows costs with this library.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from bench.measure import in_a_process
from bench.rows import Row
from core.money import Pence

VOLUMES, ROWS_A_VOLUME = 5, 10_000
ROWS = VOLUMES * ROWS_A_VOLUME
AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
NAMES = ("Kosmetyki podróżne", "Nécessaire de toilette", "Travel toiletries", "洗漱用品", "Đồ dùng vệ sinh", "مستلزمات")


def measure() -> list[Row]:
    """Measure the listing and its floor, rows a second of processor time and memory at its highest."""
    (ours, our_pages), our_megabytes = in_a_process(partial(_measured, _listing))
    (floor, floor_pages), floor_megabytes = in_a_process(partial(_measured, _raw_canvas))
    return [
        Row(f"PDF: tagged listing, {ROWS:,} rows", 0, ROWS / ours, "rows/s", target=10_000, anchor=ROWS / floor),
        Row("PDF: tagged listing, pages", 0, our_pages / ours, "pages/s", anchor=floor_pages / floor),
        Row("PDF: tagged listing, memory", 0, our_megabytes, "MB", target=150, anchor=floor_megabytes),
        Row("PDF: raw canvas, untagged (the floor)", 0, ROWS / floor, "rows/s"),
    ]


def _measured(paint: Callable[[int], bytes]) -> tuple[float, int]:
    """Paint volume after volume: (seconds of the processor, pages)."""
    took, pages = 0.0, 0
    for volume in range(VOLUMES):
        began = time.process_time()
        data = paint(volume)
        took += time.process_time() - began
        pages += _pages(data)
    return took, pages


def rows(volume: int) -> Iterator[list[str | Pence]]:
    """Give the rows of a volume, in several scripts as items are named in."""
    for number in range(volume * ROWS_A_VOLUME, (volume + 1) * ROWS_A_VOLUME):
        name = NAMES[number % len(NAMES)]
        units = str(number % 7 + 1)
        yield [f"L-{number:06}", name, "Salisbury", "R-00052", "1 April 2026", units, Pence(number * 13 % 90_000)]


def _listing(volume: int) -> bytes:
    from core.pdf import Front, ListColumn, h2, listing, paint

    columns = [
        ListColumn("Lot", 2), ListColumn("Item", 4), ListColumn("Place", 2), ListColumn("Request", 2),
        ListColumn("Day", 2), ListColumn("Units", 1, figures=True), ListColumn("Cost £", 2, figures=True),
    ]  # fmt: skip
    front = Front(
        title="Every move of a period", reference="BENCH", version="1.0", organisation="Benchmark", author="Benchmark",
        period="2026", cut_off="30 June 2026", foi_disclosable=True,
    )  # fmt: skip
    return paint([h2("Moves"), listing(columns, rows(volume))], front=front, at=AT)


def _raw_canvas(volume: int) -> bytes:
    return raw_canvas(rows(volume))


def raw_canvas(rows: Iterable[Sequence[object]]) -> bytes:
    """Draw each cell of some rows as text on a page, and do nothing else for whoever reads it."""
    from reportlab.pdfgen.canvas import Canvas

    out, line = io.BytesIO(), 11
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setFont("Helvetica", 8)
    height = 800
    for row in rows:
        for place, cell in enumerate(row):
            canvas.drawString(40 + 72 * place, height, str(cell).encode("latin-1", "replace").decode("latin-1"))
        height -= line
        if height < 40:
            canvas.showPage()
            canvas.setFont("Helvetica", 8)
            height = 800
    canvas.save()
    return out.getvalue()


def _pages(data: bytes) -> int:
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as paper:
        return len(paper.pages)
