"""What a place of a database must be able to do, and what it may say that it cannot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import ClassVar

import duckdb

from healthsim.db.lock_queue import Turn
from healthsim.errors import UsageError


class Ability(Enum):
    """What only some places can do."""

    #: keeps the writers of other programs out while one writes
    LOCK = "lock"
    #: a process of its own can read it, as questions in SQL do
    SHARE = "share"
    #: is a file that can be written anew without the space of deleted rows
    COMPACT = "compact"
    #: is a file that is copied before its tables change
    BACK_UP = "back up"


class Location(ABC):
    """Where a database is. A new kind is one class, and one line in ``locations.KINDS``.

    Attributes:
        text: as the user named it.
        written: how such a place is named, for the user who named another one.
        unable: what it cannot do, and why, in words that follow its name.
    """

    written: ClassVar[str]
    unable: ClassVar[Mapping[Ability, str]] = {}

    def __init__(self, text: str) -> None:
        self.text = text

    # -- what it can do ----------------------------------------------------------------------------------------

    def can(self, ability: Ability) -> bool:
        """Whether this place can do that."""
        return ability not in self.unable

    def require(self, ability: Ability) -> None:
        """Refuse in words what this place cannot do.

        Raises:
            UsageError: it cannot.
        """
        if not self.can(ability):
            raise UsageError(f"{self.name} {self.unable[ability]}", location=self.text, ability=ability.value)

    # -- opening -----------------------------------------------------------------------------------------------

    @abstractmethod
    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        """One attempt to open the database; the connection has all threads, whatever others have set."""

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """End what ``connect`` began."""
        connection.close()

    @property
    @abstractmethod
    def key(self) -> str:
        """What the connections of this process to one database have in common, under whatever name it was opened."""

    def turn(self) -> Turn:
        """A place in the queue of the programs that wait for it."""
        return Turn(None)

    def exists(self) -> bool:
        """Whether there is something to read."""
        return True

    def prepare(self) -> None:  # noqa: B027 - most places need nothing
        """Make what a first use needs."""

    def state(self) -> object:
        """What is there now: another value when it may have been exchanged, or written by others."""
        return None

    # -- what is beside it -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What people are told that it is."""
        return self.text

    @property
    def path(self) -> Path | None:
        """The file, where it is one; for what has asked for an ability that only files have."""
        return None

    def size(self) -> int | None:
        """How many bytes it takes, where that can be told."""
        return None

    def scratch_folder(self) -> Path | None:
        """Where parts of large work lie until they are in the database; None for the folder of the system."""
        return None

    def leftovers(self) -> list[Path]:
        """What programs that were killed have left beside it; the next one that opens it removes that."""
        return []

    def attach_text(self) -> str | None:
        """What another process of this machine can attach and read; None where it has to be given a copy."""
        return None


def first_line(error: Exception) -> str:
    """What an error says, as a sentence."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line if line.endswith((".", "!")) else line + "."
