"""The interval within which a share lies by chance."""

from __future__ import annotations

import math
from statistics import NormalDist

#: up to so many people the distribution is summed up, above it the normal one is as good
_EXACT = 20_000


def binomial_interval(share: float, people: int, level: float = 0.99) -> tuple[float, float]:
    """Between which shares of ``people`` a binomial count lies with the probability ``level``, tails being equal."""
    if not people or not 0 < share < 1:
        return share, share
    tail = (1 - level) / 2
    if people > _EXACT:
        half = NormalDist().inv_cdf(1 - tail) * math.sqrt(share * (1 - share) / people) + 0.5 / people
        return max(share - half, 0.0), min(share + half, 1.0)
    return _quantile(share, people, tail) / people, (people - _quantile(1 - share, people, tail)) / people


def _quantile(share: float, people: int, tail: float) -> int:
    """The smallest count that is not below the lower tail: P(count <= it) > tail."""
    odds = math.log(share / (1 - share))
    log_probability = people * math.log1p(-share)
    below = 0.0
    for count in range(people + 1):
        below += math.exp(log_probability)
        if below > tail:
            return count
        log_probability += math.log((people - count) / (count + 1)) + odds if count < people else 0.0
    return people
