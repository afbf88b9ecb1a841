"""What a place of a database must be able to do, and what it may say that it cannot."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import ClassVar

import duckdb

from healthsim.db.lock_queue import Turn
from healthsim.errors import HealthSimError, UsageError


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
    #: gets its tables, and those of a newer version, from whoever opens it
    GROW = "grow"
    #: keeps what it was, so that an earlier state can be read
    TRAVEL = "travel"


@dataclass(frozen=True)
class Swept:
    """What nobody needs any more at a place: files of nothing, earlier states and their files."""

    orphans: Sequence[str] = ()
    expired: int = 0
    files: Sequence[str] = ()


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

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def only_writer(self, timeout: float) -> Iterator[None]:
        """Keep the writers of other programs out while the block runs, where opening does not do that already.

        Raises:
            DatabaseLocked: another one wrote for longer than that.
        """
        yield

    def begin(self, connection: duckdb.DuckDBPyConnection, timeout: float) -> None:
        """Begin a transaction that writes; two of them never both commit unseen.

        Raises:
            DatabaseLocked: another program wrote for longer than that.
        """
        connection.execute("BEGIN TRANSACTION")

    def statements(self) -> tuple[str, ...]:
        """What is made beside the tables of their owners, when they are made: may be run again."""
        return ()

    def make(self, data: str | None, *, fetch: bool = False) -> None:
        """Make the place itself, as its owner; its tables come after. One that is there stays.

        Args:
            data: where its rows are to lie, for places that ask.
            fetch: download what is missing of the engine: the user has said so.

        Raises:
            UsageError: something that it needs was not said.
        """
        if data is not None:
            raise UsageError(f"{self.name} keeps its rows itself; leave the folder out.", location=self.text)

    def data_folder(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """Where its rows lie, where that is said when it is made."""
        return None

    def sign(self, connection: duckdb.DuckDBPyConnection, author: str, message: str, tag: str) -> None:  # noqa: B027 - most places keep no log
        """Say in the log of the place, where it keeps one, who commits this and why; by the tag it is found again."""

    def signed_version(self, connection: duckdb.DuckDBPyConnection, tag: str) -> int | None:
        """The version of the place that was committed with that tag; None where it is not kept."""
        return None

    def published(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: B027 - most places show it at once
        """After a publication was committed: let readers see it, where they see a state of its own."""

    def sweep(self, connection: duckdb.DuckDBPyConnection, before: dt.datetime | None, *, remove: bool) -> Swept:
        """List, or remove, files that belong to nothing, and states before an instant (UTC).

        Raises:
            UsageError: it gives back space by itself.
        """
        raise UsageError(f"{self.name} gives back space by itself; only lakes are cleaned.", location=self.text)

    def rights(self, role: str | None, *, write: bool, everybody: bool) -> tuple[Sequence[str], Sequence[str]]:
        """The statements that let others read, or write; and what has to be allowed elsewhere."""
        return (), (f"Whoever may read and write {self.name} is for the system to say.",)

    def allow(self, connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
        """Run such statements."""
        for statement in statements:
            connection.execute(statement)

    def in_words(self, error: Exception) -> HealthSimError | None:
        """An error of the engine in words for the user, where it is one of this kind of place."""
        return None

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


class Travelling(Location):
    """A place that keeps what it was."""

    @abstractmethod
    def at(self, version: int) -> Location:
        """The same place as it was in a version of it."""


class Owned(Location):
    """A place whose tables only its owner makes and changes."""

    @abstractmethod
    def behind(self, have: int, needed: int) -> HealthSimError:
        """What is said where its tables are older than this program, or not there."""


def first_line(error: Exception) -> str:
    """What an error says, as a sentence."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line if line.endswith((".", "!")) else line + "."
