"""The ledger pages, as a grant officer and those who may only read use them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db, now, transaction
from core.trail import AuditLeaf
from grants.ledgers import queries, services
from grants.ledgers.models import LedgerImport, LedgerLine, LedgerMatch, WaitingExtract
from grants.ledgers.rules import Role
from grants.spending.models import SpendingRow
from tests.conftest import kept
from tests.factories import PASSWORD, World, submission
from tests.grants.factories import add_award, add_catalogue, add_invoice, courier, towels
from tests.grants.ledgers.factories import FILES, REAL_FILES, acting, extract, import_rows, open_ledger
from tests.site import Page, Site

TOWELS = "100,1,22/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,60.00,12.00"
COURIER = "100,2,22/04/2026,BULK HYGIENE LTD,SI-1001,Carriage,P4471,R4410,10.00,2.00"
UNIFORM = "500,1,22/04/2026,CHILTERN UNIFORMS,CU-88120,Uniform,P4471,R4120,500.00,100.00"
ELSEWHERE = "600,1,23/04/2026,SOMEBODY ELSE,X-1,Road salt,R9999,R4120,9000.00,0.00"
HOSTILE = "<script>alert(1)</script>{{7*7}}"


@pytest.fixture
def site(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD)


def _book(world: World) -> None:
    add_award(world)
    add_catalogue(world)
    add_invoice(world, towels(10, 60_00), courier(10_00))
    import_rows(world, [TOWELS, COURIER, UNIFORM, ELSEWHERE])


ledger = kept(open_ledger)
"""A ledger GL with nothing in it."""

booked = kept(_book, after="ledger")
"""Towels and carriage of SI-1001, a uniform nobody knows, and a line of another project."""


def grants(site: Site) -> Site:
    return site.sign_in("grants@test.example")


def send(site: Site, data: bytes, filename: str, *, status: int = 200) -> Page:
    """Upload a file into GL through the page."""
    return site.submit(site.get("/ledgers/GL/upload"), file=(io.BytesIO(data), filename), status=status)


def count(model: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return found


def test_a_ledger_is_opened_from_an_empty_list(site: Site, world: World) -> None:
    page = grants(site).get("/ledgers/")
    assert "No ledger is open yet" in page.text
    opened = site.submit(site.get("/ledgers/add"), name="Force general ledger", code="gl")
    assert opened.heading == "Import an extract"
    assert "Force general ledger" in site.get("/ledgers/").table("1 ledger")[1][0]
    refused = site.submit(site.get("/ledgers/add"), name="Another", code="GL", status=422)
    assert refused.errors == ["Force general ledger (GL) already has this code"]


@pytest.mark.parametrize(("name", "lines", "net_pence"), REAL_FILES)
def test_a_real_extract_comes_in_through_the_pages_and_only_once(
    site: Site, ledger: World, name: str, lines: int, net_pence: int
) -> None:
    data = (FILES / name).read_bytes()
    page = send(grants(site), data, name)
    if page.heading == "What do the columns mean?":
        assert count(LedgerImport) == 0
        page = site.submit(page)
    assert page.heading == "Check before importing"
    net = f"£{net_pence // 100:,}.{net_pence % 100:02}"
    assert page.table("Control totals")[1] == ["New", f"{lines:,}", net]
    assert count(LedgerLine) == 0
    done = site.submit(page)
    assert done.heading == "Import LI-00001"
    assert done.table("What became of every row")[1:5] == [
        ["New lines", f"{lines:,}", net],
        ["In the ledger already", "0", "£0.00"],
        ["Changed, not taken", "0", "£0.00"],
        ["Control total", f"{lines:,}", net],
    ]
    assert count(LedgerLine) == lines
    assert count(WaitingExtract) == 0

    again = send(site, data, name)
    assert again.heading == "Check before importing"
    assert "This very file was imported on" in again.text
    assert again.table("Control totals")[1:3] == [
        ["New", "0", "£0.00"],
        ["In the ledger already", f"{lines:,}", net],
    ]
    twice = site.submit(again)
    assert "LI-00002: no line was added. Everything that could be read is in the ledger already" in twice.text
    assert count(LedgerLine) == lines


def test_the_layout_is_remembered_so_the_next_file_goes_straight_to_the_preview(site: Site, ledger: World) -> None:
    name = "gateshead-agresso-2018-05.csv"
    data = (FILES / name).read_bytes()
    page = send(grants(site), data, name)
    assert page.heading == "What do the columns mean?"
    assert "does not say whether VAT is in it" in page.text
    site.submit(site.submit(page))
    head, *rows = data.decode("utf-8-sig").splitlines()
    later = "\r\n".join([head, *rows[:3]]).encode()
    assert send(site, later, "june.csv").heading == "Check before importing"


def test_the_preview_has_the_amount_before_long_words_no_empty_column_and_marks_what_it_cuts(
    site: Site, ledger: World
) -> None:
    name = "calderdale-card-2019-05.csv"
    head, first, *_ = send(grants(site), (FILES / name).read_bytes(), name).table("The first lines as read")
    assert head == ["Row", "Transaction", "Date", "Net", "Supplier", "Description", "Project or cost centre"]
    assert first[1:5] == ["100062", "1 April 2019", "£82.78", "ABACUS PHOTOFRAMES 2009 L"]
    assert first[5] == "Artist/Craft Shops / General Retail And Wholesale / Equipment Furniture And Mat…"


def test_one_meaning_for_two_columns_is_refused_and_kept_on_the_page(site: Site, ledger: World) -> None:
    data = extract(TOWELS, COURIER).replace(b"Project", b"Mystery")
    page = send(grants(site), data, "a.csv")
    if page.heading != "What do the columns mean?":
        page = site.get(page.links[page.links.index(next(x for x in page.links if x.endswith("/columns")))])
    roles: dict[str, Any] = {f"roles-{place}": "net" for place in (8, 9)}
    refused = site.submit(page, containing="roles-0", status=422, **roles)
    assert refused.errors == ["Only one column can be 'Net amount'. Choose which"]
    chosen = refused.html.select_one('select[name="roles-9"] option[selected]')
    assert chosen is not None
    assert chosen["value"] == "net"
    roles = {"roles-0": "other"}
    lacking = site.submit(page, containing="roles-0", status=422, **roles)
    assert lacking.errors == ["Say which column holds the transaction number"]


def test_refused_rows_are_shown_before_and_after_and_can_be_downloaded(site: Site, ledger: World) -> None:
    bad = COURIER.replace("22/04/2026", "31/04/2026").replace("Carriage", "=Carriage()")
    rows = [TOWELS, *(TOWELS.replace("100,1", f"20{n},1") for n in range(4)), bad, ",,,,,,,,,"]
    import_rows(ledger, [COURIER.replace("100,2", "99,1")])
    page = send(grants(site), extract(*rows), "a.csv")
    assert page.table("Refused rows")[1][:2] == ["7", "Date"]
    done = site.submit(page)
    assert done.table("What became of every row")[5] == ["Refused", "1", "–"]
    answer = site.client.get("/ledgers/imports/LI-00002/not-imported.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="LI-00002-not-imported.csv"'
    found = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert found[0][:5] == ["Row", "What happened", "Column", "Reason", "Transaction number"]
    assert (found[1][0], found[1][1], found[1][2], found[1][4], found[1][9]) == (
        "7",
        "refused",
        "Date",
        "100",
        "'=Carriage()",
    )
    assert len(found) == 2
    leaf = db.session.scalars(select(AuditLeaf).where(AuditLeaf.act == "ledger.export")).one()
    assert leaf.subject == "LI-00002"


def test_a_total_that_is_not_the_files_imports_nothing(site: Site, ledger: World) -> None:
    page = send(grants(site), extract(TOWELS, COURIER), "a.csv")
    refused = site.submit(page, expected="70.01", status=422)
    assert refused.errors == ["The lines of the file add up to £70.00 and you entered £70.01: they are £0.01 apart"]
    assert count(LedgerImport) == 0
    assert site.submit(refused, expected="70.00").heading == "Import LI-00001"


@pytest.mark.parametrize(
    ("data", "filename", "message"),
    [
        (b"MZ" + bytes(40), "a.exe", "The file must be a PDF, JPG, PNG, CSV or XLSX"),
        (b"%PDF-1.7", "a.pdf", "A ledger must be a CSV or XLSX file. Export it again from the finance system"),
        (b"", "a.csv", "The file is empty. Export it again from the finance system"),
        ("a,b\r\n".encode("utf-16"), "a.csv", "The file is in UTF-16. Save it as 'CSV UTF-8' and upload it again"),
        (extract(TOWELS), "943 476 5919.csv", "Remove details that could identify a person: NHS number"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_and_not_kept(
    site: Site, ledger: World, data: bytes, filename: str, message: str
) -> None:
    page = send(grants(site), data, filename, status=422)
    assert page.errors == [message]
    assert count(WaitingExtract) == 0


def test_a_file_that_is_too_large_is_refused_with_the_size_a_ledger_may_have(
    site: Site, ledger: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = grants(site).get("/ledgers/GL/upload")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100_000)
    page = site.submit(upload, file=(io.BytesIO(bytes(100_001)), "a.csv"), status=413)
    assert "The file must be smaller than 40MB. Split it by month and import each part" in page.text
    assert count(WaitingExtract) == 0


def test_no_file_is_asked_for_in_words(site: Site, ledger: World) -> None:
    page = grants(site).submit(site.get("/ledgers/GL/upload"), containing="submission_id", status=422)
    assert page.errors == ["Select a CSV or XLSX file"]


def test_a_waiting_file_is_its_owners_alone_and_goes_after_a_day(site: Site, ledger: World) -> None:
    page = send(grants(site), extract(TOWELS), "a.csv")
    address = page.response.request.path
    assert "a.csv" in site.get("/ledgers/GL").text
    with transaction():
        other = db.session.scalars(select(WaitingExtract)).one()
        other.account_id = ledger.actor("finance").account_id
    site.get(address, status=404)
    with transaction():
        kept = db.session.scalars(select(WaitingExtract)).one()
        kept.account_id, kept.expires_at = ledger.actor("grants").account_id, now() - timedelta(seconds=1)
    db.session.rollback()
    site.get(address, status=404)
    send(site, extract(COURIER), "b.csv")
    assert count(WaitingExtract) == 1


def test_a_waiting_file_can_be_thrown_away(site: Site, ledger: World) -> None:
    page = send(grants(site), extract(TOWELS), "a.csv")
    gone = site.submit(site.get(next(link for link in page.links if link.endswith("/discard"))))
    assert gone.heading == "Force general ledger"
    assert (count(WaitingExtract), count(LedgerImport)) == (0, 0)


def test_a_file_mapped_otherwise_meanwhile_is_not_imported(site: Site, ledger: World) -> None:
    page = send(grants(site), extract(TOWELS), "a.csv")
    with transaction():
        kept = db.session.scalars(select(WaitingExtract)).one()
        layout = queries.layout_of(kept.layout_json)
        roles = [Role.OTHER if role is Role.DESCRIPTION else role for role in layout.roles]
        services.map_columns(
            kept.slip, layout.remapped(roles), by=ledger.actor("grants"), at=now(), submission_id=submission()
        )
    db.session.rollback()
    refused = site.submit(page, status=409)
    assert refused.errors == ["Someone changed this while you were working. Check it and try again"]
    assert (count(LedgerImport), count(WaitingExtract)) == (0, 1)


@pytest.mark.parametrize("seen", [None, "", "0" * 64], ids=["left out", "empty", "made up"])
def test_a_form_made_by_hand_that_has_not_seen_the_file_imports_nothing(
    site: Site, ledger: World, seen: str | None
) -> None:
    page = send(grants(site), extract(TOWELS, COURIER), "a.csv")
    fields = {name: value for name, value in page.fields("seen").items() if name != "seen"}
    by_hand = fields if seen is None else {**fields, "seen": seen}
    path = urlsplit(page.response.request.path).path
    assert site.client.post(path, data=by_hand).status_code == 409
    assert (count(LedgerImport), count(LedgerLine), count(WaitingExtract)) == (0, 0, 1)
    assert site.submit(site.get(path)).heading == "Import LI-00001"
    assert count(LedgerLine) == 2


def test_hostile_words_are_shown_as_they_are(site: Site, ledger: World) -> None:
    data = extract(TOWELS.replace("Towels", HOSTILE), COURIER).replace(b"Account code", HOSTILE.encode())
    page = send(grants(site), data, f"{HOSTILE.replace('/', '')}.csv")
    pages = [page]
    columns = site.get(f"{page.response.request.path.removesuffix('/columns')}/columns")
    pages.append(site.submit(columns, containing="roles-0"))
    pages.append(columns)
    pages.append(site.submit(pages[1]))
    pages.append(site.get("/ledgers/lines/L-1"))
    for each in pages:
        assert "<script>alert" not in each.response.get_data(as_text=True)
    assert HOSTILE in pages[-1].text
    assert "49" not in pages[-1].text.replace("4449", "")


def test_the_desk_shows_grant_lines_first_and_largest_first(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/GL/reconcile")
    lines = [" ".join(each.get_text(" ").split()) for each in page.html.select(".app-lines li")]
    assert [line.split(" 22 ")[0] for line in lines] == [
        "£500.00 CHILTERN UNIFORMS",
        "£60.00 BULK HYGIENE LTD",
        "£10.00 BULK HYGIENE LTD",
    ]
    assert "£570.00 of £570.00 unexplained" in page.text
    every = site.get("/ledgers/GL/reconcile?project=all")
    assert "£9,570.00 of £9,570.00 unexplained" in every.text
    assert "SOMEBODY ELSE" in every.text


def test_a_suggestion_is_accepted_and_the_desk_goes_on_to_the_next_line(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/GL/reconcile?line=L-1")
    assert "Sure One line, one invoice row" in page.text
    assert "Because: Same amount, same invoice number, same supplier, 2 days later." in page.text
    accept = next(form for form in page.html.find_all("form") if "/accept" in str(form.get("action")))
    answer = site.client.post(
        str(accept["action"]),
        data={field["name"]: field.get("value", "") for field in accept.select("input[name]")},
        follow_redirects=True,
    )
    text = answer.get_data(as_text=True)
    assert "L-1 is matched (M-00001)" in text
    assert answer.request.args["line"] == "L-2"
    assert "Your last match: M-00001" in text
    assert count(LedgerMatch) == 1


def test_a_line_is_matched_in_part_and_undone_from_the_desk(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/GL/reconcile?line=L-3")
    done = site.submit(page, containing="pence", row="INV-00001-1", pence="20.00")
    assert "L-3 is matched (M-00001)" in done.text
    assert "£480.00" in done.text
    undo = next(form for form in done.html.find_all("form") if "/undo" in str(form.get("action")))
    site.client.post(
        str(undo["action"]), data={field["name"]: field.get("value", "") for field in undo.select("input[name]")}
    )
    assert "£570.00 of £570.00 unexplained" in site.get("/ledgers/GL/reconcile").text
    assert "Undone by M-00002" in site.get("/ledgers/lines/L-3").text


def test_more_than_the_row_holds_is_refused_on_the_page(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/lines/L-3/match")
    refused = site.submit(page, containing="pence", row="INV-00001-1", pence="72.01", status=409)
    assert refused.errors == [
        "INV-00001-1 is £72.00 with VAT and the ledger books £0.00 of it. Match £72.00 or less, not £72.01"
    ]
    nothing = site.submit(page, containing="pence", status=422)
    assert nothing.errors == ["Choose a row"]
    personal = site.submit(page, containing="pence", row="INV-00001-1", reason="Ask 07700 900123", status=422)
    assert personal.errors == ["Remove details that could identify a person: phone number"]
    assert count(LedgerMatch) == 0


def test_everything_sure_is_matched_in_one_go(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/GL/match")
    assert page.text.count("2 matches") == 2
    done = site.submit(page)
    assert "2 matches made. Each says why, and can be undone" in done.text
    assert "£500.00 of £570.00 unexplained" in done.text
    assert "Nothing is certain enough" in site.get("/ledgers/GL/match").text
    assert "made by the machine when Grants asked" in site.get("/ledgers/lines/L-1").text


def test_a_line_without_an_invoice_becomes_spending_of_its_own(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/lines/L-3/spending")
    done = site.submit(page, kind="journal", description="Uniform recharge", reason="Journal J-12 of April")
    assert "SP-00001 records £500.00 and L-3 is matched to it" in done.text
    row = db.session.scalars(select(SpendingRow).where(SpendingRow.reference == "SP-00001")).one()
    assert (row.net_pence, row.vat_pence, row.incurred_on.isoformat()) == (50_000, 0, "2026-04-22")
    db.session.rollback()
    again = site.submit(page, kind="journal", description="Again", reason="Again", status=422)
    assert "used for something else" in again.errors[0]
    fresh = site.submit(site.get("/ledgers/lines/L-3/spending"), kind="journal", reason="x", status=409)
    assert fresh.errors == ["L-3 is explained in full. Undo a match first"]


def test_a_line_page_shows_every_cell_as_it_stood(site: Site, booked: World) -> None:
    page = grants(site).get("/ledgers/lines/L-4")
    assert page.table("As it stood in the file")[1:4] == [
        ["Transaction number", "600"],
        ["Line", "1"],
        ["Date", "23/04/2026"],
    ]
    site.get("/ledgers/lines/L-99", status=404)
    site.get("/ledgers/lines/99", status=404)


def test_a_line_that_may_be_booked_twice_says_which_other_line_books_the_same(site: Site, booked: World) -> None:
    import_rows(booked, [UNIFORM.replace("500,1,22", "501,1,29")])
    db.session.rollback()
    for address in ("/ledgers/GL/reconcile?line=L-5", "/ledgers/lines/L-5"):
        text = grants(site).get(address).text
        assert "also booked by L-3 (22 April 2026). It may be booked twice." in text
    assert "It may be booked twice" not in site.get("/ledgers/lines/L-1").text


def test_lines_are_searched_literally(site: Site, booked: World) -> None:
    assert "1 line, the largest" in grants(site).get("/ledgers/GL/lines?project=all&q=road+salt").text
    assert "No line matches" in site.get("/ledgers/GL/lines?project=all&q=%25").text
    assert "No line matches" in site.get("/ledgers/GL/lines?q=%27+OR+1%3D1--").text
    site.get("/ledgers/GL/lines?q=" + "x" * 101, status=422)
    site.get("/ledgers/GL/lines?show=nonsense", status=404)
    site.get("/ledgers/GL/lines?project=nonsense", status=404)
    site.get("/ledgers/GL/lines?page=9", status=404)
    site.get("/ledgers/NONE", status=404)


READ = ("/ledgers/", "/ledgers/GL", "/ledgers/GL/lines", "/ledgers/GL/reconcile", "/ledgers/lines/L-1",
        "/ledgers/imports/LI-00001")  # fmt: skip
WRITE = ("/ledgers/add", "/ledgers/GL/upload", "/ledgers/GL/match", "/ledgers/lines/L-3/match",
         "/ledgers/lines/L-3/spending")  # fmt: skip


@pytest.mark.parametrize("name", ["auditor", "finance", "reviewer"])
def test_those_who_read_money_see_the_pages_and_change_nothing(site: Site, booked: World, name: str) -> None:
    site.sign_in(f"{name}@test.example")
    for address in READ:
        page = site.get(address)
        assert not [form for form in page.html.select("#main-content form") if form.get("method") == "post"]
    for address in WRITE:
        site.get(address, status=403)


@pytest.mark.parametrize("name", ["sergeant", "storekeeper", "admin"])
def test_others_see_no_ledger(site: Site, booked: World, name: str) -> None:
    site.sign_in(f"{name}@test.example")
    for address in (*READ, *WRITE):
        site.get(address, status=403)


def test_pages_take_a_fixed_number_of_statements(site: Site, booked: World) -> None:
    few = {address: len(grants(site).get(address).statements) for address in READ[:4]}
    import_rows(booked, [UNIFORM.replace("500,1", f"7{n:03},1") for n in range(60)])
    db.session.rollback()
    for address in READ[:4]:
        site.get(address)  # proposals are computed once after a change
        statements = site.get(address).statements
        assert len(statements) <= few[address] + 1, address
    assert acting(booked)["by"] is booked.actor("grants")
