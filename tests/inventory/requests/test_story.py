"""The words of a request: its steps, who has it, and every difference."""

from __future__ import annotations

import pytest

from inventory.requests.rules import Course, LineCourse, RequestState, course, differences, next_step, steps


def asked(*counts: int) -> Course:
    return Course(RequestState.ASKED, 11, {position: LineCourse(count) for position, count in enumerate(counts, 1)})


def approved(count: int) -> Course:
    return course.approve(asked(count), {1: count}, by=22, acting_for_requester=False)


PARTLY = course.dispatch(approved(10), {1: 6})
SENT = course.dispatch(PARTLY, {1: 4})
SHORT = course.receive(SENT, {1: (9, 1)})
CLOSED = course.settle(SHORT, 1, 1)


@pytest.mark.parametrize(
    ("now", "reached"),
    [
        (asked(10), "Asked done, Approved now, Picked later, Sent later, Received later"),
        (approved(10), "Asked done, Approved done, Picked now, Sent later, Received later"),
        (PARTLY, "Asked done, Approved done, Picked done, Sent now, Received later"),
        (SENT, "Asked done, Approved done, Picked done, Sent done, Received now"),
        (SHORT, "Asked done, Approved done, Picked done, Sent done, Received now"),
        (CLOSED, "Asked done, Approved done, Picked done, Sent done, Received done"),
        (course.cancel(asked(10)), "Asked done, Cancelled now"),
        (course.refuse(asked(10), by=22, acting_for_requester=False), "Asked done, Refused now"),
    ],
)
def test_the_step_line_shows_how_far_a_request_has_come(now: Course, reached: str) -> None:
    assert ", ".join(f"{step.name} {step.reached.value}" for step in steps(now)) == reached


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (asked(10), "Insp 204 or Insp 311 can approve or refuse it."),
        (approved(10), "Store 7 can pick and send it: 10 promised at Devizes."),
        (
            PARTLY,
            "Store 7 can pick and send the rest: 4 promised at Devizes. "
            "Salisbury counts in what is on its way: 6 sent and not yet counted.",
        ),
        (SHORT, "Store 7 can settle the shortage: 1 did not arrive."),
        (CLOSED, "Nothing: everything that was sent is accounted for."),
        (course.cancel(asked(10)), "It was cancelled, so nothing will be sent."),
    ],
)
def test_the_next_step_says_who_has_the_request(now: Course, words: str) -> None:
    said = next_step(now, place="Salisbury", store="Devizes", approvers=["Insp 204", "Insp 311"], keepers=["Store 7"])

    assert said == words


def test_nobody_in_post_is_said_as_such() -> None:
    said = next_step(asked(1), place="Salisbury", store="Devizes", approvers=[], keepers=[])
    assert said == "An approver of Salisbury can approve or refuse it."
    many = next_step(asked(1), place="Salisbury", store="Devizes", approvers=["A", "B", "C", "D"], keepers=[])
    assert many == "A, B or 2 others can approve or refuse it."


def test_every_difference_is_named() -> None:
    line = LineCourse(
        12, approved_count=10, promised_count=1, sent_count=7, arrived_count=4, short_count=3, settled_count=1
    )

    assert differences("Soap", line, ended=False) == [
        "Soap: 10 of the 12 asked for were approved.",
        "Soap: 2 of the 10 approved will not be sent.",
        "Soap: 7 sent so far, 1 still to be sent.",
        "Soap: 2 of the 7 sent did not arrive. Not settled yet.",
        "Soap: 1 did not arrive with the dispatch, and how that ended is settled.",
    ]
    assert differences("Soap", LineCourse(12, approved_count=12, promised_count=12), ended=False) == []
    assert differences("Soap", LineCourse(12, approved_count=12), ended=True) == []
