"""Several people record phones at once, on both databases: one comes first, and the other knows of it."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import func, select

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
