"""The engine of a database file: started once in a process, with the file attached only while somebody uses it.

Starting DuckDB costs more than reading the catalogue of a file. What stays between two operations is an engine
without a file: it holds no lock, no thread of its own, and nothing of what it has read.
"""

from __future__ import annotations

import glob
import os
import platform
import secrets
import shutil
import threading
from pathlib import Path

import duckdb

from healthsim.db.sql import literal

#: Nothing is fetched from anywhere behind the user's back. Must be the same for every engine of a process.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # a new file has blocks of half the usual size: a commit to many small tables writes less, for nothing that large ones
    # would feel (a quarter costs large ones a twentieth). A file that is there keeps its own
    "default_block_size": "131072",
    # what is written in bulk goes out as soon as a group of rows is whole, while other threads work; five of them kept back
    # until the end, which is the default, are written by one thread while the others wait
    "write_buffer_row_group_count": "1",
}
#: what the oldest supported engine can read
STORAGE_VERSION = "v1.5.0"
#: the name of a file in its engine: no schema of ours has it, and no statement needs to know it
CATALOG = "healthsim_file"
#: as many engines without a file stay
_IDLE = 4


class BeingRead(Exception):
    """Another thread of this process reads the file; who writes has to wait for it."""


class _Engine:
    """One engine and the connections to its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = _temporary_folder(path)
        self.root = duckdb.connect(":memory:", config={**CONFIG, "temp_directory": str(self.temporary)})
        self.connections = 0
        self.read_only = True

    def attach(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        """One connection more; the file is opened for the first."""
        if not self.connections:
            how = "READ_ONLY" if read_only else f"READ_WRITE, STORAGE_VERSION {literal(STORAGE_VERSION)}"
            self.root.execute(f"ATTACH {literal(str(self.path))} AS {CATALOG} (TYPE duckdb, {how})")
            self.read_only = read_only
        elif self.read_only and not read_only:
            raise BeingRead(f"{self.path} is being read by this program")
        # an idle engine has one thread, and so may one have that builds a small star
        self.root.execute("RESET threads")
        connection = self.root.cursor()
        connection.execute(f"USE {CATALOG}")
        self.connections += 1
        return connection

    def detach(self) -> bool:
        """One connection less; the file is let go of with the last. Whether the engine may be used again."""
        self.connections -= 1
        if self.connections:
            return True
        try:
            self.root.execute(f"DETACH {CATALOG}")
            if self.read_only:
                # a process without threads may fork
                self.root.execute("SET threads = 1")
        except duckdb.Error:
            # it has shut itself down, or could not bring the log into the file; the next one will
            return False
        # what a write has set, holds and has put aside ends with it, and so does what a question has put aside
        return self.read_only and not self.temporary.exists()


def _temporary_folder(path: Path) -> Path:
    """Where an engine puts what does not fit in memory, beside the file; it exists only while it is needed.

    Engines that share such a folder overwrite each other's files. What a killed program has left is removed.
    """
    ours = f"{path.name}.tmp-{platform.node()}-"
    for left in path.parent.glob(glob.escape(ours) + "*"):
        if not _lives(left.name.removeprefix(ours).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    return path.with_name(f"{ours}{os.getpid()}-{secrets.token_hex(4)}")


def _lives(process: str) -> bool:
    if os.name != "posix" or not process.isdigit():
        # elsewhere files that a program has open cannot be removed
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


_engines: dict[Path, _Engine] = {}
_registry = threading.Lock()


def attach(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to a file; to be given back with ``detach``. Only one thread at a time may do either with a file.

    Raises:
        BeingRead: this process reads the file, and the connection was to write.
        duckdb.Error: the file cannot be opened.
    """
    key = path.resolve()
    with _registry:
        # used last, stays longest
        engine = _engines.pop(key, None) or _Engine(path)
        _engines[key] = engine
    return engine.attach(read_only)


def detach(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, and the file with the last of them."""
    key = path.resolve()
    connection.close()
    engine = _engines[key]
    again = engine.detach()
    with _registry:
        done = [] if again else [_engines.pop(key)]
        idle = [other for other, kept in _engines.items() if not kept.connections]
        done += [_engines.pop(other) for other in idle[:-_IDLE]]
    for engine in done:
        engine.root.close()
