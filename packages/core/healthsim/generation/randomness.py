"""Randomness that is looked up, not drawn in turn: a value is a function of (seed, place, stream, person, ordinal).

The same person comes out the same whatever the batch, the number of workers, the engine or the order.
The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), applied twice with the key of the stream.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

#: arrays by what they hold; a choice among arrays widens their type, so it is not spelled out
Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Bools = npt.NDArray[Any]
Words = npt.NDArray[np.uint64]

# constants are arrays without dimensions: numpy takes these as they are, numbers it converts each time
_GOLDEN, _STEP, _MIX_1, _MIX_2, _30, _27, _31, _11 = (
    np.array(word, dtype=np.uint64)
    for word in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 30, 27, 31, 11)
)
_HALF, _TO_UNIT = np.array(0.5), np.array(2.0**-53)
#: words that are mixed at a time: with their workings they stay within the processor's cache
_BLOCK = 16_384
_ALL_BITS = 2**64 - 1


@cache
def _keys(key: str, stream: str) -> tuple[Words, Words]:
    """What is added before the first mixing, and before the second."""
    digests = (hashlib.blake2b(f"{key}/{name}".encode(), digest_size=8).digest() for name in (stream, stream + "'"))
    first, second = (np.array(int.from_bytes(digest, "little"), dtype=np.uint64) for digest in digests)
    return first, second


def _bits(values: npt.ArrayLike) -> Words:
    """Whole numbers as words, modulo 2**64."""
    numbers = np.asarray(values)
    if numbers.dtype != np.uint64:
        numbers = numbers.astype(np.int64, copy=False).view(np.uint64)
    return numbers


def _mix(words: Words, shifted: Words) -> None:
    """Mix words in their place; ``shifted`` is room for as many."""
    np.right_shift(words, _30, shifted)
    np.bitwise_xor(words, shifted, words)
    np.multiply(words, _MIX_1, words)
    np.right_shift(words, _27, shifted)
    np.bitwise_xor(words, shifted, words)
    np.multiply(words, _MIX_2, words)
    np.right_shift(words, _31, shifted)
    np.bitwise_xor(words, shifted, words)


class Draws:
    """All the chance of one population.

    Args:
        seed: any whole number; another one gives other people.
        place: what the population is of; two places have nothing in common, even with one seed.
    """

    def __init__(self, seed: int, place: str = "") -> None:
        self._key = f"{seed}/{place}"

    def uniform(self, stream: str, person: npt.ArrayLike, ordinal: Any = 0) -> Floats:
        """Numbers evenly distributed in the open interval (0, 1), for persons (and ordinals: as many, or one for all)."""
        people, several = _bits(person), None
        before, between = _keys(self._key, stream)
        if np.ndim(ordinal):
            several = _bits(ordinal)
        elif ordinal:
            before = np.array((int(ordinal) * int(_STEP) + int(before)) & _ALL_BITS, dtype=np.uint64)
        n = len(people)
        unit = np.empty(n)
        room = np.empty((2, min(n, _BLOCK)), dtype=np.uint64)
        for start in range(0, n, _BLOCK):
            end = min(start + _BLOCK, n)
            words, other = room[0, : end - start], room[1, : end - start]
            np.multiply(people[start:end], _GOLDEN, words)
            if several is not None:
                np.multiply(several[start:end], _STEP, other)
                np.add(words, other, words)
            np.add(words, before, words)
            _mix(words, other)
            np.add(words, between, words)
            _mix(words, other)
            np.right_shift(words, _11, words)
            part = unit[start:end]
            # of 53 bits; conversion from signed numbers takes half the time
            part[...] = words.view(np.int64)
            np.add(part, _HALF, part)
            np.multiply(part, _TO_UNIT, part)
        return unit

    def normal(self, stream: str, person: npt.ArrayLike, ordinal: Any = 0) -> Floats:
        """Numbers of the standard normal distribution."""
        return normal_quantile(self.uniform(stream, person, ordinal))

    def integer(self, stream: str, person: npt.ArrayLike, below: Any, ordinal: Any = 0) -> Ints:
        """Whole numbers from 0 up to, but not including, ``below``."""
        numbers: Ints = (self.uniform(stream, person, ordinal) * below).astype(np.int64)
        return numbers

    def poisson(
        self, stream: str, person: npt.ArrayLike, mean: npt.ArrayLike, ordinal: Any = 0, most: int = 12
    ) -> Ints:
        """Counts of the Poisson distribution, at most ``most``; ``mean`` has the shape of ``person``, or is one for all."""
        u = self.uniform(stream, person, ordinal)
        means: Floats = np.broadcast_to(np.asarray(mean, dtype=np.float64), u.shape)
        count = np.zeros(u.shape, dtype=np.int64)
        none = np.exp(-means)
        left: Ints = np.flatnonzero(u > none)
        probability, means, u = none.take(left), means.take(left), u.take(left)
        total = probability.copy()
        for k in range(1, most + 1):
            count[left] = k
            probability = probability * means / k
            total = total + probability
            more = np.flatnonzero(u > total)
            left, u, means = left.take(more), u.take(more), means.take(more)
            probability, total = probability.take(more), total.take(more)
            if not left.size:
                break
        return count


def another(u: Floats, prime: int) -> Floats:
    """A second number of (0, 1) for each, out of the one that is there: ``u`` times a prime, without the whole part.

    It costs nothing, where a number of its own would have to be mixed, and is fair where the first one is only looked at in
    a few parts: within a tenth of the interval the product with 97 goes round nearly ten times, so that of its own twelve
    parts each is met in all ten, and as often as the others to within a twelfth. Numbers from other primes do not repeat
    each other. Where the first number is used to more than its first digit, draw another one instead.
    """
    return (u * prime) % 1


def normal_quantile(p: Floats) -> Floats:
    """The inverse of the normal distribution function; P. J. Acklam's rational approximation, relative error 1.2e-9."""
    a = (
        -3.969683028665376e01,
        2.209460984245205e02,
        -2.759285104469687e02,
        1.383577518672690e02,
        -3.066479806614716e01,
        2.506628277459239e00,
    )
    b = (
        -5.447609879822406e01,
        1.615858368580409e02,
        -1.556989798598866e02,
        6.680131188771972e01,
        -1.328068155288572e01,
    )
    c = (
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e00,
        -2.549732539343734e00,
        4.374664141464968e00,
        2.938163982698783e00,
    )
    d = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00)
    q = p - 0.5
    r = q * q
    z = _polynomial(r, a)
    z *= q
    z /= _polynomial(r, (*b, 1.0))
    tail = np.flatnonzero(np.abs(q) > 0.5 - 0.02425)
    if tail.size:
        side = np.sign(q[tail])
        t = np.sqrt(-2 * np.log(np.where(side < 0, p[tail], 1 - p[tail])))
        z[tail] = -side * _polynomial(t, c) / _polynomial(t, (*d, 1.0))
    return z


def _polynomial(x: Floats, coefficients: tuple[float, ...]) -> Floats:
    """The value of a polynomial, of which the highest power comes first."""
    value = coefficients[0] * x
    value += coefficients[1]
    for coefficient in coefficients[2:]:
        value *= x
        value += coefficient
    return value


def choose(u: Floats, cumulative: Floats) -> Ints:
    """The index of the choice that each number falls to, given cumulative shares that end with 1."""
    edges = cumulative[:-1]
    if len(edges) > min(len(u) / 500, 60):
        return np.searchsorted(edges, u, side="right")
    # many numbers are compared with each of the few edges: a search would guess wrong at every step
    passed = np.zeros(len(u), dtype=np.int8)
    for edge in edges.tolist():
        passed += u >= edge
    return passed.astype(np.int64)


def cumulated(weights: npt.ArrayLike) -> Floats:
    """Cumulative shares of weights."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    shares: Floats = total / total[-1]
    return shares
