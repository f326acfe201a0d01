"""What is usual to ask for: the slip of 5,000 for 500 is questioned before it is sent."""

from __future__ import annotations

TIMES_USUAL = 2
"""An asked count above so many times the usual is questioned."""

LEAST_USUAL = 3
"""What counts as usual where nothing is known, so that small first requests pass."""


def question(
    name: str, asked_count: int, *, suggested_count: int, par_count: int, usual_count: int, place: str
) -> str | None:
    """Give the question a surprising count raises, with its figures in words, or None when it is no surprise.

    Args:
        usual_count: the most this place was ever approved of this thing, 0 when never.
    """
    expected = max(suggested_count, par_count, usual_count, LEAST_USUAL)
    if asked_count <= TIMES_USUAL * expected:
        return None
    before = (
        f"the most {place} has been approved before is {usual_count:,}"
        if usual_count
        else f"{place} has not been approved any before"
    )
    return (
        f"You asked for {asked_count:,} of {name}. The shortage is {suggested_count:,}, the par level is "
        f"{par_count:,} and {before}. Change the quantity, or tick to say that {asked_count:,} is right"
    )
