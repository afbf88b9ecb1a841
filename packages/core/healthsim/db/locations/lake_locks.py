"""The lock of a lake, which a process holds while it writes: of Postgres where the catalogue is there, else of a file beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb

from healthsim.db.locations.patience import Patience
from healthsim.db.sql import literal
from healthsim.errors import HealthSimError
from healthsim.remedies import remedy

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: the number of the lock among the advisory locks of a database of Postgres: the letters "HealthSi"
_NUMBER = int.from_bytes(b"HealthSi", "big")
#: whether the lock was taken, who asks, and whether they may write what every commit of a lake writes
_ASK = (
    f"SELECT pg_try_advisory_xact_lock({_NUMBER}), current_user::text,"
    " coalesce(has_table_privilege(to_regclass(''ducklake_snapshot''), ''INSERT''), true)"
)


class Served(Protocol):
    """A lake whose catalogue a server has."""

    text: str

    def dsn(self) -> str: ...
    def in_words(self, error: Exception) -> HealthSimError | None: ...


@contextmanager
def locked_postgres(root: duckdb.DuckDBPyConnection, lake: Served, timeout: float) -> Iterator[None]:
    """Hold the lock of a lake on a connection of its own, which ends with the process, whatever becomes of it.

    Args:
        root: an engine for it, with the extension of Postgres loaded.

    Raises:
        DatabaseLocked: another program held it for longer than that.
        HealthSimError: the server is not reached, or this role may not write.
    """
    connection = root.cursor()
    try:
        _take(connection, lake, timeout)
        yield
    finally:
        try:
            connection.execute("ROLLBACK")
        except duckdb.Error:
            # the server is gone, and the lock with it
            pass
        connection.close()


def _take(connection: duckdb.DuckDBPyConnection, lake: Served, timeout: float) -> None:
    def ask() -> bool:
        try:
            connection.execute(f"ATTACH IF NOT EXISTS {literal(lake.dsn())} AS locks (TYPE postgres, READ_ONLY)")
            connection.execute("BEGIN TRANSACTION")
            taken, role, may_write = connection.execute(f"SELECT * FROM postgres_query('locks', '{_ASK}')").fetchall()[
                0
            ]
        except duckdb.Error as error:
            raise lake.in_words(error) or error from error
        if not may_write:
            raise may_not_write(lake.text, role)
        if not taken:
            connection.execute("ROLLBACK")
        return bool(taken)

    _wait(ask, lake.text, timeout)


def may_not_write(place: str, role: str | None, right: str = "INSERT on the tables of its catalogue") -> HealthSimError:
    """The error that says which right is missing."""
    who = f"The role {role!r}" if role else "This role"
    return HealthSimError(
        f"{who} may not write to {place}: it lacks the right {right}. Nothing was changed. Its owner gives it:"
        f" {remedy('grant writing', role=role or 'ROLE')}.",
        location=place,
        role=role,
        right=right,
    )


@contextmanager
def locked_file(catalogue: Path, place: str, timeout: float) -> Iterator[None]:
    """Hold the lock of a lake on this machine: that of a file beside its catalogue.

    Raises:
        DatabaseLocked: another program held it for longer than that.
        HealthSimError: the file cannot be made.
    """
    path = catalogue.with_name(f"{catalogue.name}.lock")
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
    except OSError as error:
        if isinstance(error, PermissionError):
            raise may_not_write(place, None, f"to write in {path.parent}") from None
        raise HealthSimError(f"{path} cannot be made: {error.strerror}. Nothing was changed.", path=str(path)) from None
    try:
        _wait(lambda: _lock(handle), place, timeout)
        yield
    finally:
        # the lock goes with the handle; the file stays, for one that is removed would be another one for the next
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _wait(take: Callable[[], bool], place: str, timeout: float) -> None:
    patience = Patience(place, timeout)
    while not take():
        patience.wait()
