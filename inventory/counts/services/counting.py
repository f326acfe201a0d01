"""Entering what was seen, thing by thing. Each entry keeps its own moment, and none is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import NotPermitted, RuleBroken
from inventory.bags.models import Bag
from inventory.bags.rules import tag_in
from inventory.catalogue.models import Item
from inventory.counts import queries
from inventory.counts.models import CountEntry, CountLine, CountNumber, StockCount
from inventory.counts.rules import CountState, check_seen, demand_state
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.phones.rules import NUMBER_OF, serial_number
from inventory.stock.models import Lot

MOST = 100_000
MOST_NUMBERS = 2_000
MOST_LINES = 500
FEWEST_DIGITS = 4
"""So many last digits name a unit, where only one there ends so."""


def see(
    reference: str,
    position: int,
    *,
    counted_count: int | None = None,
    numbers: Sequence[str] = (),
    seen_at: datetime | None = None,
    noted_at: datetime | None = None,
    shown: bool = False,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Enter what one person saw of a thing. Entering it again replaces nothing: the newest counts.

    Args:
        position: which line of the count.
        counted_count: loose units, for things without numbers.
        numbers: tags of Go Bags, or numbers of units (their last four digits do, where only one there ends so).
        seen_at: when it was seen, where the person says so; None for when it was noted.
        noted_at: when a phone without signal noted it; None for now. The same form sent again may say another.
        shown: whether the person looked at the list of what should be there.

    Raises:
        NotFound: there is no such line for this person.
        AlreadyDone: counting is finished.
        NotPermitted: a second person is wanted, and this one counted it before.
        RuleBroken: the count, a number or the moment is not possible.
    """
    body = [reference, position, counted_count, list(numbers), seen_at, shown]
    if done := trail.earlier(submission_id, by=by, act="count.see", body=body):
        return queries.count_by_reference(done, scope=scope)
    line = queries.line_to_count(reference, position, scope=scope)
    count = line.count
    demand_state(count.state, CountState.COUNTING, reference)
    seen_at = seen_at or noted_at or at
    _enter(count, line, counted_count, numbers, seen_at=seen_at, shown=shown, by=by, at=at)
    trail.record(
        act="count.see",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        place=count.place.code,
        line=position,
        thing=line.item.code if line.item else "Go Bags" if line.is_bags else "not in the catalogue",
        counted=line.entries[-1].counted_count,
        numbers=[each.number for each in line.entries[-1].numbers],
        seen_at=seen_at,
        round=line.round_wanted,
    )
    return count


def _enter(
    count: StockCount,
    line: CountLine,
    counted_count: int | None,
    numbers: Sequence[str],
    *,
    seen_at: datetime,
    shown: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Check one entry and keep it."""
    check_seen(seen_at, started_at=count.started_at, at=at)
    if line.round_wanted > 1 and any(
        e.account_id == by.account_id for e in line.entries if e.round < line.round_wanted
    ):
        raise NotPermitted(f"You have counted {line.name} before. Somebody else counts it this time")
    entry = CountEntry(
        round=line.round_wanted, account_id=by.account_id, seen_at=seen_at, recorded_at=at, counted_count=0, shown=shown
    )
    if line.by_number:
        entry.numbers = _tags(numbers) if line.is_bags else _units(count, line, numbers)
        entry.counted_count = len(entry.numbers)
    else:
        entry.counted_count = _units_counted(counted_count)
    line.entries.append(entry)
    db.session.flush()


def _units_counted(counted_count: int | None) -> int:
    if counted_count is None or counted_count < 0:
        raise RuleBroken("Quantity must be 0 or more", "counted")
    if counted_count > MOST:
        raise RuleBroken(f"Quantity must be {MOST:,} or fewer", "counted")
    return counted_count


def _tags(texts: Sequence[str]) -> list[CountNumber]:
    """Read tags; one that no bag has is kept, for somebody to look into."""
    if len(texts) > MOST_NUMBERS:
        raise RuleBroken(f"Enter {MOST_NUMBERS:,} tags or fewer", "numbers")
    try:
        tags = list(dict.fromkeys(tag_in(text) for text in texts))
    except RuleBroken as broken:
        raise RuleBroken(broken.message, "numbers") from None
    known = dict(db.session.execute(select(Bag.tag, Bag.id).where(Bag.tag.in_(tags))).all())
    return [CountNumber(number=tag, bag_id=known.get(tag)) for tag in tags]


def _units(count: StockCount, line: CountLine, texts: Sequence[str]) -> list[CountNumber]:
    """Read numbers of an item's units, whole or by their last digits."""
    assert line.item is not None
    if len(texts) > MOST_NUMBERS:
        raise RuleBroken(f"Enter {MOST_NUMBERS:,} numbers or fewer", "numbers")
    here = _numbers_here(count.place_id, line.item)
    numbers = list(dict.fromkeys(_number(line.item, text, here) for text in texts))
    rows = db.session.execute(
        select(SerialUnit.number, SerialUnit.id, Lot.item_id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .where(SerialUnit.number.in_(numbers))
    )
    known = {number: (unit_id, item_id) for number, unit_id, item_id in rows}
    for number, (_, item_id) in known.items():
        if item_id != line.item.id:
            raise RuleBroken(f"The number ending in {number[-4:]} is not one of {line.item.name}", "numbers")
    return [CountNumber(number=number, unit_id=known.get(number, (None, 0))[0]) for number in numbers]


def _numbers_here(place_id: int, item: Item) -> list[str]:
    asked = (
        select(SerialUnit.number)
        .join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        .join(Lot, Lot.id == SerialUnit.lot_id)
        .where(UnitPosition.place_id == place_id, Lot.item_id == item.id)
    )
    return list(db.session.scalars(asked))


def _number(item: Item, text: str, here: Sequence[str]) -> str:
    """Read one number: whole, with its check digit, or the last digits of the only one there that ends so."""
    digits = text.strip().replace(" ", "")
    if digits.isascii() and digits.isdigit() and FEWEST_DIGITS <= len(digits) <= 8:
        ending = [number for number in here if number.endswith(digits)]
        if len(ending) == 1:
            return ending[0]
        raise RuleBroken(
            f"Enter the whole number of the {item.name} that ends in {digits}: its last digits do not tell which it is",
            "numbers",
        )
    return serial_number(NUMBER_OF[item.kind], text, field="numbers")


def add_item(
    reference: str, item_code: str, *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> StockCount:
    """Add a thing that is there and was not on the list, from the catalogue; it is counted like any other.

    Raises:
        NotFound: there is no such count for this person.
        AlreadyDone: counting is finished.
        RuleBroken: it is on the list already, or not in the catalogue.
    """
    if done := trail.earlier(submission_id, by=by, act="count.add", body=[reference, item_code]):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    demand_state(count.state, CountState.COUNTING, reference)
    if item_code == "bags":
        item = None
        if any(line.is_bags for line in count.lines):
            raise RuleBroken("Go Bags are on the list already", "thing")
    else:
        item = db.session.scalar(select(Item).where(Item.code == item_code))
        if item is None:
            raise RuleBroken("Select an item from the list", "thing")
        if any(line.item_id == item.id for line in count.lines):
            raise RuleBroken(f"{item.name} is on the list already", "thing")
    _append(count, CountLine(item_id=item.id if item else None, item=item))
    trail.record(
        act="count.add", subject=reference, by=by, at=at, submission_id=submission_id,
        place=count.place.code, thing=item.code if item else "Go Bags",
    )  # fmt: skip
    return count


def _append(count: StockCount, line: CountLine) -> None:
    if len(count.lines) >= MOST_LINES:
        raise RuleBroken(f"A count has {MOST_LINES} lines or fewer. Finish this one and start another", "thing")
    line.position, line.round_wanted, line.added = len(count.lines) + 1, 1, True
    count.lines.append(line)
    db.session.flush()


def add_described(
    reference: str,
    words: str,
    *,
    counted_count: int,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> StockCount:
    """Note a thing that no catalogue knows, in plain words, and how many there are. It moves no stock.

    Raises:
        NotFound: there is no such count for this person.
        AlreadyDone: counting is finished.
        RuleBroken: there are no words, they hold details of a person, or the count is not possible.
    """
    if done := trail.earlier(submission_id, by=by, act="count.add", body=[reference, words, counted_count]):
        return queries.count_by_reference(done, scope=scope)
    count = queries.count_by_reference(reference, scope=scope, lock=True)
    demand_state(count.state, CountState.COUNTING, reference)
    note = trail.note(words, field="words")
    if note is None:
        raise RuleBroken("Say what it is", "words")
    line = CountLine(note_id=note.id, note=note)
    _append(count, line)
    _enter(count, line, counted_count, (), seen_at=at, shown=False, by=by, at=at)
    trail.record(
        act="count.add", subject=reference, by=by, at=at, submission_id=submission_id, reason=note,
        place=count.place.code, thing="not in the catalogue", counted=counted_count,
    )  # fmt: skip
    return count
