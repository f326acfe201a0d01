"""Reading phones: where each unit is, its pairings, when a SIM lapses, and what may be packed."""

from inventory.phones.queries.handed_out import handed_out
from inventory.phones.queries.lapsing import (
    Ringing,
    by_bag,
    credit_of,
    operator_by_code,
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
    pairs_now,
    units_here,
    without_activation_count,
)
from inventory.phones.queries.telling import Told, Used, told, use_by_id, uses_of_day
from inventory.phones.queries.units import (
    UnitHeld,
    as_held,
    attractive_items,
    unit_held,
    units,
    units_in,
    units_standing,
)

__all__ = [
    "Ringing",
    "Stands",
    "Told",
    "UnitHeld",
    "UnitHere",
    "Used",
    "as_held",
    "attractive_items",
    "by_bag",
    "credit_of",
    "handed_out",
    "issued_numbers",
    "numbers_known",
    "operator_by_code",
    "operators",
    "pairings_of",
    "pairs_now",
    "rules_in_force",
    "sim_states",
    "sims_at",
    "sims_in_bags",
    "told",
    "unit_facts",
    "unit_held",
    "units",
    "units_here",
    "units_in",
    "units_packable",
    "units_standing",
    "use_by_id",
    "uses_of_day",
    "without_activation_count",
]
