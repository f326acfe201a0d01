"""Extracts are imported once, every row and penny accounted for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import NotFound, RuleBroken
from core.money import Pence
from core.trail import AuditLeaf
from grants.ledgers import queries, services
from grants.ledgers.models import FinanceLedger, LedgerImport, LedgerLayout, LedgerLine, Outcome, UnimportedRow
from grants.ledgers.rules import Role, read_table
from grants.ledgers.rules.extracts import read_extract
from tests.factories import AT, World, submission
from tests.grants.ledgers.factories import (
    FILES,
    OUR_LAYOUT,
    REAL_FILES,
    acting,
    extract,
    import_file,
    import_rows,
    layout_of,
    open_ledger,
)

TOWELS = "100,1,20/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,60.00,12.00"
SOAP = "100,2,20/04/2026,BULK HYGIENE LTD,SI-1001,Soap,P4471,R4410,40.00,8.00"
CARDS = "101,1,21/04/2026,MOONRAKER PRINT,M-77,Security cards,P4471,R4420,216.00,0.00"


def counts(made: LedgerImport) -> tuple[int, int, int, int, int, int]:
    return (
        made.read_count,
        made.imported_count,
        made.duplicate_count,
        made.changed_count,
        made.refused_count,
        made.skipped_count,
    )


def pence(made: LedgerImport) -> tuple[int, int, int, int]:
    return made.control_pence, made.imported_pence, made.duplicate_pence, made.changed_pence


def line_count() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerLine)) or 0


@pytest.mark.parametrize(("name", "lines", "net_pence"), REAL_FILES)
def test_a_real_extract_is_imported_whole_and_once(world: World, name: str, lines: int, net_pence: int) -> None:
    open_ledger(world)
    data = (FILES / name).read_bytes()
    first = import_file(world, data, name)
    assert counts(first) == (lines, lines, 0, 0, 0, 0)
    assert pence(first) == (net_pence, net_pence, 0, 0)
    assert queries.lines_imported(first.id) == (lines, net_pence)
    again = import_file(world, data, name)
    assert counts(again) == (lines, 0, lines, 0, 0, 0)
    assert pence(again) == (net_pence, 0, net_pence, 0)
    assert again.duplicate_rows == f"2-{lines + 1}"
    assert line_count() == lines


def test_the_same_rows_in_another_order_are_the_same_rows(world: World) -> None:
    """Two rows of one number, told apart by what they say.

    | transaction | line | net   |
    |-------------|------|-------|
    | 100         | 1    | 60.00 |
    | 100         | 1    | 40.00 |
    """
    open_ledger(world)
    other = SOAP.replace("100,2,", "100,1,")
    import_rows(world, [TOWELS, other])
    again = import_rows(world, [other, TOWELS])
    assert counts(again) == (2, 0, 2, 0, 0, 0)


def test_a_repeat_within_a_file_is_a_row_of_its_own_and_flagged(world: World) -> None:
    open_ledger(world)
    made = import_rows(world, [TOWELS, TOWELS])
    assert counts(made) == (2, 2, 0, 0, 0, 0)
    lines = db.session.scalars(select(LedgerLine).order_by(LedgerLine.id)).all()
    assert [(line.occurrence, line.flag) for line in lines] == [
        (1, ""),
        (2, "Transaction 100, line 1, is in the file 2 times so far"),
    ]
    assert counts(import_rows(world, [TOWELS])) == (1, 0, 1, 0, 0, 0)
    assert counts(import_rows(world, [TOWELS, TOWELS, TOWELS])) == (3, 1, 2, 0, 0, 0)


def test_a_later_file_adds_only_what_is_new(world: World) -> None:
    open_ledger(world)
    import_rows(world, [TOWELS, SOAP])
    later = import_rows(world, [SOAP, CARDS])
    assert counts(later) == (2, 1, 1, 0, 0, 0)
    assert pence(later) == (25_600, 21_600, 4_000, 0)
    assert later.duplicate_rows == "2"


def test_a_changed_row_is_listed_with_what_differs_and_not_taken(world: World) -> None:
    open_ledger(world)
    import_rows(world, [TOWELS, SOAP])
    made = import_rows(world, [TOWELS.replace("60.00", "66.00").replace("Towels", "Bath towels"), SOAP])
    assert counts(made) == (2, 0, 1, 1, 0, 0)
    assert pence(made) == (10_600, 0, 4_000, 6_600)
    row = db.session.scalars(queries.unimported_rows(made.id)).one()
    assert (row.outcome, row.row_number) == (Outcome.CHANGED, 2)
    assert row.reason == (
        "The description was 'Towels' and is now 'Bath towels'; the net amount was £60.00 and is now £66.00"
    )
    assert row.line is not None
    assert (row.line.net_pence, row.line.description) == (6_000, "Towels")


def test_refused_and_skipped_rows_are_kept_with_their_reasons_and_the_others_go_in(world: World) -> None:
    open_ledger(world)
    bad = CARDS.replace("21/04/2026", "31/04/2026")
    made = import_rows(world, [TOWELS, bad, ",,,,,,,,,", "Total,,,,,,,,60.00,"])
    assert counts(made) == (4, 1, 0, 0, 1, 2)
    kept = db.session.scalars(queries.unimported_rows(made.id)).all()
    assert [(row.row_number, row.outcome, row.heading) for row in kept] == [
        (3, Outcome.REFUSED, "Date"),
        (4, Outcome.SKIPPED, ""),
        (5, Outcome.SKIPPED, ""),
    ]
    assert json.loads(kept[0].raw_json) == bad.split(",")
    assert kept[2].reason == "Total row of £60.00, which is what the lines above add up to"
    assert counts(import_rows(world, [TOWELS, CARDS])) == (2, 1, 1, 0, 0, 0)


def test_a_description_that_could_identify_a_person_refuses_its_row_and_is_kept_nowhere(world: World) -> None:
    open_ledger(world)
    secret = "943 476 5919"
    bad = CARDS.replace("Security cards", f"NHS {secret}")
    made = import_rows(world, [TOWELS, bad])
    assert counts(made) == (2, 1, 0, 0, 1, 0)
    assert pence(made) == (6_000, 6_000, 0, 0)
    row = db.session.scalars(queries.unimported_rows(made.id, Outcome.REFUSED)).one()
    assert (row.heading, row.reason) == (
        "Description",
        "Remove details that could identify a person: NHS number",
    )
    assert secret not in row.raw_json
    leaves = db.session.scalars(select(AuditLeaf.text)).all()
    assert not any(secret in text for text in leaves)


def test_a_cell_nobody_uses_that_could_identify_a_person_is_not_kept_but_its_row_is(world: World) -> None:
    open_ledger(world)
    data = extract(TOWELS).replace(b"VAT amount", b"VAT amount,Zone").replace(b"12.00", b"12.00,a.person@home.example")
    made = import_file(world, data)
    assert counts(made) == (1, 1, 0, 0, 0, 0)
    line = db.session.scalars(select(LedgerLine)).one()
    assert json.loads(line.raw_json)[-1] == "[not kept: it could identify a person]"


def test_document_numbers_that_look_like_nhs_numbers_are_imported(world: World) -> None:
    open_ledger(world)
    made = import_rows(world, [TOWELS.replace("100,1", "9434765919,1").replace("SI-1001", "943 476 5919")])
    assert counts(made) == (1, 1, 0, 0, 0, 0)


def test_a_total_the_finance_system_does_not_give_refuses_the_file(world: World) -> None:
    open_ledger(world)
    data = extract(TOWELS, SOAP)
    layout = layout_of(data, "extract.csv")
    message = r"add up to £100\.00 and you entered £100\.01: they are £0\.01 apart"
    with pytest.raises(RuleBroken, match=message), transaction():
        services.import_extract(
            "GL",
            data,
            "extract.csv",
            layout,
            expected_pence=Pence(10_001),
            **acting(world),
        )
    assert line_count() == 0
    assert db.session.scalar(select(func.count()).select_from(LedgerImport)) == 0
    with transaction():
        made = services.import_extract(
            "GL",
            data,
            "extract.csv",
            layout,
            expected_pence=Pence(10_000),
            **acting(world),
        )
        assert made.imported_count == 2


def test_the_layout_is_remembered_for_the_header_row(world: World) -> None:
    open_ledger(world)
    data = extract(TOWELS)
    guessed = layout_of(data, "a.csv")
    chosen = [Role.COST_CENTRE if role is Role.PROJECT else role for role in guessed.roles]
    layout = guessed.remapped(chosen)
    with transaction():
        services.import_extract("GL", data, "a.csv", layout, **acting(world))
    assert queries.layout_for("GL", read_table(extract(CARDS), "b.csv")) == replace(layout, doubts=())
    line = db.session.scalars(select(LedgerLine)).one()
    assert (line.cost_centre, line.project) == ("P4471", "")
    import_file_count = db.session.scalar(select(func.count()).select_from(LedgerLayout))
    with transaction():
        services.import_extract("GL", extract(CARDS), "b.csv", layout, **acting(world))
    assert db.session.scalar(select(func.count()).select_from(LedgerLayout)) == import_file_count == 1


def test_the_same_form_sent_twice_is_one_import(world: World) -> None:
    open_ledger(world)
    data, once = extract(TOWELS), submission()
    layout = layout_of(data, "a.csv")
    made = []
    for _ in range(2):
        with transaction():
            found = services.import_extract(
                "GL", data, "a.csv", layout, by=world.actor("grants"), at=AT, submission_id=once
            )
            made.append(found.reference)
    assert made == ["LI-00001", "LI-00001"]


def test_a_file_without_a_readable_row_changes_nothing(world: World) -> None:
    open_ledger(world)
    with pytest.raises(RuleBroken, match=r"No row of the file can be read. Row 2: .*Check the columns"):
        import_rows(world, [TOWELS.replace("20/04/2026", "soon")])
    assert db.session.scalar(select(func.count()).select_from(UnimportedRow)) == 0
    assert db.session.scalar(select(func.count()).select_from(LedgerImport)) == 0


def test_a_file_name_that_could_identify_a_person_is_refused(world: World) -> None:
    open_ledger(world)
    with pytest.raises(RuleBroken, match="Remove details that could identify a person: NHS number"):
        import_file(world, extract(TOWELS), "nhs 943 476 5919.csv")
    assert line_count() == 0


def test_two_ledgers_may_hold_the_same_number(world: World) -> None:
    open_ledger(world)
    open_ledger(world, "CARDS", "Purchase cards")
    import_rows(world, [TOWELS])
    assert counts(import_file(world, extract(TOWELS), ledger="CARDS")) == (1, 1, 0, 0, 0, 0)


def test_a_ledger_opens_once_and_an_unknown_one_is_not_found(world: World) -> None:
    open_ledger(world)
    with pytest.raises(RuleBroken, match="Force general ledger \\(GL\\) already has this code"):
        open_ledger(world, "GL", "Another")
    with pytest.raises(RuleBroken, match="already has this name"):
        open_ledger(world, "OTHER", "FORCE GENERAL LEDGER")
    assert db.session.scalar(select(func.count()).select_from(FinanceLedger)) == 1
    with pytest.raises(NotFound):
        import_file(world, extract(TOWELS), ledger="NONE")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Taxi NHS 943 476 5919", "NHS number"),
        ("call 07700 900123 first", "phone number"),
        ("a.person@home.example", "email address"),
        ("QQ 12 34 56 C", "National Insurance number"),
        ("born 5 May 1990", "date of birth"),
        ("NRM ref 12345", "NRM reference"),
    ],
)
def test_a_detail_is_found_among_many_descriptions_wherever_it_stands(world: World, words: str, kind: str) -> None:
    """Texts are looked at many at a time; a person's detail at the start, middle or end of a group is still found."""
    open_ledger(world)
    plain = [SOAP.replace("100,2", f"{n},1").replace("Soap", f"Soap {n} born nhs ref") for n in range(200, 330)]
    for place in (0, 64, 129):
        rows = [*plain]
        rows[place] = rows[place].replace("Soap 2", "Soap ").replace("born nhs ref", "").replace("Soap", words)
        reading = read_extract(extract(*rows), "a.csv", OUR_LAYOUT).reading
        assert [(row.row_number, row.reason) for row in reading.refused] == [
            (place + 2, f"Remove details that could identify a person: {kind}")
        ]
        assert len(reading.lines) == 129
