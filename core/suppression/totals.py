"""Totals, releases, and all that a reader of every release knows, as one system over atoms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Atom = Any
"""Names one of the smallest cells that anything is counted in: any value that can be a key."""

Move = dict[int, int]
"""Atom's number → how much more (or less) of it a witness has than the truth."""

HIDDEN = "[c]"
"""What stands in place of a hidden figure, whichever reason it was hidden for: the mark of GSS for confidential."""


@dataclass(frozen=True)
class Total:
    """A figure of a release: the sum of some atoms.

    Attributes:
        label: names the figure within its release; two labels may stand for the same atoms.
        atoms: what is added up.
    """

    label: str
    atoms: frozenset[Atom]


@dataclass(frozen=True)
class Release:
    """What was published before.

    Attributes:
        totals: every figure of it, hidden ones too.
        hidden: labels of those that were hidden.
        threshold: counts of 1 up to, and not including, this were sensitive in it.
        witnesses: those it was decided with, where they are still at hand: atom → how much more or less. They are
            where the search for new ones starts, and are checked like any other.
    """

    totals: tuple[Total, ...]
    hidden: frozenset[str]
    threshold: int
    witnesses: tuple[Mapping[Atom, int], ...] = ()


@dataclass
class Known:
    """Every total of every release over numbered atoms, each total once.

    Attributes:
        names: what each atom is called, by its number.
        held: the true count of each atom.
        members: the atoms of each total.
        count: the true count of each total.
        of: the totals each atom is in.
        hidden: totals that no release shows.
        settled: totals an earlier release shows, which nothing can take back.
        asked: totals of the release being decided.
        seeds: witnesses of earlier releases.
    """

    names: list[Atom]
    held: list[int]
    members: list[frozenset[int]] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    of: list[list[int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    seeds: list[Move] = field(default_factory=list)

    def add(self, atoms: frozenset[int]) -> int:
        """Add a total and give its number."""
        number = len(self.members)
        self.members.append(atoms)
        self.count.append(sum(self.held[atom] for atom in atoms))
        for atom in atoms:
            self.of[atom].append(number)
        return number

    def may_hide(self, total: int) -> bool:
        """Say whether a total can still be hidden: asked for now, shown by none before, and not nought."""
        return total in self.asked and total not in self.settled and self.count[total] > 0

    def changes(self, move: Move) -> dict[int, int]:
        """Give the totals that differ between a witness and the truth, and by how much."""
        changed: dict[int, int] = {}
        for atom, by in move.items():
            for total in self.of[atom]:
                changed[total] = changed.get(total, 0) + by
        return {total: by for total, by in changed.items() if by}

    def stands(self, move: Move, also_hidden: frozenset[int] = frozenset()) -> bool:
        """Say whether a witness agrees with everything shown: by addition, whatever found it."""
        if any(self.held[atom] + by < 0 for atom, by in move.items()):
            return False
        return all(
            (total in self.hidden or total in also_hidden) and self.count[total] + by >= 1
            for total, by in self.changes(move).items()
        )


def gather(
    totals: Sequence[Total], counts: Mapping[Atom, int], earlier: Sequence[Release]
) -> tuple[Known, dict[frozenset[Atom], int]]:
    """Number the atoms and totals of a release and of those before it.

    A total that was hidden before stays hidden as long as no release has shown it.

    Returns:
        What is known when nothing of this release is hidden yet, and the number of each set of atoms.

    Raises:
        ValueError: a count is below nought.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("A count is below nought")
    every = [*totals, *(each for release in earlier for each in release.totals)]
    atoms = {atom: number for number, atom in enumerate(_in_order(counts, every))}
    known = Known(list(atoms), [counts.get(atom, 0) for atom in atoms], of=[[] for _ in atoms])
    numbers: dict[frozenset[Atom], int] = {}
    for total in every:
        if total.atoms not in numbers:
            numbers[total.atoms] = known.add(frozenset(atoms[atom] for atom in total.atoms))
    for release in earlier:
        for total in release.totals:
            (known.hidden if total.label in release.hidden else known.settled).add(numbers[total.atoms])
        known.seeds += [{atoms[atom]: by for atom, by in move.items() if atom in atoms} for move in release.witnesses]
    known.hidden -= known.settled
    known.asked = {numbers[total.atoms] for total in totals}
    return known, numbers


def _in_order(counts: Mapping[Atom, int], every: Iterable[Total]) -> dict[Atom, None]:
    """List the atoms, each once, in an order that is the same every time."""
    named = dict.fromkeys(counts)
    named.update(dict.fromkeys(sorted({atom for total in every for atom in total.atoms} - named.keys(), key=repr)))
    return named
