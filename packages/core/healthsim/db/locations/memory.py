"""A database in the memory of this process."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import duckdb

from healthsim.db.engine_pool import CONFIG
from healthsim.db.locations.base import Ability, Location
from healthsim.db.whole_copy import copy_into

_numbers = itertools.count()


class MemoryLocation(Location):
    """A database that lives as long as its ``Database`` object."""

    written = ":memory:"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.COMPACT: "is in memory and has no file that could be compacted. Name a file with --db PATH.",
        Ability.BACK_UP: "is in memory and has no file that could be copied.",
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._root: duckdb.DuckDBPyConnection | None = None
        self._key = f"{text}{next(_numbers)}"

    @property
    def key(self) -> str:
        return self._key

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            self._root = duckdb.connect(":memory:", config=CONFIG)
        self._root.execute("RESET threads")
        return self._root.cursor()

    @contextmanager
    def shared(self) -> Iterator[str]:
        """Another process reads a copy: nothing of the text of a question is looked at where the database is."""
        with tempfile.TemporaryDirectory(prefix="healthsim-") as folder:
            copy = Path(folder) / "memory.duckdb"
            connection = self.connect(read_only=True)
            try:
                copy_into(connection, copy)
            finally:
                self.close(connection)
            yield str(copy)
