"""Waiting for one's turn at a place that another program writes to."""

from __future__ import annotations

import random
import time

from healthsim.errors import DatabaseLocked
from healthsim.signals import heed

#: seconds of the first pause, and of the longest: many who wait must not keep a server busy with asking
_FIRST, _LONGEST = 0.05, 1.0


class Patience:
    """Pauses that grow, each of another length than those of others who wait, until a time is over.

    Args:
        place: what is waited for, as it was named.
        seconds: how long.
    """

    def __init__(self, place: str, seconds: float) -> None:
        self._place = place
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._pause = _FIRST

    def wait(self) -> None:
        """Pause before the next attempt.

        Raises:
            DatabaseLocked: the time is over.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DatabaseLocked(
                f"Another program writes to {self._place} and did not end within {self._seconds:g} s. Let it finish, or wait"
                " longer with HEALTHSIM_LOCK_TIMEOUT=SECONDS.",
                location=self._place,
            )
        heed()
        time.sleep(min(self._pause * random.uniform(0.5, 1.5), left))
        self._pause = min(2 * self._pause, _LONGEST)
