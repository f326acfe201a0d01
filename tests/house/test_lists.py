"""Every list of the service can be taken away as a file, and the file holds what the page shows and no more."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest
from openpyxl.reader.excel import load_workbook
from sqlalchemy import select

from core import paging
from core.access import Role
from core.db import db
from core.trail.models import AuditLeaf
from tests.demonstration.year import Demonstration
from tests.house.endpoints import ENDPOINTS, PEOPLE
from tests.site import Page, Site

NO_FILE_BECAUSE = {
    "makings.index": "it names the files that wait for one person, each of which leaves as a report",
    "packs.index": "it shows checkpoints, which leave as they were signed",
    "pars.index": "it names the places to choose from; each place's levels are a page of its own",
    "position.index": "the position leaves as a report, registered",
    "registers.index": "it names the registers, each of which leaves as a report",
    "reports.index": "it names the reports",
    "trail.index": "the log leaves as an extract, which has every entry, and in the sealed pack",
}
"""List → why it is not taken away as it stands."""


def taken(site: Site, path: str, kind: str = "csv") -> bytes:
    """Take a list away as a file."""
    answer = site.client.get(f"{path}{'&' if '?' in path else '?'}file={kind}")
    assert answer.status_code == 200, f"{path} as {kind} answered {answer.status_code}"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    return answer.get_data()


def rows_of(data: bytes) -> list[list[str]]:
    """Read the table of a CSV below its preface: headings first."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    return rows[rows.index([]) + 1 :]


def names_on(page: Page) -> list[str]:
    """Read what heads each row of a page's tables, as a person sees it."""
    for hidden in page.html.select("table .govuk-visually-hidden"):
        hidden.decompose()
    return [" ".join(each.get_text(" ").split()) for each in page.html.select("table tbody tr > :first-child")]


@pytest.mark.slow
def test_every_list_can_be_taken_away_whole_or_says_why_not(demonstration_year: Demonstration) -> None:
    demonstration_year.renew()
    views = demonstration_year.app.view_functions
    lists = {name for name in ENDPOINTS if name.endswith(".index")}
    assert {name for name in lists if not hasattr(views[name], "listed")} == set(NO_FILE_BECAUSE)
    sites = {role: demonstration_year.site(PEOPLE[role]) for role in (Role.AUDITOR, Role.ADMINISTRATOR)}
    empty = []
    for name in sorted(name for name, view in views.items() if hasattr(view, "listed") and not ENDPOINTS[name].rows):
        site = next(site for role, site in sites.items() if role in (ENDPOINTS[name].who or ()))
        with site.app.test_request_context():
            path = site.app.url_for(name)
        page = site.get(path)
        rows = rows_of(taken(site, path))
        shown = names_on(page)
        if not shown:
            empty.append(name)
            assert rows == [["Nothing is on this list"]]
            continue
        assert "Download this list: CSV of this list" in page.text, name
        file = " ".join(" ".join(row) for row in rows).replace(";", "")
        assert all(each.replace(" ,", ",").split(" ")[0] in file for each in shown), name
        paged = page.html.select(".govuk-pagination")
        assert len(rows) - 1 > len(shown) if paged else len(rows) - 1 == len(shown) or rows[0][0] == "Table", name
    assert empty == ["bids.index", "issued.index"], "nothing has left the service yet"


def test_a_file_holds_the_filter_the_scope_and_the_masking_of_its_page(demonstration_year: Demonstration) -> None:
    demonstration_year.renew()
    sergeant, approver = (demonstration_year.site(PEOPLE[role]) for role in (Role.SERGEANT, Role.APPROVER))
    page = sergeant.get("/phones/?kind=imei")
    rows = rows_of(taken(sergeant, "/phones/?kind=imei"))
    assert [row[0] for row in rows[1:]] == names_on(page)
    assert {row[2] for row in rows[1:]} == {"Salisbury", "Tidworth", "In transit to Salisbury"}
    assert all(row[0].removeprefix("IMEI ").isdecimal() for row in rows[1:])
    masked = rows_of(taken(approver, "/phones/?kind=imei"))
    assert len(masked) > len(rows)
    assert not any(row[0].removeprefix("IMEI ").isdecimal() for row in masked[1:])
    assert sergeant.client.get("/phones/?file=csv&place=NOWHERE").status_code == 404
    assert sergeant.client.get("/phones/?file=pdf").status_code == 404
    assert sergeant.client.get("/awards/?file=csv").status_code == 403


def test_whoever_takes_a_list_is_in_the_access_log_with_its_filters_and_digest(
    demonstration_year: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    demonstration_year.renew()
    keeper = demonstration_year.site(PEOPLE[Role.STOREKEEPER])
    data = taken(keeper, "/bags/?readiness=ready&page=2", "xlsx")
    sheet = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    told = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(max_row=9, values_only=True)]
    assert told[0] == ["OFFICIAL"]
    assert ["Filters", "readiness: ready"] in told
    leaf = db.session.scalars(select(AuditLeaf).order_by(AuditLeaf.id.desc()).limit(1)).one()
    said = json.loads(leaf.text)
    assert (leaf.act, said["subject"], said["facts"]["filters"]) == ("list.export", "Go Bags", ["readiness: ready"])
    assert said["facts"]["sha256"] == hashlib.sha256(data).hexdigest()
    db.session.rollback()
    odd = keeper.get("/bags/?readiness=ready&endpoint=x&_scheme=javascript&page=1").links
    assert "/bags/?readiness=ready&endpoint=x&_scheme=javascript&file=csv" in odd
    assert b"Filters,[left out]: 1\r\n" in taken(keeper, "/bags/?jo.smith@example.com=1")
    monkeypatch.setattr(paging, "MOST_WHOLE", 5)
    refused = keeper.client.get("/bags/?file=csv")
    assert refused.status_code == 422
    assert "this one has more. Choose a place, dates or words" in refused.get_data(as_text=True)
