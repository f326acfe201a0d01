"""The ledger frozen as double entries with what we say it comes to."""

from __future__ import annotations

from grants.opinion import queries
from grants.opinion.rules import Books


def freeze_books() -> Books:
    """Read the whole ledger of stock and money, in one reading of the database."""
    named = queries.places()
    lots = list(queries.lots_in_chunks(named))
    return Books(
        entries=(
            *queries.budget_entries(),
            *queries.spending_entries(),
            *queries.apportionment_entries(),
            *(entry for read in lots for entry in read.entries),
            *queries.bag_entries(named),
        ),
        stated=(
            *queries.stated_money(),
            *(amount for read in lots for amount in read.stated),
            *queries.stated_bags(named),
        ),
    )
