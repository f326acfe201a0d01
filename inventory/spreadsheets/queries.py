"""Reading which spreadsheets were brought in."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from core.db import db
from inventory.spreadsheets.models import Spreadsheet
from inventory.spreadsheets.rules import Sort


def brought_in(sorts: Collection[Sort]) -> Select[Spreadsheet]:
    """Select the spreadsheets of these sorts, newest first, for a page of them."""
    asked = select(Spreadsheet).options(joinedload(Spreadsheet.account)).where(Spreadsheet.sort.in_(sorts))
    return asked.order_by(Spreadsheet.id.desc())


def same_rows(sort: Sort, rows_hash: str) -> Spreadsheet | None:
    """Find the spreadsheet that brought the same rows in before."""
    return db.session.scalar(select(Spreadsheet).where(Spreadsheet.sort == sort, Spreadsheet.rows_hash == rows_hash))
