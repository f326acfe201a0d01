"""Deciding what a release hides: every sensitive total, and beside them what their witnesses need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.suppression.totals import Atom, Known, Move, Release, Total, gather
from core.suppression.witness import Room, find

LEAST_THRESHOLD = 1
"""A threshold of 1 hides nothing."""


@dataclass(frozen=True)
class Decision:
    """What a release hides.

    Attributes:
        hidden: labels of the totals to hide, whether for their own sake or another's: nobody is told which.
        known_already: sets of atoms whose small count earlier releases give away, to everybody or to one contributor,
            so that nothing can keep it now.
        unproved: sets of atoms whose small count has no witness though nearly all is hidden: not to be published.
        witnessed: how many sensitive counts were proved safe by witnesses.
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
    contributor: Callable[[Atom], Any] | None = None,
) -> Decision:
    """Decide which totals of a release to hide so that no sensitive count can be computed from it and those before it.

    Sensitive are counts of 1 up to the threshold among: the totals of this and earlier releases, what is left when one
    of them is subtracted from another that contains it, and single atoms.

    Args:
        counts: atom → how many; an atom that is not named has none.
        threshold: the smallest count that may be shown; nought is always shown. The highest that was ever used counts,
            so that lowering it gives nothing of the past away.
        earlier: every release before, with what it showed.
        contributor: whose an atom is: each contributor is taken to know its own, and learns no sensitive count of the
            others all the same. None where nobody reads who contributed.

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
    proofs = _Proofs(known, _owned(known, contributor))
    told, unproved = _protect(proofs, targets, has_earlier=bool(earlier))
    return Decision(
        frozenset(total.label for total in totals if numbers[total.atoms] in known.hidden),
        _by_name(known, list(dict.fromkeys(told))),
        _by_name(known, list(dict.fromkeys(unproved))),
        len(targets) - len({*told, *unproved}),
        tuple({known.names[atom]: by for atom, by in move.items() if by} for move in proofs.witnesses),
    )


def _owned(known: Known, contributor: Callable[[Atom], Any] | None) -> list[frozenset[int]]:
    """Give the atoms of each contributor, in an order that is the same every time."""
    found: dict[Any, set[int]] = {}
    for number, name in enumerate(known.names):
        if contributor is not None:
            found.setdefault(contributor(name), set()).add(number)
    return [frozenset(atoms) for atoms in found.values()]


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


NOBODY = -1
"""The reader who contributed nothing."""


@dataclass
class _Proofs:
    """The witnesses found so far, and for which readers each stands.

    A witness stands for everybody whose atoms it leaves as they are; one that touches two contributors does not stand
    for those two.

    Attributes:
        owned: atoms of each contributor.
    """

    known: Known
    owned: list[frozenset[int]]
    witnesses: list[Move] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the witnesses of earlier releases that still stand."""
        self._owner = {atom: number for number, atoms in enumerate(self.owned) for atom in atoms}
        self._of: dict[int, list[int]] = {}
        self._rooms: dict[int, Room] = {}
        for seed in self.known.seeds:
            if self.known.stands(seed):
                self.add(seed)

    def room(self, reader: int) -> Room:
        """Give where witnesses are looked for that stand for a reader."""
        if reader not in self._rooms:
            self._rooms[reader] = Room(self.known, frozenset() if reader == NOBODY else self.owned[reader])
        return self._rooms[reader]

    def add(self, move: Move) -> None:
        """Keep a witness."""
        for atom, by in move.items():
            if by:
                self._of.setdefault(atom, []).append(len(self.witnesses))
        self.witnesses.append(move)

    def lacking(self, target: frozenset[int], settled: Collection[int]) -> int | None:
        """Give a reader for whom no witness of a sensitive count stands yet, or None when it is proved for all others.

        Args:
            settled: readers who are not asked about any more.

        A contributor to whom all of it belongs knows it by right, and so does one who sees that the others had none.
        """
        near = dict.fromkeys(number for atom in target for number in self._of.get(atom, ()))
        proving = [self.witnesses[number] for number in near if _differs(target, self.witnesses[number])]
        if not proving and NOBODY not in settled:
            return NOBODY
        touched = [{self._owner[atom] for atom, by in move.items() if by and atom in self._owner} for move in proving]
        open_to = set(range(len(self.owned))).intersection(*touched).difference(settled)
        return next((reader for reader in sorted(open_to) if self._concerns(target, reader)), None)

    def _concerns(self, target: frozenset[int], reader: int) -> bool:
        return any(self.known.held[atom] for atom in target - self.owned[reader])


def _protect(
    proofs: _Proofs, targets: Sequence[frozenset[int]], *, has_earlier: bool
) -> tuple[list[frozenset[int]], list[frozenset[int]]]:
    """Hide until each target has witnesses for every reader, and check all at the end against what is hidden then.

    A witness found early stays good: hiding more only takes away what it has to agree with.

    Returns:
        The targets that earlier releases tell some reader, and those without a witness for some reader.
    """
    told, lost = list[frozenset[int]](), list[frozenset[int]]()
    for target in targets:
        settled = set[int]()
        while (reader := proofs.lacking(target, settled)) is not None:
            room = proofs.room(reader)
            if has_earlier and room.tells(target):
                told.append(target)
            elif move := _witness(room, target):
                proofs.add(move)
                continue
            else:
                lost.append(target)
            settled |= {reader} if reader != NOBODY else {NOBODY, *range(len(proofs.owned))}
    if not all(proofs.known.stands(move) for move in proofs.witnesses):
        raise AssertionError("A witness no longer agrees with what is shown")
    return told, lost


def _differs(target: frozenset[int], move: Move) -> bool:
    return sum(by for atom, by in move.items() if atom in target) != 0


def _witness(room: Room, target: frozenset[int]) -> Move | None:
    """Find a witness, hiding what it needs; where the bounded search finds none, look again with more taken as hidden.

    Of what was taken as hidden, only what the witness changes is hidden.
    """
    known, before = room.known, set(room.known.hidden)
    touching = {total for atom in target for total in known.of[atom]}
    for more, eager in ((set[int](), False), (set[int](), True), (touching, True), (known.asked, True)):
        known.hidden |= {total for total in more if known.may_hide(total)}
        found = find(room, target, eager=eager)
        if found is not None:
            known.hidden = before | known.changes(found.move).keys()
            return found.move
    return None
