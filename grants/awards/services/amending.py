"""Amending an award: terms agreed anew or copied wrong, and a line the agreement adds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.money import Pence, pounds
from core.privacy import refuse_personal_details
from core.trail import Note
from grants.awards import queries
from grants.awards.models import Amendment, Award, GrantLine
from grants.awards.rules import AwardTerms, NewLine, changed_terms, demand_settled_kept, demand_sound_terms
from grants.awards.services.holding import hold_open_award
from grants.awards.services.recording import as_line, body_id_of, columns, guard_words


def amend_award(
    award_code: str,
    terms: AwardTerms,
    *,
    shown_by: str,
    reason: str,
    seen: int,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Award:
    """Change terms of an award, as the funder agreed or as the agreement had them all along.

    What is signed keeps the terms it was signed with; every page and claim from now on has the new ones.

    Args:
        terms: all of them as they should be, under the award's own code.
        shown_by: the funder's letter, or the page of the agreement.
        seen: id of the newest amendment on the page that was filled in, 0 for none.

    Raises:
        NotFound: there is no such award.
        StaleEdit: somebody amended it meanwhile.
        RuleBroken: nothing differs, the terms contradict themselves or the lines, or a period that was claimed or
            signed off would be none.
        PeriodClosed: the award is closed.
    """
    body = {"terms": asdict(terms), "shown_by": shown_by, "reason": reason, "seen": seen}
    made = trail.earlier(submission_id, by=by, act="award.amend", body=body)
    if made is not None:
        return queries.award_by_code(made)
    award = hold_open_award(award_code)
    if seen != max((each.id for each in queries.amendments_of(award.id)), default=0):
        raise StaleEdit
    before = queries.terms_of(award)
    changes = changed_terms(before, terms)
    lines = [NewLine(line.code, line.heading, line.purpose, Pence(line.budget_pence)) for line in award.lines]
    demand_sound_terms(terms, lines)
    guard_words(terms, ())
    demand_settled_kept(before, terms, queries.settled_periods(award.id))
    refuse_personal_details(shown_by, field="shown_by")
    note = _note(reason)
    for name, value in {**columns(terms), "body_id": body_id_of(terms.body_code)}.items():
        setattr(award, name, value)
    db.session.add_all(
        Amendment(
            award_id=award.id, term=each.term, was=each.was, becomes=each.becomes, shown_by=shown_by, note_id=note.id,
            account_id=by.account_id, recorded_at=at,
        )
        for each in changes
    )  # fmt: skip
    db.session.flush()
    trail.record(
        act="award.amend", subject=award.code, by=by, at=at, submission_id=submission_id, reason=note,
        terms=[each.term for each in changes], amount_pence=award.amount_pence, starts_on=award.starts_on,
        ends_on=award.ends_on,
    )  # fmt: skip
    return award


def add_line(award_code: str, line: NewLine, *, by: Actor, at: datetime, submission_id: str) -> GrantLine:
    """Add a grant line to an award, out of what of it stands on no line.

    Raises:
        NotFound: there is no such award.
        RuleBroken: the award has the line, or less of it stands on no line.
        PeriodClosed: the award is closed.
    """
    body = {"award": award_code, "line": asdict(line)}
    made = trail.earlier(submission_id, by=by, act="award.line", body=body)
    if made is not None:
        return queries.line_by_name(made)
    award = hold_open_award(award_code)
    if any(each.code == line.code for each in award.lines):
        raise RuleBroken(f"Line {line.code} is there already. Give the line a code of its own", "code")
    left = award.amount_pence - sum(each.budget_pence for each in award.lines)
    if line.budget_pence > left:
        raise RuleBroken(
            f"{pounds(left)} of the award of {pounds(award.amount_pence)} stands on no line. Enter that or less, or "
            "amend the amount of the award first",
            "budget",
        )
    refuse_personal_details(f"{line.heading}\n{line.purpose}", field="purpose")
    added = as_line(line, max(each.position for each in award.lines) + 1)
    added.award_id = award.id
    db.session.add(added)
    db.session.flush()
    trail.record(
        act="award.line", subject=f"{award.code}/{line.code}", by=by, at=at, submission_id=submission_id,
        budget_pence=line.budget_pence,
    )  # fmt: skip
    return added


def _note(reason: str) -> Note:
    note = trail.note(reason, field="reason")
    if note is None:
        raise RuleBroken("Say why the terms change", "reason")
    return note
