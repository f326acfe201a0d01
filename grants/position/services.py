"""Keeping the sums of grant lines up: what changed since the mark is folded afresh, and the mark moves on.

The mark is a cut of the checkpoint's kind (``core/trail/checkpoints.py``): while it is read no change is under way, so
every row below it is there or never will be, on PostgreSQL too. What is folded may know of rows after the mark; what
those touched is read afresh by every reader anyway, until the sums are kept up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.db import db
from core.trail.checkpoints import cut_now
from grants.awards.models import GrantLine
from grants.position.models import LinesKept, LotOnLine, RowOnLine
from grants.position.queries.sums import (
    RESTS_ON,
    LotPart,
    Mark,
    RowPart,
    changed_lots,
    changed_parts,
    changed_rows,
    kept_to,
    rows_since,
)


@dataclass(frozen=True)
class Folded:
    """What changed since a mark, folded afresh.

    Attributes:
        before: the mark that stood then.
        whole: whether everything was folded, from the first row on.
        mark: how far it goes.
    """

    before: Mark | None
    whole: bool
    mark: Mark
    parts: Sequence[LotPart | RowPart]


def fold(*, afresh: bool = False) -> Folded | None:
    """Fold what changed since the mark, for ``keep``; None when nothing did. Never inside ``transaction()``.

    Args:
        afresh: fold every line from the first row on, whatever is kept.
    """
    cut = cut_now().ids
    before = kept_to()
    if before is not None and not afresh and not rows_since():
        return None
    whole = afresh or before is None
    parts = changed_parts(list(db.session.scalars(select(GrantLine.id))), whole=whole)
    mark = Mark(**{name: cut[model.__tablename__] for name, model in RESTS_ON.items()})
    return Folded(before, whole, mark, list(parts))


def keep(found: Folded) -> int:
    """Keep what was folded, unless somebody else has kept the sums up meanwhile; give how many sums were made."""
    db.session.execute(select(LinesKept.id).with_for_update()).all()
    if kept_to() != found.before:
        return 0
    _replace(found)
    connection = db.session.connection()
    if found.before is None:
        connection.execute(insert(LinesKept), {"id": 1, **asdict(found.mark)})
    else:
        connection.execute(update(LinesKept), asdict(found.mark))
    return len(found.parts)


def _replace(found: Folded) -> None:
    """Put the parts folded afresh in the place of what is kept of the same lots and rows."""
    lots, rows = delete(LotOnLine), delete(RowOnLine)
    if not found.whole:
        lots = lots.where(LotOnLine.lot_id.in_(changed_lots()))
        rows = rows.where(RowOnLine.behind_id.in_(changed_rows()))
    connection = db.session.connection()
    for gone, model, kind in ((lots, LotOnLine, LotPart), (rows, RowOnLine, RowPart)):
        connection.execute(gone)
        fresh: list[Mapping[str, Any]] = [asdict(part) for part in found.parts if isinstance(part, kind)]
        if fresh:
            connection.execute(insert(model), fresh)
