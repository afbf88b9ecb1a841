"""How much the engine may hold: what it caches does not grow with the data that passes through.

The limit belongs to the database, not to a connection: operations of several threads on one database add up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

#: what is held belongs to somebody, perhaps to a writer that is just committing; only what was merely read, the engine
#: can let go of at any time
_HELD = """
SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()
WHERE tag <> 'BASE_TABLE' OR NOT (SELECT bool_and(readonly) FROM duckdb_databases() WHERE path = $path)
"""
#: megabytes that a commit may take beside what is held
_COMMIT = 256
#: paths of databases that are being committed to
_committing: set[str] = set()
#: path of a database -> megabytes that its running operations ask for
_running: dict[str, list[int]] = {}
#: path of a database -> what the engine may hold when none of them runs, as it was at first: it is shown rounded down
_unbound: dict[str, str] = {}
_registry = threading.Lock()


@contextmanager
def memory_bound(connection: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
    """Let the engine hold no more than this while a block runs, beside what other threads let it hold."""
    path = _path(connection)
    if path is None:
        # a database in memory is what the engine holds
        yield
        return
    with _registry:
        running = _running.setdefault(path, [])
        if path not in _unbound:
            _unbound[path] = str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
        running.append(megabytes)
        _limit(connection, path)
    try:
        yield
    finally:
        with _registry:
            _running[path].remove(megabytes)
            _limit(connection, path)


@contextmanager
def room_to_commit(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Spare the commit of a block the bounds of readers: its memory is no longer asked for, and not free yet."""
    path = _path(connection)
    if path is None:
        yield
        return
    with _registry:
        _committing.add(path)
        if _running.get(path):
            _limit(connection, path)
    try:
        yield
    finally:
        with _registry:
            # one writer at a time has a database
            _committing.discard(path)
            if _running.get(path):
                _limit(connection, path)


def _path(connection: duckdb.DuckDBPyConnection) -> str | None:
    place = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchone()
    return None if place is None or place[0] is None else str(place[0])


def _limit(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    wanted = _running[path]
    try:
        # by a connection of its own: the transaction of a block that failed takes no statements any more
        with connection.cursor() as apart:
            held = apart.execute(_HELD, {"path": path}).fetchone()
            megabytes = sum(wanted) + (held[0] if held else 0) // 1_000_000 + (_COMMIT if path in _committing else 0)
            # RESET would change what the setting says, and not what the engine holds to
            apart.execute(f"SET memory_limit = '{f'{megabytes}MB' if wanted else _unbound[path]}'")
    except duckdb.OutOfMemoryException:
        # it holds more than that already and cannot let go of it now: the limit before stays
        return
