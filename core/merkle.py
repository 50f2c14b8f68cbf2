"""The hash tree of RFC 6962 (section 2.1): which subtrees a proof consists of, and how proofs are checked. No
database here.

A leaf's data are the 32 raw bytes of an entry's hash: `leaf = sha256(0x00 || data)`, `node = sha256(0x01 || left ||
right)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree: leaves [index * 2**level, (index + 1) * 2**level)."""

    level: int
    index: int


class Span(NamedTuple):
    """The leaves [start, end), as one tree."""

    start: int
    end: int

    def complete_subtrees(self) -> list[Node]:
        """The stored nodes this tree folds from, left to right. `start` must be a multiple of the span's leading
        power of two.
        """
        nodes, start = [], self.start
        while start < self.end:
            level = (self.end - start).bit_length() - 1
            nodes.append(Node(level, start >> level))
            start += 1 << level
        return nodes


def leaf_hash(entry_hash: str) -> bytes:
    """The leaf over one entry's hash (hex)."""
    return sha256(b"\x00" + bytes.fromhex(entry_hash)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def fold(subtrees: Sequence[bytes]) -> bytes:
    """The root over complete subtrees given left to right, each smaller than the one before."""
    if not subtrees:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(subtrees))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(index: int, size: int) -> list[Span]:
    """PATH(index, D[size]): the subtrees whose hashes prove a leaf, nearest first. Refuses a leaf outside the tree
    (ValueError).
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start = middle
    return path[::-1]


def consistency_path(first: int, second: int) -> list[Span]:
    """PROOF(first, D[second]): the subtrees that show that the smaller tree is the beginning of the larger
    (ValueError if it is not smaller).
    """
    if not 0 < first <= second:
        raise ValueError(f"a tree of {first} is not the beginning of one of {second}")
    path, start, end, known = [], 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start, known = middle, False
    if not known:
        path.append(Span(start, end))
    return path[::-1]


def includes(*, root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that `leaf` stands at `index` of the tree of `size` with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def extends(*, first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the first tree is the beginning of the second (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


class Frontier:
    """A tree that grows from the left and keeps only its complete subtrees: memory is log2 of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[tuple[int, bytes]] = []

    def grow(self, subtree: bytes, *, level: int = 0) -> list[tuple[Node, bytes]]:
        """Add the next complete subtree; returns the nodes above it that it completes.

        The size must be a multiple of 2**level.
        """
        self.size += 1 << level
        completed = []
        while self._subtrees and self._subtrees[-1][0] == level:
            subtree = node_hash(self._subtrees.pop()[1], subtree)
            level += 1
            completed.append((Node(level, (self.size >> level) - 1), subtree))
        self._subtrees.append((level, subtree))
        return completed

    def root(self, *, plus: Sequence[bytes] = ()) -> bytes:
        """The tree hash; `plus` are leaves to count in without keeping them (fewer than the smallest subtree kept)."""
        last: list[tuple[int, bytes]] = []
        for leaf in plus:
            level = 0
            while last and last[-1][0] == level:
                leaf, level = node_hash(last.pop()[1], leaf), level + 1
            last.append((level, leaf))
        return fold([subtree for _, subtree in (*self._subtrees, *last)])
