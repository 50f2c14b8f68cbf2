"""core.merkle against RFC 6962 written down word by word, and against the published vectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import merkle
from tests.ledger import rfc6962

# The test vectors of the reference implementation of Certificate Transparency: leaves, and the root after each.
VECTOR_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

logs = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


def hash_of(span: merkle.Span, data: list[bytes]) -> bytes:
    """A span's hash as production folds it: from complete subtrees."""
    subtrees = []
    for node in span.complete_subtrees():
        start = node.index << node.level
        assert span.start <= start
        assert start + (1 << node.level) <= span.end
        subtrees.append(rfc6962.mth(data[start : start + (1 << node.level)]))
    return merkle.fold(subtrees)


def leaf(data: bytes) -> bytes:
    return merkle.leaf_hash(data.hex())


def test_rfc_6962_roots_are_those_of_the_reference_implementation():
    tree = merkle.Frontier()
    for data, root in zip(VECTOR_LEAVES, VECTOR_ROOTS, strict=True):
        tree.grow(merkle.leaf_hash(data))
        assert tree.root().hex() == root


def test_rfc_6962_the_empty_tree_is_the_hash_of_nothing():
    assert merkle.Frontier().root() == merkle.EMPTY_ROOT == rfc6962.mth([])


@given(data=logs)
def test_rfc_6962_a_growing_tree_has_the_root_and_the_nodes_of_the_definition(data):
    tree = merkle.Frontier()
    for size, each in enumerate(data, start=1):
        for node, digest in tree.grow(leaf(each)):
            start = node.index << node.level
            assert digest == rfc6962.mth(data[start : start + (1 << node.level)])
        assert tree.root() == rfc6962.mth(data[:size])
        assert tree.size == size


@given(data=logs, level=st.integers(0, 4))
def test_rfc_6962_a_tree_grown_in_blocks_is_the_same_tree(data, level):
    block = 1 << level
    whole = len(data) - len(data) % block
    tree = merkle.Frontier()
    for start in range(0, whole, block):
        tree.grow(rfc6962.mth(data[start : start + block]), level=level)
    assert tree.root(plus=[leaf(each) for each in data[whole:]]) == rfc6962.mth(data)


@given(data=logs, pick=st.integers(0, 10_000))
def test_rfc_6962_inclusion_paths_are_those_of_the_definition_and_hold(data, pick):
    index = pick % len(data)
    path = [hash_of(span, data) for span in merkle.inclusion_path(index, len(data))]
    assert path == rfc6962.path(index, data)
    claim = {"root": rfc6962.mth(data), "size": len(data), "index": index, "leaf": leaf(data[index]), "path": path}
    assert merkle.includes(**claim)


@given(data=logs, pick=st.integers(0, 10_000), other=st.binary(min_size=32, max_size=32), spot=st.integers(0, 10_000))
def test_rfc_6962_a_false_inclusion_is_refused(data, pick, other, spot):
    index = pick % len(data)
    path = rfc6962.path(index, data)
    claim = {"root": rfc6962.mth(data), "size": len(data), "index": index, "leaf": leaf(data[index]), "path": path}
    if other != data[index]:
        assert not merkle.includes(**claim | {"leaf": leaf(other)})
    assert not merkle.includes(**claim | {"root": other})
    assert not merkle.includes(**claim | {"path": [*path, other]})
    assert not merkle.includes(**claim | {"index": len(data)})
    assert not merkle.includes(**claim | {"index": -1})
    if path:
        assert not merkle.includes(**claim | {"path": path[:-1]})
        forged = list(path)
        forged[spot % len(path)] = other
        assert not merkle.includes(**claim | {"path": forged})


@given(data=logs, pick=st.integers(0, 10_000))
def test_rfc_6962_consistency_paths_are_those_of_the_definition_and_hold(data, pick):
    first = pick % len(data) + 1
    path = [hash_of(span, data) for span in merkle.consistency_path(first, len(data))]
    assert path == rfc6962.proof(first, data)
    claim = {"first": first, "first_root": rfc6962.mth(data[:first]), "second": len(data), "path": path}
    assert merkle.extends(**claim, second_root=rfc6962.mth(data))


@given(data=logs, pick=st.integers(0, 10_000), other=st.binary(min_size=32, max_size=32), spot=st.integers(0, 10_000))
def test_rfc_6962_a_rewritten_beginning_is_refused(data, pick, other, spot):
    first = pick % len(data) + 1
    path = rfc6962.proof(first, data)
    claim = {
        "first": first,
        "first_root": rfc6962.mth(data[:first]),
        "second": len(data),
        "second_root": rfc6962.mth(data),
        "path": path,
    }
    assert not merkle.extends(**claim | {"first_root": other})
    assert not merkle.extends(**claim | {"second_root": other})
    assert not merkle.extends(**claim | {"path": [*path, other]})
    assert not merkle.extends(**claim | {"first": 0})
    if path:
        forged = list(path)
        forged[spot % len(path)] = other
        assert not merkle.extends(**claim | {"path": forged})
        assert not merkle.extends(**claim | {"path": []})


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_outside_the_tree_has_no_path(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion_path(index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
def test_a_larger_tree_is_not_the_beginning_of_a_smaller(first, second):
    with pytest.raises(ValueError, match="not the beginning"):
        merkle.consistency_path(first, second)
