"""The engine of one database file, and what it is told before it opens anything."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from healthsim.db import beside
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


class BeingUsed(Exception):
    """Other threads of this process use the file in a way that does not go with this; who wants it has to wait."""


class Exchanged(Exception):
    """Another file took the place of this one while it was being opened; the next attempt opens that."""


class Engine:
    """One engine and the connections to its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        beside.remove_left_over(path)
        self.temporary = beside.temporary_folder(path)
        self.root = duckdb.connect(":memory:", config={**CONFIG, "temp_directory": str(self.temporary)})
        # standard output is for answers, also on a machine where attaching takes long
        self.root.execute("SET enable_progress_bar = false")
        self.connections = 0
        #: threads that are about to attach: not idle, though without a connection yet
        self.wanted = 0
        self.read_only = True
        #: device and number of the file that is attached, which its name may no longer lead to
        self.identity: tuple[int, int] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody uses it."""
        return not self.connections and not self.wanted

    def attach(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        """One connection more; the file is opened for the first."""
        if not self.connections:
            self._open_file(read_only)
        elif self.identity != _identity(self.path):
            raise BeingUsed(f"{self.path} was exchanged, and this program still uses what it was before")
        elif self.read_only and not read_only:
            raise BeingUsed(f"{self.path} is being read by this program")
        # an idle engine has one thread, and so may one have that builds a small star
        self.root.execute("RESET threads")
        connection = self.root.cursor()
        connection.execute(f"USE {CATALOG}")
        self.connections += 1
        return connection

    def _open_file(self, read_only: bool) -> None:
        """Attach the file that has the name, and still has it when it is locked.

        The engine opens a file first and locks it then. A program that exchanges the file in between (``compact``, or a
        user) would leave us with one that has no name any more, and all that is written would be gone with it.
        """
        how = "READ_ONLY" if read_only else f"READ_WRITE, STORAGE_VERSION {literal(STORAGE_VERSION)}"
        before = _identity(self.path)
        try:
            self.root.execute(f"ATTACH {literal(str(self.path))} AS {CATALOG} (TYPE duckdb, {how})")
        except duckdb.Error:
            if before is not None and before != _identity(self.path):
                raise Exchanged(f"{self.path} was exchanged") from None
            raise
        after = _identity(self.path)
        if before is None:
            _make_private(self.path)
        elif before != after:
            self.root.execute(f"DETACH {CATALOG}")
            raise Exchanged(f"{self.path} was exchanged")
        self.read_only, self.identity = read_only, after

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


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _make_private(path: Path) -> None:
    """A new file is its owner's alone: patients' rows come into it."""
    if os.name == "posix":
        path.chmod(0o600)
