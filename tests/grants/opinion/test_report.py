"""What happened adds up to what we say, account by account, on both databases."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select

from core.db import db
from grants.opinion.report import freeze_books
from grants.opinion.rules import Account, Books, unbalanced
from grants.spending.models import Apportionment
from tests.factories import World


def sums(books: Books) -> dict[tuple[Account, str], int]:
    """Add every entry up: (account, commodity) → quantity."""
    found: dict[tuple[Account, str], int] = defaultdict(int)
    for entry in books.entries:
        assert not unbalanced(entry), entry
        for amount in entry.amounts:
            found[amount.account, amount.commodity] += amount.quantity
    return found


def test_two_quarters_of_an_award_add_up_to_its_position(quarters: World) -> None:
    books = freeze_books()
    added = sums(books)
    assert all(added[each.account, each.commodity] == each.quantity for each in books.stated)
    apportioned = [each.quantity for each in books.stated if each.account[:2] == ("Assets", "Grants")]
    assert sum(apportioned) == db.session.scalar(select(func.sum(Apportionment.pence)))
    assert sum(apportioned) > 0


def test_a_month_of_go_bags_adds_up_to_where_they_stand(month: World) -> None:
    """The story ends with GB-00001 and GB-00003 issued, GB-00002 at Salisbury and GB-00004 at the store."""
    books = freeze_books()
    added = sums(books)
    assert all(added[each.account, each.commodity] == each.quantity for each in books.stated)
    assert added[("Assets", "Bags", "SALISBURY"), "GB-00002"] == 1
    assert added[("Assets", "Bags", "STORE"), "GB-00004"] == 1
    assert added[("Equity", "OutsideBags", "ISSUED"), "GB-00001"] == 1
    assert added[("Assets", "Bags", "SALISBURY"), "GB-00001"] == 0
