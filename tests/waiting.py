"""Waiting for what another process or thread does: for the thing itself, not for a time.

The limit is only there so that a test that will never end says so; it is far beyond what a busy machine takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600.0


def until(happened: Callable[[], object], what: str) -> None:
    """Return as soon as something has happened.

    Raises:
        AssertionError: it did not happen in ten minutes.
    """
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited {PATIENCE:g} s for this: {what}"
        time.sleep(0.02)
