"""Own what text is before it is set: spans, styles, and how long a text may be.

Text is never markup. What a person typed is what is painted, so a note that says `<b>` shows `<b>`, and no
file or address can be reached through it. Text that is too long for a report is cut with a notice and never
refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.pdf.scripts import clean, is_right_to_left

PARAGRAPH_LIMIT = 20_000
CELL_LIMIT = 1_500


@dataclass(frozen=True)
class Style:
    """Say how text looks: sizes in points, colour as `#rrggbb`, `align` one of left, right, centre.

    `keep` holds the paragraph on the page of what follows; `aside` is kept free at the right.
    """

    size: float = 12
    leading: float = 17
    bold: bool = False
    colour: str = "#0b0c0c"
    align: str = "left"
    before: float = 0
    after: float = 8
    indent: float = 0
    keep: bool = False
    aside: float = 0

    def but(self, **changes: Any) -> Style:
        """Give the same style with some values changed."""
        return replace(self, **changes)

    def baseline(self, top: float) -> float:
        """Give the base line of a line of text whose box begins at `top`."""
        return top - self.leading + (self.leading - self.size) / 2 + self.size * 0.12


@dataclass(frozen=True)
class Span:
    """Hold a stretch of text inside a paragraph; with `link` it is an address to open."""

    text: str
    bold: bool = False
    link: str = ""


Words = str | Span | Sequence[str | Span]


def cut(text: str, limit: int, missing: int = 0) -> str:
    """Give at most `limit` characters; what is cut, with `missing` more, is named in a notice."""
    missing += max(len(text) - limit, 0)
    if not missing:
        return text
    return f"{text[:limit].rstrip()} … [shortened here: {missing:,} more characters]"


def plain(text: str, limit: int) -> str:
    """Give text as one clean line of at most `limit` characters and a notice."""
    return " ".join(cut(clean(text[:limit]), limit, max(len(text) - limit, 0)).split())


def spans_of(words: Words, limit: int, bold: bool = False) -> tuple[Span, ...]:
    """Clean a text, or a row of texts and spans, and cut it to `limit` characters."""
    found: list[Span] = []
    for part in [words] if isinstance(words, str | Span) else words:
        span = part if isinstance(part, Span) else Span(part)
        # Only what may be painted is looked at: millions of characters cost no more than the limit.
        text = cut(clean(span.text[:limit]), limit, max(len(span.text) - limit, 0))
        found.append(Span(text, span.bold or bold, span.link))
        limit -= min(len(span.text), limit)
        if not limit:
            break
    return tuple(found)


def begins_right_to_left(spans: Sequence[Span]) -> bool:
    """Tell whether a paragraph reads from right to left."""
    return is_right_to_left("".join([span.text for span in spans])[:200])
