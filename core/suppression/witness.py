"""Finding the cheapest witness: the whole numbers that agree with what is shown, hiding as little more as possible.

The search starts from one atom of the sensitive count, made one more or one less, and repairs: each shown total that no
longer adds up is either mended by another of its atoms, or, in the release being decided, hidden at the price of its
count. The cheapest state is taken up first. In a cross-table the repairs are the swaps and cycles of the textbooks;
over several releases they run along the months as well. The search is bounded, so it may miss a witness; it never
invents one, because whatever it gives is added up again by ``Known.stands``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.suppression.totals import Known, Move

MOST_STATES = 120
"""States looked at for one sensitive count by the thrifty search; the eager one may look at four times as many."""

WIDEST = 6
"""Repairs of one total that are followed, the cheapest."""

MOST_MOVES = 24
"""Atoms a witness may change."""

_FAR = 10**9


@dataclass(frozen=True)
class Witness:
    """Another set of counts, as what differs from the truth, and the totals that have to be hidden for it to stand."""

    move: Move
    to_hide: frozenset[int]


class Room:
    """Where witnesses are looked for: what is known, with settled totals brought down to what they still tell.

    A settled total less the settled totals inside it tells the same and is smaller; what comes down to one atom, or to
    nought, tells those atoms, and they are *still*: no witness can change them.

    Attributes:
        known: what is known, with the totals hidden so far.
        own: atoms that the reader knows already.
        still: atoms that cannot change, those among them.
        members: the atoms of each total that can change, a settled total brought down.
        of: the totals each atom is in, by ``members``.
    """

    def __init__(self, known: Known, own: frozenset[int] = frozenset()) -> None:
        """Bring the settled totals down, the smallest first.

        Args:
            own: atoms that the reader knows already, because they are the reader's.
        """
        self.known, self.own = known, own
        self.members = list(known.members)
        self._least: dict[int, list[frozenset[int]]] = {}
        still = {atom for total, atoms in enumerate(known.members) if not known.count[total] for atom in atoms} | own
        for total in sorted(known.settled, key=lambda total: (len(known.members[total]), total)):
            rest = self._rest(known.members[total])
            if len(rest) == 1 or not sum(known.held[atom] for atom in rest):
                still |= rest
            if rest:
                self._least.setdefault(min(rest), []).append(rest)
            self.members[total] = rest
        self.still = frozenset(still)
        self.members = [atoms - self.still for atoms in self.members]
        self.of: list[list[int]] = [[] for _ in known.held]
        for total, atoms in enumerate(self.members):
            for atom in atoms:
                self.of[atom].append(total)

    def _rest(self, atoms: frozenset[int]) -> frozenset[int]:
        """Take away what the reader knows of some atoms, and the settled totals that lie within the others."""
        rest = set(atoms - self.own)
        for atom in sorted(rest):
            for part in self._least.get(atom, ()):
                if part <= rest:
                    rest -= part
        return frozenset(rest)

    def tells(self, target: frozenset[int]) -> bool:
        """Say whether earlier releases give a count away by themselves, so that nothing can keep it now."""
        return self._rest(target) <= self.still

    def price(self, total: int) -> int:
        """Give what it costs to hide a total: one, and all that it counts; far too much where it cannot be hidden."""
        return 1 + self.known.count[total] if self.known.may_hide(total) else _FAR


def find(room: Room, target: frozenset[int], *, eager: bool = False) -> Witness | None:
    """Find a witness for a sensitive count, or None when the bounded search finds none.

    Args:
        target: the atoms that the sensitive count adds up.
        eager: look first at what has least left to mend, not at what hides least: finds more, at a higher price.
    """
    search = _Search(room, target, eager)
    for _ in range(MOST_STATES * (4 if eager else 1)):
        if not search.waiting:
            return None
        state = heapq.heappop(search.waiting)[-1]
        if state.broken:
            search.follow(state)
        elif search.differs(state) and room.known.stands(state.move, state.to_hide):
            return Witness(state.move, state.to_hide)
    return None


@dataclass
class _State:
    """A set of changes on the way to a witness.

    Attributes:
        changed: the totals they change, and by how much.
        broken: shown totals that do not add up, and hidden ones that are below 1.
        to_hide: totals given up.
        cost: the price of those.
    """

    move: Move = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()
    to_hide: frozenset[int] = frozenset()
    cost: int = 0


class _Search:
    """One search, and the states it has not looked at yet."""

    def __init__(self, room: Room, target: frozenset[int], eager: bool) -> None:
        self.eager = eager
        self.room, self.known, self.target = room, room.known, target
        self.waiting: list[tuple[int, int, int, _State]] = []
        self.seen: set[tuple[frozenset[tuple[int, int]], frozenset[int]]] = set()
        self.pushed = 0
        held = self.known.held
        for seed in self.known.seeds:
            if not target.isdisjoint(seed) and self.room.own.isdisjoint(seed):
                self._start(seed)
        for atom in sorted(target - room.still, key=lambda atom: (-held[atom], atom))[: 2 * WIDEST]:
            for by in (1, -1):
                self._push(_State(), atom, by)

    def _start(self, seed: Move) -> None:
        """Start from a witness that stood before this release."""
        changed = self.known.changes(seed)
        hidden, count = self.known.hidden, self.known.count
        broken = frozenset(total for total, by in changed.items() if total not in hidden or count[total] + by < 1)
        self._queue(_State(seed, changed, broken))

    def differs(self, state: _State) -> bool:
        """Say whether the target has another count."""
        return sum(by for atom, by in state.move.items() if atom in self.target) != 0

    def follow(self, state: _State) -> None:
        """Push what can be done about a broken total: hide it, or mend it by another of its atoms.

        The one with the fewest atoms is taken, so that great totals are mended on the way.
        """
        members, known = self.room.members, self.known
        total = min(state.broken, key=lambda total: (len(members[total]), total))
        by = state.changed[total]
        if total not in known.hidden and known.may_hide(total) and known.count[total] + by >= 1:
            cost = state.cost + self.room.price(total)
            self._queue(_State(state.move, state.changed, state.broken - {total}, state.to_hide | {total}, cost))
        way = -1 if by > 0 else 1
        mending = sorted((self._worth(state, atom, way), atom) for atom in self._menders(state, total, way))
        for _, atom in mending[:WIDEST]:
            self._push(state, atom, way)

    def _menders(self, state: _State, total: int, way: int) -> Iterator[int]:
        """Give the atoms of a total that may change that way: none changes back, none goes below nought."""
        held = self.known.held
        started = [by for atom, by in state.move.items() if atom in self.target]
        for atom in self.room.members[total]:
            moved = state.move.get(atom, 0)
            if moved * way < 0 or held[atom] + moved + way < 0:
                continue
            if atom not in self.target or all(by * way > 0 for by in started):
                yield atom

    def _worth(self, state: _State, atom: int, way: int) -> int:
        """Guess what a change leaves to pay: less for each total it mends, more for each it breaks."""
        known, guess = self.known, 0
        for total in self.room.of[atom]:
            by = state.changed.get(total, 0)
            if total in known.hidden or total in state.to_hide:
                guess += _FAR if known.count[total] + by + way < 1 else 0
            else:
                guess += (1 if by * way >= 0 else -1) * (1 + known.count[total])
        return guess

    def _push(self, state: _State, atom: int, way: int) -> None:
        move, changed, broken = dict(state.move), dict(state.changed), set(state.broken)
        move[atom] = move.get(atom, 0) + way
        if self.known.held[atom] + move[atom] < 0 or len(move) > MOST_MOVES:
            return
        for total in self.room.of[atom]:
            by = changed[total] = changed.get(total, 0) + way
            hidden = total in self.known.hidden or total in state.to_hide
            if self.known.count[total] + by < 1 if hidden else by:
                broken.add(total)
            else:
                broken.discard(total)
        self._queue(_State(move, changed, frozenset(broken), state.to_hide, state.cost))

    def _queue(self, state: _State) -> None:
        key = (frozenset(state.move.items()), state.to_hide)
        if key in self.seen:
            return
        self.seen.add(key)
        self.pushed += 1
        members, hidden = self.room.members, self.known.hidden
        forced = sum(
            self.room.price(total) for total in state.broken if len(members[total]) == 1 and total not in hidden
        )
        cost, left = state.cost + forced, len(state.broken)
        heapq.heappush(self.waiting, (*((left, cost) if self.eager else (cost, left)), self.pushed, state))
