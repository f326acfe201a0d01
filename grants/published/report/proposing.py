"""Proposing a release: made, decided, and where it may not be published, the least that has to be left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.access import Scope
from core.figures import Checkpoint
from core.figures.hiding import part
from core.periods import named
from core.suppression import Decision
from core.trail.queries import head
from core.trail.rules import fingerprint
from grants.published import queries
from grants.published.report.making import Known, Making
from grants.published.report.released import DRAFT, ReleasedUsage
from grants.published.rules import Figure, Plan, lighter
from inventory.usage.queries import force_name, place_names


@dataclass(frozen=True)
class Proposal:
    """A release that could be made.

    Attributes:
        decision: what it hides, and what is not proved.
        figures: every figure with its true count, for the releases to come.
        advice: where it may not be published: what to leave out, in words; empty where nothing helps.
        digest: fingerprint of what would be published.
    """

    release: ReleasedUsage
    decision: Decision
    figures: tuple[Figure, ...]
    advice: str
    digest: str

    @property
    def may_be_published(self) -> bool:
        """Whether every small count is proved safe."""
        return not self.decision.unproved


def propose(plan: Plan, *, at: datetime) -> Proposal:
    """Make a release as known at a moment, and decide over it and all before it what is hidden.

    Raises:
        ValueError: the records no longer agree with an earlier release.
    """
    log, known = head(), _known(plan)
    making = Making(plan, known, at=at)
    decision = making.decision()
    tables = tuple(each.without(decision.hidden) for each in making.counted)
    whole = tables[0].total
    release = ReleasedUsage(
        DRAFT,
        force_name(),
        named(plan.first, plan.last),
        Checkpoint(log.sequence, log.chain_hash, at),
        making.threshold,
        plan.price_pounds,
        tuple((str(row[0]), part(row[-1])) for row in tables[0].rows),
        part(whole[-1]) if whole else None,
        tables,
    )
    advice = advised(plan, known, at=at) if decision.unproved else ""
    shown = fingerprint([[table.name, table.written, table.written_total] for table in tables])
    return Proposal(release, decision, making.figures(decision), advice, shown)


def _known(plan: Plan) -> Known:
    places = place_names(scope=Scope.everywhere(), period=named(plan.first, plan.last))
    return Known(queries.issues(), queries.past(), queries.thresholds(), places, queries.recipe_names())


def advised(plan: Plan, known: Known, *, at: datetime) -> str:
    """Find the least that has to be left out for everything to be proved, in words; empty where nothing helps."""
    for words, other in lighter(plan):
        if not Making(other, known, at=at).decision().unproved:
            return words
    return ""
