"""Kept numberings as text: runs of unit numbers by place, in one line that both databases hold alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from inventory.stock.rules import Units


@dataclass(frozen=True)
class IssuedUnits:
    """Units of a lot that one move of an issue carried; a later issue of the same units counts instead.

    Attributes:
        posting_id: of the issue.
    """

    lot_id: int
    move_id: int
    posting_id: int
    units: Units


def written(standing: Mapping[int, Units]) -> str:
    """Write where units stand, places without any left out, in the order of the places' ids."""
    return json.dumps({place: standing[place] for place in sorted(standing) if standing[place]}, separators=(",", ":"))


def read(text: str) -> dict[int, Units]:
    """Read where units stand: place id → units."""
    return {int(place): units_of(runs) for place, runs in json.loads(text).items()}


def written_units(units: Units) -> str:
    """Write runs of unit numbers."""
    return json.dumps(units, separators=(",", ":"))


def read_units(text: str) -> Units:
    """Read runs of unit numbers."""
    return units_of(json.loads(text))


def units_of(runs: list[list[int]]) -> Units:
    """Give runs as they are worked with."""
    return tuple((first, last) for first, last in runs)
