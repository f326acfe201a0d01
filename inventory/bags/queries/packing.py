"""What to pack: the recipe in use, and the lots to take for a run of Go Bags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.access import Scope
from core.errors import NotFound, RuleBroken
from inventory.bags import rules
from inventory.bags.queries.contents import contents_at, wanted_by
from inventory.bags.queries.using import InOrder, in_order
from inventory.bags.rules import Content, PackedLine, Wanted
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import KitRecipe, RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.models import SerialUnit
from inventory.phones.rules import NUMBER_OF
from inventory.stock import queries as stock
from inventory.stock.rules import ANY_LOT, PickPolicy, UseBy


@dataclass(frozen=True)
class ProposedLot:
    """A lot that could go into a line, with how many of it are proposed.

    Attributes:
        held_count: units of it at the place.
        numbers: whole numbers of the proposed units, for a lot counted by number.
        standing: whole numbers of all its units at the place.
        use_by: the day it should be used by, where that is not its own expiry.
    """

    content: Content
    proposed_count: int
    held_count: int
    numbers: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    use_by: UseBy | None = None

    @property
    def usable(self) -> bool:
        """Say whether it may go into a new bag (as of the day asked about)."""
        return not self.content.superseded and self.content.hold is None


@dataclass(frozen=True)
class ProposedLine:
    """One recipe line for a run of bags: how many are needed and from which lots.

    Attributes:
        left_out: what stands there and may not go into these bags, each as a sentence.
    """

    wanted: Wanted
    needed_count: int
    lots: tuple[ProposedLot, ...]
    left_out: tuple[str, ...] = ()

    @property
    def short_count(self) -> int:
        """How many units the place lacks, free of promises and fit for use."""
        return self.needed_count - sum(lot.proposed_count for lot in self.lots)


@dataclass(frozen=True)
class Proposal:
    """What to put into a run of bags, lots that must be used first first."""

    version: RecipeVersion
    bag_count: int
    lines: tuple[ProposedLine, ...]

    @property
    def short(self) -> tuple[ProposedLine, ...]:
        """The lines there is not enough for."""
        return tuple(line for line in self.lines if line.short_count > 0)

    def packed_lines(self) -> tuple[PackedLine, ...]:
        """Give the proposal as it is handed to the packing service."""
        return tuple(
            PackedLine(lot.content.lot_code, lot.proposed_count, lot.numbers)
            for line in self.lines
            for lot in line.lots
            if lot.proposed_count
        )


def recipe_in_use(recipe_code: str, *, on: date) -> RecipeVersion:
    """Give the version of a recipe that bags are packed to on a day.

    Raises:
        RuleBroken: there is no such recipe, or none of its versions is in use yet.
    """
    try:
        recipe = catalogue.recipe_by_code(recipe_code)
    except NotFound:
        raise RuleBroken("Choose a kit recipe", "recipe") from None
    version = catalogue.version_in_use(recipe.id, on=on)
    if version is None:
        raise RuleBroken(f"No version of {recipe.name} is in use yet", "recipe")
    return version


def recipes_to_pack(*, on: date) -> list[KitRecipe]:
    """List the recipes that have a version in use on a day, by name."""
    return sorted((version.recipe for version in catalogue.versions_in_use(on=on).values()), key=lambda r: r.name)


@dataclass(frozen=True)
class Packing:
    """What a place has for bags of a recipe on a day.

    Attributes:
        free: item id → units that are free.
        handset_of: SIM id → id of the handset it is in.
    """

    version: RecipeVersion
    wanted: Sequence[Wanted]
    free: Mapping[int, int]
    handset_of: Mapping[int, int]
    order: InOrder
    policy: PickPolicy
    on: date

    def proposal(self, bag_count: int) -> Proposal:
        """Propose what to put into so many bags; what is short is said line by line."""
        lots = [lot for lot in self.order.lots if lot.lot_id not in self.policy.kept_from]
        fit = fit_units(lots, self.order.units)
        chosen = rules.picked(self.wanted, fit, self.free, bag_count=bag_count, on=self.on)
        numbers = _in_pairs(self.order.units, chosen, self.handset_of)
        listed: set[int] = set()
        lines = []
        for line, taken in chosen:
            of_line = [lot for lot in self._meeting(line) if lot.lot_id not in listed]
            listed |= {lot.lot_id for lot in of_line}
            counts = {content.lot_id: content.unit_count for content in taken}
            proposed = tuple(
                _proposed_lot(lot, counts.get(lot.lot_id, 0), numbers.get(lot.lot_id, ()), self.order)
                for lot in of_line
                if lot.lot_id not in self.policy.kept_from
            )
            lines.append(ProposedLine(line, line.unit_count * bag_count, proposed, self._left_out(of_line)))
        return Proposal(self.version, bag_count, tuple(lines))

    def _meeting(self, line: Wanted) -> list[Content]:
        """List the lots in date that count towards a line."""
        return [lot for lot in self.order.lots if line.met_by(lot) and not lot.expired(self.on)]

    def _left_out(self, lots: Sequence[Content]) -> tuple[str, ...]:
        """Say of the lots that may not go into these bags why, each as a sentence."""
        kept_from = self.policy.kept_from
        return tuple(
            f"{lot.unit_count:,} of lot {lot.lot_code} left out: {kept_from[lot.lot_id]}"
            for lot in lots
            if lot.lot_id in kept_from
        )


def proposed_contents(
    recipe_code: str, place_id: int, *, bag_count: int = 1, on: date, policy: PickPolicy = ANY_LOT, scope: Scope
) -> Proposal:
    """Propose what to put into Go Bags: from each lot how many, what must be used first first, free stock only.

    First is what expires first, holds the SIM that lapses first, or was paid for by what ends first.

    Free is in date and on no hold, not promised and not in the surge reserve. Expired lots and superseded editions are
    never proposed; what is short is said line by line.

    Raises:
        NotFound: the place is outside the scope.
        RuleBroken: there is no such recipe in use.
    """
    return packing_at(recipe_code, place_id, on=on, policy=policy, scope=scope).proposal(bag_count)


def packing_at(recipe_code: str, place_id: int, *, on: date, policy: PickPolicy = ANY_LOT, scope: Scope) -> Packing:
    """Read what a place has for Go Bags of a recipe, to propose contents for one count of bags or several.

    Raises:
        NotFound: the place is outside the scope.
        RuleBroken: there is no such recipe in use.
    """
    scope.demand(place_id)
    version = recipe_in_use(recipe_code, on=on)
    here = contents_at(place_id, on=on)
    packable = phones.units_packable(place_id, serial_lots(here), on=on)
    standing, handset_of = _whole_pairs(here, packable)
    order = in_order(here, standing, handset_of, policy, on=on)
    return Packing(version, wanted_by(version), free_of(here, place_id, on=on), handset_of, order, policy, on)


def free_of(lots: Iterable[Content], place_id: int, *, on: date) -> dict[int, int]:
    """Tell how much of each item may be taken out of what stands loose at a place: item id → units.

    What is promised or in the surge reserve has to be met by what is in date and on no hold.
    """
    free: Counter[int] = Counter()
    for lot in lots:
        if lot.hold is None and not lot.expired(on):
            free[lot.item_id] += lot.unit_count
    for item_id, kept in stock.kept_items(place_id).items():
        free[item_id] -= kept.count
    return dict(free)


def _whole_pairs(
    lots: Sequence[Content], standing: Mapping[int, list[SerialUnit]]
) -> tuple[dict[int, list[SerialUnit]], dict[int, int]]:
    """Leave out a handset whose SIM is elsewhere, and a SIM whose handset is: (lot id → units, SIM id → handset id)."""
    kinds = {lot.lot_id: lot.kind for lot in lots}
    units = {kind: [unit.id for lot_id, found in standing.items() if kinds[lot_id] is kind for unit in found]
             for kind in (ItemKind.PHONE, ItemKind.SIM)}  # fmt: skip
    if not all(units.values()):
        return dict(standing), {}
    here = {unit for found in units.values() for unit in found}
    pairs = phones.pairs_now(here)
    parted = {unit for pair in pairs for unit in (pair.handset_id, pair.sim_id)
              if not {pair.handset_id, pair.sim_id} <= here}  # fmt: skip
    whole = {lot_id: [unit for unit in found if unit.id not in parted] for lot_id, found in standing.items()}
    return whole, {pair.sim_id: pair.handset_id for pair in pairs if pair.handset_id is not None}


def _in_pairs(
    standing: Mapping[int, Sequence[SerialUnit]],
    chosen: Sequence[tuple[Wanted, Sequence[Content]]],
    handset_of: Mapping[int, int],
) -> dict[int, tuple[str, ...]]:
    """Put the SIMs that are in the chosen handsets first, then those in none: lot id → numbers, in that order."""
    handsets = {
        unit.id
        for _, taken in chosen
        for content in taken
        if content.kind is ItemKind.PHONE
        for unit in standing.get(content.lot_id, ())[: content.unit_count]
    }

    def rank(unit: SerialUnit) -> int:
        handset = handset_of.get(unit.id)
        return 1 if handset is None else 0 if handset in handsets else 2

    return {
        lot_id: tuple(unit.number for unit in (sorted(units, key=rank) if handset_of else units))
        for lot_id, units in standing.items()
    }


def serial_lots(lots: Iterable[Content]) -> list[int]:
    """Give the ids of the lots that are counted by number."""
    return [lot.lot_id for lot in lots if lot.kind in NUMBER_OF]


def fit_units(lots: Sequence[Content], packable: Mapping[int, Sequence[SerialUnit]]) -> list[Content]:
    """Leave out of lots the handsets and SIMs that may not be packed, such as one that has lapsed."""
    return [
        replace(lot, unit_count=len(packable.get(lot.lot_id, ()))) if lot.kind in NUMBER_OF else lot for lot in lots
    ]


def _proposed_lot(lot: Content, proposed_count: int, numbers: tuple[str, ...], order: InOrder) -> ProposedLot:
    return ProposedLot(
        lot, proposed_count, lot.unit_count, numbers[:proposed_count], numbers, order.use_by.get(lot.lot_id)
    )
