"""Where a database is: a file, memory, or MotherDuck."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import duckdb

from healthsim.db import engine_pool
from healthsim.db.engine_pool import CONFIG
from healthsim.errors import HealthSimError, InvalidInput


class Location(ABC):
    """Where a database is: the one seam between files, memory and the cloud."""

    def __init__(self, text: str) -> None:
        self.text = text

    @staticmethod
    def of(text: str) -> Location:
        """``:memory:``, ``md:NAME`` or a path."""
        if text == ":memory:":
            return MemoryLocation(text)
        if text.startswith(("md:", "motherduck:")):
            return MotherDuckLocation(text)
        return FileLocation(text)

    @abstractmethod
    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        """One attempt to open the database; the connection has all threads, whatever others have set."""

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """End what ``connect`` began."""
        connection.close()

    @property
    def path(self) -> Path | None:
        """The file, where there is one."""
        return None

    def exists(self) -> bool:
        """Whether there is something to read."""
        return True

    def prepare(self) -> None:  # noqa: B027 - most places need nothing
        """Make what a first use needs."""


class FileLocation(Location):
    """A database file on this machine."""

    @property
    def path(self) -> Path:
        return Path(self.text).expanduser()

    def exists(self) -> bool:
        return self.path.exists()

    def prepare(self) -> None:
        folder = self.path.parent
        if self.path.is_dir():
            raise InvalidInput(
                f"{self.path} is a folder; expected a database file. Name a file in it, for example"
                f" {self.path / 'healthsim.duckdb'}.",
                path=str(self.path),
            )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HealthSimError(
                f"The folder {folder} for the database cannot be made ({error.strerror}). Choose another place with"
                " --db PATH or HEALTHSIM_DB.",
                path=str(folder),
            ) from None

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        return engine_pool.attach(self.path, read_only=read_only)

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        engine_pool.detach(self.path, connection)


class MemoryLocation(Location):
    """A database that lives as long as its ``Database`` object."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._root: duckdb.DuckDBPyConnection | None = None

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            self._root = duckdb.connect(":memory:", config=CONFIG)
        self._root.execute("RESET threads")
        return self._root.cursor()


class MotherDuckLocation(Location):
    """A MotherDuck database; naming it is the user's word that data may leave this machine."""

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(self.text, config={"autoinstall_known_extensions": "true"})
        except duckdb.Error as error:
            raise HealthSimError(
                f"MotherDuck database {self.text!r} cannot be opened: {first_line(error)} Check the network, the"
                " extension 'motherduck' and the token in the variable motherduck_token.",
                location=self.text,
            ) from error


def first_line(error: Exception) -> str:
    """What an error says, as a sentence."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line if line.endswith((".", "!")) else line + "."
