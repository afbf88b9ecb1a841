"""Turns at a database file: of the programs that wait for it, one tries to open it, and new ones stand behind it.

Without this the program that has just let go is the first to try again, and others may wait in vain. A turn is a
locked file beside the database that exists only while somebody waits. It gives fairness, not safety: where such
a file cannot be made or locked, everybody simply tries.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from healthsim.db import beside

if sys.platform != "win32":
    import fcntl


class Turn:
    """One program's place in the queue for a database file.

    Args:
        path: the database file; None where there is nothing to queue for.
    """

    def __init__(self, path: Path | None) -> None:
        self._queue = beside.queue(path) if path is not None else None
        self._held: int | None = None

    def has_come(self) -> bool:
        """Whether nobody stands before us."""
        if self._held is not None or self._queue is None:
            return True
        return not self._queue.exists() or self.take()

    def take(self) -> bool:
        """Become the one that tries, unless another is; False if so."""
        if self._held is not None or self._queue is None or sys.platform == "win32":
            return True
        try:
            handle = os.open(self._queue, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            # a folder that cannot be written, or another user's queue
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError:
            # a file system without locks
            os.close(handle)
            return True
        self._held = handle
        return True

    def leave(self) -> None:
        """Let the next one try."""
        if self._held is None or self._queue is None:
            return
        self._queue.unlink(missing_ok=True)
        os.close(self._held)
        self._held = None
