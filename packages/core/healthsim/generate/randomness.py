"""Randomness that is looked up, not drawn in turn: a value is a function of (seed, stream, person, ordinal).

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

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD1B54A32D192ED03)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


@cache
def _key(seed: int, stream: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _mixed(words: Words) -> Words:
    words ^= words >> np.uint64(30)
    words *= _MIX_1
    words ^= words >> np.uint64(27)
    words *= _MIX_2
    words ^= words >> np.uint64(31)
    return words


class Draws:
    """All the chance of one population.

    Args:
        seed: any whole number; another one gives other people.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def words(self, stream: str, person: npt.ArrayLike, ordinal: Any = 0) -> Words:
        """64 random bits each, for persons (and ordinals, of the same shape or one for all)."""
        with np.errstate(over="ignore"):
            people = np.asarray(person).astype(np.uint64, copy=False)
            several = np.asarray(ordinal).astype(np.uint64, copy=False)
            words = _mixed(people * _GOLDEN + (several * _STEP + _key(self.seed, stream)))
            words += _key(self.seed, stream + "'")
            return _mixed(words)

    def uniform(self, stream: str, person: npt.ArrayLike, ordinal: Any = 0) -> Floats:
        """Numbers evenly distributed in the open interval (0, 1)."""
        words = self.words(stream, person, ordinal)
        words >>= np.uint64(11)
        unit = words.astype(np.float64)
        unit += 0.5
        unit *= _TO_UNIT
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
        means = np.broadcast_to(np.asarray(mean, dtype=np.float64), u.shape)
        count = np.zeros(u.shape, dtype=np.int64)
        left = np.flatnonzero(u > np.exp(-means))
        probability = np.exp(-means[left])
        total = probability.copy()
        for k in range(1, most + 1):
            count[left] = k
            probability = probability * means[left] / k
            total = total + probability
            more = u[left] > total
            left, probability, total = left[more], probability[more], total[more]
            if not left.size:
                break
        return count


def normal_quantile(p: Floats) -> Floats:
    """The inverse of the normal distribution function; P. J. Acklam's rational approximation, relative error 1.2e-9."""
    a = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02,
         -3.066479806614716e01, 2.506628277459239e00)  # fmt: skip
    b = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01,
         -1.328068155288572e01)  # fmt: skip
    c = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
         4.374664141464968e00, 2.938163982698783e00)  # fmt: skip
    d = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00)
    q = p - 0.5
    r = q * q
    top = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]
    below = ((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1
    z = q * top / below
    tail = np.flatnonzero(np.abs(q) > 0.5 - 0.02425)
    if tail.size:
        side = np.sign(q[tail])
        t = np.sqrt(-2 * np.log(np.where(side < 0, p[tail], 1 - p[tail])))
        top = ((((c[0] * t + c[1]) * t + c[2]) * t + c[3]) * t + c[4]) * t + c[5]
        z[tail] = -side * top / ((((d[0] * t + d[1]) * t + d[2]) * t + d[3]) * t + 1)
    return z


def choose(u: Floats, cumulative: Floats) -> Ints:
    """The index of the choice that each number falls to, given cumulative shares that end with 1."""
    found: Ints = np.searchsorted(cumulative, u, side="right").astype(np.int64)
    return np.minimum(found, len(cumulative) - 1)


def cumulated(weights: npt.ArrayLike) -> Floats:
    """Cumulative shares of weights."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    shares: Floats = total / total[-1]
    return shares
