"""Sentences of the trail, and the chain repeated entry by entry."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.trail.rules import ACTS, ChainCheck, Sealed, act_words, fact_rows, said
from core.trail.rules import START_OF_LOG, canonical, chained, leaf_hash

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


def sealed(count: int = 3) -> list[Sealed]:
    """Seal a log of so many bags issued."""
    chain, entries = START_OF_LOG, []
    for sequence in range(1, count + 1):
        facts = {"act": "bag.issue", "at": AT, "by": 7, "facts": {}, "subject": f"SLIP-{sequence}"}
        text = canonical(facts)
        chain = chained(chain, sequence, leaf_hash(text))
        entries.append(Sealed(sequence, leaf_hash(text), chain, text, "bag.issue", f"SLIP-{sequence}", 7, AT))
    return entries


def findings(entries: list[Sealed]) -> list[str]:
    """Check a log and give what is wrong with it."""
    check = ChainCheck()
    for entry in entries:
        check.take(entry)
    return check.findings


def test_a_log_as_it_was_sealed_agrees() -> None:
    assert findings(sealed()) == []


def test_a_changed_text_is_found_at_its_entry_alone() -> None:
    entries = sealed()
    entries[1] = replace(entries[1], text=entries[1].text.replace("SLIP-2", "SLIP-9"))
    assert findings(entries) == [
        "Entry 2: the text of its leaf is not what was sealed.",
        "Entry 2: its chain hash does not follow from the entry before it.",
    ]


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"act": "bag.pack"}, "act"), ({"subject": "X"}, "subject"), ({"account_id": 8}, "person"),
     ({"recorded_at": datetime(2026, 5, 5, tzinfo=UTC)}, "moment")],
)  # fmt: skip
def test_a_column_that_its_text_contradicts_is_found(changed: dict[str, Any], word: str) -> None:
    entries = sealed()
    entries[2] = replace(entries[2], **changed)
    assert findings(entries) == [f"Entry 3: its {word} is not what its sealed text says."]


def test_an_entry_taken_out_of_the_middle_is_missed() -> None:
    entries = sealed(4)
    del entries[1]
    assert findings(entries)[0] == "Entry 2 is missing; the next is entry 3."


def test_entries_in_another_order_do_not_follow_from_each_other() -> None:
    entries = sealed()
    swapped = [entries[0], replace(entries[2], sequence=2), replace(entries[1], sequence=3)]
    assert len(findings(swapped)) == 2


def test_a_leaf_is_a_sentence() -> None:
    facts = {"bag": "GB-00012", "place": "SALISBURY"}
    assert said("bag.issue", "7K4M-Q2XD-9PBC", facts) == ("issued Go Bag GB-00012 at SALISBURY, slip 7K4M-Q2XD-9PBC")
    assert said("bag.issue", "7K4M", {}) == "issued Go Bag (no bag) at (no place), slip 7K4M"
    assert said("kite.fly_high", "K-1", {}) == "did “fly high” on kite K-1"


def test_an_approval_says_how_many_of_how_many_and_one_recorded_before_that_was_kept_says_which_request() -> None:
    facts = {"approved": [[1, 8]], "approved_count": 8, "asked_count": 10}
    assert said("request.approve", "R-00052", facts) == "approved 8 of the 10 asked for in request R-00052"
    assert said("request.approve", "R-00001", {"approved": [[1, 8]]}) == "approved request R-00001"


def test_facts_are_written_as_people_read_them() -> None:
    facts = {"gross_pence": 12_50, "on": "2026-08-05", "at": "2026-05-04T09:00:00.000000Z", "lots": [["L-1", 2]],
             "shares": {"GB/A": 5}, "donor": False, "empty": None}  # fmt: skip
    assert fact_rows(facts) == [
        ("Gross", "£12.50"),
        ("On", "5 August 2026"),
        ("At", "4 May 2026 at 10am"),
        ("Lots", "(L-1, 2)"),
        ("Shares", "GB/A: 5"),
        ("Donor", "no"),
    ]


def test_acts_are_named_in_a_list_of_choices() -> None:
    assert act_words("bag.issue") == "Bag: issue"
    assert act_words("refused") == "Refused"


def test_every_act_that_the_program_records_has_a_sentence() -> None:
    recorded: set[str] = set()
    for area in ("core", "organisation", "inventory", "grants", "audit", "demonstration"):
        for source in (ROOT / area).rglob("*.py"):
            recorded.update(re.findall(r'\bact="([a-z_. ]+)"', source.read_text()))
    assert len(recorded) > 30
    assert recorded - ACTS.keys() == set()
