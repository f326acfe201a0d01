"""Long PDFs: our tagged listing against the raw canvas of reportlab, each in a process of its own.

The floor is what anyone gets who draws each cell as text on a page, untagged, without wrapping or scripts: the least
that a PDF of so many rows costs with this library.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.rows import Row
from core.money import Pence

ROWS = 10_000
AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
NAMES = ("Kosmetyki podróżne", "Nécessaire de toilette", "Travel toiletries", "洗漱用品", "Đồ dùng vệ sinh", "مستلزمات")


def measure() -> list[Row]:
    """Measure the listing and its floor, rows a second of processor time and memory at its highest."""
    ours, our_megabytes, our_pages = _in_a_process(_listing)
    floor, floor_megabytes, floor_pages = _in_a_process(_raw_canvas)
    return [
        Row(f"PDF: tagged listing, {ROWS:,} rows", 0, ROWS / ours, "rows/s", target=10_000, anchor=ROWS / floor),
        Row("PDF: tagged listing, pages", 0, our_pages / ours, "pages/s", anchor=floor_pages / floor),
        Row("PDF: tagged listing, memory", 0, our_megabytes, "MB", target=150, anchor=floor_megabytes),
        Row("PDF: raw canvas, untagged (the floor)", 0, ROWS / floor, "rows/s"),
    ]


def _in_a_process(paint: Callable[[], bytes]) -> tuple[float, float, int]:
    """Paint in a fresh process: (seconds of its processor, megabytes at its highest, pages)."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (paint,))


def _measured(paint: Callable[[], bytes]) -> tuple[float, float, int]:
    began = time.process_time()
    data = paint()
    took = time.process_time() - began
    return took, _highest_megabytes(), _pages(data)


def _highest_megabytes() -> float:
    """Tell how much memory this process held at its highest.

    Linux counts what a process was before it became this program into ``ru_maxrss``, and not into ``VmHWM``.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def rows() -> Iterator[list[str | Pence]]:
    """Give the rows of the listing, in several scripts as items are named in."""
    for number in range(ROWS):
        name = NAMES[number % len(NAMES)]
        units = str(number % 7 + 1)
        yield [f"L-{number:06}", name, "Salisbury", "R-00052", "1 April 2026", units, Pence(number * 13 % 90_000)]


def _listing() -> bytes:
    from core.pdf import Front, ListColumn, h2, listing, paint

    columns = [
        ListColumn("Lot", 2), ListColumn("Item", 4), ListColumn("Place", 2), ListColumn("Request", 2),
        ListColumn("Day", 2), ListColumn("Units", 1, figures=True), ListColumn("Cost £", 2, figures=True),
    ]  # fmt: skip
    front = Front(
        title="Every move of a period", reference="BENCH", version="1.0", organisation="Benchmark", author="Benchmark",
        period="2026", cut_off="30 June 2026", foi_disclosable=True,
    )  # fmt: skip
    return paint([h2("Moves"), listing(columns, rows())], front=front, at=AT)


def _raw_canvas() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out, line = io.BytesIO(), 11
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setFont("Helvetica", 8)
    height = 800
    for row in rows():
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
