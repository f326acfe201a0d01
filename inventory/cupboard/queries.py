"""Reading cupboard sheets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from core.access import Scope
from core.db import db
from core.errors import NotFound
from inventory.cupboard.models import CupboardEntry, CupboardLine, CupboardSheet, CupboardSheetEnd


def _whole(asked: Select[CupboardSheet]) -> Select[CupboardSheet]:
    """Read sheets with their lines, what was keyed in of them, and how they ended."""
    lines = selectinload(CupboardSheet.lines)
    return asked.options(
        joinedload(CupboardSheet.place),
        joinedload(CupboardSheet.printed_by),
        joinedload(CupboardSheet.end).joinedload(CupboardSheetEnd.account),
        joinedload(CupboardSheet.end).joinedload(CupboardSheetEnd.note),
        lines.joinedload(CupboardLine.bag),
        lines.joinedload(CupboardLine.entry).joinedload(CupboardEntry.issue),
    )


def sheets_of(place_id: int) -> Select[CupboardSheet]:
    """Select the sheets of a place, newest first, for a page of them."""
    return _whole(select(CupboardSheet).where(CupboardSheet.place_id == place_id)).order_by(CupboardSheet.id.desc())


def sheet_by_reference(reference: str, *, scope: Scope) -> CupboardSheet:
    """Find a sheet.

    Raises:
        NotFound: there is none, or it is of another place.
    """
    found = db.session.scalar(_whole(select(CupboardSheet).where(CupboardSheet.reference == reference)))
    if found is None or not scope.covers(found.place_id):
        raise NotFound
    return found


def still_out(place_id: int, *, before: datetime | None = None) -> Select[CupboardSheet]:
    """Select the sheets of a place that are neither keyed in nor written off, or those printed before a moment."""
    out = (
        select(CupboardSheet)
        .outerjoin(CupboardSheetEnd, CupboardSheetEnd.sheet_id == CupboardSheet.id)
        .where(CupboardSheet.place_id == place_id, CupboardSheetEnd.id.is_(None))
    )
    return out if before is None else out.where(CupboardSheet.printed_at < before)


def languages_of(line: CupboardLine) -> list[str]:
    """Give the codes of the booklets that were inside when the line was printed."""
    return [code for code in line.languages.split(",") if code]


def slips_of(lines: Iterable[CupboardLine]) -> dict[int, str]:
    """Give what was keyed in: position of the line → slip."""
    return {line.position: line.entry.issue.slip for line in lines if line.entry is not None}
