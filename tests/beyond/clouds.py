"""An engine of this machine in the place of MotherDuck: databases under their names, and statements that a cloud may refuse.

It shows what is asked of MotherDuck, not what MotherDuck does.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any

import duckdb

#: what a cloud may not take. Beside it, its client is an engine of this machine: files may be attached there, and checkpointed
DENIED = re.compile(
    r"^\s*(?:--.*\n\s*)*(?:(?:FORCE\s+)?CHECKPOINT\s*;?\s*$|CREATE\s+(?:UNIQUE\s+)?INDEX\b|CREATE\s+(?:OR\s+REPLACE\s+)?SEQUENCE\b"
    r"|INSTALL\b|PRAGMA\b|CREATE\s+(?:OR\s+REPLACE\s+)?MACRO\b|VACUUM\b)",
    re.I,
)
_OF_SHARES = re.compile(r"\s*(?:CREATE SHARE|UPDATE SHARE|GRANT READ ON SHARE)\b")


class Refused(duckdb.NotImplementedException):
    """A statement that a cloud may refuse was sent there."""


class Connection:
    """A connection that looks at every statement first."""

    def __init__(self, cloud: Cloud, inner: duckdb.DuckDBPyConnection) -> None:
        self._cloud, self._inner = cloud, inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()

    def cursor(self) -> Connection:
        return Connection(self._cloud, self._inner.cursor())

    def execute(self, statement: str, *values: Any, **named: Any) -> Any:
        if DENIED.search(statement):
            raise Refused(f"this is not taken: {statement[:80]}")
        if _OF_SHARES.match(statement):
            self._cloud.shared.append(statement)
            return self._inner.execute("SELECT 1")
        if "md_information_schema" in statement:
            return self._inner.execute(f"SELECT {int(bool(self._cloud.shared))}")
        if statement.startswith("CREATE DATABASE IF NOT EXISTS "):
            return self._inner.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {statement.split()[-1]}")
        return self._inner.execute(statement, *values, **named)

    def close(self) -> None:
        self._inner.close()


class Cloud:
    """Databases that last as long as the block.

    Attributes:
        name: of a database that is there; no other cloud has it, since what a process knows of a place lasts a while.
        shared: the statements about shares that it got.
    """

    def __init__(self) -> None:
        self.name = f"team_{secrets.token_hex(4)}"
        self._root = duckdb.connect(":memory:")
        self._root.execute(f"ATTACH ':memory:' AS {self.name}")
        self.shared: list[str] = []

    def __enter__(self) -> Cloud:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._root.close()

    @property
    def place(self) -> str:
        """How a user names its database."""
        return f"md:{self.name}"

    def connect(self, real: Callable[..., duckdb.DuckDBPyConnection]) -> Callable[..., Any]:
        """In place of ``duckdb.connect``: what begins with ``md:`` is this cloud."""

        def connect(place: str = ":memory:", *arguments: Any, **options: Any) -> Any:
            if str(place).startswith("md:"):
                return Connection(self, self._root.cursor())
            return real(place, *arguments, **options)

        return connect
