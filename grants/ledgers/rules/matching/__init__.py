"""Matching ledger lines with spending rows, by evidence that can be read out.

A wrong match made by the machine is worse than one it leaves to a person, so a pair is certain only when its
evidence is strong and clearly better than the next. The same input gives the same proposals in the same
order. ``evidence`` says what counts how much; each stage is a module of its own.
"""

from collections.abc import Sequence

from grants.ledgers.rules.matching.equals import (
    Equals,
    propose_equals,
    settle_equals,
    settle_repeats,
    settle_reversals,
)
from grants.ledgers.rules.matching.facts import (
    LedgerLineFacts,
    MatchedPair,
    MatchKind,
    Proposal,
    SpendingRowFacts,
)
from grants.ledgers.rules.matching.parts import settle_parts
from grants.ledgers.rules.matching.reversals import set_aside_reversals
from grants.ledgers.rules.matching.slips import propose_by_reference, settle_slips
from grants.ledgers.rules.matching.vat import settle_vat_lines
from grants.ledgers.rules.matching.workbench import Workbench

__all__ = ["LedgerLineFacts", "MatchKind", "MatchedPair", "Proposal", "SpendingRowFacts", "propose_matches"]


def propose_matches(lines: Sequence[LedgerLineFacts], rows: Sequence[SpendingRowFacts]) -> list[Proposal]:
    """Propose which ledger lines book which spending rows.

    Args:
        lines: ledger lines not yet explained, with distinct ids.
        rows: spending rows not yet explained, with distinct ids.

    Returns:
        Proposals in the order of their first line. A line is in at most one of them. A row is explained by at
        most one; it may stand beside it in reversals and repeats, which add nothing to it, and in its VAT.
    """
    bench = Workbench.of(lines, rows)
    equals = Equals(bench)
    reversals = set_aside_reversals(bench, equals)
    settle_equals(bench, equals)
    settle_reversals(bench, equals, reversals)
    settle_repeats(bench, equals)
    settle_parts(bench, equals, certain=True)
    settle_equals(bench, equals)
    settle_vat_lines(bench)
    settle_slips(bench)
    propose_equals(bench, equals)
    settle_parts(bench, equals, certain=False)
    propose_by_reference(bench)
    places = {line.id: place for place, line in enumerate(lines)}
    return sorted(bench.proposals, key=lambda proposal: min(places[line] for line in proposal.line_ids))
