from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.errors import NotPermitted, Refusal, RuleBroken, StaleEdit
from inventory.requests.rules import MAY_FOLLOW, Course, LineCourse, RequestState, course, question

SERGEANT, INSPECTOR = 11, 22


def asked(*counts: int) -> Course:
    lines = {position: LineCourse(count) for position, count in enumerate(counts, 1)}
    return Course(RequestState.ASKED, SERGEANT, lines)


def approved(*counts: int) -> Course:
    begun = asked(*counts)
    return course.approve(begun, dict(enumerate(counts, 1)), by=INSPECTOR, acting_for_requester=False)


def test_what_is_approved_is_promised_and_the_rest_is_not() -> None:
    after = course.approve(asked(10, 4), {1: 6, 2: 0}, by=INSPECTOR, acting_for_requester=False)

    assert after.state is RequestState.APPROVED
    assert [(line.approved_count, line.promised_count) for line in after.lines.values()] == [(6, 6), (0, 0)]


def test_nobody_approves_or_refuses_their_own_request() -> None:
    with pytest.raises(NotPermitted, match=r"^You cannot approve your own request$"):
        course.approve(asked(10), {1: 10}, by=SERGEANT, acting_for_requester=False)
    with pytest.raises(NotPermitted, match="You cannot approve your own request"):
        course.refuse(asked(10), by=SERGEANT, acting_for_requester=False)


def test_a_deputy_does_not_approve_for_the_absent_person_what_that_person_asked_for() -> None:
    with pytest.raises(NotPermitted, match="You cannot approve your own request"):
        course.approve(asked(10), {1: 10}, by=INSPECTOR, acting_for_requester=True)


@pytest.mark.parametrize(
    ("approved_counts", "words"),
    [
        ({1: 11, 2: 4}, "Approve between 0 and the 10 asked for"),
        ({1: -1, 2: 4}, "Approve between 0 and the 10 asked for"),
        ({1: 10}, "Say how many to approve on every line, 0 for none"),
        ({1: 10, 2: 4, 3: 1}, "Say how many to approve on every line, 0 for none"),
        ({1: 0, 2: 0}, "To approve nothing, refuse the request and say why"),
    ],
)
def test_an_approval_that_does_not_fit_the_request_is_refused(approved_counts: dict[int, int], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        course.approve(asked(10, 4), approved_counts, by=INSPECTOR, acting_for_requester=False)


def test_a_step_cannot_be_skipped() -> None:
    for act in (
        lambda: course.dispatch(asked(10), {1: 1}),
        lambda: course.drop_rest(asked(10)),
        lambda: course.receive(asked(10), {1: (1, 0)}),
        lambda: course.settle(asked(10), 1, 1),
    ):
        with pytest.raises(StaleEdit, match=r"^This request has not been approved$"):
            act()
    with pytest.raises(StaleEdit, match="Nothing of this request has been sent yet"):
        course.receive(approved(10), {1: (1, 0)})


def test_a_request_that_is_partly_sent_cannot_be_cancelled() -> None:
    with pytest.raises(StaleEdit, match="Part of this request is on its way, so it cannot be cancelled"):
        course.cancel(course.dispatch(approved(10), {1: 1}))


def test_no_more_is_sent_than_is_still_promised() -> None:
    partly = course.dispatch(approved(10), {1: 7})

    with pytest.raises(RuleBroken, match=r"You picked 4 and 3 are still to be sent. Pick fewer"):
        course.dispatch(partly, {1: 4})


def test_a_request_sent_in_two_goes_stays_sent_until_both_are_counted() -> None:
    """
    | act          | promised | on its way | state    |
    | approve 10   |       10 |          0 | approved |
    | dispatch 7   |        3 |          7 | sent     |
    | receive 7    |        3 |          0 | sent     |
    | dispatch 3   |        0 |          3 | sent     |
    | receive 3    |        0 |          0 | closed   |
    """
    now = approved(10)
    seen = []
    for step in (
        lambda c: course.dispatch(c, {1: 7}),
        lambda c: course.receive(c, {1: (7, 0)}),
        lambda c: course.dispatch(c, {1: 3}),
        lambda c: course.receive(c, {1: (3, 0)}),
    ):
        now = step(now)
        seen.append((now.promised_count, now.lines[1].on_its_way_count, now.state.value))

    assert seen == [(3, 7, "sent"), (3, 0, "sent"), (0, 3, "sent"), (0, 0, "closed")]


def test_a_shortage_keeps_a_request_open_until_it_is_settled() -> None:
    short = course.receive(course.dispatch(approved(10), {1: 10}), {1: (8, 2)})
    assert short.state is RequestState.RECEIVED

    assert course.settle(short, 1, 2).state is RequestState.CLOSED
    with pytest.raises(RuleBroken, match="2 are short on this line"):
        course.settle(short, 1, 3)


def test_dropping_the_rest_closes_a_request_whose_parcels_have_all_been_counted() -> None:
    partly = course.receive(course.dispatch(approved(10), {1: 6}), {1: (6, 0)})

    after = course.drop_rest(partly)

    assert (after.state, after.promised_count, after.lines[1].dropped_count) == (RequestState.CLOSED, 0, 4)


def test_a_count_far_above_the_usual_is_questioned_in_figures() -> None:
    asked_for = question("Toothbrush", 5_000, suggested_count=480, par_count=500, usual_count=520, place="Salisbury")

    assert asked_for == (
        "You asked for 5,000 of Toothbrush. The shortage is 480, the par level is 500 and the most Salisbury has "
        "been approved before is 520. Change the quantity, or tick to say that 5,000 is right"
    )


@pytest.mark.parametrize(
    ("count", "suggested", "par", "usual", "questioned"),
    [
        (1_040, 480, 500, 520, False),
        (1_041, 480, 500, 520, True),
        (6, 0, 0, 0, False),
        (7, 0, 0, 0, True),
        (6, 1, 3, 2, False),
        (9, 1, 3, 2, True),
    ],
)
def test_twice_the_usual_passes_and_one_more_does_not(
    count: int, suggested: int, par: int, usual: int, questioned: bool
) -> None:
    asked_for = question("Towel", count, suggested_count=suggested, par_count=par, usual_count=usual, place="X")

    assert (asked_for is not None) is questioned


class CourseMachine(RuleBasedStateMachine):
    """Any acts in any order: whatever is refused changes nothing, and what is allowed keeps its sums."""

    now: Course
    history: list[RequestState]

    @initialize(counts=st.lists(st.integers(1, 6), min_size=1, max_size=3))
    def begin(self, counts: list[int]) -> None:
        self.now = asked(*counts)
        self.history = [self.now.state]
        self.promises_made = self.promises_ended = 0

    def _try(self, act: Callable[..., Course], *arguments: object, **named: object) -> None:
        before = replace(self.now)
        try:
            after = act(self.now, *arguments, **named)
        except Refusal:
            assert self.now == before
            return
        assert after.state in MAY_FOLLOW[before.state]
        gained = sum(line.promised_count for line in after.lines.values()) - before.promised_count
        self.promises_made += max(0, gained)
        self.promises_ended += max(0, -gained)
        self.now = after
        self.history.append(after.state)

    @rule(data=st.data(), by=st.sampled_from([SERGEANT, INSPECTOR]), deputy=st.booleans())
    def approve(self, data: st.DataObject, by: int, deputy: bool) -> None:
        counts = {position: data.draw(st.integers(-1, 7)) for position in self.now.lines}
        was = self.now.state
        self._try(course.approve, counts, by=by, acting_for_requester=deputy)
        if was is RequestState.ASKED and (by == SERGEANT or deputy):
            assert self.now.state is RequestState.ASKED

    @rule(by=st.sampled_from([SERGEANT, INSPECTOR]))
    def refuse(self, by: int) -> None:
        self._try(course.refuse, by=by, acting_for_requester=False)

    @rule()
    def cancel(self) -> None:
        self._try(course.cancel)

    @rule(data=st.data())
    def dispatch(self, data: st.DataObject) -> None:
        self._try(course.dispatch, {position: data.draw(st.integers(0, 7)) for position in self.now.lines})

    @rule()
    def drop_rest(self) -> None:
        self._try(course.drop_rest)

    @precondition(lambda self: any(line.on_its_way_count for line in self.now.lines.values()))
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        counted = {
            position: (data.draw(st.integers(0, 7)), data.draw(st.integers(0, 2))) for position in self.now.lines
        }
        self._try(course.receive, counted)

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        position = data.draw(st.sampled_from(sorted(self.now.lines)))
        self._try(course.settle, position, data.draw(st.integers(0, 4)))

    @invariant()
    def sums_hold(self) -> None:
        for line in self.now.lines.values():
            assert 0 <= (line.approved_count or 0) <= line.asked_count
            assert line.promised_count >= 0
            assert line.on_its_way_count >= 0
            assert line.open_short_count >= 0
            assert line.dropped_count >= 0
            assert line.sent_count <= (line.approved_count or 0)

    @invariant()
    def every_promise_ends_once(self) -> None:
        assert self.now.promised_count == self.promises_made - self.promises_ended
        if not MAY_FOLLOW[self.now.state]:
            assert self.now.promised_count == 0

    @invariant()
    def nothing_is_sent_that_was_not_approved(self) -> None:
        if any(line.sent_count for line in self.now.lines.values()):
            assert RequestState.APPROVED in self.history


CourseMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
TestCourse = CourseMachine.TestCase
