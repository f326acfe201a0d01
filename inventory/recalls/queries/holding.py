"""Which lots an open recall covers. The slices that hand stock out ask this, so it leans on tables alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from core.db import ask
from inventory.catalogue.models import Item
from inventory.recalls.models import Recall, RecallEnd
from inventory.recalls.rules import Hold, RecallKind, Remedy
from inventory.stock.models import Lot

_Covering = aliased(Recall, name="covering")


def is_open(recall: Any = Recall) -> ColumnElement[bool]:
    """Say, in SQL, that a recall has not ended."""
    return ~exists().where(RecallEnd.recall_id == recall.id)


def covers(recall: Any = Recall) -> ColumnElement[bool]:
    """Say, in SQL, that a recall is of a lot: of the lot itself, of its edition, or of its item."""
    return or_(recall.lot_id == Lot.id, recall.edition_id == Lot.edition_id, recall.item_id == Lot.item_id)


def held_by() -> ColumnElement[bool]:
    """Join a lot to the one recall it is held by: recalls before holds, then the newest.

    Use as ``outerjoin(Recall, held_by())`` in a select over lots, and read ``HOLD`` from it.
    """
    worst = (
        select(_Covering.id)
        .where(covers(_Covering), is_open(_Covering))
        .order_by(_Covering.kind.desc(), _Covering.id.desc())
        .limit(1)
        .correlate(Lot)
        .scalar_subquery()
    )
    return Recall.id == worst


HOLD = (Recall.reference, Recall.kind, Recall.remedy, Recall.recalled_at)
"""The columns of ``Hold``, in the order of its fields."""


def hold(reference: str | None, kind: RecallKind, remedy: Remedy, since: datetime) -> Hold | None:
    """Give the hold that the columns of ``HOLD`` tell of, or None where no recall covers the lot."""
    return Hold(reference, kind, remedy, since) if reference is not None else None


def not_held() -> ColumnElement[bool]:
    """Say, in SQL, that no open recall covers a lot."""
    return ~exists().where(covers(_Covering), is_open(_Covering)).correlate(Lot)


_HELD: Select[*tuple[Any, ...]] = (
    select(Item.name, Lot.code, *HOLD)
    .select_from(Lot)
    .join(Item, Item.id == Lot.item_id)
    .join(Recall, covers())
    .where(Lot.id.in_(bindparam("lot_ids", expanding=True)), is_open())
    .order_by(Recall.kind.desc(), Lot.id)
)
"""Built once: every act that hands stock out asks it."""


def holds_on(lot_ids: Collection[int]) -> list[tuple[str, str, Hold]]:
    """List the open recalls that cover any of the lots: (item name, lot code, hold), recalls before holds."""
    if not lot_ids:
        return []
    rows = ask(_HELD, lot_ids=list(lot_ids))
    return [(name, code, Hold(*facts)) for name, code, *facts in rows]
