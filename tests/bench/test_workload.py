"""The workload is the one other systems were measured on: a draw more or less would change every digest."""

from __future__ import annotations

from dataclasses import replace

from bench.rows import Row
from bench.workload.drawing import draw
from bench.workload.reference import ANSWERS, digest

NEUTRAL = {
    "on_hand": "c60fa11eb4dae470",
    "station": "5c472fb15905ad7e",
    "as_at": "7918b1047c46a652",
    "usage": "1f9e936f5f4172ad",
    "restock": "c5252891fb638371",
    "fifo": "6a207bccccb9d75b",
    "statement": "97a1c141c34c1132",
}
"""What the neutral workload's own programs print at 10,000 moves."""


def test_the_reference_answers_as_the_neutral_workload_does() -> None:
    drawn = draw(10_000)
    assert (len(drawn.moves), len(drawn.lots), len(drawn.invoices), len(drawn.claimed)) == (10_000, 465, 1_000, 853)
    assert {name: digest(ANSWERS[name](drawn)) for name in NEUTRAL} == NEUTRAL


def test_a_wrong_answer_meets_no_target_however_soon_it_comes() -> None:
    right = Row("on hand", 10, 1.0, "ms", target=15.0, anchor=0.5, same=True)
    assert (right.met, right.ratio) == ("yes", 2.0)
    assert replace(right, same=False).met == "NO"
