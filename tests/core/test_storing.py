"""A frozen report as text and back: every type of cell comes back as it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from core.figures import Checkpoint, Figures, Imprint
from core.figures.storing import frozen_of, text_of
from core.money import Pence
from core.periods import named
from core.sheets import Column, Kind, Money

AT = datetime(2026, 7, 1, 9, 0, 0, 123456, tzinfo=UTC)
TABLE = Figures(
    "Bags",
    "Go Bags issued",
    (Column("Place"), Column("Count", Kind.COUNT), Column("When", Kind.MOMENT), Column("Anything")),
    (("Salisbury", 3, AT, Money(Pence(-5))), ("2026-07-01", None, None, date(2026, 7, 1))),
    ("Total", 3, None, "[c]"),
)


@dataclass(frozen=True)
class Small:
    """A report of one table."""

    table: Figures
    checkpoint: Checkpoint
    issued: tuple[tuple[str, int, int], ...]
    best: tuple[str, int] | None
    title: str = field(default="Small", init=False)


def small(imprint: Imprint | None = None) -> Small:
    return Small(TABLE, Checkpoint(7, "ab" * 32, AT, imprint), (("Salisbury", 1, 2),), ("Salisbury", 3))


def test_what_is_read_back_is_what_was_written_and_writes_the_same_text() -> None:
    for each in (small(), small(Imprint("GBR-2222-2222-2222", "https://localhost/verify/x", "None"))):
        read = frozen_of(Small, text_of(each))
        assert read == each
        assert text_of(read) == text_of(each)


def test_a_text_and_a_day_that_look_alike_stay_apart() -> None:
    read = frozen_of(Small, text_of(small()))
    assert read.table.rows[1] == ("2026-07-01", None, None, date(2026, 7, 1))


def test_a_part_that_was_added_later_takes_its_default_and_one_that_was_dropped_is_passed_over() -> None:
    facts = json.loads(text_of(small()))
    del facts["checkpoint"]["imprint"]
    facts["checkpoint"]["signed"] = ""
    assert frozen_of(Small, json.dumps(facts)) == small()


def test_periods_and_their_names_come_back() -> None:
    quarter = named(date(2026, 7, 1), date(2026, 9, 30))
    assert frozen_of(type(quarter), text_of(quarter)) == quarter


def test_what_has_no_place_in_a_report_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hold float"):
        text_of(Figures("A", "A", (Column("A"),), ((1.5,),)))  # type: ignore[arg-type]  # what no type allows
