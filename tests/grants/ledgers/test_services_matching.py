"""Lines are explained by rows, never beyond either, and every act can be taken back."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, OverLimit, RuleBroken, StaleEdit
from core.money import Pence
from grants.ledgers import queries, services
from grants.ledgers.models import LedgerCancellation, LedgerLine, LedgerMatch, MatchedBy
from grants.ledgers.rules.matching import MatchKind
from tests.conftest import kept
from tests.factories import AT, World, submission
from tests.grants.factories import add_catalogue, add_invoice, courier, towels
from tests.grants.ledgers.factories import acting, import_rows, open_ledger

TOWELS = "100,1,22/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,60.00,12.00"
COURIER = "100,2,22/04/2026,BULK HYGIENE LTD,SI-1001,Carriage,P4471,R4410,10.00,2.00"
UNIFORM = "500,1,22/04/2026,CHILTERN UNIFORMS,CU-88120,Uniform,P4471,R4120,500.00,100.00"
EVERYTHING = queries.LineFilter()


def _book(world: World) -> None:
    add_catalogue(world)
    add_invoice(world, towels(10, 60_00), courier(10_00))
    open_ledger(world)
    import_rows(world, [TOWELS, COURIER, UNIFORM])


booked = kept(_book)
"""An invoice of towels (£60.00 and £12.00 VAT) and carriage (£10.00 and £2.00 VAT), booked line by line."""


def match_all(world: World, ledger: str | None = "GL") -> services.MatchRun:
    with transaction():
        return services.match_automatically(ledger, **acting(world))


def match(world: World, line: str, row: str, pence: int, **more: object) -> str:
    with transaction():
        return services.match(line, row, Pence(pence), **{**acting(world), **more})


def undo(world: World, reference: str) -> str:
    with transaction():
        return services.undo_match(reference, **acting(world))


def left() -> list[tuple[str, int]]:
    """Give what is unexplained: (line, pence), largest first."""
    found = queries.states(queries.lines(EVERYTHING, queries.Shown.UNEXPLAINED))
    return [(state.line.name, state.left_pence) for state in found]


def match_count() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerMatch)) or 0


def test_what_is_certain_is_matched_with_its_reasons_and_the_rest_is_left(booked: World) -> None:
    """The ledger books two rows of SI-1001 and a uniform that nobody knows.

    | line | net    | matched to  |
    |------|--------|-------------|
    | L-1  |  60.00 | INV-00001-1 |
    | L-2  |  10.00 | INV-00001-2 |
    | L-3  | 500.00 |             |
    """
    run = match_all(booked)
    assert run.references == ("M-00001", "M-00002")
    made = db.session.scalars(select(LedgerMatch).order_by(LedgerMatch.id)).all()
    assert [(m.line.name, m.row.reference, m.pence, m.matched_by) for m in made] == [
        ("L-1", "INV-00001-1", 6_000, MatchedBy.MACHINE),
        ("L-2", "INV-00001-2", 1_000, MatchedBy.MACHINE),
    ]
    assert "ame invoice number" in made[0].reasons
    assert left() == [("L-3", 50_000)]
    progress = queries.progress(EVERYTHING)
    assert (progress.line_count, progress.unexplained_count) == (3, 1)
    assert (progress.booked_pence, progress.unexplained_pence, progress.net_pence) == (57_000, 50_000, 57_000)
    assert match_all(booked).references == ()


def test_a_run_sent_twice_is_one_run(booked: World) -> None:
    once = submission()
    runs = []
    for _ in range(2):
        with transaction():
            runs.append(
                services.match_automatically("GL", by=booked.actor("grants"), at=AT, submission_id=once).references
            )
    assert runs == [("M-00001", "M-00002")] * 2
    assert match_count() == 2


def test_a_person_matches_part_of_a_line_and_the_rest_stays(booked: World) -> None:
    assert match(booked, "L-3", "INV-00001-1", 20_00, reason="Towels went with the uniforms") == "M-00001"
    assert left() == [("L-3", 48_000), ("L-1", 6_000), ("L-2", 1_000)]
    explained = queries.explanations_of(3)
    assert [(e.pence, e.note, e.matched_by, e.by_name) for e in explained] == [
        (2_000, "Towels went with the uniforms", MatchedBy.PERSON, "Grants")
    ]


@pytest.mark.parametrize(
    ("line", "row", "pence", "words"),
    [
        ("L-1", "INV-00001-1", 60_01, r"L-1 has £60\.00 unexplained\. Match £60\.00 or less, not £60\.01"),
        ("L-3", "INV-00001-1", 72_01, r"INV-00001-1 is £72\.00 with VAT and the ledger books £0\.00 of it"),
    ],
)
def test_no_more_than_the_line_or_the_row_holds(booked: World, line: str, row: str, pence: int, words: str) -> None:
    with pytest.raises(OverLimit, match=words):
        match(booked, line, row, pence)
    assert match_count() == 0


def test_what_was_matched_before_counts(booked: World) -> None:
    match(booked, "L-3", "INV-00001-1", 72_00)
    with pytest.raises(OverLimit, match=r"Nothing of INV-00001-1 is left to match\. Choose another"):
        match(booked, "L-1", "INV-00001-1", 1)
    match(booked, "L-3", "INV-00001-2", 5_00)
    with pytest.raises(OverLimit, match=r"the ledger books £5\.00 of it\. Match £7\.00 or less, not £7\.01"):
        match(booked, "L-3", "INV-00001-2", 7_01)
    assert match_count() == 2


def test_as_much_is_matched_as_both_have_left(booked: World) -> None:
    with transaction():
        services.match("L-3", "INV-00001-1", **acting(booked))
    assert queries.booked_pence([1]) == {1: 6_000}
    with transaction():
        services.match("L-3", "INV-00001-1", **acting(booked))
    assert queries.booked_pence([1]) == {1: 7_200}


def test_of_two_people_matching_one_line_at_once_one_is_refused(app: Flask, booked: World) -> None:
    """L-1 and INV-00001-1 hold £60.00 net; both people match all of it, five times over."""
    for _ in range(5):
        db.session.rollback()
        start, outcomes = Barrier(2), list[str]()

        def act(start: Barrier = start, outcomes: list[str] = outcomes) -> None:
            with app.app_context():
                start.wait()
                try:
                    outcomes.append(match(booked, "L-1", "INV-00001-1", 60_00))
                except OverLimit as refusal:
                    outcomes.append(refusal.message)

        people = [Thread(target=act) for _ in range(2)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        made = [outcome for outcome in outcomes if outcome.startswith("M-")]
        assert len(made) == 1
        assert "Nothing of L-1 is left to match. Choose another, or undo a match first" in outcomes
        assert queries.booked_pence([1]) == {1: 6_000}
        undo(booked, made[0])


def test_nothing_and_opposite_signs_are_refused(booked: World) -> None:
    with pytest.raises(RuleBroken, match="Enter an amount other than £0"):
        match(booked, "L-1", "INV-00001-1", 0)
    with pytest.raises(OverLimit):
        match(booked, "L-1", "INV-00001-1", -1)
    import_rows(booked, ["101,1,25/04/2026,BULK HYGIENE LTD,CN-9,Credit,P4471,R4410,-60.00,-12.00"])
    with pytest.raises(RuleBroken, match="Choose a row of the same sign"):
        match(booked, "L-4", "INV-00001-1", -60_00)
    with pytest.raises(NotFound):
        match(booked, "L-99", "INV-00001-1", 1)
    assert match_count() == 0


def test_the_database_refuses_what_goes_beyond_a_line_or_a_row(booked: World) -> None:
    facts = {
        "reference": "M-9", "matched_by": MatchedBy.PERSON, "reasons": "", "account_id": 1, "matched_at": AT,
    }  # fmt: skip
    for line_id, row_id, pence in ((1, 1, 6_001), (3, 1, 7_201), (1, 1, -1)):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(insert(LedgerMatch).values(**facts, line_id=line_id, row_id=row_id, pence=pence))
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(LedgerCancellation).values(**facts, line_id=1, taken_back_by_id=2, pence=6_000))
    assert match_count() == 0


def test_an_undo_is_the_opposite_row_and_can_be_done_once(booked: World) -> None:
    match_all(booked)
    assert undo(booked, "M-00001") == "M-00003"
    made = db.session.scalars(select(LedgerMatch).order_by(LedgerMatch.id)).all()
    assert (made[2].pence, made[2].reverses_id, made[2].line_id) == (-6_000, made[0].id, made[0].line_id)
    assert left() == [("L-3", 50_000), ("L-1", 6_000)]
    with pytest.raises(AlreadyDone, match="M-00001 has already been undone"):
        undo(booked, "M-00001")
    with pytest.raises(NotFound):
        undo(booked, "M-00003")
    assert match_count() == 3
    assert [e.undone_by for e in queries.explanations_of(1)] == ["M-00003"]


def test_what_was_undone_can_be_matched_again(booked: World) -> None:
    match_all(booked)
    undo(booked, "M-00001")
    assert match_all(booked).references == ("M-00004",)
    assert left() == [("L-3", 50_000)]


def test_a_proposal_is_accepted_as_it_was_shown(booked: World) -> None:
    proposal = queries.proposal_for(1, "GL")
    assert proposal is not None
    key = queries.proposal_key(proposal)
    with pytest.raises(StaleEdit), transaction():
        services.accept_proposal("L-1", "0" * 16, **acting(booked))
    assert match_count() == 0
    with transaction():
        assert services.accept_proposal("L-1", key, **acting(booked)) == "M-00001"
    made = db.session.scalars(select(LedgerMatch)).one()
    assert (made.pence, made.matched_by, made.row.reference) == (6_000, MatchedBy.PERSON, "INV-00001-1")
    with pytest.raises(StaleEdit), transaction():
        services.accept_proposal("L-1", key, **acting(booked))


def test_a_line_that_takes_another_back_cancels_it_and_both_are_explained(booked: World) -> None:
    """A uniform booked in April and taken back in May, with no invoice known.

    | line | date  | net     |
    |------|-------|---------|
    | L-3  | 22/04 |  500.00 |
    | L-4  | 30/04 | -500.00 |
    """
    import_rows(booked, ["501,1,30/04/2026,CHILTERN UNIFORMS,CU-88120,Reversal of uniform,P4471,R4120,-500.00,-100.00"])
    run = match_all(booked)
    assert len(run.references) == 3
    cancelled = db.session.scalars(select(LedgerCancellation)).one()
    assert (cancelled.line.name, cancelled.taken_back_by.name, cancelled.pence) == ("L-3", "L-4", 50_000)
    assert left() == []
    assert [e.pence for e in queries.explanations_of(4)] == [-50_000]
    undo(booked, cancelled.reference)
    assert left() == [("L-3", 50_000), ("L-4", -50_000)]


def test_a_double_booking_taken_back_leaves_the_row_booked_once(booked: World) -> None:
    """SI-1001 is booked twice and the second booking is taken back.

    | line | date  | transaction | net    |
    |------|-------|-------------|--------|
    | L-1  | 22/04 | 100         |  60.00 |
    | L-4  | 23/04 | 101         |  60.00 |
    | L-5  | 29/04 | 102         | -60.00 |
    """
    again = TOWELS.replace("100,1,22", "101,1,23")
    back = TOWELS.replace("100,1,22", "102,1,29").replace("60.00,12.00", "-60.00,-12.00")
    import_rows(booked, [again, back])
    match_all(booked)
    assert left() == [("L-3", 50_000)]
    row_id = db.session.scalars(select(LedgerMatch.row_id).where(LedgerMatch.line_id == 1)).first()
    assert queries.booked_pence([row_id or 0]) == {row_id: 6_000}
    for reference in dict.fromkeys(db.session.scalars(select(LedgerMatch.reference).order_by(LedgerMatch.id))):
        undo(booked, reference)
    assert queries.booked_pence([1, 2]) == {1: 0, 2: 0}


def test_a_line_booked_twice_is_shown_and_records_no_money(booked: World) -> None:
    import_rows(booked, [TOWELS.replace("100,1,22", "101,1,23")])
    match_all(booked)
    assert ("L-4", 6_000) in left()
    assert queries.proposal_for(4, "GL") is None


def test_a_warning_of_a_double_booking_cannot_be_accepted(booked: World) -> None:
    import_rows(booked, [TOWELS.replace("100,1,22", "101,1,23")])
    proposal = queries.proposal_for(4, "GL")
    assert proposal is not None
    assert proposal.kind is MatchKind.REPEATED
    with pytest.raises(RuleBroken, match="booked twice"), transaction():
        services.accept_proposal("L-4", queries.proposal_key(proposal), **acting(booked))
    assert match_count() == 0


def test_proposals_follow_what_is_recorded(booked: World) -> None:
    assert {line for each in queries.proposals("GL") for line in each.line_ids} == {1, 2}
    match(booked, "L-1", "INV-00001-1", 60_00)
    assert {line for each in queries.proposals("GL") for line in each.line_ids} == {2}
    undo(booked, "M-00001")
    assert {line for each in queries.proposals("GL") for line in each.line_ids} == {1, 2}


def test_rows_the_ledger_does_not_book_come_largest_first(booked: World) -> None:
    assert [(s.row.reference, s.left_pence) for s in queries.row_states(queries.rows_not_booked())] == [
        ("INV-00001-1", 6_000),
        ("INV-00001-2", 1_000),
    ]
    match(booked, "L-3", "INV-00001-1", 60_00)
    assert [s.row.reference for s in queries.row_states(queries.rows_not_booked())] == ["INV-00001-2"]
    match(booked, "L-3", "INV-00001-1", 2_00)
    state = queries.row_states_of([1])[1]
    assert (state.booked_pence, state.left_pence, state.room_pence) == (6_200, 1_000, 1_000)


def test_lines_of_a_project_are_found_by_project_or_cost_centre(booked: World) -> None:
    assert len(db.session.scalars(queries.lines_of_project("P4471")).all()) == 3
    assert queries.count_of(queries.LineFilter(projects=("P4471",)), queries.Shown.ALL) == 3
    assert queries.count_of(queries.LineFilter(projects=("-",)), queries.Shown.ALL) == 0
    assert queries.count_of(queries.LineFilter(search="uniform"), queries.Shown.ALL) == 1
    assert queries.count_of(queries.LineFilter(search="100%"), queries.Shown.ALL) == 0


def test_lines_with_dates_before_any_row_are_left_alone(booked: World) -> None:
    import_rows(booked, ["9,1,22/04/2025,BULK HYGIENE LTD,SI-9,Old towels,P4471,R4410,61.00,0.00"])
    match_all(booked)
    line = db.session.scalars(select(LedgerLine).where(LedgerLine.dated_on == date(2025, 4, 22))).one()
    assert (line.name, 6_100) in left()
