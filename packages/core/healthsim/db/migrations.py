"""Migrations: append-only steps, each in one transaction with its bookkeeping row.

A migration is a folder of statements, one table per file, beside the code of who owns the tables; it is never edited
once released (its checksum is stored with every database). Which there are, ``opening`` knows: here is only how.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

import duckdb

from healthsim.db import beside
from healthsim.db.dialect import fitted
from healthsim.db.locations import Ability, Location
from healthsim.errors import DatabaseNewer, DatabaseUnusable, HealthSimError
from healthsim.remedies import remedy

_BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER, name VARCHAR, checksum VARCHAR, applied_at TIMESTAMP
)
"""
#: the file of a migration that drops tables, one a line; a new database never makes them
_DROPPED = "dropped"
_DROP = re.compile(r"^DROP TABLE (?:\w+\.)?(\w+);$", re.MULTILINE)

Connection = duckdb.DuckDBPyConnection


class Openable(Protocol):
    """What a migration needs of a database."""

    @property
    def location(self) -> Location: ...

    def raw(self, *, read_only: bool) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True)
class Migration:
    """One step of the tables of one owner.

    Attributes:
        name: as the bookkeeping names it: ``owner/folder``; without an owner where it is older than owners.
        folder: its statements, a file per table, run in the order of their names.
        released_checksum: what identifies its content, where that is written down: its files need not be read.
    """

    name: str
    folder: Path
    released_checksum: str | None = None

    @cached_property
    def tables(self) -> dict[str, str]:
        """Name of a file, which is that of its table -> its text, in the order of the names."""
        return {
            path.stem: path.read_text(encoding="utf-8").replace("\r\n", "\n")
            for path in sorted(self.folder.glob("*.sql"), key=lambda path: path.name)
        }

    @property
    def checksum(self) -> str:
        """What identifies its content, whatever the platform."""
        return self.released_checksum or hashlib.sha256("\n".join(self.tables.values()).encode()).hexdigest()

    @property
    def dropped(self) -> list[str]:
        """The tables that it drops."""
        return _DROP.findall(self.tables.get(_DROPPED, ""))


def migrations_in(owner: str, folder: Path) -> tuple[Migration, ...]:
    """The migrations of an owner: the folders in a folder, in the order of their names; none where there is no folder."""
    if not folder.is_dir():
        return ()
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and any(path.glob("*.sql")))
    return tuple(Migration(f"{owner}/{path.name}", path) for path in folders)


def applied(connection: Connection) -> list[tuple[int, str, str]]:
    """(number, name, checksum) of the migrations that a database has seen; empty for one without our tables."""
    known = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations' AND schema_name = 'main'"
        " AND NOT internal AND database_name = current_database()"
    ).fetchone()
    if not known or not known[0]:
        return []
    return connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number").fetchall()


def bring_up_to_date(
    database: Openable, known: Sequence[Migration], finish: Callable[[Connection], None]
) -> list[Migration]:
    """Create the schema in a new database, or apply what an older one lacks; the applied migrations.

    Args:
        database: a database, which nobody of this process writes meanwhile.
        known: every migration of the program, in the order of a new database.
        finish: what the last transaction ends with: views, and rows that come with the program.

    Raises:
        DatabaseNewer: the database has seen migrations that this program does not know. It is left untouched.
        DatabaseUnusable: the database is not one of ours, or was made by other statements under the same name.
    """
    location = database.location
    if location.exists():
        location.prepare()
        with database.raw(read_only=True) as connection:
            missing = missing_in(connection, known, location.text)
        if not missing:
            return []
    location.prepare()
    while True:
        backed_up = _back_up_if_older(database, known)
        with database.raw(read_only=False) as connection:
            missing = missing_in(connection, known, location.text)
            if backed_up is not None and location.state() != backed_up:
                continue
            if len(missing) == len(known):
                _create(connection, known, finish, location.statements())
                return missing
            for migration in missing:
                with _transaction(connection):
                    _apply(connection, migration, list(migration.tables))
                    if migration == missing[-1]:
                        finish(connection)
            return missing


def _back_up_if_older(database: Openable, known: Sequence[Migration]) -> object | None:
    """Copy a database that has some of our migrations and lacks others; the state of the file that was copied.

    No connection is open meanwhile: on POSIX, a program that closes a copy's source lets go of every lock that it holds
    on it. Whether another program wrote in between, the caller sees by the state.
    """
    location = database.location
    if not location.can(Ability.BACK_UP):
        return None
    with database.raw(read_only=False) as connection:
        missing = missing_in(connection, known, location.text)
        if not missing or len(missing) == len(known):
            return None
        number = _next_number(connection)
        connection.execute("CHECKPOINT")
    state = location.state()
    assert location.path is not None
    _back_up(location.path, number)
    return state


def missing_in(connection: Connection, known: Sequence[Migration], location: str) -> list[Migration]:
    """The migrations that a database lacks, in their order.

    Raises:
        DatabaseNewer: it has seen others.
        DatabaseUnusable: it is not one of ours.
    """
    have = applied(connection)
    if not have:
        foreign = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
            " AND database_name = current_database() AND table_name IN ('scenarios', 'schema_migrations',"
            " 'scenario_documents', 'scenario_entities', 'patients') LIMIT 1"
        ).fetchone()
        if foreign:
            raise DatabaseUnusable(
                f"{location} has a table {foreign[0]!r} but no record of HealthSim's migrations: it was made by another"
                f" program. Nothing was changed. Name another file with {remedy('name another database')}.",
                path=location,
            )
        return list(known)
    checksums = {migration.name: migration.checksum for migration in known}
    for number, name, _ in have:
        if name not in checksums:
            raise DatabaseNewer(
                f"{location} has schema version {number} ({name}), which this program does not know. Nothing was changed."
                f" Upgrade HealthSim (pip install -U healthsim), or name another file with {remedy('name another database')}.",
                path=location,
                schema_version=number,
                known_version=len(known),
            )
    for number, name, checksum in have:
        if checksum != checksums[name]:
            raise DatabaseUnusable(
                f"{location}: migration {number} ({name}) was applied with other statements than this program has"
                f" (checksum {checksum[:12]}, expected {checksums[name][:12]}). Nothing was changed."
                " Use the version of HealthSim that made the file to export its scenarios.",
                path=location,
            )
    seen = {name for _, name, _ in have}
    return [migration for migration in known if migration.name not in seen]


def _create(
    connection: Connection,
    known: Sequence[Migration],
    finish: Callable[[Connection], None],
    beside_them: Sequence[str],
) -> None:
    """Make everything in one transaction, without the tables of old times that a later migration drops."""
    with _transaction(connection):
        for statement in beside_them:
            connection.execute(statement)
        for place, migration in enumerate(known):
            gone = {_DROPPED, *(table for later in known[place + 1 :] for table in later.dropped)}
            _apply(connection, migration, [table for table in migration.tables if table not in gone])
        finish(connection)


def _apply(connection: Connection, migration: Migration, tables: Sequence[str]) -> None:
    """Run files of a migration and note it, in the caller's transaction."""
    connection.execute(_BOOKKEEPING)
    for table in tables:
        connection.execute(fitted(connection, migration.tables[table]))
    connection.execute(
        "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)",
        [_next_number(connection), migration.name, migration.checksum, datetime.now(UTC).replace(tzinfo=None)],
    )


def _next_number(connection: Connection) -> int:
    """The version of a database is the number of migrations that it has seen, whoever owns them."""
    row = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM schema_migrations").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    connection.execute("BEGIN TRANSACTION")
    with ExitStack() as unless_whole:
        unless_whole.callback(connection.execute, "ROLLBACK")
        yield
        connection.execute("COMMIT")
        unless_whole.pop_all()


def _back_up(path: Path, number: int) -> Path:
    """A copy of the file as it was before a migration, verified by its size; an existing copy is kept."""
    target = path.with_name(f"{path.name}.backup-before-{number:04d}")
    if target.exists():
        return target
    partial = beside.partial_backup(path)
    try:
        # nobody may read the copy who may not read the database, not even while it is made
        os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        shutil.copyfile(path, partial)
        shutil.copymode(path, partial)
        if partial.stat().st_size != path.stat().st_size:
            raise OSError("the copy is incomplete")
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise HealthSimError(
            f"No backup of {path} could be made before the migration ({error}); the database was not changed."
            " Free some space beside it and try again.",
            path=str(path),
        ) from None
    return target
