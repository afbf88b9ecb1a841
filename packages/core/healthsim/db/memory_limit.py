"""How much the engine may hold: what it caches does not grow with the data that passes through.

The limit belongs to the database, not to a connection: operations of several threads on one database add up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from healthsim.db import in_process
from healthsim.db.in_process import InProcess

#: what is held belongs to somebody, perhaps to a writer that is just committing; only what was merely read, the engine
#: can let go of at any time
_HELD = """
SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()
WHERE tag <> 'BASE_TABLE' OR NOT (SELECT bool_and(readonly) FROM duckdb_databases() WHERE path = $path)
"""
#: megabytes that a commit may take beside what is held
_COMMIT = 256
_registry = threading.Lock()


@contextmanager
def memory_bound(connection: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
    """Let the engine hold no more than this while a block runs, beside what other threads let it hold."""
    path = _path(connection)
    if path is None:
        # a database in memory is what the engine holds
        yield
        return
    known = in_process.of(path)
    with _registry:
        if known.unbound is None:
            known.unbound = str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
        known.bounds.append(megabytes)
        _limit(connection, known)
    try:
        yield
    finally:
        with _registry:
            known.bounds.remove(megabytes)
            _limit(connection, known)


@contextmanager
def room_to_commit(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Spare the commit of a block the bounds of readers: its memory is no longer asked for, and not free yet."""
    path = _path(connection)
    if path is None:
        yield
        return
    known = in_process.of(path)
    with _registry:
        known.committing = True
        if known.bounds:
            _limit(connection, known)
    try:
        yield
    finally:
        with _registry:
            # one writer at a time has a database
            known.committing = False
            if known.bounds:
                _limit(connection, known)


def _path(connection: duckdb.DuckDBPyConnection) -> str | None:
    place = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchone()
    return None if place is None or place[0] is None else str(place[0])


def _limit(connection: duckdb.DuckDBPyConnection, known: InProcess) -> None:
    try:
        # by a connection of its own: the transaction of a block that failed takes no statements any more
        with connection.cursor() as apart:
            held = apart.execute(_HELD, {"path": known.key}).fetchone()
            megabytes = sum(known.bounds) + (held[0] if held else 0) // 1_000_000 + (_COMMIT if known.committing else 0)
            # RESET would change what the setting says, and not what the engine holds to
            apart.execute(f"SET memory_limit = '{f'{megabytes}MB' if known.bounds else known.unbound}'")
    except duckdb.OutOfMemoryException:
        # it holds more than that already and cannot let go of it now: the limit before stays
        return
