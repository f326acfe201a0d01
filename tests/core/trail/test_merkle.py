"""The published vectors of RFC 6962's tree (Certificate Transparency), and any tree that Hypothesis thinks of."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trail import merkle

LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
)
C, D = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
E, F = (
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = [
    (0, 1, []),
    (0, 2, [A]),
    (1, 2, [ROOTS[1]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, C]),
    (0, 8, [A, B, E]),
    (5, 8, [C, D, ROOTS[4]]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, E]), (2, 5, [B, C]), (6, 8, [F, D, ROOTS[4]])]

HASHES = [merkle.hash_leaf(leaf) for leaf in LEAVES]
NODES = merkle.nodes_of(HASHES)


def hexed(proof: list[bytes]) -> list[str]:
    return [each.hex() for each in proof]


def unhexed(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_that_were_published(size: int) -> None:
    assert merkle.root(NODES, size).hex() == ROOTS[size]
    growing = merkle.Frontier()
    for each in HASHES[:size]:
        growing.add(each)
    assert growing.root().hex() == ROOTS[size]


@pytest.mark.parametrize(("number", "size", "proof"), INCLUSION)
def test_inclusion_is_proved_as_was_published(number: int, size: int, proof: list[str]) -> None:
    assert hexed(merkle.inclusion_proof(NODES, number, size)) == proof
    assert merkle.included(HASHES[number], number, size, unhexed(proof), bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("earlier", "size", "proof"), CONSISTENCY)
def test_consistency_is_proved_as_was_published(earlier: int, size: int, proof: list[str]) -> None:
    assert hexed(merkle.consistency_proof(NODES, earlier, size)) == proof
    old, new = bytes.fromhex(ROOTS[earlier]), bytes.fromhex(ROOTS[size])
    assert merkle.consistent(earlier, old, size, new, unhexed(proof))


def test_a_proof_of_another_log_s_witness_is_understood() -> None:
    # From the tests of the transparency-dev witness.
    old = base64.b64decode("41smjBUiAU70EtKlT6lIOIYtRTYxYXsDB+XHfcvu/BE=")
    new = base64.b64decode("V8K9aklZ4EPB+RMOk1/8VsJUdFZR77GDtZUQq84vSbo=")
    proof = [
        "b9e1d62618f7fee8034e4c5010f727ab24d8e4705cb296c374bf2025a87a10d2",
        "aac66cd7a79ce4012d80762fe8eec3a77f22d1ca4145c3f4cee022e7efcd599d",
        "89d0f753f66a290c483b39cd5e9eafb12021293395fad3d4a2ad053cfbcfdc9e",
        "29e40bb79c966f4c6fe96aff6f30acfce5f3e8d84c02215175d6e018a5dee833",
    ]
    assert merkle.consistent(5, old, 8, new, unhexed(proof))
    assert not merkle.consistent(5, new, 8, old, unhexed(proof))
    assert not merkle.consistent(6, old, 8, new, unhexed(proof))


def mth(leaves: list[bytes]) -> bytes:
    """The tree hash word for word as the RFC defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70), st.data())
def test_any_tree_proves_its_leaves_and_its_past_and_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    hashes = [merkle.hash_leaf(leaf) for leaf in leaves]
    nodes = merkle.nodes_of(hashes)
    top = merkle.root(nodes, size)
    assert top == mth(leaves)
    number = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(nodes, number, size)
    assert merkle.included(hashes[number], number, size, proof, top)
    assert not merkle.included(merkle.hash_leaf(b"another"), number, size, proof, top)
    assert not merkle.included(hashes[number], number, size, [*proof, top], top)
    earlier = data.draw(st.integers(1, size))
    then = merkle.root(nodes, earlier)
    steps = merkle.consistency_proof(nodes, earlier, size)
    assert merkle.consistent(earlier, then, size, top, steps)
    changed = [*hashes[: earlier - 1], merkle.hash_leaf(b"changed"), *hashes[earlier:]]
    other = merkle.nodes_of(changed)
    forged = merkle.consistency_proof(other, earlier, size)
    assert not merkle.consistent(earlier, then, size, merkle.root(other, size), forged)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_taken_up_again_from_what_was_kept_grows_as_if_never_left(first: int, more: int) -> None:
    hashes = [merkle.hash_leaf(bytes([n % 251, n // 251])) for n in range(first + more)]
    kept: dict[tuple[int, int], bytes] = {}

    def keeping(frontier: merkle.Frontier, added: list[bytes]) -> None:
        for each in added:
            kept.update({(done.height, done.number): done.hash for done in frontier.add(each)})

    begun = merkle.Frontier()
    keeping(begun, hashes[:first])
    again = merkle.Frontier(first, merkle.nodes_of(hashes[:first]))
    assert again.root() == begun.root()
    keeping(again, hashes[first:])
    assert again.root() == merkle.root(merkle.nodes_of(hashes), first + more)
    assert len(kept) == sum((first + more) >> height for height in (4, 8))
    nodes = merkle.nodes_of(hashes)
    assert all(nodes(height, number) == found for (height, number), found in kept.items())


@pytest.mark.parametrize(("number", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_is_not_proved(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        merkle.inclusion_proof(NODES, number, size)
    assert not merkle.included(HASHES[0], number, size, [], merkle.EMPTY)


@pytest.mark.parametrize(("earlier", "size"), [(0, 3), (4, 3)])
def test_nothing_is_proved_against_no_tree_or_a_larger_one(earlier: int, size: int) -> None:
    with pytest.raises(ValueError, match="nothing proves"):
        merkle.consistency_proof(NODES, earlier, size)
    assert not merkle.consistent(earlier, merkle.EMPTY, size, merkle.root(NODES, size), [])
