"""Handsets go into a Go Bag with the very SIMs they hold: plain values.

A SIM is recorded in its handset before it is packed. Contents are dealt into bags lot by lot, which keeps no pair; so
the SIMs of a run are dealt once more, each to the bag of its handset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import RuleBroken
from inventory.bags.rules.judging import Part
from inventory.catalogue.rules import ItemKind


@dataclass(frozen=True)
class Pair:
    """A SIM that is in a handset, by their ids and numbers."""

    handset_id: int
    handset_number: str
    sim_id: int
    sim_number: str


def kept_together(bags: Sequence[Sequence[Part]], pairs: Sequence[Pair]) -> list[list[Part]]:
    """Deal the SIMs of a run once more, each to the bag of the handset it is in; how many a bag gets stays the same.

    Raises:
        RuleBroken: a bag would hold a handset without its own SIM, or a SIM without its own handset.
    """
    sim_of = {pair.handset_id: pair.sim_id for pair in pairs}
    of_item = {sim: part.content.item_id for bag in bags for part in bag for sim in _sims(part)}
    taken = {sim: number for number, bag in enumerate(bags) for sim in _own(bag, sim_of) if sim in of_item}
    spare = [sim for sim in of_item if sim not in taken]
    parts = {sim: part for bag in bags for part in bag for sim in _sims(part)}
    dealt = [_redealt(number, bag, taken, spare, parts) for number, bag in enumerate(bags)]
    for bag in dealt:
        _check(bag, pairs)
    return dealt


def _sims(part: Part) -> tuple[int, ...]:
    return part.unit_ids if part.content.kind is ItemKind.SIM else ()


def _handsets(bag: Sequence[Part]) -> list[int]:
    return [unit for part in bag if part.content.kind is ItemKind.PHONE for unit in part.unit_ids]


def _own(bag: Sequence[Part], sim_of: Mapping[int, int]) -> list[int]:
    """List the SIMs of a bag's handsets, as many as the bag takes SIMs."""
    room = sum(len(_sims(part)) for part in bag)
    return [sim_of[handset] for handset in _handsets(bag) if handset in sim_of][:room]


def _redealt(
    number: int, bag: Sequence[Part], taken: Mapping[int, int], spare: list[int], parts: Mapping[int, Part]
) -> list[Part]:
    """Give a bag its handsets' SIMs, and of the others as many as it still takes."""
    room = sum(len(_sims(part)) for part in bag)
    chosen = [sim for sim, owner in taken.items() if owner == number]
    while len(chosen) < room and spare:
        chosen.append(spare.pop(0))
    by_lot: dict[int, list[int]] = {}
    for sim in chosen:
        by_lot.setdefault(parts[sim].content.lot_id, []).append(sim)
    sims = [
        Part(replace(parts[units[0]].content, unit_count=len(units)), tuple(sorted(units))) for units in by_lot.values()
    ]
    return [*(part for part in bag if part.content.kind is not ItemKind.SIM), *sims]


def _check(bag: Sequence[Part], pairs: Sequence[Pair]) -> None:
    handsets, sims = set(_handsets(bag)), {sim for part in bag for sim in _sims(part)}
    if not handsets or not sims:
        return
    for pair in pairs:
        if (pair.handset_id in handsets) != (pair.sim_id in sims):
            raise RuleBroken(
                f"The SIM ending {pair.sim_number[-4:]} is recorded in the phone ending {pair.handset_number[-4:]}. "
                f"Pack both into one Go Bag, or record on the phone’s page which SIM is in it now"
            )
