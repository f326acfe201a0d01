"""Reading suppliers and donors. They belong to no place, so these queries take no scope."""

from __future__ import annotations

from sqlalchemy import func, select

from core.db import db
from core.errors import NotFound
from core.paging import page_size
from organisation.suppliers.models import Supplier

PAGE_SIZE = 50


def suppliers(*, search: str = "", donors: bool | None = None, page: int = 1) -> tuple[list[Supplier], int]:
    """List one page of suppliers and donors by name, and how many there are on all pages.

    Args:
        search: words that the name or the code holds, taken literally.
        donors: only donors, only suppliers, or both when None.
        page: from 1.
    """
    asked = select(Supplier)
    if search:
        asked = asked.where(
            Supplier.name.icontains(search, autoescape=True) | Supplier.code.icontains(search, autoescape=True)
        )
    if donors is not None:
        asked = asked.where(Supplier.donor.is_(donors))
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    size = page_size(PAGE_SIZE)
    rows = asked.order_by(Supplier.name, Supplier.id).limit(size).offset((page - 1) * size)
    return list(db.session.scalars(rows)), total


def all_suppliers() -> list[Supplier]:
    """List every supplier and donor by name, for a form to choose from."""
    return list(db.session.scalars(select(Supplier).order_by(Supplier.name)))


def supplier_by_code(code: str) -> Supplier:
    """Give a supplier or donor by its code.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(select(Supplier).where(Supplier.code == code))
    if found is None:
        raise NotFound
    return found


def taken(code: str, name: str) -> Supplier | None:
    """Give the supplier or donor that has the code or, whatever its capitals, the name already."""
    return db.session.scalar(
        select(Supplier).where((Supplier.code == code) | (func.lower(Supplier.name) == name.lower())).limit(1)
    )
