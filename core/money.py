"""Money as whole pence: how it is printed, split and taxed.

Every sum of money in the product is an integer number of pence. The four rules that divide money
live here and nowhere else, because each must give parts that add up to the whole to the penny:
a split by weights, the cost of some units of an indivisible lot, the funding of those units, and VAT.
A negative total (a credit note, a reversal) always divides as the exact negative of the positive one.
"""

from collections.abc import Sequence
from typing import NewType

Pence = NewType("Pence", int)

MINUS = "\u2212"
BASIS_POINTS = 10_000


def pounds(pence: int) -> str:
    """Print pence as pounds with two decimals, such as "£1,234.50" or "−£60.00"."""
    whole, rest = divmod(abs(pence), 100)
    return f"{MINUS if pence < 0 else ''}£{whole:,}.{rest:02}"


def pounds_short(pence: int) -> str:
    """Print pence for a sentence: "£60" for whole pounds, "£60.50" otherwise."""
    return pounds(pence).removesuffix(".00")


def plain_pounds(pence: int) -> str:
    """Print pence for a machine to read, such as "1234.50" or "-60.00"."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02}"


def share(total: Pence, weights: Sequence[int]) -> tuple[Pence, ...]:
    """Split a total in proportion to weights by largest remainder.

    Left-over pence go one each to the largest remainders; of equal remainders the earlier gets it.

    Args:
        total: pence to split; a negative total gives the negative of the positive split.
        weights: one whole number for each part, none negative, at least one above nothing.

    Returns:
        One amount in pence for each weight, adding up to the total; a weight of 0 gives 0.

    Raises:
        ValueError: a weight is negative, or they add up to nothing.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("Weights must not be negative and must add up to more than nothing")
    size = abs(total)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return _signed(parts, total)


def units_cost(total: Pence, unit_count: int, first: int, last: int) -> Pence:
    """Give the cost in pence of units first to last of an indivisible lot.

    Units are numbered from 1 in the order they leave or are counted. Units a+1 to b of n cost
    ⌊total·b/n⌋ − ⌊total·a/n⌋, so runs that follow each other always add up to the lot.

    Args:
        total: cost of the whole lot in pence, negative for a credit.
        unit_count: units in the lot.
        first: number of the first unit, from 1.
        last: number of the last unit, at most ``unit_count``.

    Raises:
        ValueError: the run of units is empty or lies outside the lot.
    """
    before, upto = _pence_bounds(abs(total), unit_count, first, last)
    return _signed([upto - before], total)[0]


def funding_of_pence(shares: Sequence[Pence], upto: int) -> tuple[Pence, ...]:
    """Say how many of the first pence of a total come from each of its shares.

    The first share gets ⌊c·p1/T⌋ of the first c pence; what remains is divided among the other
    shares by the same rule. Each further penny therefore belongs to exactly one share for good.

    Args:
        shares: pence from each source, all of one sign; their sum is the total T.
        upto: how many pence of the total, from 0 to T (T to 0 when T is negative).

    Returns:
        Pence from each share, adding up to ``upto``, none beyond its share.

    Raises:
        ValueError: shares of mixed sign, or ``upto`` outside the total.
    """
    total = sum(shares)
    if min(shares, default=0) < 0 < max(shares, default=0):
        raise ValueError("Shares must be all positive or all negative")
    if abs(upto) > abs(total) or upto * total < 0:
        raise ValueError(f"There are {total} pence, not {upto}")
    return _signed(_cumulative([abs(part) for part in shares], abs(upto)), total)


def units_funding(shares: Sequence[Pence], unit_count: int, first: int, last: int) -> tuple[Pence, ...]:
    """Give the pence from each share that pay for units first to last of an indivisible lot.

    Args:
        shares: pence from each source for the whole lot, all of one sign.
        unit_count: units in the lot.
        first: number of the first unit, from 1.
        last: number of the last unit, at most ``unit_count``.

    Returns:
        Pence from each share, adding up to ``units_cost`` of the same units.

    Raises:
        ValueError: shares of mixed sign, or units outside the lot.
    """
    total = sum(shares)
    sign = -1 if total < 0 else 1
    before, upto = _pence_bounds(abs(total), unit_count, first, last)
    earlier = funding_of_pence(shares, sign * before)
    later = funding_of_pence(shares, sign * upto)
    return tuple(Pence(b - a) for a, b in zip(earlier, later, strict=True))


def vat_on(net: Pence, rate_basis_points: int) -> Pence:
    """Give the VAT in pence on a net amount, half a penny rounding away from nothing.

    Args:
        net: pence before VAT, negative for a credit.
        rate_basis_points: hundredths of a per cent, so 20% is 2000.

    Raises:
        ValueError: the rate is negative.
    """
    if rate_basis_points < 0:
        raise ValueError("A VAT rate cannot be negative")
    size = (2 * abs(net) * rate_basis_points + BASIS_POINTS) // (2 * BASIS_POINTS)
    return _signed([size], net)[0]


def _pence_bounds(size: int, unit_count: int, first: int, last: int) -> tuple[int, int]:
    """Give the pence that lie before the first unit and up to the last."""
    if not 1 <= first <= last <= unit_count:
        raise ValueError(f"Units {first} to {last} are not in a lot of {unit_count}")
    return size * (first - 1) // unit_count, size * last // unit_count


def _cumulative(shares: Sequence[int], upto: int) -> list[int]:
    """Divide the first ``upto`` pence among shares, none of them negative."""
    left, rest, parts = upto, sum(shares), []
    for part in shares:
        taken = left * part // rest if rest else 0
        parts.append(taken)
        left, rest = left - taken, rest - part
    return parts


def _signed(parts: Sequence[int], total: int) -> tuple[Pence, ...]:
    """Give the parts the sign of the total."""
    sign = -1 if total < 0 else 1
    return tuple(Pence(sign * part) for part in parts)
