"""What a recall asks, what an answer may say, and when one is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.errors import RuleBroken
from inventory.bags import rules as bags
from inventory.bags.rules import Content, Readiness, Wanted
from inventory.catalogue.rules import ItemKind
from inventory.recalls.rules import (
    FoundLot,
    Hold,
    PlaceStanding,
    RecallKind,
    Remedy,
    check_found,
    keeping_open,
    progress,
    still_to_do,
)
from tests.factories import AT

TODAY = date(2026, 5, 4)
STORE = PlaceStanding(1, "STORE", "Devizes store", shelf_count=3, answered_at=AT)
SALISBURY = PlaceStanding(2, "SALISBURY", "Salisbury", shelf_count=2, bag_count=2, slip_count=1)
HARBOUR = PlaceStanding(3, "HARBOUR", "Harbour House", coming_count=1)

RECALLED = Hold("RC-00001", RecallKind.RECALL, Remedy.DESTROY, AT)
SOAP = Content(2, "L-00002", 2, "Soap", ItemKind.CONTENT, 1, hold=RECALLED)
GOOD = Content(3, "L-00003", 2, "Soap", ItemKind.CONTENT, 1)
WANTED = [Wanted("Soap", 1, item_id=2)]


def test_progress_counts_the_answers_and_names_whom_to_chase() -> None:
    assert progress([STORE, SALISBURY, HARBOUR]) == ("1 of 3 places have answered; chase: Salisbury, Harbour House")
    assert progress([STORE]) == "1 of 1 place has answered"
    assert progress([]) == "No place holds any of it or has issued any"


def test_a_recall_stays_open_while_anybody_is_silent_or_anything_is_left() -> None:
    assert keeping_open([STORE, SALISBURY, HARBOUR], Remedy.DESTROY) == [
        "3 units still at Devizes store",
        "Salisbury has not answered",
        "4 units still at Salisbury",
        "Harbour House has not answered",
        "1 unit on the way to Harbour House",
    ]
    assert keeping_open([STORE], Remedy.CHECK) == []


def test_a_place_is_told_what_it_has_still_to_do() -> None:
    assert still_to_do(SALISBURY, Remedy.DESTROY) == "2 on the shelf, 2 in Go Bags, 1 issued from here"
    assert still_to_do(HARBOUR, Remedy.DESTROY) == "say that you have none"
    assert still_to_do(STORE, Remedy.DESTROY) == "still here: 3 on the shelf"
    assert still_to_do(STORE, Remedy.CHECK) is None
    assert still_to_do(replace(STORE, shelf_count=0), Remedy.DESTROY) is None


@pytest.mark.parametrize(
    ("found", "removed", "words"),
    [
        (6, 0, "Soap (lot L-00002): 6 found, and the records have 5 on the shelf at Salisbury. Enter 5 or fewer"),
        (3, 4, "Soap (lot L-00002): 4 removed, and only 3 found. Enter 3 or fewer"),
        (-1, 0, "Quantity must be 0 or more"),
    ],
)
def test_an_answer_cannot_say_more_than_there_is(found: int, removed: int, words: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_found(FoundLot("L-00002", found, removed), item_name="Soap", here_count=5, place_name="Salisbury")
    assert refused.value.message.startswith(words)


def test_a_bag_with_recalled_soap_is_not_issued_and_says_why() -> None:
    verdict = bags.readiness(WANTED, [SOAP], on=TODAY)
    assert verdict.readiness is Readiness.NOT_ISSUABLE
    assert verdict.reasons == ("Soap (lot L-00002) is recalled (RC-00001): take it out and destroy it",)


def test_recalled_soap_is_neither_proposed_nor_packed() -> None:
    ((_, taken),) = bags.picked(WANTED, [SOAP, GOOD], {2: 2}, bag_count=1, on=TODAY)
    assert taken == [GOOD]
    with pytest.raises(RuleBroken, match=r"Soap \(lot L-00002\) is recalled"):
        bags.check_packable([bags.Part(SOAP)], on=TODAY)


@pytest.mark.parametrize(
    ("remedy", "comes_out"), [(Remedy.DESTROY, [SOAP]), (Remedy.SEND_BACK, []), (Remedy.CHECK, [])]
)
def test_only_what_is_to_be_destroyed_is_written_off_while_topping_up(remedy: Remedy, comes_out: list[Content]) -> None:
    inside = replace(SOAP, hold=replace(RECALLED, remedy=remedy))
    found = bags.to_be_replaced([inside, GOOD], on=TODAY)
    assert [each.lot_code for each in found] == [each.lot_code for each in comes_out]
