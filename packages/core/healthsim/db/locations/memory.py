"""A database in the memory of this process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import ClassVar

import duckdb

from healthsim.db.engine import CONFIG
from healthsim.db.locations.base import Ability, Location

_numbers = itertools.count()


class MemoryLocation(Location):
    """A database that lives as long as its ``Database`` object."""

    written = ":memory:"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.COMPACT: "is in memory and has no file that could be compacted; name a database file.",
        Ability.BACK_UP: "is in memory and has no file that could be copied.",
        Ability.TRAVEL: "is in memory, which keeps no earlier states.",
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
