"""The audit of the demonstration year: a sample by value of the newest signed claim, half of it checked."""

from __future__ import annotations

from audit.samples import services
from audit.samples.queries import signed_claims
from audit.samples.rules import Asked, Method, Outcome, PopulationKind
from demonstration.acts import Acts

SEED = "DICE 4 2 6 1 3 5"
HITS, CHECKED = 8, 5


def draw_a_sample(acts: Acts) -> None:
    """Draw eight hits from the newest signed claim, and write down what was found of the first rows."""
    acts.go_on(minutes=20)
    claim = signed_claims()[0]
    asked = Asked(PopulationKind.CLAIMED, claim, None, None, Method.BY_VALUE, HITS, 95, SEED)
    with acts.together():
        sample = acts.do("auditor", services.draw_sample, asked).reference
        for position in range(1, CHECKED + 1):
            acts.go_on(minutes=6)
            seen = "Invoice, order and delivery note agree"
            acts.do("auditor", services.write_result, sample, position, Outcome.AGREED, None, seen)
