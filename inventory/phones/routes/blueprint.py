"""The blueprint that the views of phones hang on, and what several of them share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint

from core.dates import local_day
from core.db import now
from core.web import signed_in
from inventory.phones.queries import UnitHeld
from inventory.phones.rules import NUMBER_WORDS, masked, sees_whole_numbers

bp = Blueprint("phones", "inventory.phones.routes", url_prefix="/phones")


def today() -> date:
    """Tell the day it is in London."""
    return local_day(now())


def unit_name(unit: UnitHeld) -> str:
    """Name a handset or SIM, whole for whoever counts it."""
    whole = sees_whole_numbers(signed_in(), unit.place_id)
    return f"{NUMBER_WORDS[unit.number_kind]} {unit.number if whole else masked(unit.number)}"
