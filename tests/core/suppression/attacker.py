"""A reader who subtracts: knows every release, nothing of how it was made, and solves for what was hidden.

Shares no code with ``core/suppression`` but the shape of a release. Three attacks: exact elimination over fractions,
narrowing of the bounds of each atom and total until nothing moves, and, for small tables, trying every whole number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from core.suppression import Release

Atom = Any
Line = tuple[frozenset[Atom], int, int | None]
"""Atoms, the least and the most they can add up to."""

FAR = 10**6


def lines_of(releases: Sequence[Release], counts: Mapping[Atom, int]) -> list[Line]:
    """Read what the releases show: a figure is exact, a hidden one at least 1."""
    found: list[Line] = []
    for release in releases:
        for total in release.totals:
            figure = sum(counts[atom] for atom in total.atoms)
            found.append((total.atoms, 1, None) if total.label in release.hidden else (total.atoms, figure, figure))
    return found


def inside(lines: Sequence[Line], own: Sequence[Atom], counts: Mapping[Atom, int]) -> list[Line]:
    """Read as one contributor does: its own atoms are no secret to it."""
    return [*lines, *((frozenset([atom]), counts[atom], counts[atom]) for atom in own)]


def of_others(targets: set[frozenset[Atom]], own: Sequence[Atom], counts: Mapping[Atom, int]) -> set[frozenset[Atom]]:
    """List the targets that count something of others: all else is a contributor's to know."""
    return {target for target in targets if any(counts[atom] for atom in target.difference(own))}


def small(releases: Sequence[Release], counts: Mapping[Atom, int], threshold: int) -> set[frozenset[Atom]]:
    """List what must not be learned: small totals, and small differences of a total and one inside it."""
    sets = {total.atoms for release in releases for total in release.totals}
    sets |= {
        max(pair, key=len) - min(pair, key=len)
        for pair in combinations(sets, 2)
        if min(pair, key=len) < max(pair, key=len)
    }
    sets |= {frozenset([atom]) for atom in counts}
    return {atoms for atoms in sets if 0 < sum(counts[atom] for atom in atoms) < threshold}


def subtracted(lines: Sequence[Line], targets: set[frozenset[Atom]]) -> set[frozenset[Atom]]:
    """Give the targets that are a sum of shown figures, each times any fraction."""
    rows: dict[Atom, dict[Atom, Fraction]] = {}
    for atoms, least, most in lines:
        if least == most:
            rest = _eliminated({atom: Fraction(1) for atom in atoms}, rows)
            if rest:
                lead = min(rest, key=repr)
                rows[lead] = {atom: by / rest[lead] for atom, by in rest.items()}
    return {target for target in targets if not _eliminated({atom: Fraction(1) for atom in target}, rows)}


def _eliminated(row: dict[Atom, Fraction], rows: Mapping[Atom, Mapping[Atom, Fraction]]) -> dict[Atom, Fraction]:
    row = dict(row)
    while lead := next((atom for atom in sorted(row, key=repr) if atom in rows), None):
        times = row[lead]
        for atom, by in rows[lead].items():
            row[atom] = row.get(atom, Fraction(0)) - times * by
            if not row[atom]:
                del row[atom]
    return row


def narrowed(lines: Sequence[Line], atoms: Sequence[Atom]) -> dict[Atom, tuple[int, int]] | None:
    """Narrow what each atom can be until nothing moves; None where no whole numbers fit."""
    low, high = dict.fromkeys(atoms, 0), dict.fromkeys(atoms, FAR)
    moved = True
    while moved:
        moved = False
        for members, least, most in lines:
            lows, highs = sum(low[atom] for atom in members), sum(high[atom] for atom in members)
            if (most is not None and lows > most) or highs < least:
                return None
            for atom in members:
                up = FAR if most is None else most - (lows - low[atom])
                down = least - (highs - high[atom])
                if up < high[atom] or down > low[atom]:
                    highs += min(up, high[atom]) - high[atom]
                    lows += max(down, low[atom]) - low[atom]
                    high[atom], low[atom] = min(up, high[atom]), max(down, low[atom])
                    moved = True
    return {atom: (low[atom], high[atom]) for atom in atoms}


def learned(lines: Sequence[Line], targets: set[frozenset[Atom]], counts: Mapping[Atom, int]) -> set[frozenset[Atom]]:
    """Give the targets for which no other whole number fits, by trying every one. For small tables."""
    return {target for target in targets if not any(_others(lines, target, counts))}


def _others(lines: Sequence[Line], target: frozenset[Atom], counts: Mapping[Atom, int]) -> Iterator[bool]:
    true = sum(counts[atom] for atom in target)
    for line in ((target, true + 1, None), (target, 0, true - 1)):
        yield _fits([*lines, line], list(counts))


def _fits(lines: Sequence[Line], atoms: Sequence[Atom]) -> bool:
    """Say whether any whole numbers agree with all lines."""
    bounds = narrowed(lines, atoms)
    if bounds is None:
        return False
    open_atoms = [atom for atom in atoms if bounds[atom][0] < bounds[atom][1]]
    if not open_atoms:
        return True
    atom = min(open_atoms, key=lambda atom: bounds[atom][1] - bounds[atom][0])
    low, high = bounds[atom]
    return any(
        _fits([*lines, (frozenset([atom]), value, value)], atoms) for value in range(low, min(high, low + 40) + 1)
    )
