"""The tables of a page, read back as figures: what a list shows is what its file holds.

A page has decided already which rows a person may see, in which words and with how much of a number; the file is made
from the page, so that it cannot hold more or other than that. Amounts, counts and days become values again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from html.parser import HTMLParser

from core.dates import MONTHS, moment_on
from core.errors import RuleBroken
from core.figures.tables import Figures
from core.money import Pence
from core.parse import pounds_and_pence, real_date, time_of_day, whole_number
from core.sheets import Cell, Column, Kind, Money

LEFT_OUT = "data-not-in-file"
"""Marks what a page offers to do, which a file cannot: a cell, a column's heading or some words of a cell."""

_HIDDEN = "govuk-visually-hidden"
_FIGURE = ("app-number", "govuk-table__cell--numeric", "govuk-table__header--numeric")
_LINES = frozenset({"br", "p", "li", "div"})
_VOID = frozenset({"br", "img", "input", "hr", "meta", "link", "wbr"})
_DAY = re.compile(rf"([0-9]{{1,2}}) ({'|'.join(MONTHS)}) ([0-9]{{4}})")
_MOMENT = re.compile(rf"{_DAY.pattern} at ([0-9]{{1,2}}(?::[0-9]{{2}})?[ap]m|midday|midnight)")
_CLOCKS = {"midday": time(12), "midnight": time(0)}
_NOTHING = ("–", "-", "")


@dataclass
class _Cell:
    figure: bool
    left_out: bool
    heading: bool
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        joined = " ".join("".join(self.words).split())
        return re.sub(r";(?: ;)+", ";", re.sub(r" ([,;.:)])", r"\1", joined))


@dataclass
class _Table:
    caption: list[str] = field(default_factory=list)
    rows: list[list[_Cell]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the tables of a page, its first heading, and whether it goes on on another page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.heading: list[str] = []
        self.goes_on = False
        self._open: list[tuple[str, bool]] = []
        self._into: list[str] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where text goes from here on."""
        said = dict(attrs)
        classes = (said.get("class") or "").split()
        if "govuk-pagination" in classes:
            self.goes_on = True
        if tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1].rows:
            cell = _Cell(any(each in _FIGURE for each in classes), LEFT_OUT in said, tag == "th")
            self.tables[-1].rows[-1].append(cell)
            self._into = cell.words
        elif tag == "caption" and self.tables:
            self._into = self.tables[-1].caption
        elif tag == "h1":
            self._into = self.heading
        if tag in _LINES or "app-under" in classes:
            self._part()
        if tag not in _VOID:
            silent = _HIDDEN in classes or (LEFT_OUT in said and tag not in ("td", "th"))
            self._silent += silent
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        """Note that an element ended, and every one within it that did not say so."""
        while self._open:
            name, silent = self._open.pop()
            self._silent -= silent
            if name == tag:
                break
        if tag in ("td", "th", "caption", "h1"):
            self._into = None

    def handle_data(self, data: str) -> None:
        """Keep the words of a cell, a caption or the heading."""
        self._say(data)

    def _part(self) -> None:
        """Part what stands on a line of its own in a cell from what stands above it."""
        if self._into is not None and "".join(self._into).strip():
            self._say("; ")

    def _say(self, words: str) -> None:
        if self._into is not None and not self._silent:
            self._into.append(words)


@dataclass(frozen=True)
class PageRead:
    """What a page shows.

    Attributes:
        goes_on: whether there are further pages of its list.
    """

    heading: str
    tables: tuple[Figures, ...]
    goes_on: bool


def page_read(html: str) -> PageRead:
    """Read the heading and the tables of a page; tables with the same headings become one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    heading = " ".join("".join(reader.heading).split())
    found = [read for table in reader.tables if (read := _figures(table)) is not None]
    return PageRead(heading, _joined(heading, found), reader.goes_on)


@dataclass(frozen=True)
class _Read:
    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _figures(table: _Table) -> _Read | None:
    """Read a table whose first row is of headings; a total stands as its last row."""
    if not table.rows or not table.rows[0]:
        return None
    head, *body = table.rows
    kept = [at for at, cell in enumerate(head) if not cell.left_out and cell.text]
    rows = [tuple(_value(row[at]) if at < len(row) else None for at in kept) for row in body if row]
    caption = " ".join("".join(table.caption).split())
    return _Read(caption, tuple(head[at].text for at in kept), tuple(rows))


def _value(cell: _Cell) -> Cell:
    """Read a cell as what it says: an amount, a count, a day, or words."""
    text = cell.text
    if cell.left_out or text in _NOTHING:
        return None
    if found := _DAY.fullmatch(text):
        return real_date(found[1], found[2], found[3])
    if found := _MOMENT.fullmatch(text):
        return moment_on(real_date(found[1], found[2], found[3]), _CLOCKS.get(found[4]) or time_of_day(found[4]))
    return _figure(text) if cell.figure else text


def _figure(text: str) -> Cell:
    """Read what stands in a column of figures: an amount, a count, or words where there is neither."""
    plain = text.replace("\u2212", "-")
    try:
        if "£" in plain:
            return Money(pounds_and_pence(plain, least=_LEAST, most=_MOST))
        return whole_number(plain, least=_LEAST, most=_MOST)
    except RuleBroken:
        return text


_MOST = Pence(10**15)
_LEAST = Pence(-_MOST)


def _joined(heading: str, tables: Sequence[_Read]) -> tuple[Figures, ...]:
    """Make one table of those with the same headings, each row saying which it came from."""
    alike: dict[tuple[str, ...], list[_Read]] = {}
    for table in tables:
        alike.setdefault(table.headings, []).append(table)
    made: list[Figures] = []
    for headings, some in alike.items():
        rows = [row if len(some) == 1 else (table.caption, *row) for table in some for row in table.rows]
        titles = headings if len(some) == 1 else ("Table", *headings)
        name = heading if len(alike) == 1 else f"{len(made) + 1} {some[0].caption or heading}"
        caption = some[0].caption if len(some) == 1 else heading
        made.append(Figures(name, caption or heading, _columns(titles, rows), tuple(rows)))
    return tuple(made)


def _columns(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> tuple[Column, ...]:
    return tuple(Column(heading, _kind([row[at] for row in rows])) for at, heading in enumerate(headings))


def _kind(cells: Sequence[Cell]) -> Kind:
    """Say what a column holds where all its cells agree."""
    sorts = {type(cell) for cell in cells if cell is not None}
    if sorts == {int}:
        return Kind.COUNT
    return Kind.MONEY if sorts == {Money} else Kind.TEXT
