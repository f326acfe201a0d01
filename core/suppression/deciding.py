"""Deciding what a release hides: every sensitive total, and beside them what their witnesses need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.suppression.totals import Atom, Known, Move, Release, Total, gather
from core.suppression.witness import Room, find

LEAST_THRESHOLD = 1
"""A threshold of 1 hides nothing."""


@dataclass(frozen=True)
class Decision:
    """What a release hides.

    Attributes:
        hidden: labels of the totals to hide, whether for their own sake or another's: nobody is told which.
        known_already: sets of atoms whose small count earlier releases give away, so that nothing can keep it now.
        unproved: sets of atoms whose small count has no witness though nearly all is hidden: not to be published.
        witnessed: how many sensitive counts were proved safe by a witness.
        witnesses: what proves them: atom → how much more or less of it than the truth. One may prove many.
    """

    hidden: frozenset[str]
    known_already: tuple[frozenset[Atom], ...]
    unproved: tuple[frozenset[Atom], ...]
    witnessed: int
    witnesses: tuple[Mapping[Atom, int], ...]


def decide(
    totals: Sequence[Total],
    counts: Mapping[Atom, int],
    *,
    threshold: int,
    earlier: Sequence[Release] = (),
) -> Decision:
    """Decide which totals of a release to hide so that no sensitive count can be computed from it and those before it.

    Sensitive are counts of 1 up to the threshold among: the totals of this and earlier releases, what is left when one
    of them is subtracted from another that contains it, and single atoms.

    Args:
        counts: atom → how many; an atom that is not named has none.
        threshold: the smallest count that may be shown; nought is always shown. The highest that was ever used counts,
            so that lowering it gives nothing of the past away.
        earlier: every release before, with what it showed.

    Raises:
        ValueError: the threshold is below 1, or a count below nought.
    """
    if threshold < LEAST_THRESHOLD:
        raise ValueError("A threshold is at least 1")
    strictest = max([threshold, *(release.threshold for release in earlier)])
    known, numbers = gather(totals, counts, earlier)
    targets = list(_sensitive(known, strictest))
    sensitive = set(targets)
    known.hidden |= {total for total in known.asked if known.members[total] in sensitive and known.may_hide(total)}
    room = Room(known)
    told = {target for target in targets if earlier and room.tells(target)}
    witnesses, unproved = _protect(room, [target for target in targets if target not in told])
    return Decision(
        frozenset(total.label for total in totals if numbers[total.atoms] in known.hidden),
        _by_name(known, [target for target in targets if target in told]),
        _by_name(known, unproved),
        len(targets) - len(told) - len(unproved),
        tuple({known.names[atom]: by for atom, by in move.items() if by} for move in witnesses),
    )


def _by_name(known: Known, targets: Sequence[frozenset[int]]) -> tuple[frozenset[Atom], ...]:
    return tuple(frozenset(known.names[atom] for atom in target) for target in targets)


def _sensitive(known: Known, threshold: int) -> Iterator[frozenset[int]]:
    """Give each small count once: totals, differences of totals, atoms; the greatest first, as they are dearest."""
    found: dict[frozenset[int], int] = {}
    for total, members in enumerate(known.members):
        if not members:
            continue
        found[members] = known.count[total]
        for greater in known.of[min(members)]:
            left = known.count[greater] - known.count[total]
            if 0 < left < threshold and members < known.members[greater]:
                found[known.members[greater] - members] = left
    found.update((frozenset([atom]), held) for atom, held in enumerate(known.held))
    small = [(count, sorted(members)) for members, count in found.items() if 0 < count < threshold]
    for _, ordered in sorted(small, reverse=True):
        yield frozenset(ordered)


def _protect(room: Room, targets: Sequence[frozenset[int]]) -> tuple[list[Move], list[frozenset[int]]]:
    """Hide until each target has a witness, and check all of them at the end against what is hidden then.

    A witness found early stays good: hiding more only takes away what it has to agree with.

    Returns:
        The witnesses, and the targets that have none.
    """
    known, lost = room.known, list[frozenset[int]]()
    witnesses = [seed for seed in known.seeds if known.stands(seed)]
    for target in targets:
        if any(_differs(target, move) for move in witnesses):
            continue
        move = _witness(room, target)
        if move is None:
            lost.append(target)
        else:
            witnesses.append(move)
    if not all(known.stands(move) for move in witnesses):
        raise AssertionError("A witness no longer agrees with what is shown")
    return witnesses, lost


def _differs(target: frozenset[int], move: Move) -> bool:
    return sum(by for atom, by in move.items() if atom in target) != 0


def _witness(room: Room, target: frozenset[int]) -> Move | None:
    """Find a witness, hiding what it needs; where the bounded search finds none, hide more until it does."""
    known = room.known
    touching = {total for atom in target for total in known.of[atom]}
    for more, eager in ((set[int](), False), (set[int](), True), (touching, True), (known.asked, True)):
        known.hidden |= {total for total in more if known.may_hide(total)}
        found = find(room, target, eager=eager)
        if found is not None:
            known.hidden |= found.to_hide
            return found.move
    return None
