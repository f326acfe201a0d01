"""Drawing a sample and saying what it means for its population; plain values only.

``drawing`` decides which rows are drawn, by SHA-256 alone; ``bounds`` has the three distributions an evaluation needs;
``projecting`` carries what was found over to the whole. docs/SAMPLES.md writes all of it down for whoever redoes it.
"""

from audit.samples.rules.drawing import (
    LARGEST_POPULATION,
    LARGEST_SAMPLE,
    SMALLEST_SAMPLE,
    Asked,
    Drawn,
    Listed,
    Method,
    PopulationKind,
    digest_of_population,
    draw,
    population_of,
    read_population,
    text_of_population,
)
from audit.samples.rules.projecting import Found, Limits, Outcome, Projection, Whole, project

__all__ = [
    "LARGEST_POPULATION",
    "LARGEST_SAMPLE",
    "SMALLEST_SAMPLE",
    "Asked",
    "Drawn",
    "Found",
    "Limits",
    "Listed",
    "Method",
    "Outcome",
    "PopulationKind",
    "Projection",
    "Whole",
    "digest_of_population",
    "draw",
    "population_of",
    "project",
    "read_population",
    "text_of_population",
]
