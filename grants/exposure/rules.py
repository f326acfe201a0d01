"""How much of what was claimed is still unused, how much will be at the end, and which transfers would use more of it.

Plain values only. The grant's goods are taken to be used before others of the same kind, at the pace of the last days
seen; a place can only use what stands there, so what one place will not use and another will lack is a transfer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DAYS_SEEN = 90
"""Days before now whose issues say how fast a place uses a thing."""

Stand = tuple[str, str]
"""(item, place)."""


def exposed_pence(claimed: int, received: int, unused: int) -> int:
    """Give what was claimed of a row and is still unused: what was received first is taken to be used first."""
    used = received - unused
    return max(0, min(claimed - used, unused))


def expected_use(issued: int, days_left: int, days_seen: int = DAYS_SEEN) -> int:
    """Give the units a place uses until the end at the pace of the days seen, whole units only."""
    return issued * max(0, days_left) // days_seen


@dataclass(frozen=True)
class Transfer:
    """Units of an item that one place will not use and another will lack, and what of the exposure they cure."""

    item: str
    source: str
    target: str
    unit_count: int
    pence: int


@dataclass(frozen=True)
class Outlook:
    """What stands of an item at a place, and what becomes of it by the end, in units and in pence.

    Attributes:
        exposed: claimed and still unused.
        left: of it, what no use at the place reaches.
    """

    item: str
    place: str
    unit_count: int
    expected_count: int
    exposed: int

    @property
    def left_count(self) -> int:
        """Units still there at the end."""
        return max(0, self.unit_count - self.expected_count)

    @property
    def lacking_count(self) -> int:
        """Units the place would use and does not have."""
        return max(0, self.expected_count - self.unit_count)

    @property
    def left(self) -> int:
        """Pence of the exposure that no use at the place reaches."""
        return -(-self.exposed * self.left_count // self.unit_count) if self.unit_count else 0


def transfers(outlooks: Iterable[Outlook]) -> tuple[Transfer, ...]:
    """Propose, item by item, what to move from where most is left to where most is lacking; the dearest first."""
    by_item: dict[str, list[Outlook]] = defaultdict(list)
    for each in outlooks:
        by_item[each.item].append(each)
    found = [transfer for mine in by_item.values() for transfer in _of_item(mine)]
    return tuple(sorted(found, key=lambda each: (-each.pence, each.item, each.source, each.target)))


def _of_item(mine: list[Outlook]) -> list[Transfer]:
    lacking = {each.place: each.lacking_count for each in mine}
    found = []
    for source in sorted(mine, key=lambda each: (-each.left_count, each.place)):
        left = source.left_count if source.exposed else 0
        for target in sorted(lacking, key=lambda place: (-lacking[place], place)):
            count = min(left, lacking[target])
            if count:
                pence = source.exposed * count // source.unit_count
                found.append(Transfer(source.item, source.place, target, count, pence))
                left -= count
                lacking[target] -= count
    return found


def outlooks(
    units: Mapping[Stand, int], exposed: Mapping[Stand, int], issued: Mapping[Stand, int], days_left: int
) -> tuple[Outlook, ...]:
    """Put together what stands where, what is exposed of it and what will be used, by item and place."""
    stands = sorted({*units, *(stand for stand in issued if any(stand[0] == item for item, _ in units))})
    return tuple(
        Outlook(
            item,
            place,
            units.get((item, place), 0),
            expected_use(issued.get((item, place), 0), days_left),
            exposed.get((item, place), 0),
        )
        for item, place in stands
    )
