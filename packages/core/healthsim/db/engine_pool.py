"""The engines of this process: started once for a file, with the file attached only while somebody uses it.

Starting DuckDB costs more than reading the catalogue of a file. What stays between two operations is an engine
without a file: it holds no lock, no thread of its own, and nothing of what it has read.
"""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb

from healthsim.db import in_process
from healthsim.db.engine import Engine
from healthsim.db.in_process import InProcess

#: as many engines without a file stay
_IDLE = 4
#: what has an engine, used last at the end: so it stays known
_with_engine: dict[str, InProcess] = {}
#: open connection -> what it is a connection to
_connected: dict[int, InProcess] = {}
_registry = threading.Lock()


def attach(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to a file; to be given back with ``detach``. Only one thread at a time may do either with a file.

    Args:
        path: the file itself, behind all symbolic links.

    Raises:
        BeingUsed: this process reads the file, and the connection was to write; or it still uses an exchanged file.
        Exchanged: another file took its place meanwhile.
        duckdb.Error: the file cannot be opened.
    """
    known = in_process.of(str(path))
    with _registry:
        engine = known.engine = known.engine or Engine(path)
        _with_engine.pop(known.key, None)
        _with_engine[known.key] = known
        engine.wanted += 1
    try:
        connection = engine.attach(read_only)
    finally:
        with _registry:
            engine.wanted -= 1
    _connected[id(connection)] = known
    return connection


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, and the file with the last of them."""
    known = _connected.pop(id(connection))
    connection.close()
    engine = known.engine
    assert engine is not None
    again = engine.detach()
    with _registry:
        if not again:
            known.engine = None
            _with_engine.pop(known.key, None)
        idle = [other for other in _with_engine.values() if other.engine is not None and other.engine.is_idle]
        closed = [] if again else [engine]
        for other in idle[:-_IDLE]:
            closed += [other.engine] if other.engine is not None else []
            other.engine = None
            _with_engine.pop(other.key, None)
    for ended in closed:
        ended.root.close()
