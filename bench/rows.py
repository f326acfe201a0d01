"""One figure of the benchmark, beside what it should be."""

from __future__ import annotations

from dataclasses import dataclass

LOWER_IS_BETTER = ("ms", "MB")


@dataclass(frozen=True)
class Row:
    """One figure. ``worst``, ``target`` and ``anchor`` are in its unit; ``moves`` is 0 where none are behind it."""

    what: str
    moves: int
    figure: float
    unit: str
    worst: float | None = None
    target: float | None = None
    anchor: float | None = None

    @property
    def met(self) -> str:
        """Whether the target is met: lower is better for time and memory, higher for rates and shares."""
        if self.target is None:
            return ""
        better = self.figure <= self.target if self.unit in LOWER_IS_BETTER else self.figure >= self.target
        return "yes" if better else "NO"
