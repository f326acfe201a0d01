"""A sergeant's phone: a night without signal, of which all is sent once and by them alone; and scanning a label."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, expect
from sqlalchemy import Select, func, select

from core.db import db, now
from inventory.bags.models import Bag, Issue
from inventory.counts.models import CountEntry, CountLine
from tests.browser import PHONE, Person
from tests.chromium import arguments, ready
from tests.demonstration.year import Demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLOCK = """ahead => {
    const Real = Date;
    self.Date = class extends Real {
        constructor(...parts) { if (parts.length) super(...parts); else super(Real.now() + ahead); }
        static now() { return Real.now() + ahead; }
    };
}"""
"""Sets the clock of a page or a worker to that of the service."""

IN_STORE = """async () => {
    const base = await new Promise((done) => {
        const asked = indexedDB.open('go-bags', 1);
        asked.onsuccess = () => done(asked.result);
    });
    const all = (name) => new Promise((done) => {
        const asked = base.transaction(name).objectStore(name).getAll();
        asked.onsuccess = () => done(asked.result);
    });
    const open = (row) => Object.entries(row).filter(([, value]) => typeof value !== 'object');
    const found = [(await all('account')).map(open), (await all('slips')).map(open)];
    base.close();
    return found;
}"""
"""What anybody can read in the browser's own store: accounts and slips, each as (name, value), ciphertext left out."""

TAKEN_OVER = """async () => {
    while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
}"""
OPENED_BY = """async (name) => {
    while (!(await self.goBags?.account())?.name.startsWith(name)) await new Promise((done) => setTimeout(done, 50));
}"""
"""Wait until the worker stands between pages and network, and until the phone is somebody's."""

IN_CACHE = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
    }
    return found;
}"""


@pytest.fixture
def sergeant(browser: Browser, site: str) -> Iterator[Person]:
    """The sergeant of Salisbury at a phone that works without signal, its clock that of the service."""
    with Person(browser, site, PHONE, works_offline=True) as person:
        ahead = round((now().timestamp() - time.time()) * 1000)
        person.context.add_init_script(f"({CLOCK})({ahead})")
        person.signs_in_by_password("sergeant")
        person.page.evaluate(TAKEN_OVER)
        person.context.service_workers[0].evaluate(CLOCK, ahead)
        yield person


def test_what_is_noted_without_signal_is_sent_once_and_by_nobody_else(
    sergeant: Person, demonstration_year: Demonstration
) -> None:
    """Told in one go, because each part begins with what the one before left on the phone.

    Three Go Bags are handed over and one thing is counted without signal: one of the bags on the page that was open
    when the signal went. Meanwhile another of them is issued at the desk: when the signal is back, that one is
    refused in words and the rest is taken in, once. A fourth waits as the session ends; a colleague at the same
    phone sees nothing of it, and it is sent when the sergeant signs in again. Signing out over a fifth warns.
    """
    sergeant.opens("/counts/start")
    sergeant.presses("Start counting")
    count = sergeant.path
    tags = ready_tags(sergeant)
    sergeant.page.evaluate("self.goBags.send()")
    sergeant.opens(f"/bags/{tags[0]}/issue")

    sergeant.context.set_offline(True)
    sergeant.page.get_by_role("button", name=f"Issue {tags[0]}").click()
    expect(sergeant.page.locator("[data-list]")).to_contain_text(f"{tags[0]} handed over")
    sergeant.looks()
    note_issue(sergeant, tags[1])
    note_issue(sergeant, tags[2])
    note_count(sergeant, count)
    listed = sergeant.page.locator("[data-list] > li")
    expect(listed).to_have_count(4)
    assert issued(tags) == 0

    desk = demonstration_year.site("sergeant")
    desk.submit(desk.get(f"/bags/{tags[2]}/issue"), containing="route")
    sergeant.context.set_offline(False)
    expect(listed.filter(has_text="Sent: ")).to_have_count(3)
    expect(listed.filter(has_text="Not taken in")).to_contain_text(
        f"Nothing has been issued: Go Bag {tags[2]} was issued on"
    )
    assert (issued(tags), counted(count)) == (3, 1)
    sergeant.page.evaluate("self.goBags.send()")
    assert (issued(tags), counted(count)) == (3, 1)
    sergeant.refused.clear()
    listed.filter(has_text="Not taken in").get_by_role("button", name="Set aside").click()
    expect(listed).to_have_count(3)

    sergeant.context.set_offline(True)
    note_issue(sergeant, tags[3])
    sergeant.context.clear_cookies()
    sergeant.context.set_offline(False)
    expect(sergeant.main).to_contain_text("Sign in as Sgt 1182 Salisbury to send 1 slip.")
    sergeant.page.evaluate("self.goBags.send()")  # one after the other: whatever was asked before is answered now
    sergeant.refused.clear()
    a_colleague_sees_nothing(sergeant, tags)
    assert issued(tags) == 3

    sergeant.signs_in_by_password("sergeant")
    expect(sergeant.main).to_contain_text(f"Sent: {tags[3]} has been issued. Its slip is")
    assert issued(tags) == 4
    signing_out_warns(sergeant)


def a_colleague_sees_nothing(phone: Person, tags: list[str]) -> None:
    """Somebody else signs in on the same phone, looks at every place, and goes offline."""
    phone.signs_in_by_password("storekeeper")
    phone.page.evaluate(OPENED_BY, "Store")
    for path in ("/", "/no-signal"):
        phone.opens(path)
        assert not [tag for tag in tags if tag in phone.text]
        assert "noted without signal" not in phone.text
    phone.context.set_offline(True)
    for path in ("/", f"/bags/{tags[3]}/issue", "/no-signal"):
        phone.page.goto(path)
        expect(phone.page.locator("[data-known]")).to_contain_text("Signed in as Store")
        assert not [tag for tag in tags if tag in phone.text]
    (account,), (slip,) = phone.page.evaluate(IN_STORE)
    assert {name for name, _ in slip} == {"id", "owner", "name", "state", "n"}
    assert dict(account)["owner"] != dict(slip)["owner"]
    assert {path for path in phone.page.evaluate(IN_CACHE) if not path.startswith("/static/dist/")} == {"/no-signal"}
    phone.context.set_offline(False)
    phone.refused.clear()
    phone.opens("/")
    phone.page.get_by_role("button", name="Sign out").click()
    expect(phone.page.locator("h1")).to_have_text("Sign in")
    expect(phone.main).to_contain_text(
        "On this phone: 1 slip noted without signal. To send, sign in as Sgt 1182 Salisbury."
    )


def signing_out_warns(sergeant: Person) -> None:
    """A slip that the service does not answer for waits; signing out over it is asked about first."""
    sergeant.context.route("**/no-signal/send", lambda route: route.abort())
    sergeant.page.evaluate("self.goBags.note({ act: 'issue', about: 'GB-00001', fields: [] })")
    leave = sergeant.page.get_by_role("button", name="Sign out", exact=True)
    leave.click()
    dialog = sergeant.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 slip has not been sent")
    dialog.get_by_role("button", name="Stay signed in").click()
    assert sergeant.heading == "Salisbury"
    leave.click()
    dialog.get_by_role("button", name="Sign out all the same").click()
    expect(sergeant.page.locator("h1")).to_have_text("Sign in")
    expect(sergeant.main).to_contain_text("1 slip noted without signal")
    accounts, slips = sergeant.page.evaluate(IN_STORE)
    assert (accounts, len(slips)) == ([], 1)


def issued(tags: list[str]) -> int:
    """Count the issues of these Go Bags."""
    return one(select(func.count()).select_from(Issue).join(Bag, Bag.id == Issue.bag_id).where(Bag.tag.in_(tags)))


def counted(count: str) -> int:
    """Count the entries that say 7 were seen in this count."""
    asked = select(func.count()).select_from(CountEntry).join(CountEntry.line).where(CountEntry.counted_count == 7)
    return one(asked.where(CountLine.count.has(reference=count.removeprefix("/counts/"))))


def one(asked: Select[int]) -> int:
    """Ask beside the server, which would wait for a read that stays open."""
    found = db.session.scalar(asked)
    db.session.rollback()
    return found or 0


def ready_tags(sergeant: Person) -> list[str]:
    """Read the tags of four Go Bags that are ready at Salisbury."""
    sergeant.opens("/bags/issue")
    rows = sergeant.main.locator("a").filter(has_text="at Salisbury").all_inner_texts()
    return [re.findall(r"GB-\d+", row)[0] for row in rows[:4]]


def note_issue(sergeant: Person, tag: str) -> None:
    """Hand a Go Bag over on the page that stands in for the one of the service."""
    sergeant.page.goto("/bags/issue")
    sergeant.page.get_by_label("Tag on the bag").fill(str(int(tag.removeprefix("GB-"))))
    sergeant.main.get_by_role("button", name="Continue").click()
    sergeant.page.get_by_role("button", name=f"Issue {tag}").wait_for()
    sergeant.looks()
    sergeant.page.get_by_role("button", name=f"Issue {tag}").click()
    expect(sergeant.page.locator("[data-list]")).to_contain_text(f"{tag} handed over")


def note_count(sergeant: Person, count: str) -> None:
    """Count seven of the last thing on the list."""
    sergeant.page.goto(count)
    sergeant.main.locator("a").filter(has_text="Not counted yet").last.click()
    sergeant.page.get_by_label("How many are here?").fill("7")
    sergeant.page.get_by_role("button", name="Save and go on").click()
    sergeant.page.wait_for_url(re.compile(f"{count}$"))
    expect(sergeant.main).to_contain_text("You noted 7")
    sergeant.page.goto("/no-signal")


# ---- Scanning -----------------------------------------------------------------------------------

SIDE, DARK, LIGHT, GREY = 480, 30, 225, 128


def test_a_label_held_before_the_camera_fills_the_tag(browser: Browser, site: str, tmp_path: Path) -> None:
    """The camera is the browser's own, fed with a film of the label's code; first it may not be used."""
    film = tmp_path / "label.y4m"
    film.write_bytes(film_of(f"{site}/bags/GB-00099"))
    fed = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    kind = browser.browser_type
    with (
        kind.launch(executable_path=ready(), args=[*arguments(), *fed], headless=True) as seeing,
        Person(seeing, site, PHONE) as sergeant,
    ):
        sergeant.signs_in_by_password("sergeant")
        sergeant.opens("/bags/issue")
        scan = sergeant.main.get_by_role("button", name="Scan with the camera")
        scan.click()
        expect(sergeant.main).to_contain_text("This browser may not use the camera. Allow it in the browser's settings")
        sergeant.context.grant_permissions(["camera"])
        scan.click()
        expect(sergeant.page.get_by_label("Tag on the bag")).to_have_value("GB-00099")
        expect(sergeant.main).to_contain_text("Read GB-00099.")
        sergeant.presses("Continue")
        assert sergeant.heading == "Issue GB-00099"


def film_of(text: str) -> bytes:
    """Film a QR code: two frames of YUV4MPEG2, which a browser shows over and over."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=6)]
    unit = SIDE // len(rows)
    edge = bytes([LIGHT]) * (SIDE - unit * len(rows))
    lines = [b"".join(bytes([DARK if dark else LIGHT]) * unit for dark in row) + edge for row in rows]
    luma = b"".join(line * unit for line in lines).ljust(SIDE * SIDE, bytes([LIGHT]))
    frame = b"FRAME\n" + luma + bytes([GREY]) * (SIDE * SIDE // 2)
    return b"YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420\n" % (SIDE, SIDE) + frame * 2
