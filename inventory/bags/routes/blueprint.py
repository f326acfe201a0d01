"""The blueprint that the views of Go Bags hang on, and what several of them share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint

from core import languages, parse
from core.dates import local_day
from core.db import now

bp = Blueprint("bags", "inventory.bags.routes")


def today() -> date:
    """Tell the day it is in London."""
    return local_day(now())


def language_name(code: str) -> str:
    """Name a language in English."""
    return languages.language(code).english


def day_asked(text: str | None, *, field: str) -> date | None:
    """Read a day from the address of a page; none when nothing is asked.

    Raises:
        RuleBroken: it is no date.
    """
    return parse.iso_date(text, field=field) if text else None
