"""Every route × method × role × {own, foreign, missing, closed}, walked over the demonstration year.

What may be done is in ``endpoints.py``, by hand. A page that is somebody else's answers exactly as one that does
not exist; a refused call changes nothing; a form without its token does nothing for anybody; at a closed place
everything can be read, and nothing is brought to it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from lxml.html import document_fromstring
from sqlalchemy import Connection, func, or_, select, update
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from app import create_app
from core import children
from core.access import ROLE_PERMISSIONS, Role
from core.dates import local_day
from core.db import Base, db, now, transaction
from core.web import demand_declared_access
from demonstration.people import address
from inventory.bags.models import BagMove
from inventory.requests.models import RestockRequest
from inventory.stock.models import Move
from organisation.accounts import queries as accounts_read
from organisation.accounts.models import Account
from organisation.places.models import Place
from tests.conftest import settings
from tests.demonstration.year import Demonstration
from tests.factories import submission
from tests.house.endpoints import ENDPOINTS, PEOPLE, Endpoint, Record, add_what_the_year_lacks, own_and_foreign, records
from tests.site import Browser, Site, browser, fields_of, statements_of_site, writes_domain

ROLES = [pytest.param(role, id=role.value) for role in Role]

COOKIE = "go-bags-session"

ENDS_SESSIONS = {"accounts.own", "accounts.sign_out"}
"""Endpoints after which the token of a session is another."""
SHOWS_A_LINK = {"accounts.reset"}
"""Endpoints whose answer to a form is a page: the link they made is shown once."""

OF_THE_SYSTEM = (
    "session_record", "sign_in_attempt", "verify_attempt",
    "issued_report", "issued_file", "issued_download",
)  # fmt: skip
IN_A_SENTENCE = {"Accept": "application/json"}
"""How our scripts ask: a refusal is the same, and is answered in a sentence instead of a page, which takes as long to
paint as all else. The page of a refusal is read by the tests of routes."""
CHANGED = (302, 303, 409, 422)
"""What may come of a form sent without its fields by somebody who may send it."""


@dataclass(frozen=True)
class Person:
    """Somebody signed in: a client, the token of its session, and what is theirs."""

    client: Browser
    cookie: str
    token: str
    role: Role | None
    account_id: int
    places: frozenset[int] | None

    def may_use(self, endpoint: Endpoint) -> bool:
        """Say whether the table lets this person through."""
        return endpoint.who is None or (self.role is not None and self.role in endpoint.who)


@dataclass(frozen=True)
class House:
    """The demonstration year, the people signed in and a few records to try each endpoint with.

    Attributes:
        whole: the fingerprint of a year that nobody has changed.
    """

    year: Demonstration
    people: dict[Role, Person]
    found: dict[str, list[Record]]
    whole: dict[str, str]
    addresses: MapAdapter

    def person(self, role: Role) -> Person:
        """Give somebody as signed in at first, over a year that nobody has changed."""
        self.year.renew()
        kept = self.people[role]
        client = browser(self.year.app)
        client.set_cookie(COOKIE, kept.cookie)
        return replace(kept, client=client)

    def url(self, endpoint: str, record: dict[str, object]) -> str:
        """Write the address of an endpoint."""
        return self.addresses.build(endpoint, record)


def _no_process(*_: Any, **__: Any) -> None:
    raise OSError("a walk begins no process: it would work on a database that is put back meanwhile")


@pytest.fixture(scope="module")
def house(demonstration_year: Demonstration) -> Iterator[House]:
    """Sign everybody in once and look up what the endpoints are tried with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(children, "start", _no_process)
        yield _house(demonstration_year)


def _house(demonstration_year: Demonstration) -> House:
    year = demonstration_year
    add_what_the_year_lacks()
    people = {role: _person(year, role) for role in Role}
    year.keep()
    with db.engine.connect() as connection:
        found = {name: records(connection, endpoint) for name, endpoint in ENDPOINTS.items()}
        return House(year, people, found, fingerprint(connection), year.app.url_map.bind("localhost"))


def _person(year: Demonstration, role: Role) -> Person:
    site = year.site(PEOPLE[role])
    account = db.session.query(Account).filter_by(email=address(PEOPLE[role])).one()
    scope = accounts_read.actor_of(account.id, on=local_day(now())).scope
    cookie = site.client.get_cookie(COOKIE)
    assert cookie is not None
    return Person(site.client, cookie.value, _token(site), role, account.id, scope.place_ids)


def _token(site: Site) -> str:
    found = site.get("/your-sign-in").html.find("input", attrs={"name": "csrf_token"})
    assert found is not None
    return str(found["value"])


@pytest.fixture(params=ROLES)
def person(request: pytest.FixtureRequest, house: House) -> Person:
    """Each role in turn, over a year that nobody has changed."""
    return house.person(request.param)


# ---- The walk -----------------------------------------------------------------------------------


def rules(app: Flask, method: str) -> list[tuple[str, frozenset[str]]]:
    """List the endpoints that answer a method, with the arguments of each of their addresses."""
    return [
        (rule.endpoint, frozenset(rule.arguments))
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint != "static"
    ]


def cases(house: House, person: Person, method: str) -> Iterator[tuple[str, Endpoint, str, str]]:
    """Give what to try: endpoint, its row of the table, "own", "foreign" or "missing", and the address.

    Who may not use an endpoint at all is refused before anything is looked up, so one missing record will do, and of
    those refused one may try it: which of them asks changes nothing about when the endpoint looks.
    """
    for name, wanted in rules(house.year.app, method):
        endpoint = ENDPOINTS[name]
        if not wanted and not endpoint.asks:
            yield name, endpoint, "own", house.url(name, {})
            continue
        own, foreign = own_and_foreign(house.found[name], person.places, person.account_id)
        if own is not None:
            yield name, endpoint, "own", house.url(name, own.arguments)
        if foreign is not None:
            yield name, endpoint, "foreign", house.url(name, foreign.arguments)
        if person.may_use(endpoint):
            tried = None
        else:
            tried = 1 if person.role in (None, first_refused(endpoint)) or not (own or foreign) else 0
        for missing in islice((own or foreign or Record()).missing(), tried):
            yield name, endpoint, "missing", house.url(name, missing)


def first_refused(endpoint: Endpoint) -> Role | None:
    """Choose who of those whom an endpoint refuses asks it for a missing record too."""
    return next((role for role in Role if endpoint.who is not None and role not in endpoint.who), None)


def same_for_all(answer: TestResponse) -> bytes:
    """Give the body of an answer without what differs each time: the nonce, the tokens, the submission id."""
    body = re.sub(rb'nonce="[^"]*"', b"nonce", answer.data)
    return re.sub(rb'name="(csrf_token|submission_id)"[^>]*value="[^"]*"', b"token", body)


def fingerprint(connection: Connection) -> dict[str, str]:
    """Take the fingerprint of every table but sessions, sign-in attempts and the access log."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in OF_THE_SYSTEM:
            continue
        kept = " WHERE log = 'changes'" if table.name in ("audit_leaf", "log_entry") else ""
        rows = connection.exec_driver_sql(f"SELECT * FROM {table.name}{kept} ORDER BY 1, 2").cursor.fetchall()
        found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


@pytest.fixture
def unchanged(house: House, person: Person) -> Iterator[None]:
    """Prove that the test changed no row of the domain."""
    yield
    db.session.rollback()
    with db.engine.connect() as connection:
        assert fingerprint(connection) == house.whole


def test_every_endpoint_is_in_the_table_and_has_a_record_to_be_tried_with(house: House) -> None:
    known = {rule.endpoint for rule in house.year.app.url_map.iter_rules()} - {"static"}
    assert known - set(ENDPOINTS) == set(), "say in tests/house/endpoints.py who may use these"
    assert set(ENDPOINTS) - known == set(), "these are gone"
    assert [name for name, found in house.found.items() if not found] == []


def test_every_view_declares_the_permissions_of_those_in_the_table_and_of_nobody_else(house: House) -> None:
    wrong = []
    for name, endpoint in ENDPOINTS.items():
        view: Any = house.year.app.view_functions[name]
        declared = view.access  # ``requires`` hangs it on the function
        who = {role for role in Role if declared & ROLE_PERMISSIONS[role]} if declared else None
        if who != (set(endpoint.who) if endpoint.who is not None else None):
            wrong.append(f"{name}: {who} by its permissions, {endpoint.who} in the table")
    assert not wrong, "\n".join(wrong)


def test_pages_open_for_nobody_else(house: House, person: Person, unchanged: None) -> None:
    """Whoever may open a page does so in test_pages.py; here are the pages open to all, and those of others."""
    wrong: list[str] = []
    hidden: dict[str, set[bytes]] = {}
    for name, endpoint, whose, path in cases(house, person, "GET"):
        if endpoint.who is not None and whose == "own" and person.may_use(endpoint):
            continue
        with statements_of_site() as run:
            answer = person.client.get(path, headers=_manner(person, endpoint))
        if endpoint.who is None:
            expected: tuple[int, ...] = (200, 302, 422)
        elif not person.may_use(endpoint):
            expected = (403,)
        else:
            expected = (404,)
            hidden.setdefault(name, set()).add(same_for_all(answer))
        if answer.status_code not in expected:
            wrong.append(f"GET {path} ({name}, {whose}): {answer.status_code}, not {expected}")
        wrong += [f"GET {path} wrote: {sql}" for sql in run if writes_domain(sql)]
    wrong += [
        f"{name}: a foreign record answers unlike a missing one" for name, seen in hidden.items() if len(seen) > 1
    ]
    assert not wrong, "\n".join(wrong)


def test_a_form_without_its_token_does_nothing_for_anybody(house: House, person: Person, unchanged: None) -> None:
    answers = {
        path: person.client.post(path, data={"submission_id": submission()}, headers=IN_A_SENTENCE).status_code
        for _, _, whose, path in cases(house, person, "POST")
        if whose == "own"
    }
    assert answers
    assert {path: status for path, status in answers.items() if status != 400} == {}


def test_a_refused_form_changes_nothing(house: House, person: Person, unchanged: None) -> None:
    wrong: list[str] = []
    hidden: dict[str, set[bytes]] = {}
    for name, endpoint, whose, path in cases(house, person, "POST"):
        if endpoint.who is None or (whose == "own" and person.may_use(endpoint)):
            continue
        expected = 404 if person.may_use(endpoint) else 403
        answer = person.client.post(path, data=_empty(person), headers=_manner(person, endpoint))
        if answer.status_code != expected:
            wrong.append(f"POST {path} ({name}, {whose}): {answer.status_code}, not {expected}")
        if expected == 404:
            hidden.setdefault(name, set()).add(same_for_all(answer))
    wrong += [
        f"{name}: a foreign record answers unlike a missing one" for name, seen in hidden.items() if len(seen) > 1
    ]
    assert not wrong, "\n".join(wrong)


def test_a_form_sent_without_its_fields_is_answered_and_never_a_bug(house: House, person: Person) -> None:
    wrong = []
    for name, endpoint, whose, path in cases(house, person, "POST"):
        if whose == "own" and person.may_use(endpoint) and name not in ENDS_SESSIONS:
            answer = person.client.post(path, data=_empty(person))
            if answer.status_code not in (*CHANGED, *([200] if name in SHOWS_A_LINK else [])):
                wrong.append(f"POST {path} ({name}): {answer.status_code}")
            if answer.status_code in (302, 303):
                house.year.renew()
    assert not wrong, "\n".join(wrong)


def _manner(person: Person, endpoint: Endpoint) -> dict[str, str]:
    """Ask for a sentence where the table lets nobody of this role through; else for a page, as a person does."""
    return {} if person.may_use(endpoint) else IN_A_SENTENCE


def _empty(person: Person) -> dict[str, str]:
    return {"csrf_token": person.token, "submission_id": submission()}


# ---- A closed place -----------------------------------------------------------------------------

CLOSES = {
    Role.SERGEANT: "SALISBURY",
    Role.PARTNER: None,
    Role.STOREKEEPER: "STORE",
    Role.APPROVER: "SALISBURY",
    Role.AUDITOR: "SALISBURY",
}
"""Role → code of the place that closes, the role at it left standing; None is the only place somebody has."""

GONE = {"desk.station", "desk.store"}
"""What a closed place has no more: a desk to work at."""


@dataclass(frozen=True)
class Closed:
    """A year in which a place closed yesterday, with all that stood and waited there."""

    house: House
    person: Person
    place_id: int

    def records(self, method: str) -> Iterator[tuple[str, str]]:
        """Give the endpoints this person may use with a record of the closed place, and the address of one."""
        for name, wanted in rules(self.house.year.app, method):
            about = [each for each in self.house.found[name] if each.place_id == self.place_id]
            own, _ = own_and_foreign(about, self.person.places, self.person.account_id)
            if (wanted or ENDPOINTS[name].asks) and own is not None and self.person.may_use(ENDPOINTS[name]):
                yield name, self.house.url(name, own.arguments)

    def close(self) -> None:
        """Close the place as of yesterday, whatever the service would say to it."""
        self.house.year.renew()
        with transaction() as session:
            session.execute(
                update(Place).where(Place.id == self.place_id).values(closed_on=local_day(now()) - timedelta(days=1))
            )

    def brought(self) -> tuple[int, ...]:
        """Count what was ever brought to the place, is on its way there, or was asked for it."""
        places = select(Place.id).where(or_(Place.id == self.place_id, Place.destination_id == self.place_id))
        counted = (
            select(func.count()).where(Move.to_place_id.in_(places)),
            select(func.count()).where(BagMove.to_place_id.in_(places)),
            select(func.count()).where(RestockRequest.place_id == self.place_id),
        )
        found = tuple(db.session.scalar(each) or 0 for each in counted)
        db.session.rollback()
        return found


@pytest.fixture(params=[pytest.param(role, id=role.value) for role in CLOSES])
def closed(request: pytest.FixtureRequest, house: House) -> Closed:
    """A closed place, and somebody who had to do with it."""
    person = house.person(request.param)
    places = select(Place.id).where(Place.code == (CLOSES[request.param] or Place.code), Place.opened_on.is_not(None))
    own = places.where(Place.id.in_(person.places)) if person.places is not None else places
    found = Closed(house, person, db.session.scalars(own).one())
    found.close()
    return found


def test_whatever_belongs_to_a_closed_place_can_still_be_read(closed: Closed) -> None:
    answers = {(name, path): closed.person.client.get(path).status_code for name, path in closed.records("GET")}
    assert len(answers) >= 5
    wrong = {
        case: status for case, status in answers.items() if status not in ((404,) if case[0] in GONE else (200, 302))
    }
    assert wrong == {}


def test_nothing_is_brought_to_a_closed_place_by_any_form_sent_as_it_stands(closed: Closed) -> None:
    before, sent = closed.brought(), 0
    wrong = []
    for name, path in closed.records("POST"):
        page = closed.person.client.get(path)
        forms = list(document_fromstring(page.data).iterfind(".//*[@id='main-content']//form[@method='post']"))
        for fields in [fields_of(form) for form in forms] or [{}]:
            data = {**fields, "csrf_token": closed.person.token, "submission_id": submission()}
            answer = closed.person.client.post(path, data=data)
            sent += 1
            if answer.status_code not in (*CHANGED, 404) or closed.brought() != before:
                wrong.append(f"POST {path} ({name}): {answer.status_code}, {before} became {closed.brought()}")
            if answer.status_code in (302, 303):
                closed.close()
    assert sent >= 1 or closed.person.role is Role.AUDITOR
    assert not wrong, "\n".join(wrong)


# ---- A few that are said by name ----------------------------------------------------------------

OWN_SIGN_IN = {
    "accounts.own", "accounts.change_password", "accounts.confirm", "accounts.sign_in", "accounts.sign_out",
    "accounts.accept",
}  # fmt: skip
TAKES_ALONE = {"issued.verify"}
"""Asks about a document by POST, and changes nothing of the records."""
OWN_PAPERS = {
    "samples.draw", "samples.check", "questions.ask", "questions.show", "makings.index", "makings.pack",
    "makings.cancel", "makings.show",
}  # fmt: skip
"""An auditor's own: tests/audit/samples and tests/audit/questions show that no table of stock or money changes."""


def test_the_auditor_changes_neither_stock_nor_money(house: House) -> None:
    auditor = house.person(Role.AUDITOR)
    tried = 0
    for name, _, _, path in cases(house, auditor, "POST"):
        if name not in OWN_SIGN_IN | TAKES_ALONE | OWN_PAPERS:
            answer = auditor.client.post(path, data=_empty(auditor), headers=IN_A_SENTENCE)
            assert answer.status_code == 403, path
            tried += 1
    assert tried > 60


def test_somebody_not_signed_in_is_asked_to_sign_in(house: House) -> None:
    house.year.renew()
    nobody = Person(browser(house.year.app), "", "", None, 0, None)
    for _, endpoint, whose, path in cases(house, nobody, "GET"):
        if endpoint.who is not None and whose == "own":
            answer = nobody.client.get(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/sign-in?next="), path
    for _, _, _, path in cases(house, nobody, "POST"):
        assert nobody.client.post(path, data={}).status_code == 400, path


def test_an_application_with_a_view_of_undeclared_access_refuses_to_start(tmp_path: Path) -> None:
    app = create_app(settings(f"sqlite:///{tmp_path / 'none.sqlite3'}"))
    silent = Blueprint("silent", __name__)
    silent.add_url_rule("/silent", "door", lambda: "open")
    app.register_blueprint(silent)
    with pytest.raises(RuntimeError, match=r"no policy for silent\.door"):
        demand_declared_access(app)
