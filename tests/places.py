"""Places that tests put a database in. One of them is a stranger's: it is one class and one line, as a lake or another cloud will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import duckdb

from healthsim.db.engine import CONFIG
from healthsim.db.locations import KINDS, Ability, Location


class CatalogLocation(Location):
    """A database that an engine in memory has attached under a name, as it has those that are far away."""

    written = "catalog:NAME"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.LOCK: "is far away, where nothing keeps two programs from saving scenarios of one name at once.",
        Ability.COMPACT: "is far away and gives back space by itself.",
        Ability.BACK_UP: "is far away and keeps earlier states by itself.",
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._root: duckdb.DuckDBPyConnection | None = None

    @property
    def key(self) -> str:
        return f"{self.text}:{id(self)}"

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            self._root = duckdb.connect(":memory:", config=CONFIG)
            self._root.execute("ATTACH ':memory:' AS far_away")
        connection = self._root.cursor()
        connection.execute("USE far_away")
        connection.execute("RESET threads")
        return connection


KINDS["catalog"] = "places:CatalogLocation"

#: what a fixture is asked for -> how the place is named; a file has a path of its own in every test
PLACES = {"file": "", "memory": ":memory:", "catalog": "catalog:far-away"}
#: where the tests of every place run whenever tests run; elsewhere they are long ones
ALWAYS = ("file", "memory")
