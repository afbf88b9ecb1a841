"""A database file on this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import duckdb

from healthsim.db import beside, engine_pool
from healthsim.db.locations.base import Ability, Location
from healthsim.db.lock_queue import Turn
from healthsim.errors import HealthSimError, InvalidInput
from healthsim.paths import local_path
from healthsim.remedies import remedy

#: a pipe would be waited for, and a device read, for ever
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class FileLocation(Location):
    """A database file on this machine."""

    written = "a path on this machine"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.TRAVEL: "is a file, which keeps no earlier states; only the newest version can be pulled.",
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._named = local_path(text, what="database")
        # a program that goes to another folder meanwhile keeps its database
        self._absolute = self._named.absolute()
        size = len(os.fsencode(self._absolute.name))
        if size > beside.longest_name():
            raise InvalidInput(
                f"The name of the database {self._absolute.name} has {size} bytes; expected at most {beside.longest_name()},"
                " since names of files beside it are made of it. Choose a shorter name.",
                path=text,
            )

    @property
    def name(self) -> str:
        return str(self._named)

    @property
    def path(self) -> Path:
        """The file itself, behind all links: what lies beside it must be the same for everybody who opens it."""
        return Path(os.path.realpath(self._absolute))

    @property
    def key(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self._look() is not None

    def state(self) -> tuple[int, ...] | None:
        facts = self._look()
        return None if facts is None else (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)

    def size(self) -> int | None:
        facts = self._look()
        return None if facts is None else facts.st_size

    def _look(self) -> os.stat_result | None:
        """What the system knows of the file; None where there is none."""
        try:
            facts = os.stat(self._absolute)
        except FileNotFoundError:
            return None
        except OSError as error:
            if isinstance(error, NotADirectoryError):
                return None
            raise HealthSimError(
                f"{self.name} cannot be looked at: {error.strerror}. Check the path and its permissions, or choose another"
                f" place with {remedy('name another database')}.",
                path=self.name,
            ) from None
        kind = stat.S_IFMT(facts.st_mode)
        if kind != stat.S_IFREG:
            inside = (
                f" Name a file in it, for example {self._named / 'healthsim.duckdb'}." if kind == stat.S_IFDIR else ""
            )
            raise InvalidInput(
                f"{self.name} is {_KINDS.get(kind, 'no regular file')}; expected a database file."
                + (inside or f" Choose another place with {remedy('name another database')}."),
                path=self.name,
            )
        return facts

    def prepare(self) -> None:
        folder = self.path.parent
        self._look()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HealthSimError(
                f"The folder {folder} for the database cannot be made ({error.strerror}). Choose another place with"
                f" {remedy('name another database')}.",
                path=str(folder),
            ) from None

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        self._look()
        return engine_pool.attach(self.path, read_only=read_only)

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        engine_pool.detach(connection)

    def turn(self) -> Turn:
        return Turn(self.path)

    def scratch_folder(self) -> Path:
        return self.path.parent

    def leftovers(self) -> list[Path]:
        return beside.left_over(self.path)

    def attach_text(self) -> str:
        return str(self.path)
