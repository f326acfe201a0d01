"""Correcting a grant line that was copied wrong from the agreement, while nothing hangs on it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import OverLimit, RuleBroken, StaleEdit
from core.money import Pence, pounds
from core.privacy import refuse_personal_details
from grants.awards import queries
from grants.awards.models import Award, GrantLine, LineCorrection
from grants.awards.rules import NewLine
from grants.awards.services.holding import hold_open_award


def correct_line(
    award_code: str,
    line: NewLine,
    *,
    shown_by: str,
    reason: str,
    seen: int,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> LineCorrection:
    """Correct heading, purpose and budget of a grant line that was copied wrong. What was recorded stays.

    Args:
        line: as the agreement has it, under the line's own code.
        shown_by: the page of the agreement.
        seen: id of the line's newest correction on the page that was filled in, 0 for none.

    Raises:
        NotFound: there is no such award or line.
        StaleEdit: somebody corrected it meanwhile.
        OverLimit: something hangs on the line; budget then moves by a budget change.
        RuleBroken: nothing differs, or the lines add up to more than the award.
        PeriodClosed: the award is closed.
    """
    body = {"award": award_code, "line": asdict(line), "shown_by": shown_by, "reason": reason, "seen": seen}
    found = queries.line_of_award(award_code, line.code)
    made = trail.earlier(submission_id, by=by, act="award.correct", body=body)
    if made is not None:
        return next(each for each in queries.corrections_of(found.award_id) if each.grant_line_id == found.id)
    award = hold_open_award(award_code)
    _demand_free(found)
    if seen != max((each.id for each in queries.corrections_of(award.id) if each.grant_line_id == found.id), default=0):
        raise StaleEdit
    change = _change(award, found, line)
    refuse_personal_details(f"{line.heading}\n{line.purpose}", field="purpose")
    refuse_personal_details(shown_by, field="shown_by")
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say what was copied wrong", "reason")
    row = LineCorrection(
        grant_line_id=found.id, heading=line.heading, purpose=line.purpose, pence=change, shown_by=shown_by,
        note_id=note.id, account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.expire(found)
    trail.record(
        act="award.correct", subject=f"{award.code}/{line.code}", by=by, at=at, submission_id=submission_id,
        reason=note, budget_pence=line.budget_pence, change_pence=change,
    )  # fmt: skip
    return row


def _demand_free(line: GrantLine) -> None:
    """Refuse once something hangs on a line: what was agreed then stays.

    Raises:
        OverLimit: with what hangs on it.
    """
    hangs = queries.hanging(line.award_id).get(line.id)
    if hangs is not None:
        raise OverLimit(
            f"{hangs}, so line {line.code} stays as it is agreed: {line.heading}, {pounds(Pence(line.budget_pence))}. "
            "Move budget by a budget change (virement) instead"
        )


def _change(award: Award, line: GrantLine, right: NewLine) -> Pence:
    """Give by how much the budget was out, in pence.

    Raises:
        RuleBroken: nothing differs, or the lines would add up to more than the award.
    """
    if (line.heading, line.purpose, line.budget_pence) == (right.heading, right.purpose, right.budget_pence):
        raise RuleBroken("Nothing is different. Change what was copied wrong")
    others = sum(each.budget_pence for each in award.lines if each.id != line.id)
    most = award.amount_pence - others
    if right.budget_pence > most:
        raise RuleBroken(
            f"The other lines take {pounds(Pence(others))} of the award of {pounds(Pence(award.amount_pence))}. Enter "
            f"{pounds(Pence(most))} or less",
            "budget",
        )
    return Pence(right.budget_pence - line.budget_pence)
