"""The registers as files: the same rows as their pages."""

from __future__ import annotations

from collections.abc import Sequence

from core.sheets import csv_bytes
from grants.registers.rules import (
    GRANT_COLUMNS,
    ITEM_COLUMNS,
    LOSS_COLUMNS,
    SPENDING_COLUMNS,
    Loss,
    OpenGrant,
    PublishedItem,
    RegisteredItem,
    grant_row,
)


def items_csv(items: Sequence[RegisteredItem]) -> bytes:
    """Write the register of fixed and attractive items."""
    return csv_bytes(
        ITEM_COLUMNS,
        [
            (
                each.name, each.item, each.kind, each.acquired_on, each.pence, each.lines, each.location,
                each.disposed_on, each.disposed,
            )
            for each in items
        ],
    )  # fmt: skip


def losses_csv(found: Sequence[Loss]) -> bytes:
    """Write the register of losses and write-offs."""
    return csv_bytes(
        LOSS_COLUMNS,
        [
            (
                each.happened_on, each.kind, each.document, each.item, each.lot, each.place, each.unit_count,
                each.lines, each.pence, each.granted_pence, each.notified_on, each.notice,
            )
            for each in found
        ],
    )  # fmt: skip


def spending_csv(items: Sequence[PublishedItem], body: str) -> bytes:
    """Write spending over £500 in the Specified Information Order's fields."""
    return csv_bytes(
        SPENDING_COLUMNS,
        [
            (
                body, each.dated_on, each.recipient, each.row, each.purpose, each.net_pence, each.vat_pence,
                each.total_pence, each.value_reason,
            )
            for each in items
        ],
    )  # fmt: skip


def grants_csv(grants: Sequence[OpenGrant]) -> bytes:
    """Write awards in the columns of the 360Giving spreadsheet template."""
    return csv_bytes(GRANT_COLUMNS, [grant_row(grant) for grant in grants])
