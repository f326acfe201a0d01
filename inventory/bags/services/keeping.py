"""What of the Go Bags at a place may not be taken: those promised to requests, and those in the surge reserve.

Both are counts of Go Bags that are ready. One that is not serves neither, though it stands there too.
"""

from __future__ import annotations

from datetime import date

from core.access import Scope
from core.errors import NotEnoughStock
from inventory.bags import queries
from inventory.bags.models import Bag
from inventory.bags.rules import Readiness
from inventory.stock.queries import NOTHING_KEPT, kept_bags
from organisation.places.models import Place


def refuse_taking(bag: Bag, place: Place, *, on: date, stays: bool = False) -> None:
    """Refuse to take a Go Bag away from a place, or a thing out of it, while what else is ready there is kept.

    Keeps: INV-16 (what is promised and kept back never exceeds what is there).

    Args:
        stays: only something is taken out of it: it stands there still, and is no longer ready.

    Raises:
        NotEnoughStock: with what stands there, what of it is kept, and what to do first.
    """
    recipe = bag.recipe_version.recipe
    kept = kept_bags(place.id).get(recipe.id, NOTHING_KEPT)
    if not kept.count:
        return
    ready = {
        view.tag: view.verdict.readiness is Readiness.READY
        for view in queries.bag_views([place.id], scope=Scope.of([place.id]), on=on)
        if view.recipe_id == recipe.id
    }
    too_few_stand = not stays and len(ready) - 1 < kept.count
    if too_few_stand or (ready.get(bag.tag, False) and sum(ready.values()) - 1 < kept.count):
        raise NotEnoughStock(
            f"Only 0 left. Nothing has been recorded: {_standing(place, recipe.name, ready)} and {kept.words}. "
            f"{kept.way_out}",
            "tag",
        )


def _standing(place: Place, name: str, ready: dict[str, bool]) -> str:
    count, fit = len(ready), sum(ready.values())
    return f"{place.name} has {count:,} of {name}{'' if fit == count else f', {fit:,} of them ready,'}"
