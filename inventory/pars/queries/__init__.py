"""Reading par levels, and what was wanted at a place day by day."""

from inventory.pars.queries.answered import Answered, answered
from inventory.pars.queries.levels import (
    NamedPar,
    Pars,
    named_pars,
    par_history,
    pars_in_force,
    pars_of,
    things_without_par,
)
from inventory.pars.queries.wanted import Suggested, Thing, Wanted, code_of, resupply_of, suggestions, trials, wanted_at

__all__ = [
    "Answered",
    "NamedPar",
    "Pars",
    "Suggested",
    "Thing",
    "Wanted",
    "answered",
    "code_of",
    "named_pars",
    "par_history",
    "pars_in_force",
    "pars_of",
    "resupply_of",
    "suggestions",
    "things_without_par",
    "trials",
    "wanted_at",
]
