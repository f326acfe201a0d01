"""Publishing usage: decided again over everything published before, and never taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.figures.storing import text_of
from core.references import next_reference
from grants.published.models import UsageRelease
from grants.published.report import Proposal, propose
from grants.published.rules import Figure, Plan, plain_witness


def publish_usage(
    plan: Plan, seen_digest: str, *, known_at: datetime, by: Actor, at: datetime, submission_id: str
) -> str:
    """Publish a release of usage, exactly as it was seen; give its reference.

    Args:
        seen_digest: fingerprint of what the person saw.
        known_at: data cut-off: what was recorded later is not in it.

    Raises:
        RuleBroken: a small count could be worked out, or the records contradict an earlier release.
        StaleEdit: what would be published is no longer what the person saw.
    """
    body = [*map(str, (plan.first, plan.last, plan.times, plan.by_language, plan.by_recipe, plan.price_pounds))]
    made = trail.earlier(submission_id, by=by, act="usage.publish", body=[*body, seen_digest])
    if made is not None:
        return made
    reference = next_reference("PUB")  # its series is locked until the commit, so that releases are decided in turn
    proposal = demanded(plan, at=known_at)
    if proposal.digest != seen_digest:
        raise StaleEdit("The figures changed while you were reading. Read them again before you publish")
    release = replace(proposal.release, reference=reference)
    kept = UsageRelease(
        reference=reference,
        title=f"{release.title}, {release.period.words}"[:200],
        first_on=plan.first,
        last_on=plan.last,
        threshold=release.threshold,
        figure_count=len(proposal.figures),
        hidden_count=release.hidden_count,
        cut_off=known_at,
        account_id=by.account_id,
        released_at=at,
        frozen_json=text_of(release),
        figures_json=json.dumps([_plain(each) for each in proposal.figures]),
        witnesses_json=json.dumps([plain_witness(each) for each in proposal.decision.witnesses]),
    )
    db.session.add(kept)
    db.session.flush()
    trail.record(
        act="usage.publish",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        period=release.period.words,
        figures=kept.figure_count,
        hidden=kept.hidden_count,
    )
    return reference


def demanded(plan: Plan, *, at: datetime) -> Proposal:
    """Give a release that may be published.

    Raises:
        RuleBroken: it may not, with what to leave out.
    """
    try:
        proposal = propose(plan, at=at)
    except ValueError as problem:
        raise RuleBroken(str(problem)) from problem
    if not proposal.may_be_published:
        raise RuleBroken(refusal_of(proposal))
    return proposal


def refusal_of(proposal: Proposal) -> str:
    """Say why a release may not be published, and what to do."""
    count = len(proposal.decision.unproved)
    few = "a small count" if count == 1 else f"{count:,} small counts"
    said = f"It cannot be proved that {few} cannot be worked out from these figures and those published before"
    return f"{said}. {proposal.advice or 'Publish a longer period, or nothing of this one'}"


def _plain(figure: Figure) -> list[object]:
    chosen = figure.selection
    return [
        figure.label,
        chosen.months,
        chosen.places,
        chosen.languages,
        chosen.recipes,
        figure.count,
        figure.hidden,
    ]
