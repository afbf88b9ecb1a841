"""What the threads of this process know of one database: who writes, who waits, how much it may hold, and its engine.

It lasts as long as somebody uses it, and is found again by the key of its location.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field

import duckdb

from healthsim.db.engine import Engine


@dataclass(eq=False)
class InProcess:
    """What is known of one database.

    Attributes:
        key: that of its location.
        writing: held by the one thread that writes.
        opening: held while a connection is opened or closed. POSIX takes every lock of a process on a file away as soon
            as the process closes it anywhere: a file that one thread opens while another one closes it would be
            unlocked, and open to the writers of other programs.
        waiting: the threads that wait to write; readers give way to them.
        writers: how many writes of that thread are open, one inside the other.
        engine: of a database file, where one is there.
        attached: the engine that a place far away is attached to.
        bounds: megabytes that its running operations ask for.
        committing: whether a commit needs more than these.
        unbound: what the engine may hold when none of them runs, as it was at first: it is shown rounded down.
    """

    key: str
    writing: threading.RLock = field(default_factory=threading.RLock)
    opening: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[object] = field(default_factory=list)
    writers: int = 0
    engine: Engine | None = None
    attached: duckdb.DuckDBPyConnection | None = None
    bounds: list[int] = field(default_factory=list)
    committing: bool = False
    unbound: str | None = None


_known: weakref.WeakValueDictionary[str, InProcess] = weakref.WeakValueDictionary()
_registry = threading.Lock()


def of(key: str) -> InProcess:
    """What this process knows of the database with that key; to be held on to while it is used."""
    with _registry:
        known = _known.get(key)
        if known is None:
            known = _known[key] = InProcess(key)
        return known
