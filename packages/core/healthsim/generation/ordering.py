"""Rows in order, in less time than numpy.lexsort, numpy.unique and numpy.isin take."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from healthsim.generation.randomness import Bools, Ints

_BITS = 63
#: bits by which rows are distributed at a time: numpy sorts words of 16 bits by counting
_DIGIT = 16
#: what one such pass takes, as a multiple of what merging of all rows takes
_PASS = 2
#: rows that are out of order within so many are put right in passing
_NEAR = 64


def order_of(*keys: npt.NDArray[np.integer | np.bool_]) -> Ints:
    """The order of rows by whole-numbered keys, of which the first counts most; equal rows stay in their order.

    As ``numpy.lexsort(keys[::-1])``. As many keys as fit are packed into one word, since sorting words is many times faster;
    the other keys are looked at only where these are equal.
    """
    n = len(keys[0])
    if n < 2:
        return np.arange(n)
    packed, bits, used = _packed(keys)
    if not used:
        return np.lexsort(keys[::-1])
    order = _order_of_words(packed, bits)
    if used < len(keys):
        words = packed.take(order)
        same = words[1:] == words[:-1]
        tied = np.flatnonzero(np.r_[False, same] | np.r_[same, False])
        rows = order[tied]
        order[tied] = rows[np.lexsort((*(key[rows] for key in keys[: used - 1 : -1]), packed[rows]))]
    return order


def _packed(keys: tuple[npt.NDArray[np.integer | np.bool_], ...]) -> tuple[Ints, int, int]:
    """(the first keys as one word for each row, its bits, how many keys these are)."""
    packed, bits = np.zeros(0, dtype=np.int64), 0
    for used, key in enumerate(keys):
        low = int(key.min())
        more = (int(key.max()) - low).bit_length()
        if bits + more > _BITS:
            return packed, bits, used
        if used:
            packed <<= more
            packed |= key - low if low else key
        else:
            packed = key.astype(np.int64)
            packed -= low
        bits += more
    return packed, bits, len(keys)


def _order_of_words(words: Ints, bits: int) -> Ints:
    """The order of whole numbers of so many bits, none below 0."""
    n = len(words)
    some = words[::_NEAR]
    falls = int(np.count_nonzero(some[1:] < some[:-1]))
    if not falls and (words[1:] >= words[:-1]).all():
        return np.arange(n)
    passes, shift = -(-bits // _DIGIT), (n - 1).bit_length()
    # merging goes over all rows as often as the number of ordered runs can be halved; it needs room for the place
    if bits + shift <= _BITS and falls.bit_length() <= _PASS * passes:
        words = (words << shift) | np.arange(n)
        words.sort(kind="stable")
        words &= (1 << shift) - 1
        return words
    order = np.argsort(words.astype(np.uint16), kind="stable")
    for done in range(_DIGIT, bits, _DIGIT):
        digit = (words >> done).astype(np.uint16).take(order)
        order = order.take(np.argsort(digit, kind="stable"))
    return order


def distinct(*keys: npt.NDArray[np.integer | np.bool_]) -> tuple[Ints, Ints]:
    """(a row of each combination of keys, in the order of these; of each row the place of its combination among them)."""
    n = len(keys[0])
    if not n:
        return np.arange(0), np.arange(0)
    packed, bits, used = _packed(keys)
    if used == len(keys) and bits <= max(n.bit_length() + 1, _DIGIT):
        # few combinations can be: each has a place in a table
        row = np.full(1 << bits, -1)
        row[packed] = np.arange(n)
        there = row >= 0
        return row[there], (np.cumsum(there) - 1).take(packed)
    order = order_of(*keys)
    new = np.zeros(n, dtype=bool)
    new[0] = True
    for key in keys:
        ordered = key.take(order)
        new[1:] |= ordered[1:] != ordered[:-1]
    place = np.empty(n, dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return order[new], place


def among(values: Ints, few: Collection[int]) -> Bools:
    """Which values are one of a few."""
    among_them = np.zeros(len(values), dtype=bool)
    for value in few:
        among_them |= values == value
    return among_them
