"""The planted errors: each is really in the books, and an auditor comes upon it by the desk's own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from audit.exceptions.report import exceptions_of
from audit.exceptions.rules import ExceptionKind
from core.db import db
from core.periods import named
from demonstration import planting
from demonstration.planting import ALL, ONE_PERSON, TOO_LATE, TRANSPOSED, TWICE, UNDER, WRONG_LINE, Planted
from tests.demonstration.year import TODAY, Demonstration

pytestmark = pytest.mark.usefixtures("demonstration_year")

FOUND_AS = {
    TWICE: ExceptionKind.DUPLICATE,
    TRANSPOSED: ExceptionKind.PRICE,
    TOO_LATE: ExceptionKind.AFTER_END,
    ONE_PERSON: ExceptionKind.ONE_PERSON,
    WRONG_LINE: ExceptionKind.OTHER_LINE,
    UNDER: ExceptionKind.UNDER_THRESHOLD,
}

EVIDENCE: dict[Planted, tuple[str, tuple[object, ...]]] = {
    TWICE: (
        """SELECT count(*), count(DISTINCT gross_pence), max(gross_pence) FROM supplier_invoice
        WHERE replace(number, 'A', '') = (SELECT replace(number, 'A', '') FROM supplier_invoice WHERE reference = :it)
            AND supplier_id = (SELECT supplier_id FROM supplier_invoice WHERE reference = :it)""",
        (2, 1, 216_00),
    ),
    TRANSPOSED: (
        """SELECT spending_row.net_pence, order_line.net_pence, spending_row.unit_count, order_line.unit_count
        FROM spending_row JOIN order_line ON order_line.id = order_line_id JOIN supplier_invoice
        ON supplier_invoice.id = invoice_id WHERE supplier_invoice.reference = :it""",
        (163_80, 136_80, 19, 19),
    ),
    TOO_LATE: (
        """SELECT julianday(delivery.received_on) - julianday(award.ends_on), award.code, apportionment.pence
        FROM supplier_invoice JOIN spending_row ON spending_row.invoice_id = supplier_invoice.id
        JOIN apportionment ON apportionment.row_id = spending_row.id
        JOIN grant_line ON grant_line.id = apportionment.grant_line_id JOIN award ON award.id = grant_line.award_id
        JOIN billed_delivery ON billed_delivery.row_id = spending_row.id
        JOIN delivery_line ON delivery_line.id = delivery_line_id JOIN delivery ON delivery.id = delivery_id
        WHERE supplier_invoice.reference = :it""",
        (10, "VSG", 7_00),
    ),
    ONE_PERSON: (
        """SELECT count(DISTINCT who), max(name) FROM (
            SELECT account_id AS who FROM supplier_invoice WHERE reference = :it
            UNION ALL SELECT purchase_order.account_id FROM purchase_order JOIN supplier_invoice ON order_id =
                purchase_order.id WHERE supplier_invoice.reference = :it
            UNION ALL SELECT posting.account_id FROM posting JOIN delivery ON delivery.reference = posting.document
                JOIN delivery_line ON delivery_line.delivery_id = delivery.id
                JOIN billed_delivery ON billed_delivery.delivery_line_id = delivery_line.id
                JOIN spending_row ON spending_row.id = row_id JOIN supplier_invoice ON supplier_invoice.id = invoice_id
                WHERE supplier_invoice.reference = :it) JOIN account ON account.id = who""",
        (1, "Grant officer, OPCC"),
    ),
    WRONG_LINE: (
        """SELECT ordered.code, charged.code, apportionment.pence FROM supplier_invoice
        JOIN spending_row ON spending_row.invoice_id = supplier_invoice.id
        JOIN order_line ON order_line.id = order_line_id
        JOIN grant_line ordered ON ordered.id = order_line.grant_line_id
        JOIN apportionment ON apportionment.row_id = spending_row.id
        JOIN grant_line charged ON charged.id = apportionment.grant_line_id WHERE supplier_invoice.reference = :it""",
        ("C", "D", 10_50),
    ),
    UNDER: (
        "SELECT gross_pence, order_id FROM supplier_invoice WHERE reference = :it",
        (495_00, None),
    ),
}  # fmt: skip


def test_every_planted_error_has_its_answer() -> None:
    assert [each.planted for each in planting.answers()] == list(ALL)
    assert set(FOUND_AS) == set(EVIDENCE) == set(ALL)


@pytest.mark.parametrize("planted", ALL, ids=lambda each: str(each.number))
def test_the_evidence_shows_it(planted: Planted) -> None:
    (answer,) = (each for each in planting.answers() if each.planted is planted)
    sql, shown = EVIDENCE[planted]
    assert tuple(db.session.execute(text(sql), {"it": answer.invoice}).one()) == shown


def test_what_looks_wrong_leads_to_every_one_of_them_and_to_nothing_else_of_its_sort() -> None:
    made = exceptions_of(named(TODAY - timedelta(days=365), TODAY))
    db.session.rollback()
    listed = {sort.kind: {each.record for each in sort.found} for sort in made.sorts}
    for answer in planting.answers():
        assert listed[FOUND_AS[answer.planted]] in ({answer.row}, {answer.invoice}), answer.planted.wrong


def test_an_instructor_reveals_them_by_page_and_by_command(demonstration_year: Demonstration) -> None:
    run = demonstration_year.app.test_cli_runner().invoke(args=["demonstration", "answers"])
    assert run.exit_code == 0
    auditor = demonstration_year.site("auditor")
    page = auditor.get("/demonstration/answers")
    for answer in planting.answers():
        assert f"{answer.row}: {answer.planted.wrong}" in run.output
        assert answer.planted.wrong in page.text
        row = auditor.get(f"/spending/{answer.row}")
        assert answer.row in row.heading
