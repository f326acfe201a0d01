"""Reading phones: where each unit is, its pairings, when a SIM lapses, and what may be packed."""

from inventory.phones.queries.handed_out import handed_out
from inventory.phones.queries.lapsing import (
    Ringing,
    credit_of,
    operators,
    rules_in_force,
    sim_states,
    sims_at,
    sims_in_bags,
)
from inventory.phones.queries.packing import unit_facts, units_packable
from inventory.phones.queries.pairing import (
    Stands,
    UnitHere,
    issued_numbers,
    numbers_known,
    pairings_of,
    partners,
    units_here,
    without_activation_count,
)
from inventory.phones.queries.units import UnitHeld, as_held, attractive_items, units, units_in, units_standing

__all__ = [
    "Ringing",
    "Stands",
    "UnitHeld",
    "UnitHere",
    "as_held",
    "attractive_items",
    "credit_of",
    "handed_out",
    "issued_numbers",
    "numbers_known",
    "operators",
    "pairings_of",
    "partners",
    "rules_in_force",
    "sim_states",
    "sims_at",
    "sims_in_bags",
    "unit_facts",
    "units",
    "units_here",
    "units_in",
    "units_packable",
    "units_standing",
    "without_activation_count",
]
