"""Loading the demonstration year into an empty service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from core.access import Scope
from core.db import db, transaction
from core.errors import RuleBroken
from demonstration import auditing, claims, goods, keeping, money, people, planting
from demonstration.acts import Acts
from demonstration.calendar import Calendar
from demonstration.extract import extract
from demonstration.year import Year
from grants.ledgers import services as ledgers
from grants.ledgers.rules import guess_layout, read_table
from organisation.accounts import services as accounts
from organisation.accounts.models import Account
from organisation.places import queries as places


def load(today: date) -> Iterator[tuple[str, int]]:
    """Load the year up to the day before ``today``, giving what was done and the day reached (0 to 364).

    Raises:
        RuleBroken: the service holds accounts already, so it may be a real one.
    """
    if db.session.scalar(select(Account.id).limit(1)) is not None:
        raise RuleBroken("This service has accounts already. The demonstration year loads into an empty one only")
    calendar = Calendar(today)
    acts = Acts(calendar)
    yield "People and places", 0
    _found(acts, calendar)
    year = Year(acts, calendar, {place.code: place.id for place in places.places(scope=Scope.everywhere())})
    yield "Catalogue and awards", 0
    with acts.together():
        goods.stock_catalogue(acts, calendar)
        goods.set_pars(acts)
        money.record_award(acts, calendar, money.EARLIER)
        money.record_award(acts, calendar, money.MAIN)
        acts.do("grants", ledgers.open_ledger, claims.LEDGER, "Force general ledger")
        claims.record_conditions(acts)
    claims.plan(year.diary, year.purchases)
    for number in year.live():
        yield "Day by day", number
    yield "Finance extract", 364
    _reconcile(acts, calendar, year)
    claims.leave_a_draft(acts)
    keeping.keep_a_reserve(acts)
    keeping.leave_a_sheet_out(acts)
    planting.plant(acts)
    auditing.draw_a_sample(acts)
    auditing.ask_questions(acts, "DEL-00005", "INV-00015")


def _found(acts: Acts, calendar: Calendar) -> None:
    """Declare the service a demonstration and bring in its people and places."""
    since = calendar.first - timedelta(days=60)
    with transaction():
        accounts.declare_demonstration(at=acts.at)
        people.found_force(since, at=acts.at)
        acts.people = people.appoint(since, at=acts.at)


def _reconcile(acts: Acts, calendar: Calendar, year: Year) -> None:
    """Import the finance system's extract and let the machine match what it is certain of."""
    until = calendar.last - timedelta(days=6)
    data = extract(year.purchases.invoices, foreign_on=claims.foreign_day(acts), until=until)
    acts.go_to(calendar.last, 16)
    with acts.together():
        table = read_table(data, "extract.csv")
        name = f"project-extract-{calendar.last.isoformat()}.csv"
        acts.do("grants", ledgers.import_extract, claims.LEDGER, data, name, guess_layout(table))
        acts.do("grants", ledgers.match_automatically, claims.LEDGER)
