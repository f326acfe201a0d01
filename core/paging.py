"""Lists a page at a time: one count, one slice, and no page that is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from core.db import db
from core.errors import NotFound

Row = TypeVar("Row")

MOST_PAGES = 10_000


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """One page of a list.

    Attributes:
        number: which page this is, from 1.
        total: rows on all pages.
        size: rows on a full page.
    """

    rows: Sequence[Row]
    number: int
    total: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))


def page_number(text: str | None) -> int:
    """Read which page is asked for; the first when nothing is said.

    Raises:
        NotFound: it is no number of a page.
    """
    if not text:
        return 1
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or not 1 <= int(text) <= MOST_PAGES:
        raise NotFound
    return int(text)


def paged(asked: Select[*tuple[Any, ...]], *, number: int, size: int = 25) -> Paged[Any]:
    """Give one page of what a select finds: model by model, or rows where it selects several things.

    Raises:
        NotFound: there are fewer pages.
    """
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    part = asked.limit(size).offset((number - 1) * size)
    several = len(asked.column_descriptions) > 1
    rows = db.session.execute(part).all() if several else db.session.scalars(part).all()
    return _found(Paged(rows, number, total, size))


def paged_rows(rows: Sequence[Row], *, number: int, size: int = 25) -> Paged[Row]:
    """Give one page of rows already read.

    Raises:
        NotFound: there are fewer pages.
    """
    return _found(Paged(rows[(number - 1) * size : number * size], number, len(rows), size))


def _found(page: Paged[Row]) -> Paged[Row]:
    if page.number > page.pages:
        raise NotFound
    return page
