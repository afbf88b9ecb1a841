"""Where the database is, and how it is opened.

A connection is short: it is opened for one operation and closed again, so that a server, a terminal and
a notebook share one file. A file that another program holds is tried again until the time limit.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import duckdb

from healthsim.config import Settings
from healthsim.db import in_process
from healthsim.db.engine import BeingUsed, Exchanged
from healthsim.db.in_process import InProcess
from healthsim.db.locations import Ability, Location, Owned, Swept, Travelling, first_line, location_of
from healthsim.db.memory_limit import room_to_commit
from healthsim.db.migrations import applied
from healthsim.db.opening import is_current, known_migrations, make_current
from healthsim.errors import DatabaseLocked, DatabaseUnusable, HealthSimError, NotFound, Outdone
from healthsim.outputs import disk_full, is_full
from healthsim.remedies import remedy
from healthsim.signals import heed, undisturbed

_RETRY_SECONDS = (0.002, 0.012)
#: whoever stands in the queue tries the file itself this often: the one before may have been stopped (Ctrl-Z)
_IMPATIENT_SECONDS = 0.25

#: a write that was overtaken begins again after so long, so that two do not go on meeting
_AGAIN_SECONDS = (0.05, 0.4)
Outcome = TypeVar("Outcome")

_NEVER = object()
_LOCKED = re.compile(
    r"could not set lock|being used by another process|lock is held|resource temporarily"
    # another thread of this process is just closing the file
    r"|unique file handle conflict",
    re.I,
)
_DENIED = re.compile(r"permission denied|read-only file system|access is denied", re.I)
_DAMAGED = re.compile(
    r"not a valid duckdb|could not read enough bytes|corrupt|checksum|deserializ|serializ|invalid block"
    r"|failed to load metadata|version number|unrecognized|database has been invalidated|not a duckdb",
    re.I,
)
_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")


class Database:
    """A database at a location: opened for one operation at a time.

    Args:
        location: a path, ``:memory:``, ``md:NAME``, or a ``Location``.
        lock_timeout: seconds to wait for a file that another program holds.

    Raises:
        UsageError: the text begins with a scheme that is not known, or holds a secret.
        InvalidInput: no file can have that name.
    """

    def __init__(self, location: str | os.PathLike[str] | Location, lock_timeout: float = 10.0) -> None:
        self.location = location if isinstance(location, Location) else location_of(os.fspath(location))
        self.lock_timeout = lock_timeout
        #: the state of the database in which it was known to have the tables of this program
        self._seen: object = _NEVER

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name."""
        return cls(settings.database, settings.lock_timeout)

    def __repr__(self) -> str:
        return f"<Database {self.location.text}>"

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads, inside one transaction: everything seen is of one instant.

        Raises:
            NotFound: the database does not exist yet and cannot be made.
            DatabaseLocked: another program held the file for too long.
            DatabaseUnusable: the file is damaged, no database, or newer than this program.
        """
        with self._open_current(read_only=True) as connection:
            connection.execute("BEGIN TRANSACTION")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that writes, inside one transaction: committed when the block ends, undone when it raises.

        Raises:
            DatabaseLocked: another program held the file for too long.
            DatabaseUnusable: the file is damaged, no database, or newer than this program.
        """
        with self._one_writer():
            with self._open_current(read_only=False) as connection:
                self.location.begin(connection, self.lock_timeout)
                with ExitStack() as unless_whole:
                    unless_whole.callback(_roll_back, connection)
                    yield connection
                    with undisturbed(), room_to_commit(connection):
                        connection.execute("COMMIT")
                        unless_whole.pop_all()
            # the file has changed, but not its tables: what was seen before this write holds for what it has become
            self._seen = self.location.state()

    @contextmanager
    def raw(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection outside any transaction and without the check of the schema: for migrations and the doctor."""
        with self._open(read_only=read_only) as connection:
            yield connection

    def at(self, version: int) -> Database:
        """The same database as it was in a version of its place; it is only read.

        Raises:
            UsageError: the place keeps none.
        """
        location = self.location
        location.require(Ability.TRAVEL)
        assert isinstance(location, Travelling), "who can travel says where to"
        return Database(location.at(version), self.lock_timeout)

    def sweep(self, before: dt.datetime | None, *, remove: bool) -> Swept:
        """List, or remove, what nobody needs any more at a place that keeps files: see ``Location.sweep``."""
        if not remove:
            with self._open(read_only=True) as connection:
                return self.location.sweep(connection, before, remove=False)
        with self._one_writer(), self._open(read_only=False) as connection:
            return self.location.sweep(connection, before, remove=True)

    def published(self) -> None:
        """Let readers see what was committed: see ``Location.published``."""
        with self._open(read_only=False) as connection:
            self.location.published(connection)

    def allow(self, statements: Sequence[str]) -> None:
        """Run statements about rights: see ``Location.rights``."""
        with self._open(read_only=False) as connection:
            self.location.allow(connection, statements)

    def written(self, work: Callable[[duckdb.DuckDBPyConnection], Outcome]) -> Outcome:
        """Do work in one transaction of ``write``; all of it again, where another program wrote at the same moment and was faster.

        So a place where two programs can meet at the commit is written to as a file is.

        Raises:
            Outdone: others were faster for longer than the time limit.
        """
        deadline = time.monotonic() + self.lock_timeout
        while True:
            try:
                with self.write() as connection:
                    return work(connection)
            except Outdone:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(*_AGAIN_SECONDS))

    # -- opening ---------------------------------------------------------------------------------------------

    @contextmanager
    def _open_current(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to a database that has the tables of this program, whatever became of the file since the last one.

        A file may have been deleted, or another one put in its place, for example a backup: what was found once holds only
        while its state is the same.
        """
        unknown = not self.location.exists() or (self._seen is _NEVER and not read_only)
        if unknown and self.location.can(Ability.GROW):
            # what is not ours is not opened for writing
            self._make_current()
        while True:
            with self._open(read_only=read_only) as connection:
                state = self.location.state()
                if state == self._seen or is_current(connection, self.location.text):
                    self._seen = state
                    yield connection
                    return
            self._make_current()

    def _make_current(self) -> None:
        """Create or migrate the schema, where that is for whoever opens it."""
        location = self.location
        if isinstance(location, Owned):
            with self._open(read_only=True) as connection:
                have = len(applied(connection))
            raise location.behind(have, len(known_migrations()))
        self.grow()

    def grow(self) -> None:
        """Create or migrate the schema; of a place that others share, only its owner does."""
        with self._one_writer():
            make_current(self)

    @property
    def _known(self) -> InProcess:
        """What this process knows of the database."""
        return in_process.of(self.location.key)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        known = self._known
        with known.writing:
            known.writers += 1
            try:
                if known.writers > 1:
                    yield
                else:
                    with self.location.only_writer(self.lock_timeout):
                        yield
            finally:
                known.writers -= 1

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        heed()
        known = self._known
        connection = self._connect(read_only, known)
        try:
            # standard output is for answers
            connection.execute("SET enable_progress_bar = false")
            yield connection
        except duckdb.Error as error:
            translated = self._translated(error)
            if translated is None:
                raise
            raise translated from error
        finally:
            with known.opening:
                self.location.close(connection)

    def _connect(self, read_only: bool, known: InProcess) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.lock_timeout
        impatient = time.monotonic() + _IMPATIENT_SECONDS
        waiting = known.waiting
        this = object()
        turn = self.location.turn()
        try:
            while True:
                now = time.monotonic()
                late = now >= deadline
                # a writer of this process goes first: readers that follow each other would keep it out for ever
                gives_way = read_only and bool(waiting)
                if gives_way:
                    turn.leave()
                if late or (not gives_way and (turn.has_come() or now >= impatient)):
                    impatient = now + _IMPATIENT_SECONDS
                    try:
                        with known.opening:
                            return self.location.connect(read_only=read_only)
                    except (duckdb.Error, BeingUsed, Exchanged) as error:
                        text = str(error)
                        if isinstance(error, duckdb.Error) and not _LOCKED.search(text):
                            raise self._translated(error) or error from error
                        if late:
                            raise self._locked(text) from None
                        turn.take()
                        if not read_only and this not in waiting:
                            waiting.append(this)
                time.sleep(random.uniform(*_RETRY_SECONDS))
        finally:
            turn.leave()
            if this in waiting:
                waiting.remove(this)

    def _locked(self, text: str) -> DatabaseLocked:
        holder = _HOLDER.search(text)
        who = f"the program {holder.group(1)} (process {holder.group(2)})" if holder else "another program"
        return DatabaseLocked(
            f"{self.location.text} is in use by {who} and was not released within {self.lock_timeout:g} s. Close that"
            " program or let it finish, or wait longer with HEALTHSIM_LOCK_TIMEOUT=SECONDS.",
            path=self.location.text,
            pid=int(holder.group(2)) if holder else None,
        )

    def _translated(self, error: duckdb.Error) -> HealthSimError | None:
        """The error of the engine in words for the user, where it is one that a user can do something about."""
        text = str(error)
        name = self.location.text
        if (said := self.location.in_words(error)) is not None:
            return said
        if is_full(error):
            return disk_full(name, "nothing was changed")
        if isinstance(error, duckdb.OutOfMemoryException):
            return HealthSimError(
                f"The database ran out of memory ({first_line(error)}); nothing was changed. Work on a smaller part,"
                " or close other programs.",
                path=name,
            )
        uncommitted = isinstance(error, duckdb.TransactionException) and "Failed to commit" in text
        if not uncommitted and not _is_of_the_file(error):
            return None
        if _DENIED.search(text):
            return HealthSimError(
                f"{name} cannot be opened for writing: permission denied or a read-only place. Choose another place"
                f" with {remedy('name another database')}, or correct the permissions.",
                path=name,
            )
        if "does not exist" in text and not self.location.exists():
            return NotFound(f"There is no database at {name}. Check the path.", path=name)
        if _DAMAGED.search(text):
            return DatabaseUnusable(
                f"{name} cannot be read as a HealthSim database: {first_line(error)} Nothing was changed. If it is"
                f" the wrong file, name another with {remedy('name another database')}; if it is damaged, restore a"
                " backup (they lie beside it as *.backup-*).",
                path=name,
            )
        return HealthSimError(f"{name} cannot be used: {first_line(error)}", path=name)


def _is_of_the_file(error: duckdb.Error) -> bool:
    """Whether an error may come from the file, and not from a statement; DuckDB 2 gives damage the class of all errors."""
    return type(error) is duckdb.Error or isinstance(
        error,
        duckdb.IOException
        | duckdb.FatalException
        | duckdb.InternalException
        | duckdb.SerializationException
        | duckdb.PermissionException,
    )


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        # a failed COMMIT, or an engine that has shut itself down, has no transaction left to undo
        return
