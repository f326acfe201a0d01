"""The check of the ledger: it agrees with what the services wrote, and finds what somebody changed behind them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask

from audit.desk.report import LedgerCheck, check_ledger
from core import trail
from core.db import db
from core.trail.queries import head
from tests.audit.tampering import tamper
from tests.factories import AT, PASSWORD, World
from tests.site import Site


def findings(check: LedgerCheck) -> dict[str, tuple[str, ...]]:
    """Give what does not agree: part → findings."""
    return {each.name: each.findings for each in check.checks if each.findings}


def test_everything_the_services_wrote_agrees(month: World) -> None:
    check = check_ledger(at=AT)
    assert check.agrees
    assert [state.log.value for state in check.logs] == ["changes", "access"]
    assert check.logs[0].entry_count == head().sequence > 20
    assert check.unsealed_count == 0


def test_money_that_the_services_wrote_agrees(quarters: World) -> None:
    assert findings(check_ledger(at=AT)) == {}


@pytest.mark.parametrize(
    ("table", "sql", "part", "words"),
    [
        ("audit_leaf", "UPDATE audit_leaf SET text = replace(text, 'body.found', 'body.burnt') WHERE id = 1",
         "Log of changes", "Entry 1: the text of its leaf is not what was sealed."),
        ("audit_leaf", "UPDATE audit_leaf SET subject = 'X' WHERE id = 2",
         "Log of changes", "Entry 2: its subject is not what its sealed text says."),
        ("log_entry", "DELETE FROM log_entry WHERE log = 'changes' AND sequence = 3",
         "Log of changes", "Entry 3 is missing; the next is entry 4."),
        ("bag_position",
         "UPDATE bag_position SET place_id = (SELECT id FROM place WHERE code = 'STORE') WHERE bag_id = 1",
         "Go Bags", "Go Bag GB-00001 is not where its moves say."),
        ("move", "UPDATE move SET unit_count = unit_count + 1 WHERE id = 1",
         "Balances", "Devizes store keeps 6 of lot L-00001; its moves add up to 7."),
        ("move", "UPDATE move SET unit_count = unit_count + 1 WHERE id = 1",
         "Numbering", "The kept numbering of lot L-00001 is not what its moves give."),
        ("past_balance", "UPDATE past_balance SET unit_count = 7 WHERE unit_count = 6 AND lot_id = 1",
         "Past balances", "Devizes store keeps 7 of lot L-00001 from 4 May 2026 at 10am; its moves add up to 6."),
        ("place_act", "DELETE FROM place_act WHERE posting_id = 1",
         "Past balances", "Devizes store does not keep act 1 (DEL-00001) as its moves have it."),
        ("lot_numbering", "UPDATE lot_numbering SET standing = '{}' WHERE lot_id = 1",
         "Numbering", "The kept numbering of lot L-00001 is not what its moves give."),
    ],
)  # fmt: skip
def test_a_change_behind_the_services_is_found_and_named(
    month: World, table: str, sql: str, part: str, words: str
) -> None:
    tamper(table, sql)
    assert words in findings(check_ledger(at=AT))[part]


@pytest.mark.parametrize(
    ("table", "sql", "part", "words"),
    [
        ("supplier_invoice", "UPDATE supplier_invoice SET gross_pence = gross_pence + 1 WHERE reference = 'INV-00001'",
         "Invoices", "Invoice INV-00001 is £492.49 and its rows add up to £492.48."),
        ("apportionment", "UPDATE apportionment SET pence = 41041 WHERE pence = 41040",
         "Apportionment", "Spending INV-00001-1 cost £410.40 and £410.41 is apportioned."),
    ],
)  # fmt: skip
def test_a_change_of_money_behind_the_services_is_found_and_named(
    quarters: World, table: str, sql: str, part: str, words: str
) -> None:
    tamper(table, sql)
    assert findings(check_ledger(at=AT)) == {part: (words,)}


def test_only_a_checkpoint_kept_elsewhere_shows_that_the_end_was_cut_off(month: World) -> None:
    kept = head()
    checkpoint = (kept.sequence, kept.chain_hash)
    assert check_ledger(at=AT, checkpoints=[checkpoint]).agrees
    tamper("log_entry", f"DELETE FROM log_entry WHERE log = 'changes' AND sequence > {kept.sequence - 10}")
    assert check_ledger(at=AT).unsealed_count == 10
    assert findings(check_ledger(at=AT, checkpoints=[checkpoint])) == {
        "Checkpoints kept elsewhere": (
            f"The log is shorter than checkpoint {kept.sequence}: entries were taken off its end.",
        )
    }


def test_the_command_says_it_in_words_and_to_programs(app: Flask, month: World) -> None:
    run = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (run.exit_code, run.output.strip().splitlines()[-1]) == (0, "Everything agrees.")
    tamper("audit_leaf", "UPDATE audit_leaf SET subject = 'X' WHERE id = 2")
    run = app.test_cli_runner().invoke(args=["audit", "verify", "--json"])
    told = json.loads(run.output)
    assert (run.exit_code, told["agrees"]) == (1, False)
    assert told["checks"][0]["findings"] == ["Entry 2: its subject is not what its sealed text says."]


def test_a_check_that_cannot_run_is_neither_right_nor_wrong(app: Flask, world: World) -> None:
    tamper("log_entry", "ALTER TABLE log_entry RENAME TO log_entry_kept")
    run = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert run.exit_code == 2
    assert "The check could not run" in run.output


def test_the_auditors_home_says_when_the_ledger_was_checked(app: Flask, month: World) -> None:
    site = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert "It has not been checked from here yet." in site.get("/audit/").text
    checked = site.get("/audit/check")
    assert checked.heading == "Everything agrees"
    home = site.get("/audit/")
    assert "by Auditor: everything agreed." in home.text
    assert {"/reports/", "/audit/trail/", "/audit/trail/record", "/follow/", "/audit/check"} <= set(home.links)


def test_the_page_says_what_does_not_agree_and_what_to_do(app: Flask, month: World) -> None:
    tamper("move", "UPDATE move SET unit_count = unit_count + 1 WHERE id = 1")
    page = Site(app, PASSWORD).sign_in("auditor@test.example").get("/audit/check")
    assert page.heading == "3 things do not agree"
    assert "Devizes store keeps 6 of lot L-00001" in page.text
    assert "Do not sign a report until it is explained" in page.text


def test_what_was_recorded_since_the_last_day_is_counted(app: Flask, month: World) -> None:
    auditor = month.actor("auditor")
    db.session.rollback()
    trail.record_access(act="auditor.visit", subject="/audit/", by=auditor, at=AT - timedelta(days=1))
    home = Site(app, PASSWORD).sign_in("auditor@test.example").get("/audit/")
    assert "Since you were last here on 3 May 2026," in home.text
    assert "/audit/trail/?first=3&first=5&first=2026" in home.links
