"""hledger and beancount, which share no code with us, read the demonstration year and add it up to the same pence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from sqlalchemy import func, select

from core.db import db
from grants.opinion.report import freeze_books
from grants.opinion.rules import POUNDS, Amount, Books, Entry, Form, between, lines
from grants.position.queries import lot_costs
from grants.spending.models import Apportionment
from inventory.stock.models import Balance, Lot
from organisation.places.models import Place
from tests import accounting
from tests.demonstration.year import Demonstration


@pytest.fixture(scope="module")
def books(demonstration_year: Demonstration) -> Books:
    """The demonstration year as double entries."""
    return freeze_books()


@pytest.fixture(scope="module")
def journal(books: Books, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year in hledger's language."""
    return written(books, Form.HLEDGER, tmp_path_factory.mktemp("opinion"))


def written(books: Books, form: Form, folder: Path) -> Path:
    """Write books in a program's language."""
    file = folder / f"books.{form}"
    file.write_text("\n".join(lines(books, form)) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def added(journal: Path) -> Mapping[tuple[str, str], int]:
    """What hledger adds up, without looking at what we say."""
    return accounting.balances(journal)


def test_hledger_finds_nothing_wrong(journal: Path) -> None:
    told = accounting.run("check", "--file", journal)
    assert (told.returncode, told.stderr) == (0, "")


def test_beancount_finds_nothing_wrong(books: Books, tmp_path: Path) -> None:
    entries, errors, _ = loader.load_file(str(written(books, Form.BEANCOUNT, tmp_path)))
    assert errors == []
    assert len([entry for entry in entries if type(entry).__name__ == "Transaction"]) == len(books.entries)
    assert len([entry for entry in entries if type(entry).__name__ == "Balance"]) == len(books.stated)


def test_every_balance_on_hand_is_what_hledger_adds_up(added: Mapping[tuple[str, str], int]) -> None:
    asked = select(Place.code, Lot.code, Balance.unit_count).join(Place).join(Lot).where(Balance.unit_count > 0)
    kept = {(f"Assets:Stock:{place}:{lot}", lot): units for place, lot, units in db.session.execute(asked)}
    assert len(kept) > 500
    held = {key: units for key, units in added.items() if key[0].startswith("Assets:Stock:") and key[1] != POUNDS}
    assert held == kept


def test_every_lot_costs_at_all_its_places_what_its_invoice_rows_say(added: Mapping[tuple[str, str], int]) -> None:
    spread: dict[str, int] = defaultdict(int)
    for (account, commodity), pence in added.items():
        parts = account.split(":")
        if (
            commodity == POUNDS
            and parts[1] in ("Stock", "Outside")
            and parts[2] not in ("SUPPLIERS", "DONORS", "UNMADE")
        ):
            spread[parts[3]] += pence
    lots = {lot.id: lot.code for lot in db.session.scalars(select(Lot))}
    costs = {lots[lot_id]: cost.total_pence for lot_id, cost in lot_costs(lots).items() if cost.total_pence}
    assert len(costs) > 20
    assert {code: pence for code, pence in spread.items() if pence} == costs
    assert {code: added["Assets:Bought:" + code, POUNDS] for code in costs} == costs


def test_every_grant_line_has_what_hledger_adds_up(added: Mapping[tuple[str, str], int]) -> None:
    lines_of = {account: pence for (account, _), pence in added.items() if account.startswith("Assets:Grants:")}
    assert len(lines_of) >= 4
    assert sum(lines_of.values()) == db.session.scalar(select(func.sum(Apportionment.pence)))


@pytest.mark.parametrize(
    ("words", "more"),
    [('"L-00001"', ("    Assets:Stock:STORE:L-00001  1 ", "    Equity:Outside:SUPPLIERS:L-00001  -1 ")),
     ('"GBP"', ("    Assets:Stock:STORE:L-00001  0.01 ", "    Equity:Outside:SUPPLIERS:L-00001  -0.01 "))],
)  # fmt: skip
def test_a_unit_or_a_penny_too_many_is_found_by_hledger(
    journal: Path, tmp_path: Path, words: str, more: tuple[str, str]
) -> None:
    bent = tmp_path / "bent.hledger"
    extra = "\n".join(["2026-01-01 * bent", *(f"{each}{words}" for each in more)])
    bent.write_text(f"{journal.read_text()}\n{extra}\n")
    told = accounting.run("check", "--file", bent)
    assert told.returncode != 0
    assert "Assets:Stock:" in told.stderr
    assert "L-00001" in told.stderr


def test_a_penny_too_many_is_found_by_beancount(tmp_path: Path) -> None:
    store, suppliers = ("Assets", "Stock", "STORE", "L-00001"), ("Equity", "Outside", "SUPPLIERS", "L-00001")
    entry = Entry(date(2026, 5, 4), "delivery", between(suppliers, store, 1000))
    for stated, wrong in ((1000, False), (1001, True)):
        _, errors, _ = loader.load_file(
            str(written(Books((entry,), (Amount(store, stated),)), Form.BEANCOUNT, tmp_path))
        )
        assert any("Assets:Stock:STORE:L-00001" in str(error) for error in errors) is wrong


def test_the_command_writes_the_same(demonstration_year: Demonstration, journal: Path, tmp_path: Path) -> None:
    demonstration_year.leave()
    told = demonstration_year.app.test_cli_runner().invoke(args=["opinion", "write", str(tmp_path / "o.journal")])
    assert told.exit_code == 0, told.output
    assert (tmp_path / "o.journal").read_text() == journal.read_text()
