"""The Merkle tree of RFC 6962 over the leaves of a log: roots, and proofs that anyone can check; no database.

A leaf is hashed behind a zero byte and a node behind a one, so that neither can be passed off as the other. The
tree over n leaves parts at the largest power of two below n; every subtree that is full and aligned never changes
again, so a tree that grows needs only those: ``Frontier`` adds leaves with nothing but the full subtrees along its
edge, and says when one of a kept height is complete. Whoever keeps those (``core/trail/kept.py``) can give the root
of any earlier size, and a proof, by hashing a few dozen times and never the whole log again.

Source: RFC 6962, sections 2.1, 2.1.1 and 2.1.2; the checks of proofs follow RFC 9162, sections 2.1.3 and 2.1.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

EMPTY = hashlib.sha256().digest()
"""Root of a tree without leaves."""

KEPT_STEP = 4
"""Full subtrees of every fourth height are kept: 16 leaves, 256, 4,096 …; a fifteenth of the number of leaves."""

Nodes = Callable[[int, int], bytes]
"""Give the hash of the full subtree of a height (0: a leaf) and number, counted from 0 at that height."""


@dataclass(frozen=True)
class Subtree:
    """A full subtree: its height, its number at that height, and its hash."""

    height: int
    number: int
    hash: bytes


def hash_leaf(leaf: bytes) -> bytes:
    """Hash a leaf: SHA-256 of a zero byte and the leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash a node: SHA-256 of a one byte and the two hashes below it."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The edge of a growing tree: the full subtrees its leaves make up, the largest first."""

    def __init__(self, size: int = 0, nodes: Nodes | None = None) -> None:
        """Begin an empty tree, or take one up again at a size from the subtrees that were kept."""
        self.size = 0
        self._edge: list[Subtree] = []
        for height, number in full_subtrees(size):
            assert nodes is not None
            self._edge.append(Subtree(height, number, nodes(height, number)))
            self.size += 1 << height

    def add(self, leaf_hash: bytes) -> list[Subtree]:
        """Add the hash of the next leaf; give the subtrees of a kept height that it completes."""
        done = Subtree(0, self.size, leaf_hash)
        self.size += 1
        kept = []
        while self._edge and self._edge[-1].height == done.height:
            left = self._edge.pop()
            done = Subtree(done.height + 1, done.number >> 1, hash_node(left.hash, done.hash))
            if done.height % KEPT_STEP == 0:
                kept.append(done)
        self._edge.append(done)
        return kept

    def root(self) -> bytes:
        """Give the root of the tree as it stands."""
        if not self._edge:
            return EMPTY
        *before, last = self._edge
        found = last.hash
        for each in reversed(before):
            found = hash_node(each.hash, found)
        return found


def full_subtrees(size: int) -> list[tuple[int, int]]:
    """List (height, number) of the full subtrees that a tree of a size is made of, the largest first."""
    found, begin = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            found.append((height, begin >> height))
            begin += 1 << height
    return found


def nodes_of(leaf_hashes: Sequence[bytes]) -> Nodes:
    """Answer for every full subtree over leaf hashes that are all at hand."""

    def node(height: int, number: int) -> bytes:
        if height == 0:
            return leaf_hashes[number]
        return hash_node(node(height - 1, 2 * number), node(height - 1, 2 * number + 1))

    return node


def root(nodes: Nodes, size: int) -> bytes:
    """Give the root of the first leaves of a tree."""
    return _span(nodes, 0, size) if size else EMPTY


def _span(nodes: Nodes, begin: int, end: int) -> bytes:
    """Hash the leaves from one to before another; the RFC's MTH(D[begin:end])."""
    count = end - begin
    if count & (count - 1) == 0:  # a part of a tree so long begins at a multiple of its length
        height = count.bit_length() - 1
        return nodes(height, begin >> height)
    middle = begin + _largest_power_below(count)
    return hash_node(_span(nodes, begin, middle), _span(nodes, middle, end))


def _largest_power_below(count: int) -> int:
    """Give the largest power of two that is less than a count of 2 or more."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(nodes: Nodes, number: int, size: int) -> list[bytes]:
    """Prove that a leaf, counted from 0, is in the tree of a size: the hashes beside its way to the root.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= number < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {number}")
    begin, end, proof = 0, size, []
    while end - begin > 1:
        middle = begin + _largest_power_below(end - begin)
        if number < middle:
            proof.append(_span(nodes, middle, end))
            end = middle
        else:
            proof.append(_span(nodes, begin, middle))
            begin = middle
    return proof[::-1]


def consistency_proof(nodes: Nodes, earlier: int, size: int) -> list[bytes]:
    """Prove that the tree of a size begins with all leaves of an earlier one, in their order.

    Raises:
        ValueError: the earlier tree is empty or larger.
    """
    if not 0 < earlier <= size:
        raise ValueError(f"nothing proves a tree of {earlier} leaves against one of {size}")
    begin, end, proof = 0, size, []
    known = True  # the earlier root itself is known to whoever checks
    while earlier != end:
        middle = begin + _largest_power_below(end - begin)
        if earlier <= middle:
            proof.append(_span(nodes, middle, end))
            end = middle
        else:
            proof.append(_span(nodes, begin, middle))
            begin, known = middle, False
    return (proof if known else [*proof, _span(nodes, begin, end)])[::-1]


def included(leaf_hash: bytes, number: int, size: int, proof: Iterable[bytes], root_hash: bytes) -> bool:
    """Check an inclusion proof against a root that is trusted."""
    if not 0 <= number < size:
        return False
    place, last, found = number, size - 1, leaf_hash
    for beside in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = hash_node(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hash_node(found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root_hash


def consistent(earlier: int, earlier_root: bytes, size: int, size_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof between two roots, of which the earlier one is trusted."""
    if earlier == size:
        return not proof and earlier_root == size_root
    if not 0 < earlier < size or not proof:
        return False
    steps = list(proof)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, earlier_root)
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = hash_node(beside, old), hash_node(beside, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = hash_node(new, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and old == earlier_root and new == size_root
