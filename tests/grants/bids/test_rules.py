"""What to buy, what it costs, and which places run dry with less; no database."""

from __future__ import annotations

import pytest

from core.errors import RuleBroken
from core.money import Pence
from grants.bids.rules import (
    AskedLine,
    GrantedLine,
    Heading,
    Needed,
    Price,
    Ran,
    Shelf,
    answers,
    asked_lines,
    calm,
    dealt,
    headings_of,
    kept,
    less_percent,
    run,
    to_buy,
)


def test_units_to_buy_are_given_and_not_given_and_par_less_what_is_on_hand_and_never_below_nought() -> None:
    assert to_buy(76, 3, 78, 120) == 37
    assert to_buy(10, 0, 5, 40) == 0


def test_a_line_costs_its_units_at_the_newest_row_rounded_up_to_the_penny() -> None:
    """£10.00 for 3: 4 units are £13.33⅓, so £13.34; with half less 2 units, £6.66⅔, so £6.67."""
    towel = Needed("TOWEL", "Towel", None, 6, 0, 1, 3, Price("INV-1/1", Pence(1_000), 3))
    assert (towel.buy_count, towel.pence, towel.pence_with(50), towel.pence_with(0)) == (4, 1_334, 667, 1_334)
    free = Needed("SOAP", "Soap", None, 6, 0, 1, 3, None)
    assert (free.buy_count, free.pence, free.pence_with(10)) == (4, 0, 0)


def test_less_money_buys_whole_units_only() -> None:
    assert [kept(37, less) for less in (0, 10, 50, 90)] == [37, 33, 18, 3]


def test_units_of_any_language_are_dealt_as_they_were_wanted_and_none_is_lost() -> None:
    assert dealt(10, {1: 2, 2: 1, 3: 0}) == {1: 7, 2: 3, 3: 0}
    assert dealt(3, {1: 0, 2: 0}) == {1: 2, 2: 1}
    assert dealt(3, {}) == {}


@pytest.mark.parametrize("text", ["-1", "91", "ten", "1.5", "²", "1000"])
def test_a_cut_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="from 0 to 90"):
        less_percent(text)


def test_a_cut_is_ten_per_cent_where_nothing_is_said() -> None:
    assert (less_percent(""), less_percent("0"), less_percent("25")) == (10, 0, 25)


def test_a_place_runs_dry_on_the_day_it_cannot_give_and_the_store_fills_the_emptiest_first() -> None:
    """24 days, 2 bags bought in 12 parts: the first is complete on day 10 (part 6 of 12), the second on day 22.

    | day | Salisbury (par 1, holds 1) | Tidworth (par 2, holds 0)                 |
    |-----|----------------------------|-------------------------------------------|
    | 0   | lacks none                 | lacks 2: the store's only bag comes here  |
    | 3   | 1 wanted, given            |                                           |
    | 5   | 1 wanted, dry              | 1 wanted, given                           |
    | 14  | lacks 1                    | lacks 2: the first that was bought comes  |
    | 20  | 1 wanted, dry              | 1 wanted, given                           |
    """
    salisbury, tidworth = [0] * 24, [0] * 24
    salisbury[3] = salisbury[5] = salisbury[20] = 1
    tidworth[5] = tidworth[20] = 1
    shelves = [Shelf("Salisbury", 1, 1, tuple(salisbury)), Shelf("Tidworth", 0, 2, tuple(tidworth))]
    assert run(shelves, store=1, bought=2) == [Ran("Salisbury", 3, 2, 2, 5), Ran("Tidworth", 2, 0, 0, None)]
    assert run(shelves, store=1, bought=0)[1] == Ran("Tidworth", 2, 1, 1, 20)
    assert run(shelves, store=9, bought=0) == [Ran("Salisbury", 3, 1, 1, 5), Ran("Tidworth", 2, 0, 0, None)]
    assert run([], store=9, bought=9) == []


def test_bags_are_never_given_twice_and_none_is_lost() -> None:
    """With 5 at first and 12 bought, 17 of the 60 wanted are given at most, whatever the par levels."""
    shelves = [Shelf("A", 2, 9, (1,) * 30), Shelf("B", 0, 9, (1,) * 30)]
    fared = run(shelves, store=3, bought=12)
    assert sum(each.wanted - each.missed for each in fared) <= 17
    assert all(each.missed == each.dry_days for each in fared)


def test_a_day_far_out_of_the_ordinary_is_brought_down_before_the_year_is_lived_again() -> None:
    surge = Shelf("Salisbury", 1, 1, (0,) * 100 + (26,) + (0,) * 100)
    assert sum(calm(surge).daily) == 6


def test_an_item_bought_under_no_line_takes_the_heading_of_most_of_its_kind() -> None:
    goods, paper, clothes = Heading(1, "Contents"), Heading(4, "Booklets"), Heading(2, "Clothing")
    kinds = {1: "content", 2: "content", 3: "content", 4: "content", 5: "booklet", 6: "phone", 7: "booklet"}
    found = headings_of(kinds, {1: goods, 2: goods, 3: clothes, 5: paper, 99: clothes})
    assert found == {1: goods, 2: goods, 3: clothes, 4: goods, 5: paper, 7: paper}


def test_what_is_bought_is_asked_for_under_the_lines_in_their_order_and_adds_up_to_the_bid() -> None:
    """Towel 4 for £13.34 and soap 2 for £1.00 under Contents, a booklet unpriced, a card under no line."""
    towel = Needed("TOWEL", "Towel", None, 6, 0, 1, 3, Price("INV-1/1", Pence(1_000), 3), Heading(1, "Contents"))
    soap = Needed("SOAP", "Soap", None, 2, 0, 0, 0, Price("INV-1/2", Pence(50), 1), Heading(3, "Contents"))
    booklet = Needed("BK", "Booklet", "ro", 1, 0, 0, 0, None, Heading(2, "Booklets"))
    card = Needed("SC", "Card", "ro", 1, 0, 0, 0, Price("INV-1/3", Pence(700), 10), None)
    tape = Needed("TAPE", "Tape", None, 1, 0, 0, 9, Price("INV-1/4", Pence(100), 1), Heading(4, "Tape"))
    lines = asked_lines([card, booklet, soap, towel, tape], 50)
    assert lines == (
        AskedLine("A", "Contents", 2, 14_34, 7_17),
        AskedLine("B", "Booklets", 1, 0, 0),
        AskedLine("C", "In no grant line yet", 1, 70, 0),
    )


def test_what_was_granted_stands_beside_what_was_asked_and_what_was_not_asked_for_last() -> None:
    asked = (AskedLine("A", "Contents", 2, 14_34, 0), AskedLine("B", "Booklets", 1, 5_00, 0))
    first = GrantedLine("G1", 30_00, "G1/1", "Goods", 10_00, "A")
    store = GrantedLine("G1", 30_00, "G1/2", "Storage", 20_00, "")
    second = GrantedLine("G2", 9_00, "G2/1", "Goods", 9_00, "A")
    assert answers(asked, [first, store, second]) == [(asked[0], [first, second]), (asked[1], []), (None, [store])]
