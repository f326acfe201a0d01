"""One figure of the benchmark, beside what it should be."""

from __future__ import annotations

from dataclasses import dataclass

LOWER_IS_BETTER = ("ms", "MB", "times")


@dataclass(frozen=True)
class Row:
    """One figure. ``worst``, ``target`` and ``anchor`` are in its unit; ``moves`` is 0 where none are behind it.

    Attributes:
        same: whether an answer is the reference's; None where nothing is compared.
    """

    what: str
    moves: int
    figure: float
    unit: str
    worst: float | None = None
    target: float | None = None
    anchor: float | None = None
    same: bool | None = None

    @property
    def ratio(self) -> float | None:
        """How many times its anchor the figure is."""
        return self.figure / self.anchor if self.anchor else None

    @property
    def met(self) -> str:
        """Whether the target is met: lower is better for time and memory, higher for rates and shares.

        An answer that is wrong meets no target, however soon it comes.
        """
        if self.target is None:
            return ""
        better = self.figure <= self.target if self.unit in LOWER_IS_BETTER else self.figure >= self.target
        return "yes" if better and self.same is not False else "NO"
