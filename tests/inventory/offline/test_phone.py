"""What a browser does by itself with what it keeps: who is let in, and what is said of a form that went nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser import PHONE, served
from tests.factories import PASSWORD, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # What a browser does is the same whatever database the service has.
    pytest.mark.parametrize("databases", ["sqlite"], indirect=True, scope="session"),
]

OPEN = """async () => {
    while (!navigator.serviceWorker.controller || !(await self.goBags?.account())) {
        await new Promise((done) => setTimeout(done, 50));
    }
}"""
"""Wait until the worker stands between pages and network, and the phone is somebody's."""

OWNER = "self.goBags.account().then((mine) => mine?.owner ?? null)"


@pytest.fixture
def phone(browser: Browser, app: Flask, world: World) -> Iterator[Page]:
    """The phone of the sergeant at Salisbury, open."""
    with served(app) as address:
        context = browser.new_context(base_url=address, viewport={"width": PHONE[0], "height": PHONE[1]})
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Email address").fill("sergeant@test.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.evaluate(OPEN)
        yield page
        context.close()


def test_signing_out_without_signal_is_not_undone_when_the_signal_is_back(phone: Page) -> None:
    owner = phone.evaluate(OWNER)
    phone.context.set_offline(True)
    phone.goto("/no-signal")
    phone.get_by_role("button", name="Sign out on this phone").click()
    expect(phone.locator("main")).to_contain_text("Nobody has this phone open")
    phone.context.set_offline(False)
    expect(phone.locator("[data-signal]")).to_contain_text("There is signal, and you are not signed in.")
    assert phone.evaluate("self.goBags.send()")["signedIn"] is False
    assert (owner is not None, phone.evaluate(OWNER)) == (True, None)
    answer = phone.goto("/")
    assert answer is not None
    assert answer.url.endswith("/sign-in")


def test_a_clock_set_back_does_not_keep_the_phone_open(phone: Page) -> None:
    phone.context.set_offline(True)
    set_to = "(back) => { const now = Date.now.bind(Date); Date.now = () => now() - back; }"
    phone.evaluate(set_to, 4 * 60_000)
    assert phone.evaluate(OWNER) is not None
    phone.evaluate(set_to, 2 * 60_000)
    assert phone.evaluate(OWNER) is None


def test_a_form_that_goes_nowhere_says_so_and_nobody_notes_for_another(phone: Page) -> None:
    assert phone.evaluate("self.goBags.note({ act: 'issue', about: 'GB-1', fields: [] }, undefined, 'another')") is None
    send = "(path) => { const form = document.createElement('form'); form.method = 'post'; form.action = path;"
    phone.context.set_offline(True)
    with phone.expect_navigation():
        phone.evaluate(send + "document.body.append(form); form.submit(); }", "/requests/new")
    expect(phone.get_by_role("alert")).to_contain_text("What you sent is not kept on this phone.")
    phone.evaluate("self.goBags.lock()")
    with phone.expect_navigation():
        phone.evaluate(send + "document.body.append(form); form.submit(); }", "/bags/GB-00001/issue")
    expect(phone.get_by_role("alert")).to_contain_text("What you sent was neither taken in nor kept")
