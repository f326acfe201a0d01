"""Making the outturn of an award: facts in, frozen figures out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.figures import Checkpoint
from core.trail.queries import Head, head
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.claims import queries as claims
from grants.claims.queries import Summary
from grants.claims.report import pack_of
from grants.closing import queries
from grants.closing.report.outturn import AwardName, Outturn, OutturnClaim, OutturnLine, OutturnRepayment
from grants.closing.rules import kept_until


def freeze_outturn(award: Award, found: Sequence[Summary], *, at: datetime, log: Head | None = None) -> Outturn:
    """Make the outturn of an award as known at a moment.

    Args:
        found: its claims, in order.
        log: how far the log of changes went, when whoever asks has read it already.
    """
    log = log or head()
    signed = [each for each in found if each.eligible_pence is not None]
    return Outturn(
        AwardName(
            award.code, award.title, award.funder, award.agreement_reference, award.body.name, award.starts_on,
            award.ends_on, award.amount_pence, award.variance_limit_points, award.certifier_office,
        ),
        Checkpoint(log.sequence, log.chain_hash, at),
        _lines(award, signed),
        tuple(
            OutturnClaim(
                each.claim.reference, each.claim.first_on, each.claim.last_on, each.claim.is_final,
                int(each.eligible_pence or 0), int(each.paid_pence),
            )
            for each in signed
        ),
        tuple(
            OutturnRepayment(each.reference, each.repaid_on, each.outside_reference, each.pence)
            for each in queries.repayments_of(award.id)
        ),
        kept_until(award.ends_on, award.retention_years),
    )  # fmt: skip


def _lines(award: Award, signed: Sequence[Summary]) -> tuple[OutturnLine, ...]:
    """Take each line as the newest signed claim has it; before the first claim nothing is claimed."""
    newest = claims.signed_of(signed[-1].claim.id) if signed else None
    changes = awards.budget_changes([line.id for line in award.lines])
    said = {line.code: line for line in pack_of(newest.pack_json).lines} if newest else {}
    return tuple(
        OutturnLine(
            line.code,
            line.heading,
            line.budget_pence,
            changes[line.id],
            said[line.code].figures.cumulative if line.code in said else 0,
            (said[line.code].forecast or 0) if line.code in said else line.budget_pence + changes[line.id],
            said[line.code].explanation if line.code in said else "",
        )
        for line in award.lines
    )
