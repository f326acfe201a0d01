"""Several people record phones at once, on both databases: one comes first, and the other knows of it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from core.db import db
from inventory.phones import services
from inventory.phones.models import Pairing, PairingEnd, PhoneNumber
from inventory.phones.rules import PhoneLine
from tests.conftest import kept
from tests.factories import World
from tests.inventory.at_once import at_once
from tests.inventory.phones.phones import ICCIDS, NUMBERS, have_phones, line
from tests.inventory.shelves import IMEIS, LATER, TODAY, who

shelf = kept(have_phones)
"""Four handsets and four SIMs, nothing of them recorded."""


def count(table: type[Pairing] | type[PairingEnd] | type[PhoneNumber]) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def recording(world: World, said: PhoneLine) -> None:
    """Record one line as the storekeeper, in the transaction of whoever asks."""
    keeper = world.actor("storekeeper")
    services.record_phones([said], paired_on=TODAY, scope=keeper.scope, **who(keeper, LATER))


def test_two_people_put_one_sim_into_two_phones_and_one_does(app: Flask, shelf: World) -> None:
    """The other hears that it is in a phone by now; each SIM is in one phone and has one number."""
    for sim in (0, 1):
        lines = (line(sim), PhoneLine(1, IMEIS[sim + 2], ICCIDS[sim], NUMBERS[sim + 2]))
        came = at_once(app, *(partial(recording, shelf, each) for each in lines))
        assert (came["done"], came["RuleBroken"]) == (1, 1), came
    assert (count(Pairing), count(PairingEnd), count(PhoneNumber)) == (4, 0, 2)


def test_one_number_given_to_two_sims_at_once_is_given_to_one(app: Flask, shelf: World) -> None:
    lines = (PhoneLine(1, iccid=iccid, number=NUMBERS[0]) for iccid in ICCIDS[:2])
    came = at_once(app, *(partial(recording, shelf, each) for each in lines))
    assert (came["done"], came["RuleBroken"] + came["StaleEdit"]) == (1, 1), came
    assert (count(Pairing), count(PhoneNumber)) == (1, 1)


def test_a_new_number_that_another_gives_away_just_after_it_was_looked_up_is_still_given_to_one(
    app: Flask, shelf: World
) -> None:
    """The second begins at the very moment the first has read what is on record, and waits for it."""
    first, second = (PhoneLine(1, iccid=iccid, number=NUMBERS[0]) for iccid in ICCIDS[:2])
    came: list[Counter[str]] = []

    def another() -> None:
        with app.app_context():
            came.append(at_once(app, partial(recording, shelf, second)))

    other = Thread(target=another)

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM pairing" in statement and not other.ident:
            other.start()
            other.join(timeout=0.5)

    engine = db.engine
    event.listen(engine, "after_cursor_execute", meanwhile)
    try:
        done = at_once(app, partial(recording, shelf, first))
    finally:
        event.remove(engine, "after_cursor_execute", meanwhile)
    other.join()
    assert (done, came) == (Counter(done=1), [Counter(RuleBroken=1)])
    assert (count(Pairing), count(PhoneNumber)) == (1, 1)
