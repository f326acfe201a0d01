"""Every page that each person may open, by links from home or by its address, held to the rules of the house.

``Site.get`` is strict about each (tests/site.py); here they are found, counted and compared: no link leads
nowhere, no page asks the database more than a dozen questions, and what a page totals its CSV totals too. What is
not for somebody is for test_access.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import takewhile
from urllib.parse import parse_qsl, urldefrag, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from core.access import ROLE_PERMISSIONS, Permission, Role
from core.dates import local_day
from core.db import db, now
from demonstration.people import address
from organisation.accounts import queries as accounts_read
from organisation.accounts.models import Account
from tests.demonstration.year import Demonstration
from tests.house.endpoints import ENDPOINTS, PEOPLE, add_what_the_year_lacks, own_and_foreign, records
from tests.site import Page, Site, words_of

MOST_ALIKE = 2
"""How many pages of one endpoint, asked with the same arguments, one person looks at."""

MOST_STATEMENTS = 12
"""How many questions a page asks the database, those of the session and of the access log apart."""

AFTER_THE_ANSWER = ("INSERT INTO audit_leaf", "SELECT issued_report.reference, issued_report.verify_at")
"""How the first question begins of what is asked only once the answer is decided: the access log, the register."""

LONG = {
    "auditor.check": 21,
    "claims.accrue": 33,
    "claims.certify": 33,
    "claims.download": 33,
    "claims.forecast": 33,
    "claims.prepare": 33,
    "claims.review": 33,
    "claims.rows": 33,
    "claims.show": 33,
    "claims.waive": 33,
    "closures.close": 13,
    "counts.show": 14,
    "desk.store": 15,
    "pars.suggestions": 16,
}
"""Endpoints that ask more, and the most they may: their strands are read one by one, however many rows there are."""


class Walk:
    """One person's walk along the links, from home."""

    def __init__(self, site: Site, role: Role) -> None:
        self.site, self.role = site, role
        self.adapter: MapAdapter = site.app.url_map.bind("localhost")
        self.seen: dict[str, Page] = {}
        self.alike: Counter[tuple[str, frozenset[str]]] = Counter()
        self.of_session = Counter(_shape(sql) for sql in site.get("/your-sign-in").statements)

    def endpoint(self, path: str) -> str | None:
        """Tell which endpoint answers an address by GET."""
        try:
            return str(self.adapter.match(urlsplit(path).path, method="GET")[0])
        except HTTPException:
            return None

    def go(self, *starts: str) -> None:
        """Read every page along the links from these."""
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            if path in self.seen or not self._wanted(path):
                continue
            page = self.seen[path] = self.site.get(path)
            waiting += [urldefrag(link).url for link in page.links if not link.startswith("/static/")]

    def _wanted(self, path: str) -> bool:
        """Say whether a page is still to be read; the files of lists are read by test_lists.py."""
        endpoint = self.endpoint(path)
        assert endpoint is not None, f"a link leads to {path}, which is no page"
        asked = frozenset(name for name, _ in parse_qsl(urlsplit(path).query))
        if "file" in asked:
            return False
        self.alike[endpoint, asked] += 1
        return self.alike[endpoint, asked] <= MOST_ALIKE

    def questions(self, page: Page) -> int:
        """Count what a page asked the database before it wrote to the access log or registered a file that leaves.

        The session's questions are left out.
        """
        asked = takewhile(lambda sql: not sql.startswith(AFTER_THE_ANSWER), page.statements)
        return (Counter(_shape(sql) for sql in asked) - self.of_session).total()


def _shape(sql: str) -> str:
    return re.sub(r"\s+", " ", sql)


@pytest.fixture(scope="module")
def whole_year(demonstration_year: Demonstration) -> Demonstration:
    """The demonstration year with a record for every page."""
    add_what_the_year_lacks()
    demonstration_year.keep()
    return demonstration_year


@pytest.fixture(params=[pytest.param(role, id=role.value) for role in Role])
def walk(request: pytest.FixtureRequest, whole_year: Demonstration) -> Walk:
    """The walk of each role in turn."""
    whole_year.renew()
    return Walk(whole_year.site(PEOPLE[request.param]), request.param)


def test_the_budget_holder_reviews_what_the_chief_finance_officer_certifies_and_sees_the_same() -> None:
    holder, officer = ROLE_PERMISSIONS[Role.BUDGET_HOLDER], ROLE_PERMISSIONS[Role.CHIEF_FINANCE_OFFICER]
    assert holder - officer == {Permission.REVIEW_CLAIM}
    assert officer - holder == {Permission.CERTIFY_CLAIM}


def test_every_page_somebody_may_open_is_sound_and_asks_little(walk: Walk) -> None:
    # The budget holder may do what the chief finance officer may, everywhere: one of them follows links for both.
    if walk.role is not Role.BUDGET_HOLDER:
        walk.go("/")
    walk.go(*_unlinked(walk))
    assert len(walk.seen) > 15
    assert _misplaced(walk) == []
    greedy = []
    for path, page in walk.seen.items():
        endpoint = walk.endpoint(urlsplit(page.response.request.path).path) or ""
        asked, most = walk.questions(page), LONG.get(endpoint, MOST_STATEMENTS)
        if asked > most and not page.response.history:
            greedy.append(f"{path} ({endpoint}) asks the database {asked} questions")
    assert not greedy, "\n".join(sorted(greedy))


def _misplaced(walk: Walk) -> list[str]:
    """List the pages of the navigation that show another of its links, or none, as the page one is on."""
    wrong = []
    for path, page in walk.seen.items():
        links = page.tree.find_class("govuk-service-navigation__link")
        here = [words_of(link) for link in links if link.get("href") == path]
        if here and here != [words_of(link) for link in links if link.get("aria-current")]:
            wrong.append(path)
    return wrong


def _unlinked(walk: Walk) -> list[str]:
    """Write the address of one page of each endpoint that somebody may open and came to by no link."""
    account_id = db.session.scalars(select(Account.id).where(Account.email == address(PEOPLE[walk.role]))).one()
    places = accounts_read.actor_of(account_id, on=local_day(now())).scope.place_ids
    linked = {walk.endpoint(path) for path in walk.seen}
    may = {name for name, each in ENDPOINTS.items() if each.who is not None and walk.role in each.who}
    found = []
    for name in sorted(_answers_get(walk.site) & may - linked):
        own, _ = own_and_foreign(records(db.session.connection(), ENDPOINTS[name]), places, account_id)
        if own is not None:  # test_access.py demands one
            found.append(walk.adapter.build(name, own.arguments))
    db.session.rollback()
    return found


def _answers_get(site: Site) -> set[str]:
    return {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())} - {"static"}


# ---- Figures on the page and in the file --------------------------------------------------------

USAGE_PARTS = ("places", "things", "unmet", "stock")
WITH_A_CSV = (
    ("/grants/VSG",),
    ("/grants/MSVF",),
    ("/reports/statement/MSVF",),
    tuple(f"/usage/?part={part}" for part in USAGE_PARTS),
)
"""The pages that show a report's totals together, a part of it each."""


@pytest.mark.parametrize("paths", WITH_A_CSV)
def test_what_a_page_totals_its_csv_totals_too(demonstration_year: Demonstration, paths: tuple[str, ...]) -> None:
    demonstration_year.renew()
    site = demonstration_year.site("auditor")
    pages = [site.get(path) for path in paths]
    (link,) = {link for page in pages for link in page.links if urlsplit(link).path.endswith("csv")}
    rows = list(csv.reader(io.StringIO(site.get(link).response.get_data(as_text=True))))
    in_file = Counter(figure for row in rows for figure in _figures(row))
    on_page = Counter(
        figure
        for page in pages
        for row in page.html.select("tfoot tr.app-total")
        for figure in _figures(cell.get_text(strip=True) for cell in row.select("td"))
    )
    assert on_page.total() >= 6
    assert on_page - in_file == Counter()


def _figures(cells: Iterable[str]) -> Iterator[Decimal]:
    """Read the figures among some cells, in whichever way they are written."""
    for cell in cells:
        plain = cell.replace("£", "").replace(",", "").replace("−", "-").removesuffix("%")
        if re.fullmatch(r"-?\d+(\.\d+)?", plain):
            yield Decimal(plain)
