"""A night and a week at Salisbury: a Go Bag is handed over, and what it leaves short comes back from the store."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.browser import DESK, PHONE, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_sergeant_issues_a_bag_and_gets_the_shortage_restocked(browser: Browser, site: str) -> None:
    """Told in one go, because each person picks up what the one before left.

    At 3 a.m. the sergeant issues Go Bags on a phone until the station is short, finds the restock request filled
    in and sends it. The approver approves it, the storekeeper picks what expires first and sends it, and the
    sergeant counts it in: one of the lines is one short, which everyone concerned sees.
    """
    with Person(browser, site, PHONE) as sergeant:
        sergeant.signs_in_by_password("sergeant")
        tag = issues_a_bag_that_stands_ready(sergeant)
        while "What is short" not in sergeant.text:
            issues_a_bag_that_stands_ready(sergeant)
        reference = asks_for_what_is_short(sergeant)
    with Person(browser, site, DESK) as approver:
        approves(approver, reference)
    with Person(browser, site, DESK) as storekeeper:
        sends(storekeeper, reference)
    with Person(browser, site, PHONE) as sergeant:
        sergeant.signs_in("sergeant")
        receives_with_a_shortage(sergeant, reference)
        sergeant.opens(f"/bags/{tag}/issue")
        assert "was issued from Salisbury" in sergeant.text
    with Person(browser, site, DESK) as storekeeper:
        storekeeper.signs_in("storekeeper")
        storekeeper.opens(f"/requests/{reference}")
        assert "1 short" in storekeeper.text
        assert "settle this shortage" in storekeeper.text


def issues_a_bag_that_stands_ready(sergeant: Person) -> str:
    """From home, issue the first Go Bag that stands ready at Salisbury by its tag, and go home; give the tag."""
    assert sergeant.heading == "Salisbury"
    ready = ready_bags(sergeant)
    assert ready > 0
    sergeant.follows("Issue a Go Bag")
    assert "Ready at Salisbury" in sergeant.text
    line = sergeant.main.locator(".app-choices a").first.inner_text()
    tag = str(re.findall(r"GB-\d+", line)[0])
    sergeant.page.get_by_label("Tag on the bag").fill(str(int(tag.removeprefix("GB-"))))
    sergeant.presses("Continue")
    assert sergeant.heading == f"Issue {tag}"
    fields = sergeant.main.locator("form input, form select, form textarea")
    assert not [name for name in fields.evaluate_all("all => all.map(each => each.name)") if re.search(NOBODYS, name)]
    assert sergeant.main.get_by_label(re.compile("officer", re.IGNORECASE)).is_checked()
    sergeant.presses(f"Issue {tag}")
    assert sergeant.heading == "Issue slip"
    assert tag in sergeant.text
    assert re.search(r"Reference [A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", sergeant.text, re.IGNORECASE)
    prints_the_slip_on_one_sheet(sergeant, tag)
    sergeant.opens("/")
    assert ready_bags(sergeant) == ready - 1
    return tag


def prints_the_slip_on_one_sheet(sergeant: Person, tag: str) -> None:
    """The slip alone, in one type, without the page around it or an address behind a link."""
    edge = "12mm"
    sheet = sergeant.page.pdf(format="A4", margin={"top": edge, "bottom": edge, "left": edge, "right": edge})
    (paper,) = PdfReader(BytesIO(sheet)).pages
    words = " ".join(paper.extract_text().split())
    assert words.startswith("Issue slip Reference")
    assert f"Go Bag {tag}," in words
    assert "/bags/" not in words
    assert "has been issued" not in words


NOBODYS = "name|birth|nationality|address|age|gender"
"""What no field of an issue is about."""


def ready_bags(sergeant: Person) -> int:
    """Read from the home page how many Go Bags are ready."""
    found = re.search(r"(\d+) Go Bags? ready", sergeant.text)
    assert found, sergeant.text[:300]
    return int(found[1])


def asks_for_what_is_short(sergeant: Person) -> str:
    """Send the request as it is filled in and five towels besides, "5,000" being questioned; give its reference."""
    sergeant.follows("Request restock")
    assert sergeant.heading == "Request restock for Salisbury"
    filled = sergeant.main.get_by_label("Quantity")
    assert filled.count() > 0
    assert all(int(each.input_value()) > 0 for each in filled.all())
    sergeant.main.locator("select[name=thing]").select_option(label="Towel")
    sergeant.presses("Add it")
    sergeant.main.get_by_label("Quantity").last.fill("5000")
    sergeant.presses("Send the request", refused=422)
    assert "5,000" in sergeant.text
    sergeant.main.get_by_label("Quantity").last.fill("5")
    sergeant.main.get_by_label("Note").fill("Before the weekend, please")
    sergeant.presses("Send the request")
    found = re.fullmatch(r"Request (R-\d+) for Salisbury", sergeant.heading)
    assert found, sergeant.heading
    assert "Before the weekend, please" in sergeant.text
    return str(found[1])


def approves(approver: Person, reference: str) -> None:
    """Find the request in the inbox and approve what is free."""
    approver.signs_in("approver")
    approver.follows(re.compile(reference))
    approver.follows("Approve")
    approver.presses("Approve")
    assert f"Request {reference} has been approved" in approver.text


def sends(storekeeper: Person, reference: str) -> None:
    """Send the lots and Go Bags that are proposed."""
    storekeeper.signs_in("storekeeper")
    storekeeper.follows(re.compile(reference))
    if storekeeper.heading.startswith("Request"):
        storekeeper.follows("Pick and send")
    storekeeper.presses("Send it")
    assert re.search(r"Dispatch D-\d+ is on its way", storekeeper.text)


def receives_with_a_shortage(sergeant: Person, reference: str) -> None:
    """Count every line in; one thing of the first counted line did not arrive."""
    sergeant.opens(f"/requests/{reference}")
    sergeant.follows(re.compile("Receive D-"))
    counts_everything(sergeant)
    towels = sergeant.main.get_by_label("Towel", exact=True)
    assert towels.input_value() == "5"
    towels.fill("4")
    sergeant.presses("Confirm what arrived", refused=422)
    line = sergeant.main.locator(".app-line").filter(has=sergeant.page.get_by_label("Towel", exact=True))
    line.locator("select").select_option(value="missing from the parcel")
    sergeant.presses("Confirm what arrived")
    assert "has been counted in" in sergeant.text
    assert "4 arrived, 1 short" in sergeant.text


def counts_everything(sergeant: Person) -> None:
    """Enter for each line what was sent: the count, each number of a phone, each Go Bag."""
    for line in sergeant.main.locator(".app-line").all():
        sent = re.search(r"([\d,]+) sent", line.inner_text())
        count = line.locator("input[type=text][name^=received-]")
        if count.count() and sent:
            count.fill(sent[1].replace(",", ""))
        for number in line.locator("input[type=checkbox]").all():
            number.check()
        for answer in line.locator("input[type=radio]").all()[:1]:
            answer.check()
