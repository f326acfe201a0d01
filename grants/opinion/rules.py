"""The ledger as plain-text accounting: double entries of pence and of units, painted for hledger and for beancount.

Every move, bag move, budget change, spending row, apportionment and bought lot is an entry whose amounts add up to
nothing in each commodity: pounds (GBP), the units of a lot under the lot's code, a Go Bag under its tag. After the last
entry stands what *we* say of every account that matters, as assertions: the programs add everything up themselves and
refuse the file when we are wrong. Nothing a person typed is in it but codes and references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.money import plain_pounds

POUNDS = "GBP"

Account = tuple[str, ...]
"""Where something is, from the root: ("Assets", "Stock", "STORE", "L-00001")."""

_PART = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")


class Form(StrEnum):
    """The programs whose language the ledger is written in."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


@dataclass(frozen=True)
class Amount:
    """So much of a commodity in an account: pence when it is pounds, units otherwise."""

    account: Account
    quantity: int
    commodity: str = POUNDS


@dataclass(frozen=True)
class Entry:
    """What happened on a day; the amounts of each commodity add up to nothing."""

    day: date
    words: str
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class Books:
    """The whole ledger: what happened, and what we say it comes to."""

    entries: tuple[Entry, ...]
    stated: tuple[Amount, ...]

    @property
    def stated_on(self) -> date:
        """The day after the last entry."""
        return max((entry.day for entry in self.entries), default=date(2000, 1, 1)) + timedelta(days=1)

    @property
    def accounts(self) -> list[Account]:
        """Every account that is named, in order."""
        moved = {amount.account for entry in self.entries for amount in entry.amounts}
        return sorted(moved | {amount.account for amount in self.stated})


def between(source: Account, target: Account, quantity: int, commodity: str = POUNDS) -> tuple[Amount, Amount]:
    """Move a quantity from one account to another."""
    return Amount(target, quantity, commodity), Amount(source, -quantity, commodity)


def part(code: str) -> str:
    """Give a code as part of an account's name; one with other characters than beancount takes is spelt in hex."""
    return code if _PART.fullmatch(code) else f"X{code.encode().hex()}"


def unbalanced(entry: Entry) -> list[str]:
    """List the commodities in which an entry does not add up to nothing."""
    total: dict[str, int] = {}
    for amount in entry.amounts:
        total[amount.commodity] = total.get(amount.commodity, 0) + amount.quantity
    return sorted(commodity for commodity, quantity in total.items() if quantity)


def lines(books: Books, form: Form) -> Iterator[str]:
    """Write the ledger in a program's language, line by line."""
    return _hledger(books) if form is Form.HLEDGER else _beancount(books)


def _name(account: Account) -> str:
    return ":".join(account)


def _quantity(amount: Amount) -> str:
    return plain_pounds(amount.quantity) if amount.commodity == POUNDS else str(amount.quantity)


def _by_day(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.day)


def _hledger(books: Books) -> Iterator[str]:
    """Write for hledger: commodities in quotes, assertions after an equals sign."""
    yield "; Go Bags: the whole ledger as plain-text accounting. hledger check; hledger balance"
    yield "decimal-mark ."
    yield f"commodity 1000.00 {POUNDS}"
    for entry in _by_day(books.entries):
        yield ""
        yield f"{entry.day} * {entry.words}"
        for amount in entry.amounts:
            yield f'    {_name(amount.account)}  {_quantity(amount)} "{amount.commodity}"'
    yield ""
    yield f"{books.stated_on} * what the service says it comes to"
    for amount in books.stated:
        zero = "0.00" if amount.commodity == POUNDS else "0"
        yield f'    {_name(amount.account)}  {zero} "{amount.commodity}" = {_quantity(amount)} "{amount.commodity}"'


def _beancount(books: Books) -> Iterator[str]:
    """Write for beancount: accounts are opened first, nothing is forgiven, assertions are balance directives."""
    yield "; Go Bags: the whole ledger as plain-text accounting. bean-check"
    yield 'option "title" "Go Bags"'
    yield f'option "operating_currency" "{POUNDS}"'
    yield 'option "tolerance_multiplier" "0"'
    first = min((entry.day for entry in books.entries), default=books.stated_on)
    yield from (f"{first} open {_name(account)}" for account in books.accounts)
    for entry in _by_day(books.entries):
        yield ""
        yield f'{entry.day} * "{entry.words}"'
        for amount in entry.amounts:
            yield f"  {_name(amount.account)}  {_quantity(amount)} {amount.commodity}"
    yield ""
    for amount in books.stated:
        yield f"{books.stated_on} balance {_name(amount.account)}  {_quantity(amount)} ~ 0 {amount.commodity}"
