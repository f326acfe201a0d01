"""Lists a page at a time: one count, one slice, and no page that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from core.db import db
from core.errors import NotFound

Row = TypeVar("Row")

MOST_PAGES = 10_000

MOST_COUNTED = 10_000
"""How many rows of a list are counted where it may have a million: reading them all would cost more than the page."""

MOST_WHOLE = 5_000
"""How many rows of a list are given at once where the whole of it is asked for."""

_whole: ContextVar[bool] = ContextVar("whole", default=False)


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """One page of a list.

    Attributes:
        number: which page this is, from 1.
        total: rows on all pages, or on so many as were counted.
        size: rows on a full page.
        uncounted: there are more rows than were counted.
    """

    rows: Sequence[Row]
    number: int
    total: int
    size: int
    uncounted: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, as far as they are counted; an empty list has one."""
        return max(1, -(-self.total // self.size))


@contextmanager
def whole_lists() -> Iterator[None]:
    """Give every list inside as one page, up to ``MOST_WHOLE`` rows; a longer one goes on on the next page."""
    before = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(before)


def page_size(usual: int) -> int:
    """Say how many rows a page has: the usual number, or as many as there may be where the whole list is asked for."""
    return MOST_WHOLE if _whole.get() else usual


def page_number(text: str | None) -> int:
    """Read which page is asked for; the first when nothing is said, or when the whole list is asked for.

    Raises:
        NotFound: it is no number of a page.
    """
    if not text or _whole.get():
        return 1
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or not 1 <= int(text) <= MOST_PAGES:
        raise NotFound
    return int(text)


def paged(asked: Select[*tuple[Any, ...]], *, number: int, size: int = 25, most: int | None = None) -> Paged[Any]:
    """Give one page of what a select finds: model by model, or rows where it selects several things.

    Args:
        most: how many rows are counted at most.

    Raises:
        NotFound: there are fewer pages.
    """
    size = page_size(size)
    total = _count(asked, most)
    before, uncounted = (number - 1) * size, most is not None and total > most
    part = asked.limit(size + uncounted).offset(before)
    several = len(asked.column_descriptions) > 1
    rows = db.session.execute(part).all() if several else db.session.scalars(part).all()
    if most is not None and uncounted:
        uncounted = len(rows) > size
        total = max(most, before + len(rows)) if uncounted else before + len(rows)
    return _found(Paged(rows[:size], number, total, size, uncounted))


def _count(asked: Select[*tuple[Any, ...]], most: int | None) -> int:
    """Count what a select finds; one more than the most when there is more."""
    counted = asked.order_by(None) if most is None else asked.order_by(None).limit(most + 1)
    return db.session.scalar(select(func.count()).select_from(counted.subquery())) or 0


def paged_rows(rows: Sequence[Row], *, number: int, size: int = 25) -> Paged[Row]:
    """Give one page of rows already read.

    Raises:
        NotFound: there are fewer pages.
    """
    size = page_size(size)
    return _found(Paged(rows[(number - 1) * size : number * size], number, len(rows), size))


def _found(page: Paged[Row]) -> Paged[Row]:
    if page.number > page.pages:
        raise NotFound
    return page
