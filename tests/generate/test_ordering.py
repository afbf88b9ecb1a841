"""Rows are ordered as numpy.lexsort orders them, whatever the keys: packed into one word, or too wide for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthsim.generation.ordering import among, distinct, order_of

_NARROW = st.integers(-3, 3)
_WIDE = st.integers(-(2**62), 2**62)

#: a machine that is busy with other things is no fault
_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _keys(draw: st.DrawFn) -> list[np.ndarray]:
    n = draw(st.integers(0, 60))
    kinds = draw(st.lists(st.sampled_from([_NARROW, st.integers(0, 2**40), _WIDE]), min_size=1, max_size=4))
    return [np.array(draw(st.lists(kind, min_size=n, max_size=n)), dtype=np.int64) for kind in kinds]


@_ANY_MACHINE
@given(_keys())
def test_rows_are_ordered_by_the_first_key_then_the_others_then_as_they_were(keys: list[np.ndarray]) -> None:
    assert order_of(*keys).tolist() == np.lexsort(keys[::-1]).tolist()


def test_a_key_that_is_true_or_false() -> None:
    assert order_of(np.array([1, 0, 0]), np.array([False, True, False])).tolist() == [2, 1, 0]


@pytest.mark.parametrize("swaps", [0, 10, 100_000])
def test_many_rows_nearly_in_order(swaps: int) -> None:
    key = np.arange(100_000) // 3
    chance = np.random.default_rng(1)
    one, other = chance.integers(0, len(key), (2, swaps))
    key[one], key[other] = key[other], key[one]
    assert (order_of(key) == np.argsort(key, kind="stable")).all()


@_ANY_MACHINE
@given(_keys())
def test_combinations_are_told_apart(keys: list[np.ndarray]) -> None:
    rows, place = distinct(*keys)
    kinds, inverse = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    assert np.stack(keys, axis=1)[rows].tolist() == kinds.tolist()
    assert place.tolist() == inverse.reshape(-1).tolist()


@_ANY_MACHINE
@given(st.lists(_NARROW), st.lists(_NARROW))
def test_among(values: list[int], few: list[int]) -> None:
    assert among(np.array(values, dtype=np.int64), few).tolist() == [value in few for value in values]
