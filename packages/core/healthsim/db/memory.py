"""How much the engine may hold: what it caches does not grow with the data that passes through.

The limit belongs to the database, not to a connection: operations of several threads on one database add up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_HELD = "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory() WHERE tag <> 'BASE_TABLE'"
#: path of a database -> megabytes that its running operations ask for
_running: dict[str, list[int]] = {}
_registry = threading.Lock()


@contextmanager
def memory_bound(connection: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
    """Let the engine hold no more than this while a block runs, beside what other threads let it hold."""
    place = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchone()
    if place is None or place[0] is None:
        # a database in memory is what the engine holds
        yield
        return
    path = str(place[0])
    with _registry:
        _running.setdefault(path, []).append(megabytes)
        _limit(connection, path)
    try:
        yield
    finally:
        with _registry:
            _running[path].remove(megabytes)
            _limit(connection, path)


def _limit(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    wanted = _running[path]
    try:
        # by a connection of its own: the transaction of a block that failed takes no statements any more
        with connection.cursor() as apart:
            # what is held already belongs to somebody, perhaps to a writer that is just committing; all but what was
            # read, which the engine can let go of
            held = apart.execute(_HELD).fetchone()
            megabytes = sum(wanted) + (held[0] if held else 0) // 1_000_000
            apart.execute(f"SET memory_limit = '{megabytes}MB'" if wanted else "RESET memory_limit")
    except duckdb.OutOfMemoryException:
        # it holds more than that already and cannot let go of it now: the limit before stays
        return
