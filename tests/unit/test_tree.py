"""collocate.tree: one order for nested containers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collocate import tree
from collocate.backends import select

BK = select.get("numpy")
TREES = st.recursive(
    st.integers() | st.none(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), children, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES)
def test_unflatten_inverts_leaves(value):
    assert tree.unflatten(value, tree.leaves(value)) == value
    assert len(tree.paths(value)) == len(tree.leaves(value))


@given(TREES)
def test_map_keeps_the_structure_and_visits_in_order(value):
    seen: list[object] = []
    mapped = tree.map(lambda leaf: seen.append(leaf) or 7, value)
    assert tree.structure(mapped) == tree.structure(value)
    assert seen == tree.leaves(value)
    assert set(tree.leaves(mapped)) <= {7}


@given(TREES)
def test_paths_lead_to_the_leaves(value):
    for path, leaf in zip(tree.paths(value), tree.leaves(value), strict=True):
        node = value
        for key in path:
            node = node[key]
        assert node is leaf


def test_dicts_are_walked_in_sorted_order_whatever_their_own():
    assert tree.leaves({"b": 1, "a": [2, (3, 4)]}) == [2, 3, 4, 1]
    assert tree.paths({"b": 1, "a": [2, (3, 4)]}) == [("a", 0), ("a", 1, 0), ("a", 1, 1), ("b",)]


def test_structure_tells_containers_apart_and_ignores_leaves():
    assert tree.structure({"a": [1, 2]}) == tree.structure({"a": [3, None]})
    assert len({tree.structure(t) for t in ([1], (1,), {"a": 1}, 1, [], [[1]])}) == 6


def test_ravel_and_unravel_are_inverse_and_ordered():
    params = {"w": [np.arange(6.0).reshape(2, 3), np.float64(9.0)], "b": np.array([7.0, 8.0])}
    flat = tree.ravel(BK, params)
    np.testing.assert_array_equal(flat, [7, 8, 0, 1, 2, 3, 4, 5, 9])
    assert tree.size(params) == 9
    back = tree.unravel(BK, flat, params)
    assert tree.map(np.shape, back) == tree.map(np.shape, params)
    tree.map(np.testing.assert_array_equal, back, params)


def test_unravel_of_a_wrong_length_says_both():
    with pytest.raises(ValueError, match=r"shape \(4,\) was given for a tree of 3 elements"):
        tree.unravel(BK, np.zeros(4), {"a": np.zeros(3)})


@pytest.mark.parametrize("other", [{"a": 1}, {"a": 1, "c": 2}, [1, 2], 1])
def test_map_over_differing_trees_is_an_error(other):
    with pytest.raises(ValueError, match="the trees differ"):
        tree.map(lambda x, y: x, {"a": 1, "b": 2}, other)


def test_unflatten_with_too_few_leaves_is_an_error():
    with pytest.raises(ValueError, match="1 leaves were given for a tree of 2"):
        tree.unflatten([0, 0], [1])
