"""What was recorded about spending rows after a claim was signed: the causes of its differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from core.db import db
from grants.claims.rules.later import Touched
from grants.ledgers.models import LedgerMatch
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow, SupplierInvoice


@dataclass(frozen=True)
class Since:
    """Which kinds of record of a row were made after a moment, and when the newest of them was."""

    touched: Touched
    newest_at: datetime | None


def touched_since(row_ids: Collection[int], since: datetime) -> dict[int, Since]:
    """Say what was recorded about rows after a moment: spending row id → what."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for kind, rows in (
        ("recorded", _recorded(row_ids, since)),
        ("reversed", _apportioned(row_ids, since, taken_back=True)),
        ("apportioned", _apportioned(row_ids, since, taken_back=False)),
        ("linked", _newest(BilledDelivery.row_id, BilledDelivery.recorded_at, row_ids, since)),
        ("matched", _newest(LedgerMatch.row_id, LedgerMatch.matched_at, row_ids, since)),
    ):
        for row_id, moment in rows:
            found[row_id][kind] = moment
    return {
        row_id: Since(Touched(**dict.fromkeys(found[row_id], True)), max(found[row_id].values(), default=None))
        for row_id in row_ids
    }


def _recorded(row_ids: Collection[int], since: datetime) -> Iterable[tuple[int, datetime]]:
    asked = (
        select(SpendingRow.id, SupplierInvoice.recorded_at)
        .join(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .where(SpendingRow.id.in_(row_ids), SupplierInvoice.recorded_at > since)
    )
    return [(row_id, moment) for row_id, moment in db.session.execute(asked)]


def _apportioned(row_ids: Collection[int], since: datetime, *, taken_back: bool) -> Iterable[tuple[int, datetime]]:
    asked = select(Apportionment.row_id, func.max(Apportionment.recorded_at)).where(
        Apportionment.row_id.in_(row_ids),
        Apportionment.recorded_at > since,
        Apportionment.reverses_id.is_not(None) if taken_back else Apportionment.reverses_id.is_(None),
    )
    rows = db.session.execute(asked.group_by(Apportionment.row_id))
    return [(row_id, moment) for row_id, moment in rows]


def _newest(row: Any, moment: Any, row_ids: Collection[int], since: datetime) -> Iterable[tuple[int, datetime]]:
    """Give the newest moment of records of one kind, for each row that has any after a moment."""
    asked = select(row, func.max(moment)).where(row.in_(row_ids), moment > since).group_by(row)
    return [(row_id, newest) for row_id, newest in db.session.execute(asked)]


def billed_since(delivery_line_ids: Collection[int], since: datetime) -> dict[int, datetime]:
    """Tell which delivery lines an invoice was linked to after a moment: delivery line id → when."""
    return dict(_newest(BilledDelivery.delivery_line_id, BilledDelivery.recorded_at, delivery_line_ids, since))
